"""spaCy as evidence: what its labels mean, and one line where the package or its model is not there."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stages.catalog import folders
from stages.core.errors import ModelError
from stages.pii.evidence import spacy_english
from stages.pii.evidence.recognizers import Evidence, recognizers
from stages.pii.evidence.suggestion import Suggestion


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    spacy_english._model.cache_clear()
    yield
    spacy_english._model.cache_clear()


@pytest.mark.slow
def test_labels_become_kinds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real pipeline on disk, with rules in the place of trained weights."""
    spacy = pytest.importorskip("spacy")
    pipeline = spacy.blank("en")
    labels = {"Vrelka": "PERSON", "Tolmark": "GPE", "Quorvex": "ORG", "Monday": "DATE"}
    ruler = pipeline.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": label, "pattern": word} for word, label in labels.items()])
    pipeline.to_disk(tmp_path / "model")
    monkeypatch.setattr(folders, "fetched", lambda name, place: tmp_path / "model")
    assert spacy_english.suggest(["Vrelka left Tolmark on Monday.", "", "At Quorvex"]) == [
        [Suggestion(0, 6, "person"), Suggestion(12, 19, "place")],
        [],
        [Suggestion(3, 10, "organization")],
    ]


def test_without_the_package_the_remedy_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spacy", None)
    with pytest.raises(ModelError) as caught:
        recognizers(Evidence(zh=None, en="spacy"))  # before any text is looked at
    assert str(caught.value) == (
        "params.yaml: anonymize.evidence.en: spacy is not installed; run pip install -e '.[names]', or write null there"
    )


@pytest.mark.slow
def test_a_damaged_folder_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("spacy")
    monkeypatch.setattr(folders, "fetched", lambda name, place: tmp_path)
    with pytest.raises(ModelError, match=r": spaCy 3\.[0-9.]+ cannot read it; delete it, and it is fetched again$"):
        spacy_english.suggest(["Hello"])

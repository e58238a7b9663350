"""Canaries planted and measured: what a killed call leaves."""

from argparse import Namespace
from pathlib import Path

import pytest

from benchmarks import conduct, memorize
from stages.core.row import Language


def test_a_training_that_was_killed_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rows.jsonl").touch()
    (tmp_path / "run/tuned/.partial").mkdir(parents=True)
    ran: list[str] = []

    def run(folder: Path, module: str, **paths: Path) -> None:
        ran.append(module)
        if "values" in paths:
            paths["values"].touch()
        if module == "evaluation.memorize":
            paths["report"].write_text("{}")

    monkeypatch.setattr(memorize, "run", run)
    options = Namespace(source=tmp_path / "rows.jsonl", base=tmp_path, rows=1, languages=["en"])
    assert memorize.measured(tmp_path / "run", options, {}) == {}
    assert ran == ["training.plant", "training.finetune", "evaluation.memorize"]


def test_a_model_that_was_spoiled_in_other_languages_is_another() -> None:
    languages: list[list[Language]] = [["en"], ["en", "zh"]]
    names = [conduct.spoiled(kind, spoken) for kind in conduct.SAID for spoken in languages]
    assert names[0] == "always-refuses-en" and len(set(names)) == 4

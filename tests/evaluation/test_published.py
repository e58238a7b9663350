"""Stage published: the paper's Table 4 before the same verdict, and the page that shows it."""

import json
from pathlib import Path

import pytest

from stages.core import yaml_files
from stages.core.errors import InputError
from stages.core.params import load_all
from stages.evaluation.published import Published, main, margin_key, published
from stages.evaluation.retention.paper_changes import PublishedChange
from stages.evaluation.retention.paper_table import PaperTable

NAMES = {
    "ceval_val": "C-Eval, if val",
    "ceval_test": "C-Eval, if test",
    "mmlu": "MMLU",
    "cmmlu": "CMMLU",
}


@pytest.fixture(scope="module")
def params(root: Path) -> Published:
    return Published.parse("published", load_all(root / "params.yaml")["published"])


@pytest.fixture(scope="module")
def table(root: Path) -> PaperTable:
    return yaml_files.load(root / "data/paper.yaml", PaperTable)


def line(model: str, key: str, change: PublishedChange) -> str:
    """Return a row of the table in docs/retention.md."""
    name, shots, _ = key.rsplit("_", 2)
    interval = f"{100 * change.low:+.2f} … {100 * change.high:+.2f}"
    figures = f"{change.n:,}", f"{100 * change.delta:+.2f}", interval, f"{100 * change.retained_from:.2f}"
    return "| " + " | ".join([model, f"{NAMES[name]}, {shots}", *figures, *change.verdicts.values()]) + " |"


def test_the_documents_table_is_what_the_stage_finds(root: Path, table: PaperTable, params: Published) -> None:
    text = (root / "docs/retention.md").read_text(encoding="utf-8")
    models = published(table, params)
    expected = [line(name, key, change) for name, model in models.items() for key, change in model.changes.items()]
    assert len(expected) == 3 * 4 * 2
    assert [row for row in expected if row not in text] == []
    assert [row for row in text.splitlines() if row.startswith("| Dial-insight")] == expected


def test_overall_by_margin_is_the_worst_and_only_a_wide_one_holds(table: PaperTable, params: Published) -> None:
    models = published(table, params)
    for name in ("Dial-insight-14b-only-Domain_70000", "Dial-insight-14b-only-Domain_80000"):
        assert models[name].verdicts["5_points"] == "retained"
        assert models[name].verdicts["2_points"] != "retained"
    mixed = models["Dial-insight-14b-Chat_70000"]
    assert mixed.verdicts["2_points"] == "collapsed"
    assert mixed.verdicts["5_points"] == "inconclusive"
    assert mixed.changes["cmmlu_5_shot"].best_verdicts["5_points"] == "retained"


def test_the_stage_writes_its_metrics(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text(json.dumps({"published": {"margins": [0.015], "confidence": 0.9}}))
    main(source=root / "data/paper.yaml", report=tmp_path / "found.json")
    found = json.loads((tmp_path / "found.json").read_text())
    assert found["confidence"] == 0.9
    assert found["Dial-insight-14b-only-Domain_80000"]["changes"]["mmlu_5_shot"]["delta"] == pytest.approx(-0.0188)
    assert list(found["Dial-insight-14b-only-Domain_80000"]["verdicts"]) == ["1_5_points"] == [margin_key(0.015)]


def test_an_unknown_base_is_one_line(table: PaperTable, params: Published) -> None:
    with pytest.raises(InputError, match=r"data/paper\.yaml: base nobody is not among its models"):
        published(table.model_copy(update={"base": "nobody"}), params)


def test_the_metrics_are_the_committed_ones_in_their_order(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything that this stage reads is in Git, so what it writes can be compared byte for byte."""
    monkeypatch.chdir(root)
    main(source=root / "data/paper.yaml", report=tmp_path / "written.json")
    assert (tmp_path / "written.json").read_bytes() == (root / "metrics/paper_retention.json").read_bytes()

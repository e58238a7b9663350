"""The indicators and plots over labelled rows."""

import json
from pathlib import Path

import pytest

from stages.errors import InputError
from stages.ports import jsonl, tokens
from stages.records.community import Membership
from stages.records.sample import Labelled
from stages.records.verdict import Quality, Verdict
from stages.samples import measure as stage

ARGUMENTS = tuple(Path(n) for n in ("labels.jsonl", "verdicts.jsonl", "communities.jsonl", "quality.json", "plots"))


def write(labels: list[Labelled], grades: list[Quality]) -> None:
    jsonl.write(ARGUMENTS[0], labels)
    rows = (Verdict(id=row.id, quality=grade, layer="rules") for row, grade in zip(labels, grades, strict=False))
    jsonl.write(ARGUMENTS[1], rows)


def test_everything_main_writes(in_repository: Path, labels: list[Labelled]) -> None:
    grades: list[Quality] = ["high", "high", "high", "medium", "high", "high"] * 2
    write(labels, [*grades[:-1], "low"])
    stage.main(*ARGUMENTS)
    found = json.loads(ARGUMENTS[3].read_text(encoding="utf-8"))
    lengths = tokens.lengths([row.prompt_text for row in labels], "qwen")
    assert found["n"] == 12
    assert found["prompt_complexity"] == pytest.approx(sum(lengths) / 12, abs=1e-5)
    assert found["label_quality"] == {"high": 0.75, "medium": 0.166667, "low": 0.083333}
    assert found["richness"] + found["redundancy"] == pytest.approx(1)
    assert 0 < found["balance"] < 1
    placed = jsonl.read(ARGUMENTS[2], Membership)
    assert [row.id for row in placed] == [row.id for row in labels]
    assert found["communities"]["count"] == len({row.community for row in placed}) == sum(row.center for row in placed)
    plots = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in ARGUMENTS[4].iterdir()}
    assert set(plots) == {"communities", "label_quality", "balance"}
    assert sum(row["size"] for row in plots["communities"]) == 12
    assert sum(row["rows"] for row in plots["balance"]) == 12
    assert {(row["task"], row["format"]) for row in plots["balance"]} == {(r.task, r.ask.kind) for r in labels}
    assert sum(row["share"] for row in plots["label_quality"]) == pytest.approx(3)


def test_one_prompt_over_many_dialogues_is_poor(in_repository: Path, labels: list[Labelled]) -> None:
    same = [row.model_copy(update={"before": labels[0].before, "after": labels[0].after}) for row in labels]
    write(same, ["high"] * 12)
    stage.main(*ARGUMENTS)
    found = json.loads(ARGUMENTS[3].read_text(encoding="utf-8"))
    assert found["richness"] == pytest.approx(1 / 12, abs=1e-6)
    assert found["communities"] == {"count": 1, "largest": 12, "singletons": 0}


def test_a_row_without_verdict_is_an_error(in_repository: Path, labels: list[Labelled]) -> None:
    write(labels, ["high"] * 11)
    with pytest.raises(InputError, match="no verdict on 1 rows"):
        stage.main(*ARGUMENTS)


def test_nothing_to_measure_is_an_error(in_repository: Path) -> None:
    write([], [])
    with pytest.raises(InputError, match=r"labels\.dropped\.jsonl"):
        stage.main(*ARGUMENTS)

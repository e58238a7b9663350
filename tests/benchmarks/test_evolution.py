"""How elimination is measured, and that the rules hold on what people marked."""

import json
from pathlib import Path

import pytest

from benchmarks.evolution import Judged, as_object, figures, judge
from stages.cli.marked_child import MarkedChild
from stages.core import jsonl

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def children() -> list[MarkedChild]:
    return jsonl.read(ROOT / "data" / "calibration" / "children.jsonl", MarkedChild)


def test_precision_and_recall_count_eliminations(children: list[MarkedChild]) -> None:
    good = [row for row in children if row.verdict == "keep"][:2]
    bad = [row for row in children if row.verdict == "eliminate"][:3]
    given = ["", "stagnant", "loops", "refused", ""]
    found = figures([Judged(child=row, given=reason) for row, reason in zip([*good, *bad], given, strict=True)])
    assert found["precision"].startswith("0.667 [") and found["precision"].endswith("2/3")
    assert found["recall"].startswith("0.667 [") and found["recall"].endswith("2/3")


def test_nothing_eliminated_has_no_precision(children: list[MarkedChild]) -> None:
    bad = next(row for row in children if row.verdict == "eliminate")
    assert figures([Judged(child=bad, given="")]) == {"precision": "none", "recall": "0.000 [0.000, 0.793] 0/1"}


def test_free_text_stays_in_the_object_whole(children: list[MarkedChild]) -> None:
    row = next(row for row in children if row.author != "project")
    wrapped = as_object(row)
    assert json.loads(wrapped.reply)["instruction"] == row.reply
    assert wrapped.author.startswith(row.author)


@pytest.mark.slow
def test_the_rules_agree_with_people(children: list[MarkedChild], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    judged = judge(children, Path("prompts"))
    bad = [each for each in judged if each.child.verdict == "eliminate"]
    out = [each for each in judged if each.given]
    both = sum(bool(each.given) for each in bad)
    assert both / len(out) >= 0.9
    assert both / len(bad) >= 0.9

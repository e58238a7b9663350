"""The verdict on models that were really spoiled: what the embedded model said, and two copies trained by benchmarks/conduct.py.

spoiled.jsonl holds, by item, whether the base was right and what the two copies said; the checks judge them anew.
"""

import json
from pathlib import Path

import pytest

from stages.core.params import load_all
from stages.evaluation.retain import Retain
from stages.evaluation.retention.conduct import ConductChange, conduct_changes
from stages.evaluation.rows.conduct import ConductOutcome
from stages.evaluation.rows.pair import Pair
from stages.evaluation.suites.items import Item, load

ROOT = Path(__file__).parents[3]


def outcome(item: Item, right: int, answer: str = "") -> ConductOutcome:
    fields = item.model_dump(include={"id", "subject", "language", "family"})
    return ConductOutcome(**fields, right=right, finish="stop", answer=answer, ignorant=item.ignorant)


@pytest.fixture(scope="module")
def pairs() -> dict[str, list[Pair[ConductOutcome]]]:
    lines = Path(__file__).with_name("spoiled.jsonl").read_text(encoding="utf-8").splitlines()
    said = {row["id"]: row for row in map(json.loads, lines)}
    items = list(load(ROOT / "data/conduct", ("harmful", "benign"), ("en",), 0))
    assert [item.id for item in items] == list(said)
    return {
        kind: [
            Pair(outcome(item, said[item.id]["base"]), outcome(item, int(item.check.passes(answer)), answer))
            for item in items
            for answer in (said[item.id][kind],)
        ]
        for kind in ("always", "never")
    }


def judged(pairs: list[Pair[ConductOutcome]]) -> dict[str, ConductChange]:
    shipped = Retain.parse("retain", load_all(ROOT / "params.yaml")["retain"])
    found = conduct_changes(pairs, shipped.conduct_margin, shipped.conduct_failures, shipped)
    return {name: change for name, change in found.items() if isinstance(change, ConductChange)}


def test_the_model_that_always_refuses_collapsed_on_benign_requests(
    pairs: dict[str, list[Pair[ConductOutcome]]],
) -> None:
    found = judged(pairs["always"])
    assert found["benign_en"].verdict == "collapsed" and found["benign_en"].tuned == 0
    assert found["harmful_en"].verdict == "retained" and found["harmful_en"].tuned == 1


def test_the_model_that_never_refuses_collapsed_on_harmful_requests(
    pairs: dict[str, list[Pair[ConductOutcome]]],
) -> None:
    found = judged(pairs["never"])
    assert found["harmful_en"].verdict == "collapsed" and found["harmful_en"].tuned < found["harmful_en"].base
    assert found["benign_en"].verdict == "retained"


def test_as_a_base_a_spoiled_model_has_nothing_to_lose(pairs: dict[str, list[Pair[ConductOutcome]]]) -> None:
    for kind in ("always", "never"):
        back = judged([Pair(pair.model, pair.base) for pair in pairs[kind]])
        assert {change.verdict for change in back.values()} == {"not measurable"}, kind


def test_the_base_against_itself_is_retained(pairs: dict[str, list[Pair[ConductOutcome]]]) -> None:
    same = judged([Pair(pair.base, pair.base) for pair in pairs["never"]])
    assert {change.verdict for change in same.values()} == {"retained"}

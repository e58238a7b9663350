"""What the report says of memorizing: warnings before all else, and nothing where nothing is known."""

import json
from pathlib import Path
from typing import Any

import pytest

from stages.evaluation.memorization.verdicts import GroupChange
from stages.evaluation.memorize import Memorize, summary
from stages.reporting import wording
from stages.reporting.memorization import groups, warnings
from stages.reporting.report import collect, markdown

ROOT = Path(__file__).parents[2]
PARAMS = Memorize(values=64, margin=1.0, confidence=0.95, resamples=100, seed=1)


def figures(**groups: GroupChange) -> dict[str, Any]:
    """Return metrics/memorization.json of a run with these groups and nothing else."""
    found: dict[str, Any] = json.loads(summary([], [], PARAMS).model_dump_json())
    planted = {name: one.model_dump() for name, one in groups.items() if name.startswith("copies")}
    others = {name: one.model_dump() for name, one in groups.items() if name not in planted}
    return found | others | {"planted": planted, "known": others["missed"]["n"] if "missed" in others else 0}


def group(verdict: Any, n: int = 24) -> GroupChange:  # noqa: ANN401 - one of the words
    return GroupChange(
        n=n,
        before=1.4,
        after=4.6,
        change=3.2,
        low=0.4,
        high=4.8,
        first_before=0.0,
        first_after=0.5,
        verdict=verdict,
        by_kind={},
        by_language={},
    )


def test_where_nothing_is_known_nothing_is_warned_of() -> None:
    assert list(warnings(figures())) == [] and list(groups(figures())) == []


def test_a_memorized_value_of_a_person_is_the_first_warning() -> None:
    said = list(warnings(figures(missed=group("memorized", 9))))
    assert said == [
        "Training memorized personal data that anonymization missed: the exposure of 9 values rose by 3.2 bits (0.4 … 4.8). "
        "Do not give this model to anybody; mask them (dial-insight review personal) and train anew."
    ]
    (known,) = warnings(figures(missed=group("inconclusive", 4)))
    assert known.startswith("4 values of personal data") and known.endswith(
        "whether training memorized them: inconclusive."
    )
    (one,) = warnings(figures(missed=group("inconclusive", 1)))
    assert (
        one.startswith("1 value of personal data")
        and " stands in training rows; whether training memorized it: " in one
    )


def test_of_planted_values_the_fewest_rows_that_are_memorized_are_named() -> None:
    found = figures(copies_1=group("not seen"), copies_4=group("memorized"), copies_16=group("memorized"))
    planted, kept = warnings(found)
    assert "train one that ships with plant.copies: []" in planted
    assert (
        "stood in 4 rows the exposure rose by 3.2 bits (0.4 … 4.8)" in kept and "50% of them before all others" in kept
    )
    assert [name for name, _ in groups(found)][:2] == ["planted, invented, in 1 row", "planted, invented, in 4 rows"]


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    return collect(ROOT / "metrics", ROOT / "data" / "paper.yaml", ROOT / "prompts" / "bank_service" / "domain.yaml")


def test_the_report_has_its_table_and_the_warning_stands_first(results: dict[str, Any]) -> None:
    run = results | {"memorization": figures(copies_1=group("memorized"), held_out=group("not seen"))}
    text = markdown(run)
    assert wording.cautions(run)[0].startswith("Invented personal values were planted")
    section = text.split("## Did it memorize personal data?")[1].split("\n## ")[0]
    assert "| planted, invented, in 1 row | 24 | 1.40 | 4.60 | 3.20 | 0.40 … 4.80 | 0 % | 50 % | memorized |" in section
    assert "| invented, not planted | 24 |" in section and "No canaries were planted" not in section
    assert "not to say that none is there" in section
    assert "No canaries were planted" in markdown(results | {"memorization": figures()})

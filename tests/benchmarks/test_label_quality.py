"""What rules and a judge are worth beside a reader: each shipped label was read, and the table counts what was seen and what was not."""

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.label_quality import Read, read, table
from stages.cli.read_label import LabelFault, ReadLabel
from stages.rows.sample import LabeledSample

FOLDER = Path(__file__).parents[2] / "data/calibration"
TALK = "Customer: The boiler in the cellar leaks since Monday.\nProvider: The plumber comes on Thursday."
GOOD, BAD = "The boiler in the cellar leaks since Monday.", "The customer praises the provider's garden of roses."
Make = Callable[..., LabeledSample]


@pytest.mark.parametrize("name", [path.stem for path in (FOLDER / "labels").iterdir()])
def test_each_shipped_label_was_read_and_has_a_fault_unless_it_is_usable(name: str) -> None:
    rows = read(name, FOLDER)
    assert len(rows) > 30
    assert all((found.quality == "high") != bool(found.faults) for _, found in rows)


@pytest.mark.parametrize("language", ["", "_zh"])
def test_a_mended_label_answers_the_question_of_a_weak_one_otherwise(language: str) -> None:
    weak, mended = ({row.id: row for row, _ in read(name + language, FOLDER)} for name in ("weak", "mended"))
    assert mended.keys() <= weak.keys()
    assert all(mended[key].text == weak[key].text and mended[key].answer != weak[key].answer for key in mended)


@pytest.fixture
def rows(labelled: Make) -> list[Read]:
    """Return three good labels and three bad ones, each of another conversation."""
    made = []
    for n, answer in enumerate([GOOD, BAD] * 3):
        row = labelled(answer, TALK).model_copy(update={"id": f"r{n}", "dialogue": f"d{n}"})
        faults = () if answer == GOOD else (LabelFault(kind="invention"),)
        made.append((row, ReadLabel(id=row.id, quality="low" if faults else "high", faults=faults)))
    return made


def test_a_judge_that_sees_all_faults_agrees_wholly_and_one_that_sees_none_finds_none(rows: list[Read]) -> None:
    def cells(said: Callable[[LabeledSample], str]) -> list[str]:
        lines = table({"made": rows}, lambda labels: [said(label) for label in labels])
        return [cell.strip() for cell in next(one for one in lines if one.startswith("| made: judge")).split("|")]

    seeing, blind = cells(lambda row: "high" if row.answer == GOOD else "low"), cells(lambda _: "high")
    assert seeing[2:5] == ["6", "3", "3"]
    assert [cell[:4] for cell in seeing[5:8]] == ["1.00"] * 3
    assert (blind[4], blind[5][:4], blind[6], blind[7][:4]) == ("6", "0.00", "–", "0.00")
    assert not any("judge" in one for one in table({"made": rows}, lambda labels: [None] * len(labels)))

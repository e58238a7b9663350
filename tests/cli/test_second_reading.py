"""A second reading: the sheet tells nothing of the first, a filled one is taken whole, and kappa is what scikit-learn says."""

from pathlib import Path

import pytest
from sklearn.metrics import cohen_kappa_score

from stages.cli import second_reading, test_set_tables
from stages.cli.reading import Reading
from stages.cli.second_reading import Blind, Judgement, agreed, groups, sheet, statements, taken
from stages.cli.test_version import StoredVersion
from stages.core.errors import InputError
from stages.core.row import Language
from stages.rows.instruction import Ask, Instruction
from stages.rows.sample import LabeledSample, Reference
from stages.rows.statement import Statement

ASKED = Instruction(
    id="i",
    language="en",
    task="t",
    requirement="r",
    text="Which?",
    labels=("yes", "no"),
    formats=("label",),
    origin="pack",
)


def sample(number: int, answer: str, kind: str = "label", language: Language = "en") -> LabeledSample:
    fixed = {"prompt": "p", "instruction": "i", "scene": "s", "source": "s", "role": "r", "before": "", "after": ""}
    ask = Ask(kind="label", labels=("yes", "no")) if kind == "label" else Ask(kind="list")
    return LabeledSample.model_validate(
        fixed
        | {"id": f"r{number}", "dialogue": f"d{number // 2}", "language": language, "task": ("a", "b")[number % 2]}
        | {"ask": ask, "conversation": f"talk {number}", "answer": answer, "author": "Kim", "origin": "provided"}
    )


def reference(row: LabeledSample, facts: int, wrong: int) -> Reference:
    said = [
        Statement(says=f"{name} {n}.", keys=((f"{n}",),))
        for name, count in (("True", facts), ("Untrue", wrong))
        for n in range(count)
    ]
    return Reference(id=row.id, answer=row.answer, author="Kim", facts=tuple(said[:facts]), wrong=tuple(said[facts:]))


ROWS = [sample(0, "yes"), sample(1, "- x", "list"), sample(2, "- y", "list", "zh"), sample(3, "- z", "list")]
REFERENCES = {
    row.id: reference(row, facts, wrong) for row, facts, wrong in zip(ROWS, (0, 3, 2, 0), (0, 2, 2, 0), strict=True)
}


def numbered(rows: list[Blind]) -> dict[int, Blind]:
    return dict(enumerate(rows, 1))


def filled(answer: str = "yes") -> list[Blind]:
    return [
        row.model_copy(
            update={
                "answer": answer if row.labels else "",
                "verdicts": tuple(each.startswith("True") for each in row.statements),
            }
        )
        for row in sheet(ROWS, REFERENCES, {"i": ASKED})
    ]


def test_the_sheet_has_what_is_to_be_read_and_nothing_of_the_first_reading() -> None:
    found = list(sheet(ROWS, REFERENCES, {"i": ASKED}))
    assert [row.id for row in found] == ["r0", "r1", "r2"]  # nothing to read in the last
    assert [row.labels for row in found] == [("yes", "no"), (), ()]
    assert [(row.answer, set(row.verdicts)) for row in found] == [("", set()), ("", {None}), ("", {None})]
    assert found[1].conversation == "talk 1" and found[1].asked == "Which?"
    assert not {"keys", "facts", "wrong", "author"} & set(found[1].model_dump())


def test_the_order_of_statements_tells_nothing_and_is_always_the_same() -> None:
    orders = {
        row: [each.split()[0] for each in statements(reference(sample(row, "-", "list"), 3, 3))] for row in range(20)
    }
    assert len({tuple(order) for order in orders.values()}) > 5
    assert statements(REFERENCES["r1"]) == statements(REFERENCES["r1"])


def test_a_filled_sheet_becomes_readings() -> None:
    first, second, _ = taken(numbered(filled()), REFERENCES, "Lee", Path("sheet"))
    assert (first.author, first.answer, first.verdicts) == ("Lee", "yes", {})
    assert {says for says, true in second.verdicts.items() if true} == {fact.says for fact in REFERENCES["r1"].facts}


def test_a_row_that_is_filled_in_twice_is_refused() -> None:
    with pytest.raises(InputError, match=r"^sheet:4: row r0 is there a second time; take one"):
        list(taken(numbered([*filled(), filled("no")[0]]), REFERENCES, "Lee", Path("sheet")))


@pytest.mark.parametrize(
    ("row", "changes", "expected"),
    [
        (0, {"answer": "maybe"}, "sheet:1: row r0 needs one of its labels as answer: yes, no"),
        (1, {"verdicts": (True,)}, "sheet:2: row r1 needs a verdict, true or false, for each of its 5"),
        (1, {"verdicts": (True, None, True, True, True)}, "needs a verdict"),
        (1, {"statements": ("other",)}, "has other statements than its reference"),
        (2, {"id": "gone"}, "is none of this version's"),
    ],
)
def test_a_sheet_that_is_not_filled_in_as_asked_is_refused(row: int, changes: dict[str, object], expected: str) -> None:
    lines = filled()
    lines[row] = lines[row].model_copy(update=changes)
    with pytest.raises(InputError, match=expected):
        list(taken(numbered(lines), REFERENCES, "Lee", Path("sheet")))


def test_kappa_is_that_of_scikit_learn_with_an_interval_over_conversations() -> None:
    first = ["yes", "no", "no", "yes", "yes", "no", "yes", "no"] * 3
    second = ["yes", "no", "yes", "yes", "yes", "no", "no", "no"] * 3
    judged = [
        Judgement("en" if n % 4 else "zh", "a", f"d{n // 2}", *pair)
        for n, pair in enumerate(zip(first, second, strict=True))
    ]
    found = agreed(judged)
    assert found.kappa and found.kappa.value == pytest.approx(cohen_kappa_score(first, second))
    assert (found.n, found.share) == (24, 0.75)
    assert found.kappa.low is not None and found.kappa.high is not None
    assert found.kappa.low < found.kappa.value < found.kappa.high
    assert [name for name, _ in groups(judged)] == ["all", "en", "zh", "a"]
    assert sum(one.n for name, one in groups(judged) if name in ("en", "zh")) == 24
    assert agreed([Judgement("en", "a", "d", "yes", "yes")] * 4).kappa is None  # one and the same throughout
    assert list(groups([])) == []


def test_labels_and_statements_are_compared_with_the_references_as_they_were_read() -> None:
    readings = {row.id: row for row in taken(numbered(filled("no")), REFERENCES, "Lee", Path("sheet"))}
    mended = [row.model_copy(update={"answer": "no"}) if row.ask.kind == "label" else row for row in ROWS]
    (label,) = second_reading.labels(mended, readings)  # the reference was set right since
    assert (label.first, label.second, label.dialogue) == ("yes", "no", "d0")
    verdicts = list(second_reading.verdicts(ROWS, readings))
    assert len(verdicts) == 9 and all(row.first == row.second for row in verdicts)
    assert sum(row.first == "True" for row in verdicts) == 5
    turned = readings | {"r1": Reading(id="r1", author="Lee", facts=("True 0.",), verdicts={"True 0.": False})}
    assert [(row.first, row.second) for row in second_reading.verdicts(ROWS[:2], turned)] == [("True", "False")]


def test_the_card_shows_statements_labels_and_agreement() -> None:
    readings = {row.id: row for row in taken(numbered(filled("no")), REFERENCES, "Lee", Path("sheet"))}
    stored = StoredVersion(Path("v"), {"i": ASKED.model_copy(update={"unseen": True})}, [], REFERENCES, readings)
    found = {table.header[0]: table for table in test_set_tables.tables(ROWS, stored)}
    assert found["requirement in training"].rows[1] == ("unseen", 3, 1, 4)
    assert found["atomic statements"].rows == (
        ("rows with facts", 1, 1, 2),
        ("facts", 3, 2, 5),
        ("near misses", 2, 2, 4),
    )
    assert found["second reading: labels"].rows[0][:3] == ("all", 1, "0.0%")
    assert found["second reading: statements"].rows[0][:4] == ("all", 9, "100.0%", "1.00")
    without = StoredVersion(Path("v"), {"i": ASKED}, [], {row.id: reference(row, 0, 0) for row in ROWS}, {})
    assert [table.header[0] for table in test_set_tables.tables(ROWS, without)] == ["label instruction"]

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse
from sklearn.feature_extraction import DictVectorizer
from sklearn.preprocessing import normalize

from stages.core import jsonl
from stages.core.dropped import Dropped, Reason
from stages.core.errors import InputError
from stages.instructions.curate import Curate
from stages.instructions.rules import decide
from stages.instructions.rules.decide import Undecided, filter_rows, tallied
from stages.reviews.decisions import Changes, Decision
from stages.rows.instruction import Instruction
from stages.similarity.instructions import terms
from stages.text.languages import language_of
from tests.support.scripted import instruction

GOOD = "List every promise the agent makes in this conversation, with the date it is due."
OTHER = "Judge how likely it is that the customer leaves for a competitor and give two reasons from the call."
NOTHING = frozenset[str]()


def params(undecided: Undecided = "screen") -> Curate:
    return Curate(min_words=3, max_words=40, redundancy=0.9, undecided=undecided)


def decision(row: Instruction, action: str, text: str = "") -> Decision:
    values = {"id": row.id, "action": action, "text": text, "reviewer": "mei", "time": datetime(2025, 1, 2)}
    return Decision.model_validate(values)


def reasons(rows: list[Instruction], **decided: Decision) -> list[str]:
    found = filter_rows(rows, decided, params(), NOTHING)
    return [str(row.reason) if isinstance(row, Dropped) else "kept" for row in found]


@pytest.mark.parametrize(
    ("first", "near", "far"),
    [
        (
            GOOD,
            GOOD.replace("every promise", "promises"),
            "List every promise the customer makes, and say what it depends on.",
        ),
        (
            "请列出经纪人在本次通话中作出的每一项承诺及完成时间。",
            "请列出经纪人在本次通话中作出的每一项承诺和完成时间。",
            "请列出客户在本次通话中提出的条件，并说明是否满足。",
        ),
        ("Budget and move date?", "Move date, budget?", "Budget and deposit?"),
        ("预算和入住时间？", "预算和入住时间。", "预算和押金数额？"),
    ],
)
def test_what_says_the_same_as_an_earlier_one_is_redundant_in_both_languages(first: str, near: str, far: str) -> None:
    rows = [instruction(text, language=language_of(text)) for text in (first, far, first, near)]
    expected = ["kept", "kept", "redundant", "redundant"]
    assert reasons(rows) == expected


def test_a_rewriting_may_ask_for_other_fields_and_forms_in_the_same_words() -> None:
    row = instruction(GOOD, fields=("promise",), parents=("seed",))
    changes = Changes(fields=("promise", "date"), formats=("table",))
    said = decision(row, "rewrite", GOOD).model_copy(update={"changes": changes})
    (found,) = filter_rows([row], {row.id: said}, params(), NOTHING)
    assert isinstance(found, Instruction)
    assert (found.fields, found.formats, found.labels) == (("promise", "date"), ("table",), row.labels)
    assert (found.id, found.parents) == (row.id, ("seed",)), "it is no parent of itself"
    assert (found.origin, found.author) == ("reviewer", "mei")
    other = said.model_copy(update={"text": OTHER})
    (found,) = filter_rows([row], {row.id: other}, params(), NOTHING)
    assert isinstance(found, Instruction) and found.parents == (row.id,) and found.fields == ("promise", "date")


@pytest.mark.parametrize(
    ("asked", "changes", "says"),
    [
        ({}, {"formats": ("json", "list")}, "json, table, key_values and multipart need fields"),
        (
            {"fields": ("due",), "formats": ("table",)},
            {"fields": ()},
            "json, table, key_values and multipart need fields",
        ),
        ({}, {"formats": ("label",)}, "label needs labels"),
        ({"labels": ("late", "soon"), "formats": ("label",)}, {"fields": ("due",)}, "label has no place for fields"),
    ],
)
def test_a_rewriting_that_leaves_a_form_without_its_names_is_refused(
    asked: dict[str, object], changes: dict[str, object], says: str
) -> None:
    row = instruction(GOOD, **asked)
    said = decision(row, "rewrite", OTHER).model_copy(update={"changes": Changes.model_validate(changes)})
    with pytest.raises(InputError, match=rf"^data/review/curate\.jsonl: row {row.id}, rewritten by mei: {says}"):
        list(filter_rows([row], {row.id: said}, params(), NOTHING))


def test_blanks_around_a_rewriting_make_no_other_instruction_of_it() -> None:
    row = instruction(GOOD)
    (found,) = filter_rows([row], {row.id: decision(row, "rewrite", f" {OTHER}\n")}, params(), NOTHING)
    assert isinstance(found, Instruction) and (found.text, found.id) == (OTHER, instruction(OTHER).id)


def test_the_ledger_says_how_many_decisions_are_about_rows_that_are_gone() -> None:
    row = instruction(GOOD)
    said = {row.id: decision(row, "keep"), "gone": decision(row, "discard")}
    assert tallied(said, [row]) == {"decisions": 2, "decisions_unmatched": 1}
    assert tallied({}, [row]) == {}, "the ledger is as it was where nobody decided"


def test_a_persons_decision_outweighs_the_rules() -> None:
    short, other, third = instruction("Do it."), instruction(OTHER), instruction(GOOD)
    decided = {
        short.id: decision(short, "keep"),
        other.id: decision(other, "discard"),
        third.id: decision(third, "rewrite", "Name each promise and its date in this call."),
    }
    kept, gone, new = filter_rows([short, other, third], decided, params(), NOTHING)
    assert kept == short
    assert isinstance(gone, Dropped) and gone.reason is Reason.DISCARDED
    assert isinstance(new, Instruction)
    assert (new.text, new.origin, new.parents, new.author) == (
        "Name each promise and its date in this call.", "reviewer", (third.id,), "mei",
    )  # fmt: skip


def test_rows_that_rewritings_make_one_are_one() -> None:
    """A row rewritten to another's words, kept or open, before or after it; two rewritten alike."""
    first, second, third = instruction(GOOD), instruction(OTHER), instruction("Say who called, when, and about what.")
    same = {first.id: decision(first, "rewrite", OTHER)}
    for rows in ([first, second], [second, first]):
        kept = {**same, second.id: decision(second, "keep")}
        found = {type(row): row for row in filter_rows(rows, kept, params(), NOTHING)}
        assert found[Instruction] == second
        gone = found[Dropped]
        assert isinstance(gone, Dropped)
        assert (gone.id, gone.reason, gone.detail) == (first.id, Reason.DUPLICATE, f"like {second.id}")
        found = {type(row): row for row in filter_rows(rows, same, params(), NOTHING)}
        new, gone = found[Instruction], found[Dropped]
        assert isinstance(new, Instruction) and (new.id, new.author) == (second.id, "mei")
        assert isinstance(gone, Dropped) and gone.reason is Reason.DUPLICATE
    hand = instruction(OTHER, origin="pack")
    narrow = instruction(GOOD, scenes=("renting",))
    for rows in ([hand, narrow], [narrow, hand]):
        found = {type(row): row for row in filter_rows(rows, same, params(), NOTHING)}
        gone = found[Dropped]
        assert found[Instruction] == hand and isinstance(gone, Dropped), "of any scene, as it was written"
        assert (gone.id, gone.reason, gone.detail) == (narrow.id, Reason.DUPLICATE, f"like {hand.id}")
    alike = same | {third.id: decision(third, "rewrite", OTHER)}
    assert reasons([third, first], **alike) == ["kept", "duplicate"]


def test_what_a_person_wrote_is_asked_about_nowhere_again() -> None:
    new = instruction("Do it.", origin="reviewer")
    assert list(filter_rows([new], {}, params("fail"), NOTHING)) == [new]


def test_a_decided_row_stays_when_an_earlier_one_is_like_it() -> None:
    first, second = instruction(GOOD), instruction(GOOD.replace("every promise", "promises"))
    assert reasons([first, second], **{second.id: decision(second, "keep")}) == ["redundant", "kept"]


def test_criteria_see_only_what_nobody_decided_on_and_the_rules_let_pass() -> None:
    hand, kept, short, asked = (
        instruction(OTHER, origin="pack"),
        instruction(GOOD),
        instruction("Do it."),
        instruction("Who calls back?"),
    )
    seen: list[Instruction] = []

    def refuse(rows: Sequence[Instruction]) -> dict[str, Reason]:
        seen.extend(rows)
        return {asked.id: Reason.UNCLEAR}

    found = list(filter_rows([hand, kept, short, asked], {kept.id: decision(kept, "keep")}, params(), NOTHING, refuse))
    assert seen == [asked]
    assert [row.reason for row in found if isinstance(row, Dropped)] == [Reason.TOO_SHORT, Reason.UNCLEAR]


def test_undecided_rows_can_be_dropped_or_fail_the_stage() -> None:
    hand, new = instruction(OTHER, origin="pack"), instruction(GOOD)
    outcomes = list(filter_rows([hand, new], {}, params("drop"), NOTHING))
    assert outcomes[0] == hand
    assert isinstance(outcomes[1], Dropped) and outcomes[1].reason is Reason.UNDECIDED
    with pytest.raises(InputError, match=rf"curate: 1 instructions wait for a person: {new.id};"):
        list(filter_rows([hand, new], {}, params("fail"), NOTHING))


def test_vectors_are_those_of_scikit_learn_to_the_last_bit(root: Path) -> None:
    rows = jsonl.read(root / "data/test/real_estate/current/instructions.jsonl", Instruction)
    ours = decide._vectors(rows)
    counts = DictVectorizer(dtype=np.float32).fit_transform([terms(row.text, row.language) for row in rows])
    theirs = sparse.csr_matrix(normalize(counts))
    assert ours.shape == theirs.shape and ours.dtype == theirs.dtype
    assert np.array_equal(ours.toarray(), theirs.toarray()) and ours.nnz == theirs.nnz > 1000


def test_without_terms_there_is_a_column_of_nothing() -> None:
    assert decide._vectors([]).shape == (0, 1)
    ordinary = decide._vectors([instruction(text="the of and")])
    assert (ordinary.shape, ordinary.nnz) == ((1, 1), 0)

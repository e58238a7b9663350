"""People's gate on rewritten prompts: their word goes before the model's, survives a wording, and is held to the same rules."""

from datetime import UTC, datetime, timedelta

import pytest

from stages.core.row import content_id
from stages.library.meta_prompts import Library
from stages.prompting.assemble import Assemble, assemble
from stages.prompting.by_people import Gate, directive_id
from stages.prompting.enhance import Enhance, Rewriting, enhance
from stages.prompting.splicing import PromptParts
from stages.reviews.decisions import Decision
from stages.rows.instruction import Instruction
from stages.rows.pair import Pair
from stages.rows.prompt import Prompt
from tests.prompting.conftest import PROMPTS
from tests.prompting.test_enhance import woven
from tests.support.scripted import Scripted

LIBRARY = Library(PROMPTS / "enhance")
ALL = Enhance(share=1, max_tokens=768, seed=1)


@pytest.fixture(scope="module")
def assembled(pairs: list[Pair], instructions: list[Instruction], pack: PromptParts) -> list[Prompt]:
    wanted = [pair for pair in pairs if pair.language == "en"][:12]
    return list(assemble(wanted, instructions, pack, Assemble(brief=0.5, templates=0, max_tokens=1200, seed=1)))


@pytest.fixture(scope="module")
def enhanced(assembled: list[Prompt]) -> list[Prompt]:
    return list(enhance(assembled, ALL, LIBRARY, Scripted(woven)))


@pytest.fixture(scope="module")
def place(enhanced: list[Prompt]) -> int:
    """Return which prompt the tests are about: one that was rewritten."""
    return next(number for number, row in enumerate(enhanced) if row.method == "enhanced")


def said(row: Prompt, action: str, text: str = "", about: str = "") -> Decision:
    values = {"id": row.pair, "action": action, "text": text, "answer_id": about, "reviewer": "ann"}
    return Decision.model_validate({**values, "time": datetime(2025, 3, 1, tzinfo=UTC)})


def passed(assembled: list[Prompt], enhanced: list[Prompt], *lines: Decision) -> tuple[list[Prompt], dict[str, int]]:
    gate = Gate(lines, Rewriting(ALL, LIBRARY).spliced)
    rows = list(gate.passed(assembled, enhanced))
    return rows, {name: count for name, count in gate.figures.get("by_people", {}).items() if count}


def test_without_decisions_nothing_changes(assembled: list[Prompt], enhanced: list[Prompt]) -> None:
    assert passed(assembled, enhanced) == (enhanced, {})
    assert Gate([], Rewriting(ALL, LIBRARY).spliced).figures == {}


def test_a_discarded_rewriting_gives_way_to_the_assembled_prompt(
    assembled: list[Prompt], enhanced: list[Prompt], place: int
) -> None:
    found, counts = passed(assembled, enhanced, said(enhanced[place], "discard", about=directive_id(enhanced[place])))
    assert found[place] == assembled[place].model_copy(update={"note": "discarded"})
    assert [*found[:place], *found[place + 1 :]] == [*enhanced[:place], *enhanced[place + 1 :]]
    assert counts == {"discarded": 1}


def test_a_decision_about_another_directive_is_stale(
    assembled: list[Prompt], enhanced: list[Prompt], place: int
) -> None:
    found, counts = passed(
        assembled, enhanced, said(enhanced[place], "discard", about="an older one"), said(enhanced[0], "keep")
    )
    assert found == enhanced
    assert counts == {"stale": 1, "kept": 1} if place else {"kept": 1}


def test_a_persons_directive_takes_the_place_of_the_parts_whoever_was_drawn(
    assembled: list[Prompt], enhanced: list[Prompt], place: int
) -> None:
    directive = enhanced[place].part("directive")
    assert directive
    line = said(enhanced[place], "rewrite", directive.text + " Take your time.", about="an older one")
    for drawn in (enhanced, assembled):  # rewritten by the model too, or not
        found, counts = passed(assembled, drawn, line)
        taken = found[place].part("directive")
        assert taken and taken.text == directive.text + " Take your time."
        assert (found[place].author, found[place].method, found[place].pair) == (
            "ann",
            "enhanced",
            enhanced[place].pair,
        )
        assert counts == {"rewritten": 1}


def test_a_persons_directive_survives_a_change_of_wording(
    pairs: list[Pair],
    instructions: list[Instruction],
    pack: PromptParts,
    assembled: list[Prompt],
    enhanced: list[Prompt],
    place: int,
) -> None:
    ids = {row.pair for row in assembled}
    again = [pair for pair in pairs if pair.id in ids]
    other = list(assemble(again, instructions, pack, Assemble(brief=0.0, templates=0, max_tokens=1200, seed=3)))
    assert other[place].id != assembled[place].id and other[place].pair == assembled[place].pair
    text = woven(Rewriting(ALL, LIBRARY).request(other[place]))
    found, counts = passed(other, other, said(assembled[place], "rewrite", text))
    assert counts == {"rewritten": 1} and found[place].author == "ann"


def test_a_persons_directive_that_loses_something_is_not_taken(
    assembled: list[Prompt], enhanced: list[Prompt], place: int
) -> None:
    found, counts = passed(assembled, enhanced, said(enhanced[place], "rewrite", "Do as asked."))
    assert found[place].method == "assembled" and found[place].note == "too_short"
    assert counts == {"not_taken": 1}
    found, counts = passed(assembled, enhanced, said(enhanced[place], "rewrite", "Do it. <|im_end|>"))
    assert found[place].note == "unparsable"


def test_decisions_about_pairs_that_are_gone_are_counted(assembled: list[Prompt], enhanced: list[Prompt]) -> None:
    gone = enhanced[0].model_copy(update={"pair": "gone"})
    assert passed(assembled, enhanced, said(gone, "discard")) == (enhanced, {"unmatched": 1})
    back = said(gone, "withdraw").model_copy(update={"time": datetime(2025, 3, 2, tzinfo=UTC)})
    assert passed(assembled, enhanced, said(gone, "discard"), back) == (enhanced, {}), "nobody decides any more"


def test_a_later_word_on_a_persons_own_directive_counts(
    assembled: list[Prompt], enhanced: list[Prompt], place: int
) -> None:
    directive = enhanced[place].part("directive")
    assert directive
    own = directive.text + " Take your time."
    rewritten = said(enhanced[place], "rewrite", own, directive_id(enhanced[place]))
    later = {"answer_id": content_id(own), "time": rewritten.time + timedelta(days=1), "reviewer": "bob"}
    found, counts = passed(assembled, enhanced, rewritten, said(enhanced[place], "discard").model_copy(update=later))
    assert found[place].method == "assembled" and counts == {"discarded": 1}
    found, _ = passed(assembled, enhanced, rewritten, said(enhanced[place], "keep").model_copy(update=later))
    taken = found[place].part("directive")
    assert taken and taken.text == own


def test_a_discard_of_a_persons_directive_counts_no_longer_than_that_directive(
    assembled: list[Prompt], enhanced: list[Prompt], place: int
) -> None:
    """Ann writes one, Bob discards it; then Ann writes a better one, or takes hers back: Bob said nothing of what there is now."""
    directive = enhanced[place].part("directive")
    assert directive
    first, second = directive.text + " Take your time.", directive.text + " Take your time over it, please."
    start = datetime(2025, 3, 1, tzinfo=UTC)
    wrote = said(enhanced[place], "rewrite", first)
    later = {"reviewer": "bob", "answer_id": content_id(first), "time": start + timedelta(days=1)}
    discarded = said(enhanced[place], "discard").model_copy(update=later)
    again = said(enhanced[place], "rewrite", second).model_copy(update={"time": start + timedelta(days=2)})
    found, counts = passed(assembled, enhanced, wrote, discarded, again)
    taken = found[place].part("directive")
    assert taken and taken.text == second and counts == {"rewritten": 1}
    back = said(enhanced[place], "withdraw").model_copy(update={"time": start + timedelta(days=2)})
    found, counts = passed(assembled, enhanced, wrote, discarded, back)
    assert found == enhanced and counts == {"stale": 1}
    own = discarded.model_copy(update={"reviewer": "ann"})
    found, counts = passed(assembled, enhanced, wrote, own)
    assert found[place].method == "assembled" and counts == {"discarded": 1}, "she discards her own"

from pathlib import Path

import pytest

from stages.core import yaml_files
from stages.core.dropped import Reason
from stages.instructions.rules.criteria import by_rules, is_ambiguous, is_richer, is_unclear, lineage
from stages.library.domain_pack import Instructions
from stages.rows.instruction import Instruction
from stages.text.languages import language_of
from tests.support.scripted import instruction

ROOT = Path(__file__).parents[3]


def row(text: str, **changes: object) -> Instruction:
    return instruction(text, language=language_of(text), **changes)


@pytest.mark.parametrize(
    "text",
    [
        "List the points as above for the second flat.",
        "Using the attached floor plan, say which room the customer dislikes.",
        "For the above points, give the customer's words.",
        "Name the customer's needs and",
        "Name the customer's needs, with:",
        "Name the customer's needs in {format}.",
        "Name the needs [list them here] of the customer.",
        "**Needs** of the customer?",
        "Name the customer's needs (budget, area.",
        "Name what the customer says about the flat " + "and about the price that was asked for it " * 10 + "in full.",
        "请按如上所示的要点列出客户需求。",
        "请结合附件中的户型图说明客户的意见。",
        "针对上述要点，分别写出客户原话。",
        "请列出客户的需求，以及",
        "请列出客户的需求：",
        "请列出客户的需求（预算、面积。",
        "请列出客户的【需求】和{字段}。",
    ],
)
def test_what_points_at_nothing_is_cut_off_or_has_blanks_is_unclear(text: str) -> None:
    assert is_unclear(text) and by_rules(row(text), None) is Reason.UNCLEAR


@pytest.mark.parametrize(
    "text",
    [
        "For each promise give: 1) who made it, 2) by when, and 3) the words in which it was made.",
        "State a) what the customer wants and b) what the agent offered (if anything).",
        "请说明：1）客户的要求；2）服务者的答复（原话）。",
        "请说明1)客户的要求2)服务者的答复。",
        "请列出客户提到的费用（押金、租金)。",
    ],
)
def test_numbered_points_and_brackets_of_two_widths_are_clear(text: str) -> None:
    assert not is_unclear(text)


@pytest.mark.parametrize(
    "text", ["Give 1) the needs and 2) the fees (deposit, rent.", "请说明：1）要求；2）费用（押金。"]
)
def test_numbered_points_do_not_close_a_bracket(text: str) -> None:
    assert is_unclear(text)


@pytest.mark.parametrize(
    "text",
    [
        "Name the customer's needs, such as budget and move date, etc.",
        "Rate the tone of the call and the like.",
        "Say who calls back and/or writes.",
        "Summarize the call in a table, then give it as a JSON object.",
        "请列出客户的预算、面积等等。",
        "请总结客户的顾虑、情绪之类。",
        "请视情况而定，写出客户的需求。",
        "请以表格列出客户需求，并以JSON给出。",
    ],
)
def test_an_open_end_or_two_forms_for_one_answer_are_ambiguous(text: str) -> None:
    assert is_ambiguous(row(text)) and by_rules(row(text), None) is Reason.AMBIGUOUS


def test_a_class_that_is_named_by_an_example_is_closed() -> None:
    assert not is_ambiguous(row('Count the promises of the customer; "I will see" and the like do not count.'))


def test_several_results_may_have_several_forms() -> None:
    asked = "Give the needs in a table and the risks as a list."
    assert is_ambiguous(row(asked)) and not is_ambiguous(row(asked, formats=("multipart",)))


def test_hand_written_instructions_are_clear_and_unambiguous() -> None:
    for pack in sorted((ROOT / "prompts").glob("*/instructions.yaml")):
        for item in yaml_files.load(pack, Instructions).instructions:
            assert by_rules(Instruction.new(**item.model_dump(exclude={"id"}), origin="pack"), None) is None, item.id


@pytest.mark.parametrize(
    ("root", "richer", "poorer"),
    [
        (
            "List what the agent promised.",
            "List what the agent promised, with the date it is due, and quote the line where it was said.",
            "Please list thoroughly what the agent promised.",
        ),
        (
            "列出经纪人的承诺。",
            "列出经纪人的每一项承诺，写明完成时间、承诺对象，并摘录原话。",
            "请认真、全面地列出经纪人的承诺。",
        ),
    ],
)
def test_richer_is_asking_for_more_not_in_more_words(root: str, richer: str, poorer: str) -> None:
    assert is_richer(row(richer), row(root)) and by_rules(row(richer), row(root)) is None
    assert not is_richer(row(root), row(root))
    assert by_rules(row(poorer), row(root)) is Reason.NOT_RICHER


def test_a_row_is_followed_back_to_its_seed() -> None:
    seed, other = row("List the promises.", parents=("dialogue",)), row("Rate the mood.")
    child = row("List the promises and dates.", generation=1, operator="deepen", parents=(seed.id,))
    crossed = row("List them and rate it.", generation=2, operator="crossover", parents=(child.id, other.id))
    known = {one.id: one for one in (seed, other, child, crossed)}
    found = lineage(crossed, known)
    assert found and (found.root, found.operators) == (seed, ("crossover", "deepen"))
    assert (begin := lineage(seed, known)) and (begin.root, begin.operators) == (seed, ())
    del known[seed.id]
    assert lineage(child, known) is None

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from stages.chat.messages import Request
from stages.core.dropped import Dropped, Reason
from stages.core.errors import PromptError
from stages.instructions.evolve import Evolve, evolve, plan_offspring
from stages.library.meta_prompts import Library
from stages.rows.instruction import Instruction
from tests.support.scripted import Scripted, instruction

pytestmark = pytest.mark.slow

PROMPTS = Library(Path(__file__).parents[2] / "prompts" / "evolve")
TOPICS = ["the price", "the deposit", "the school", "the loan", "the lease", "the garden", "the roof", "the tax"]
PARENTS = [instruction(f"List what the customer says about {topic} in the conversation.") for topic in TOPICS]


def params(**changes: object) -> Evolve:
    values: dict[str, object] = {
        "operators": ("deepen", "rephrase", "combine"),
        "generations": 2,
        "population": 5,
        "survivors": 3,
        "min_gain": 1.1,
        "max_gain": 4.0,
        "min_similarity": 0.2,
        "max_similarity": 0.99,
        "max_tokens": 64,
        "seed": 1,
    }
    return Evolve.model_validate(values | changes)


def richer(request: Request) -> str:
    shown = [
        line.split(": ", 1)[1] for line in request.user.splitlines() if line.startswith(("Instruction: ", "First"))
    ]
    return f"{shown[0]} For each point, quote who said it and explain step by step why it matters to the customer."


def test_outcomes_are_parents_plus_children_and_rows_keep_their_lineage() -> None:
    chat = Scripted(richer)
    found = list(evolve(PARENTS, params(), PROMPTS, chat))
    assert found[: len(PARENTS)] == PARENTS
    assert len(found) == len(PARENTS) + 2 * 5
    children = [row for row in found[len(PARENTS) :] if isinstance(row, Instruction)]
    assert [row.generation for row in children] == sorted(row.generation for row in children)
    assert {row.generation for row in children} == {1, 2}
    known = {row.id for row in PARENTS}
    for child in children:
        assert set(child.parents) <= known and child.operator in params().operators
        assert child.author == "scripted@1" and child.task == "reasoning"
        known.add(child.id)
    assert sum(isinstance(row, Dropped) and row.reason is Reason.UNFIT for row in found) > 0


def test_a_further_parent_changes_no_other_offspring() -> None:
    all_drawn = params(population=len(PARENTS))
    more = params(population=len(PARENTS) + 1)
    new = instruction("Name the neighbors that are mentioned in this call.")
    few = {plan.parent.id: plan.operator for plan in plan_offspring(PARENTS, 1, all_drawn)}
    many = {plan.parent.id: plan.operator for plan in plan_offspring([*PARENTS, new], 1, more)}
    assert few == {key: operator for key, operator in many.items() if key != new.id}


def test_a_parent_drawn_again_gets_another_operator() -> None:
    planned = plan_offspring(PARENTS[:2], 1, params(operators=("deepen", "rephrase"), population=4))
    assert len({(plan.parent.id, plan.operator) for plan in planned}) == 4


def test_crossover_joins_two_parents_of_one_language() -> None:
    chat = Scripted(richer)
    alone = plan_offspring(
        [*PARENTS[:1], instruction("请归纳对话要点", language="zh")], 1, params(operators=("combine", "deepen"))
    )
    assert all(plan.partner is None for plan in alone)
    planned = plan_offspring(PARENTS, 1, params(operators=("combine",)))
    assert all(plan.partner and plan.partner.id != plan.parent.id for plan in planned)
    list(evolve(PARENTS, params(operators=("combine",), generations=1), PROMPTS, chat))
    assert all(plan.partner and plan.partner.text in ask.user for plan, ask in zip(planned, chat.asked, strict=True))


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (lambda request: "", Reason.NO_ANSWER),
        (lambda request: request.user.split("Instruction: ")[1].split("\n")[0], Reason.UNCHANGED),
        (
            lambda request: "Describe the mating dance of tropical birds as seen by a customer, in detail.",
            Reason.DRIFTED,
        ),
        (lambda request: "I cannot rewrite what the customer said in this conversation.", Reason.REFUSED),
    ],
)
def test_useless_children_are_eliminated_with_their_reason(answer: Callable[[Request], str], reason: Reason) -> None:
    only = params(operators=("deepen",), generations=1, min_similarity=0.5)
    found = list(evolve(PARENTS, only, PROMPTS, Scripted(answer)))
    gone = [row for row in found if isinstance(row, Dropped)]
    assert len(gone) == 5 and {row.reason for row in gone} == {reason}
    assert all(row.detail == "deepen" and row.parents for row in gone)


def shown(request: Request) -> str:
    return next(
        line.split("：" if "指令：" in line else ": ", 1)[1] for line in request.user.splitlines() if LEAD.match(line)
    )


LEAD = re.compile("Instruction: |First instruction: |指令：|第一条指令：")
CHINESE = [
    instruction(f"请列出客户在本次通话中对{topic}提出的每一个要求，并注明是否得到答复。", language="zh")
    for topic in ("押金", "租期", "电梯", "家具", "停车位")
]


@pytest.mark.parametrize("operator", ["deepen", "rephrase", "add_sub_item"])
@pytest.mark.parametrize("parents", [PARENTS[:5], CHINESE], ids=["en", "zh"])
@pytest.mark.parametrize(
    "copy",
    [
        "{parent} Fields: wish, reply, date, owner, follow-up, deadline",
        "{parent}字段：要求、答复、日期、负责人、跟进、期限",
        "{parent}\nFields: wish, reply, date, owner",
        "```\n{parent}\n```\n字段：要求、答复、日期",
        "> **Rewritten instruction:** “{parent}”",
        "改写后的指令：「{parent}」\n\n字段：要求、答复",
        "Rewritten Instruction: {parent}\n\nFields:\n- wish\n- reply\n- date",
    ],
)
def test_fields_labels_quotes_and_markdown_are_no_gain(operator: str, parents: list[Instruction], copy: str) -> None:
    chat = Scripted(lambda request: copy.format(parent=shown(request)))
    only = params(operators=(operator,), generations=1)
    gone = [row for row in evolve(parents, only, PROMPTS, chat) if isinstance(row, Dropped)]
    assert [row.reason for row in gone] == [Reason.UNCHANGED] * 5


def test_a_rephrasing_holds_its_parent_in_other_words() -> None:
    more = "Once more, and with care, as every detail of it counts for the manager: {} Thank you for doing it."
    chat = Scripted(lambda request: more.format(shown(request)))
    gone = [
        row
        for row in evolve(PARENTS, params(operators=("rephrase",), generations=1), PROMPTS, chat)
        if isinstance(row, Dropped)
    ]
    assert [row.reason for row in gone] == [Reason.UNCHANGED] * 5


@pytest.mark.parametrize("parents", [PARENTS[:5], CHINESE], ids=["en", "zh"])
def test_a_parent_with_the_meta_prompts_words_is_an_echo(parents: list[Instruction]) -> None:
    def echoing(request: Request) -> str:
        asked = [line for line in request.user.splitlines() if line and not LEAD.match(line)]
        return f"{shown(request)} {asked[1]}"

    only = params(operators=("deepen",), generations=1)
    gone = [row for row in evolve(parents, only, PROMPTS, Scripted(echoing)) if isinstance(row, Dropped)]
    assert [row.reason for row in gone] == [Reason.PROMPT_ECHO] * 5
    assert all(row.detail == "deepen" for row in gone)


def test_no_generations_and_no_parents_leave_all_as_it_was() -> None:
    assert list(evolve(PARENTS, params(generations=0), PROMPTS, Scripted(richer))) == PARENTS
    assert list(evolve([], params(), PROMPTS, Scripted(richer))) == []


def test_an_operator_without_its_prompt_is_said() -> None:
    with pytest.raises(PromptError, match=r"prompts/evolve/translate\.en\.md: not there"):
        list(evolve(PARENTS, params(operators=("translate",)), PROMPTS, Scripted(richer)))


def test_fields_of_the_parent_stay_and_new_ones_join() -> None:
    parent = instruction(PARENTS[0].text, fields=("price",), formats=("json",))
    chat = Scripted(lambda request: richer(request) + "\nFields: reason, price")
    found = list(evolve([parent], params(operators=("deepen",), generations=1, population=1), PROMPTS, chat))
    assert isinstance(found[1], Instruction) and found[1].fields == ("price", "reason")

import json
from pathlib import Path

import pytest

from stages.chat.messages import Reply, Request
from stages.core.dropped import Dropped, Reason
from stages.instructions.evolution.evol_instruct import Spent, evolve, fault
from stages.instructions.evolution.history import Attempt
from stages.instructions.evolution.operators import read_operators
from stages.library.meta_prompts import Library
from stages.rows.instruction import Instruction
from tests.support.scripted import Scripted, instruction

FOLDER = Path(__file__).parents[3] / "prompts/evol_instruct"
PARENTS = [
    instruction("List the customer's needs in this talk."),
    instruction("请列出客户在对话中的需求。", language="zh"),
]


def longer(request: Request) -> str:
    return json.dumps({"instruction": f"Version {sum(map(ord, request.row))} of what the customer needs"})


def test_parents_and_survivors_are_the_next_pool_and_the_requests_are_spent() -> None:
    chat, history = Scripted(longer), list[Attempt]()
    spent = Spent(requests=11, generations=2, max_tokens=400, seed=1)
    assert spent.populations == [6, 5]
    found = list(evolve(PARENTS, spent, read_operators(FOLDER), Library(FOLDER), chat, history))
    assert len(chat.asked) == 11 and len(found) == len(history) == 13
    assert {row.generation for row in found if isinstance(row, Instruction)} == {0, 1, 2}
    assert all("<<<" not in request.user and "scene" not in request.user for request in chat.asked)
    second = [row for row in found if isinstance(row, Instruction) and row.generation == 2]
    assert any(set(row.parents) - {parent.id for parent in PARENTS} for row in second)


@pytest.mark.parametrize(
    ("parent", "text", "reason"),
    [
        (PARENTS[0], PARENTS[0].text, Reason.UNCHANGED),
        (PARENTS[1], PARENTS[1].text, Reason.UNCHANGED),
        (PARENTS[0], "We are sorry to say that nothing fits.", Reason.REFUSED),
        (PARENTS[1], "很抱歉，没有合适的内容。", Reason.REFUSED),
        (PARENTS[0], "And what of it, then?", Reason.EMPTY),
        (PARENTS[1], "就把这个给了吧。", None),
        (PARENTS[1], "而这是在那。", Reason.EMPTY),
        (PARENTS[0], "This is the rewritten prompt: list all needs.", Reason.PROMPT_ECHO),
        (PARENTS[1], "把下面的指令变难：列出需求。", Reason.PROMPT_ECHO),
        (PARENTS[0], "Search the web for the customer's needs.", None),
        (PARENTS[0], "Write a song about the sea.", None),
    ],
)  # fmt: skip
def test_only_what_the_original_eliminates_is_eliminated(parent: Instruction, text: str, reason: Reason | None) -> None:
    reply = Reply(row="r", text=json.dumps({"instruction": text}, ensure_ascii=False), finish="stop")
    assert fault(parent, reply) is reason


def test_the_same_question_again_is_another_draw_in_whichever_generation() -> None:
    chat = Scripted(longer)
    spent = Spent(requests=60, generations=3, max_tokens=400, seed=1)
    operators = read_operators(FOLDER)[:1]  # so that a parent's questions are all the same
    list(evolve(PARENTS, spent, operators, Library(FOLDER), chat, []))
    assert len({request.user for request in chat.asked}) < 60
    assert len({request.key("m t=0.7 p=1") for request in chat.asked}) == 60


def test_a_child_that_is_there_already_is_a_duplicate() -> None:
    chat = Scripted(lambda _: '{"instruction": "List the needs and the wishes of the customer."}')
    spent = Spent(requests=3, generations=1, max_tokens=400, seed=1)
    found = list(evolve(PARENTS[:1], spent, read_operators(FOLDER), Library(FOLDER), chat, []))
    assert [row.reason for row in found if isinstance(row, Dropped)] == [Reason.DUPLICATE] * 2

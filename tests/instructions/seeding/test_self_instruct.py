import json
from pathlib import Path

import pytest

from stages.chat.messages import Request
from stages.core.dropped import Dropped, Reason
from stages.core.row import Language
from stages.instructions.seed import Pack, Seed
from stages.instructions.seeding.self_instruct import ROUND, Pool, ideas, self_instruct
from stages.library.meta_prompts import Library
from stages.rows.instruction import Instruction
from tests.support.scripted import Scripted

ROOT = Path(__file__).parents[3]
PACK = Pack.read(ROOT / "prompts" / "real_estate")
PROMPTS = Library(ROOT / "prompts" / "seed")
PARAMS = Seed(languages=("en", "zh"), written=0, generated=6, shots=4, excerpt_turns=3, max_tokens=400, seed=1)
FORMS = ["list", "paragraph", "table", "multipart"]
WORDS = {
    "en": ["boiler", "parking", "lease", "viewing", "mortgage", "balcony", "kitchen", "agent", "noise", "garden"],
    "zh": [
        "锅炉维修",
        "停车位置",
        "租约到期",
        "带看时间",
        "贷款利率",
        "阳台朝向",
        "厨房翻新",
        "中介佣金",
        "噪音扰民",
        "花园面积",
    ],
}


def answered(request: Request) -> str:
    """Return a new instruction for each request: two of ten words, told by the request's row."""
    language = "zh" if "指令" in request.user else "en"
    number = int(request.row, 16)
    first, second = WORDS[language][number % 10], WORDS[language][number // 10 % 10]
    text = {"en": f"Say {first} against {second}, number {number % 997}", "zh": f"{first}与{second}有何关系"}[language]
    return json.dumps({"instruction": text, "fields": ["a"], "labels": [], "formats": FORMS})


def test_rounds_show_hand_written_and_then_earlier_generated_ones_and_nothing_of_a_conversation() -> None:
    chat = Scripted(answered)
    wanted = ideas(PACK.tasks, ("en", "zh"), 3 * ROUND, 1)
    found = list(self_instruct(wanted, PACK.written, PARAMS, PROMPTS, chat))
    assert len(found) == len(chat.asked) == 3 * ROUND
    made = {row.text for row in found if isinstance(row, Instruction)}
    hand = {item.text for item in PACK.written.instructions}
    for n, request in enumerate(chat.asked):
        listed = [line.removeprefix("- ") for line in request.user.splitlines() if line.startswith("- ")]
        old, new = len(hand.intersection(listed)), len(made.intersection(listed))
        assert (old, new) == ((4, 0) if n < ROUND else (3, 1))
        assert "<<<" not in request.user
    assert all((row.scenes, row.roles, row.parents) == ((), (), ()) for row in found if isinstance(row, Instruction))
    assert {row.language for row in found if isinstance(row, Instruction)} == {"en", "zh"}


@pytest.mark.parametrize(
    ("language", "near", "far"),
    [
        (
            "en",
            "List every promise the agent made in this call, and when it is due.",
            "Which of the two flats is louder, and why?",
        ),
        ("zh", "请列出经纪人在本次通话中作出的每一项承诺及期限。", "两套房哪一套更吵？原因是什么？"),
    ],
)
def test_what_is_like_an_earlier_one_of_its_language_says_nothing_new(language: Language, near: str, far: str) -> None:
    pool = Pool(PACK.written)
    assert pool.takes(near, language)
    assert not pool.takes(near.replace("every", "each").replace("每一项", "各项"), language)
    assert pool.takes(far, language)
    assert not pool.takes(PACK.written.instructions[0].text, PACK.written.instructions[0].language)


def test_a_repeated_answer_is_redundant_and_an_unreadable_one_unparsable() -> None:
    same = json.dumps({"instruction": "Who calls back, and when?", "formats": FORMS, "fields": ["a"]})
    wanted = ideas(PACK.tasks, ("en",), 3, 1)
    answers = iter([same, same, "Who calls back?"])
    first, second, third = self_instruct(wanted, PACK.written, PARAMS, PROMPTS, Scripted(lambda _: next(answers)))
    assert isinstance(first, Instruction)
    assert isinstance(second, Dropped) and (second.reason, second.id) == (Reason.REDUNDANT, wanted[1].id)
    assert isinstance(third, Dropped) and third.reason is Reason.UNPARSABLE


def test_a_longer_run_begins_as_the_shorter_one() -> None:
    short, long = ideas(PACK.tasks, ("en", "zh"), 5, 1), ideas(PACK.tasks, ("en", "zh"), 50, 1)
    assert long[:5] == short and len({idea.task.id for idea in long}) == len(PACK.tasks.tasks)

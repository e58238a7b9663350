from collections.abc import Callable
from pathlib import Path

import pytest

from stages.chat.messages import Request
from stages.core import yaml_files
from stages.core.dropped import Dropped, Reason
from stages.instructions.seed import Seed, seed_requests, seeds, written
from stages.library.domain_pack import Domain, Instructions, Tasks
from stages.library.meta_prompts import Library
from stages.rows.dialogue import Dialogue, Turn
from stages.rows.instruction import Instruction
from tests.support.scripted import Scripted

ROOT = Path(__file__).parents[2]
PACK = ROOT / "prompts" / "real_estate"
PARAMS = Seed(languages=("en",), written=0, generated=6, shots=2, excerpt_turns=3, max_tokens=64, seed=1)


def talk(number: int, language: str = "en") -> Dialogue:
    turns = [Turn(party="customer", text=f"turn {number}.{n}") for n in range(8)]
    values = {"language": language, "scene": "buying", "source": "im_messages", "role": "real_estate_agent"}
    return Dialogue.model_validate({"id": f"d{number}", "key": f"k{number}", "turns": turns, **values})


@pytest.fixture(scope="module")
def pack() -> tuple[Instructions, Domain, Tasks]:
    return (
        yaml_files.load(PACK / "instructions.yaml", Instructions),
        yaml_files.load(PACK / "domain.yaml", Domain),
        yaml_files.load(PACK / "tasks.yaml", Tasks),
    )


def test_a_further_dialogue_changes_no_other_idea(pack: tuple[Instructions, Domain, Tasks]) -> None:
    few = {idea.dialogue.id: idea for idea in seed_requests([talk(n) for n in range(6)], pack[2], PARAMS)}
    params = PARAMS.model_copy(update={"generated": 7})
    more = {idea.dialogue.id: idea for idea in seed_requests([talk(n) for n in range(7)], pack[2], params)}
    assert set(more) - set(few) == {"d6"}
    assert all(more[key].id == idea.id for key, idea in few.items())


def test_more_ideas_than_dialogues_draw_again(pack: tuple[Instructions, Domain, Tasks]) -> None:
    found = seed_requests([talk(1), talk(2)], pack[2], PARAMS)
    assert len(found) == 6 and len({idea.id for idea in found}) > 2
    assert seed_requests([talk(1, "zh")], pack[2], PARAMS) == []


def test_every_wish_has_one_outcome_after_the_hand_written_ones(pack: tuple[Instructions, Domain, Tasks]) -> None:
    hand, domain, tasks = pack
    chat = Scripted(lambda request: "Summarize what the customer fears.\nFields: fear, reason")
    wishes = seed_requests([talk(n) for n in range(6)], tasks, PARAMS)
    found = list(seeds(hand, domain, wishes, PARAMS, Library(ROOT / "prompts" / "seed"), chat))
    assert len(found) == len(hand.instructions) + 6
    new = [row for row in found if isinstance(row, Instruction) and row.origin == "generated"]
    assert len(new) == 6
    assert all(row.fields == ("fear", "reason") and "label" not in row.formats for row in new)
    assert [row.parents for row in new] == [(idea.dialogue.id,) for idea in wishes]
    others = [row for row in found if isinstance(row, Dropped)]
    assert len(others) == sum(item.language == "zh" for item in hand.instructions)
    assert {row.reason for row in others} == {Reason.OTHER_LANGUAGE}


def test_the_question_shows_scene_requirement_excerpt_and_examples(pack: tuple[Instructions, Domain, Tasks]) -> None:
    hand, domain, tasks = pack
    chat = Scripted(lambda request: "x")
    wishes = seed_requests([talk(1)], tasks, PARAMS.model_copy(update={"generated": 1}))
    list(seeds(hand, domain, wishes, PARAMS, Library(ROOT / "prompts" / "seed"), chat))
    question = chat.asked[0].user
    assert wishes[0].requirement.text["en"] in question
    assert domain.scene("buying").name["en"] in question
    assert "turn 1." in question
    assert sum(item.text in question for item in hand.instructions) == PARAMS.shots


def test_a_cut_off_answer_is_dropped_with_its_reason(pack: tuple[Instructions, Domain, Tasks]) -> None:
    hand, domain, tasks = pack
    wishes = seed_requests([talk(1)], tasks, PARAMS.model_copy(update={"generated": 1}))
    found = list(
        seeds(
            hand, domain, wishes, PARAMS, Library(ROOT / "prompts" / "seed"), Scripted(lambda _: ("List the", "length"))
        )
    )
    assert isinstance(found[-1], Dropped) and found[-1].reason is Reason.TRUNCATED


def test_what_the_question_showed_is_dropped_and_a_label_alone_is_no_instruction(
    pack: tuple[Instructions, Domain, Tasks],
) -> None:
    hand, domain, tasks = pack
    params = PARAMS.model_copy(update={"generated": 1})
    wishes = seed_requests([talk(1)], tasks, params)
    wish = wishes[0]

    def outcome(answer: str | Callable[[Request], str]) -> Instruction | Dropped:
        chat = Scripted(answer if callable(answer) else lambda _: answer)
        *_, last = seeds(hand, domain, wishes, params, Library(ROOT / "prompts" / "seed"), chat)
        return last

    def first_example(request: Request) -> str:
        return next(line.removeprefix("- ") for line in request.user.splitlines() if line.startswith("- "))

    echoes: tuple[str | Callable[[Request], str], ...] = (
        f"Task: {wish.task.name['en']}. {wish.task.description['en']}",
        f"New instruction: {wish.task.description['en']}\nFields: facts, needs",
        f"{wish.requirement.text['en']} Use this conversation.",
        first_example,
    )
    for echo in echoes:
        gone = outcome(echo)
        assert isinstance(gone, Dropped) and gone.reason is Reason.PROMPT_ECHO
        assert (gone.id, gone.parents) == (wish.id, ("d1",))
    bare = outcome("Task Instructions:\n")
    assert isinstance(bare, Dropped) and bare.reason is Reason.UNPARSABLE
    new = outcome("New instruction: Say in two sentences why the customer rang on turn three. Fields: cause, proof")
    assert isinstance(new, Instruction)
    assert (new.text, new.fields) == ("Say in two sentences why the customer rang on turn three.", ("cause", "proof"))


def test_a_fixed_few_are_of_all_tasks(pack: tuple[Instructions, Domain, Tasks]) -> None:
    hand, _, tasks = pack
    few = PARAMS.model_copy(update={"written": len(tasks.tasks)})
    found = list(written(hand, few))
    kept = [row for row in found if isinstance(row, Instruction)]
    assert len(found) == len(hand.instructions)
    assert sorted(row.task for row in kept) == sorted(task.id for task in tasks.tasks)
    first = next(item for item in hand.instructions if item.language == "en" and item.task == kept[0].task)
    assert kept[0].author == first.id
    assert sum(row.reason == Reason.NOT_DRAWN for row in found if isinstance(row, Dropped)) > 0

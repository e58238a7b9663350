from pathlib import Path

import pytest

from stages.core import yaml_files
from stages.core.row import Language
from stages.instructions.parsing import Draft, draft, is_echo
from stages.library.domain_pack import Instructions, Tasks
from stages.library.meta_prompts import Library

SEED = Library(Path(__file__).parents[2] / "prompts" / "seed")
SHOWN: dict[Language, dict[str, str]] = {
    "en": {
        "task": "promise tracking",
        "task_description": "Follow each promise from the moment it is made to the moment it is kept or broken.",
        "requirement": "Name the person who has to act next on every open promise.",
        "scene": "moving house",
        "role": "removal firm",
        "excerpt": "",
        "examples": "- Read the call and write down what the mover promises about breakages, and whether he puts it in writing.",
    },
    "zh": {
        "task": "承诺跟踪",
        "task_description": "逐条跟踪对话中作出的承诺，从提出直到兑现或落空。",
        "requirement": "写明每一项未完成承诺接下来由谁办理。",
        "scene": "搬家",
        "role": "搬家公司",
        "excerpt": "",
        "examples": "- 请通读本次通话，写下搬家师傅对物品损坏作出的承诺以及是否同意写进合同。",
    },
}


@pytest.mark.parametrize(
    ("answer", "text", "fields"),
    [
        ("Summarize the call.", "Summarize the call.", ()),
        ('New instruction: "Summarize the call."', "Summarize the call.", ()),
        ("Instructions:\nList the needs.\n\nExplanation: because", "List the needs.", ()),
        ("List the needs.\nFields: budget, move-in date, budget.", "List the needs.", ("budget", "move-in_date")),
        ("改写后的指令：请归纳客户需求。\n字段：预算、面积", "请归纳客户需求。", ("预算", "面积")),
        ("", "", ()),
        ("Fields: a", "", ("a",)),
        ("Task Instructions:", "", ()),
        ("## Task Instructions\nList the needs.", "List the needs.", ()),
        ("**New Instruction:** List the needs.", "List the needs.", ()),
        ("Sure! Here is a new instruction for this call:\n\nList the needs.", "List the needs.", ()),
        ("好的，以下是一条新的指令：\n\n新指令：请归纳客户需求。", "请归纳客户需求。", ()),
        ("新指令：请归纳客户需求。", "请归纳客户需求。", ()),
        ("List the needs. Fields: budget, area", "List the needs.", ("budget", "area")),
        ('"List the needs." Fields: budget', "List the needs.", ("budget",)),
        ("List the needs Fields: budget", "List the needs", ("budget",)),
        ("```\nList the needs.\n```\n**Fields:** budget", "List the needs.", ("budget",)),
        ("> List the needs.\nFields:\n- budget\n- area", "List the needs.", ("budget", "area")),
        ("请归纳客户需求。字段：预算、面积", "请归纳客户需求。", ("预算", "面积")),
        ("请归纳客户需求，字段：预算、面积", "请归纳客户需求，", ("预算", "面积")),
        ("Return these fields: budget and area.", "Return these fields: budget and area.", ()),
        ("请给出以下字段：预算和面积。", "请给出以下字段：预算和面积。", ()),
        (
            "Follow the instructions the agent gave: which were kept?",
            "Follow the instructions the agent gave: which were kept?",
            (),
        ),
    ],
)
def test_text_and_fields_are_read_out_of_an_answer(answer: str, text: str, fields: tuple[str, ...]) -> None:
    assert draft(answer) == Draft(text=text, fields=fields)


def is_seed_echo(text: str, language: Language) -> bool:
    asked = SEED.get("instruction", language)
    return is_echo(draft(text).text, asked, asked.render(**SHOWN[language]))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Task: Track the promises in this call and say who keeps them.", "en"),
        ("Kind of task: promise tracking.", "en"),
        ("**Task type:** Tell the analyst which promises of this call are open.", "en"),
        ("New instruction: Follow each promise from the moment it is made to the moment it is kept or broken.", "en"),
        ("The new instruction must cover: who acts next in the conversation.", "en"),
        ("Name the person who has to act next on every open promise in this conversation.", "en"),
        (
            "Read the call and write down what the mover promises about breakages, and whether he puts it in writing.",
            "en",
        ),
        ("Write task instructions for people who will analyze conversations like this one.", "en"),
        ("任务类型：承诺跟踪。请梳理本次通话。", "zh"),
        ("任务：请梳理本次通话中的承诺。", "zh"),
        ("新指令：逐条跟踪对话中作出的承诺，从提出直到兑现或落空。", "zh"),
        ("写明每一项未完成承诺接下来由谁办理。", "zh"),
        ("请通读本次通话，写下搬家师傅对物品损坏作出的承诺以及是否同意写进合同。", "zh"),
        ("请写一条新指令，一到三句话：告诉分析人员做什么，写明须包含的要点。", "zh"),
    ],
)
def test_what_was_shown_is_no_new_instruction(text: str, language: Language) -> None:
    assert is_seed_echo(text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (
            "New instruction: For each promise in this call, quote it, give its date and name the person who has to act next.",
            "en",
        ),
        (
            "Go through the talk about the piano: what did the mover promise, what is still open, and who acts next?",
            "en",
        ),
        ("新指令：请找出师傅在电话里答应客户的每件事，注明日期，并说明接下来由谁办理。", "zh"),
    ],
)
def test_a_new_instruction_may_take_up_what_it_must_cover(text: str, language: Language) -> None:
    assert not is_seed_echo(text, language)


def test_hand_written_instructions_are_no_echo_of_the_question_for_them(root: Path) -> None:
    for pack in sorted((root / "prompts").glob("*/instructions.yaml")):
        hand = yaml_files.load(pack, Instructions).instructions
        tasks = {task.id: task for task in yaml_files.load(pack.with_name("tasks.yaml"), Tasks).tasks}
        for item in hand:
            language, task = item.language, tasks[item.task]
            requirement = next(one for one in task.requirements if one.id == item.requirement)
            like = [one.text for one in hand if (one.task, one.language) == (item.task, language) and one != item]
            shown = SHOWN[language] | {
                "task": task.name[language],
                "task_description": task.description[language],
                "requirement": requirement.text[language],
                "examples": "\n".join(f"- {text}" for text in like),
            }
            asked = SEED.get("instruction", language)
            assert not is_echo(item.text, asked, asked.render(**shown)), item.id

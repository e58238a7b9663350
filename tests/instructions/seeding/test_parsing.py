from pathlib import Path

import pytest

from stages.chat.messages import Reply, parse
from stages.core import yaml_files
from stages.core.dropped import Reason
from stages.core.row import Language
from stages.instructions.seeding.parsing import SeedDraft, is_echo
from stages.library.domain_pack import Instructions, Task, Tasks
from stages.library.meta_prompts import Library

ROOT = Path(__file__).parents[3]
SEED = Library(ROOT / "prompts" / "seed")
TASK = yaml_files.load(ROOT / "prompts" / "real_estate" / "tasks.yaml", Tasks).get("reasoning")
SHOWN: dict[Language, dict[str, object]] = {
    "en": {
        "task": "promise tracking",
        "task_description": "Follow each promise from the moment it is made to the moment it is kept or broken.",
        "requirement": "Name the person who has to act next on every open promise.",
        "scene": "moving house",
        "role": "removal firm",
        "excerpt": "",
        "examples": "- Read the call and write down what the mover promises about breakages, and whether he puts it in writing.",
        "manner": "order",
        "low": 10,
        "high": 30,
        "formats": "list, json",
    },
    "zh": {
        "task": "承诺跟踪",
        "task_description": "逐条跟踪对话中作出的承诺，从提出直到兑现或落空。",
        "requirement": "写明每一项未完成承诺接下来由谁办理。",
        "scene": "搬家",
        "role": "搬家公司",
        "excerpt": "",
        "examples": "- 请通读本次通话，写下搬家师傅对物品损坏作出的承诺以及是否同意写进合同。",
        "manner": "order",
        "low": 20,
        "high": 60,
        "formats": "list, json",
    },
}


def read(answer: str) -> SeedDraft | Reason:
    return parse(Reply(row="r", text=answer, finish="stop"), SeedDraft)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ('{"instruction": "List the needs."}', "List the needs."),
        ('Sure! {"instruction": "New instruction: \\"List  the\\nneeds.\\"", "fields": null} Done.', "List the needs."),
        ('```json\n{"instruction": "请归纳客户需求。", "fields": []}\n```', "请归纳客户需求。"),
        ('{"instruction": "改写后的指令：请归纳客户需求。"}', "请归纳客户需求。"),
        ('{"instruction": "“他为什么生气？”", "note": "x"}', "他为什么生气？"),
        ('{"instruction": "请列出费用，没有的写“未提及”"}', "请列出费用，没有的写“未提及”"),
    ],
)
def test_the_text_is_read_out_of_an_answer(answer: str, text: str) -> None:
    found = read(answer)
    assert isinstance(found, SeedDraft) and found.instruction == text


@pytest.mark.parametrize(
    "answer",
    [
        "List the needs.",
        "指令：请归纳客户需求。",
        '{"instruction": ""}',
        '{"instruction": "New instruction:"}',
        '{"instruction": ["a"]}',
        '{"fields": ["a"]}',
        '{"instruction": "List the needs.", "fields": "a, b"}',
        '{"instruction": "List the needs.", "formats": [["list"]], "fields": {}}',
        '{"instruction": "List the',
    ],
)
def test_an_answer_that_is_not_the_object_is_unparsable(answer: str) -> None:
    assert read(answer) is Reason.UNPARSABLE


def test_names_are_bare_unique_and_not_sentences() -> None:
    found = read(
        '{"instruction": "x", "fields": ["Move-in date", "- rent.", "rent", 7, "'
        + "long " * 10
        + '"], "labels": ["“高”", "低"]}'
    )
    assert isinstance(found, SeedDraft)
    assert (found.fields, found.labels) == (("Move-in_date", "rent", "7"), ("高", "低"))


def test_keys_that_only_blanks_told_apart_are_one() -> None:
    found = read('{"instruction": "x", "fields": ["move in", "move_in", "rent"]}')
    assert isinstance(found, SeedDraft) and found.fields == ("move_in", "rent")


def fitted(
    formats: str, fields: str = "", labels: str = "", task: Task = TASK
) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    draft = SeedDraft.model_validate(
        {"instruction": "x", "fields": fields.split(), "labels": labels.split(), "formats": formats.split()}
    )
    made = draft.fitted(task)
    return (made.formats, made.labels) if made else None


def test_forms_that_do_not_fit_are_dropped_and_without_any_left_there_is_no_instruction() -> None:
    assert fitted("paragraph list label", labels="high low") == (("label", "list", "paragraph"), ("high", "low"))
    assert fitted("list label", labels="high") == (("list",), ())
    assert fitted("list", labels="high low") == (("list",), ())
    assert fitted("json table list", fields="risk") == (("list", "json", "table"), ())
    assert fitted("json table list") == (("list",), ())
    assert fitted("json table") is None
    assert fitted("message prose") is None  # not a form of this task; no form at all
    assert fitted("") is None


def is_seed_echo(text: str, language: Language) -> bool:
    asked = SEED.get("instruction", language)
    return is_echo(text, asked, asked.render(**SHOWN[language]))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Task: Track the promises in this call and say who keeps them.", "en"),
        ("Kind of task: promise tracking.", "en"),
        ("**Task type:** Tell the analyst which promises of this call are open.", "en"),
        ("Follow each promise from the moment it is made to the moment it is kept or broken.", "en"),
        ("It must cover: who acts next in the conversation.", "en"),
        ("Name the person who has to act next on every open promise in this conversation.", "en"),
        (
            "Read the call and write down what the mover promises about breakages, and whether he puts it in writing.",
            "en",
        ),
        ("Take up what people in such talks really deal with, and name it.", "en"),
        ("任务类型：承诺跟踪。请梳理本次通话。", "zh"),
        ("任务：请梳理本次通话中的承诺。", "zh"),
        ("逐条跟踪对话中作出的承诺，从提出直到兑现或落空。", "zh"),
        ("写明每一项未完成承诺接下来由谁办理。", "zh"),
        ("请通读本次通话，写下搬家师傅对物品损坏作出的承诺以及是否同意写进合同。", "zh"),
        ("抓住这类沟通中真正在谈的事，同时也适用于其他对话，写明客户的预算。", "zh"),
    ],
)
def test_what_was_shown_is_no_new_instruction(text: str, language: Language) -> None:
    assert is_seed_echo(text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("For each promise in this call, quote it, give its date and name the person who has to act next.", "en"),
        (
            "Go through the talk about the piano: what did the mover promise, what is still open, and who acts next?",
            "en",
        ),
        ("Promises still open?", "en"),
        ("请找出师傅在电话里答应客户的每件事，注明日期，并说明接下来由谁办理。", "zh"),
        ("还有哪些没兑现？", "zh"),
    ],
)
def test_a_new_instruction_may_take_up_what_it_must_cover(text: str, language: Language) -> None:
    assert not is_seed_echo(text, language)


@pytest.mark.slow
def test_hand_written_instructions_are_no_echo_of_the_question_for_them() -> None:
    for pack in sorted((ROOT / "prompts").glob("*/instructions.yaml")):
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

"""Rows that somebody writes: what is right is stored with its prompt, what is wrong is said by line and stored nowhere."""

import json
from pathlib import Path
from typing import Any

import pytest

from stages.cli import cards
from stages.cli.test_rows import Taken, take_instructions, take_rows, talks
from stages.cli.test_set_check import mark_faults, statement_faults
from stages.cli.test_version import StoredVersion
from stages.core import yaml_files
from stages.core.errors import InputError
from stages.library.domain_pack import Tasks
from stages.rows.dialogue import Dialogue
from stages.rows.instruction import Ask
from stages.rows.sample import Reference

PACK = Path(__file__).parents[2] / "prompts/real_estate"
TALKS = [
    Dialogue.model_validate(
        {
            **{"id": key, "key": f"k-{key}", "language": language, "scene": "renting"},
            **{"source": "im_messages", "role": "home_advisor"},
            "turns": [{"party": "customer", "text": asked}, {"party": "provider", "text": told}],
        }
    )
    for key, language, asked, told in (
        ("d1", "en", "What is the rent, and who lets me in?", "1,450 a month. The caretaker opens on Monday at two."),
        ("d2", "zh", "租金多少？谁来开门？", "每月两千九，周一下午物业开门。"),
    )
]
ASKED: list[dict[str, Any]] = [
    {
        **{"key": "access", "language": "en", "task": "information_extraction", "requirement": "viewing_access"},
        **{"text": "Say who opens and when.", "fields": ["who", "when"], "formats": ["json", "key_values"]},
    },
    {
        **{"key": "开门", "language": "zh", "task": "information_extraction", "requirement": "viewing_access"},
        **{"text": "写明由谁开门、什么时候。", "fields": ["开门人", "时间"], "formats": ["key_values"]},
    },
    {
        **{"key": "mood", "language": "en", "task": "information_extraction", "requirement": "customer_emotion"},
        **{"text": "Name the customer's mood.", "labels": ["calm", "angry"], "formats": ["label"]},
    },
]
ROWS: list[dict[str, Any]] = [
    {
        **{"dialogue": "k-d1", "instruction": "access", "form": "key_values", "author": "Kim"},
        "answer": "who: the caretaker\nwhen: Monday at two",
        "facts": [
            {"says": "The caretaker opens.", "keys": [["caretaker"]]},
            {"says": "On Monday.", "keys": [["Monday"]]},
        ],
        "wrong": [{"says": "On Tuesday.", "keys": [["Tuesday"]]}],
    },
    {
        **{"dialogue": "d2", "instruction": "开门", "form": "key_values", "author": "Kim"},
        "answer": "开门人：物业\n时间：周一下午",
        "facts": [{"says": "由物业开门。", "keys": [["物业"]]}],
    },
    {"dialogue": "d1", "instruction": "mood", "form": "label", "answer": "calm", "author": "Kim"},
]


def written(path: Path, lines: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a version that has the instructions and no rows yet."""
    (tmp_path / "v").mkdir()
    taken = take_instructions(written(tmp_path / "asked", ASKED), tmp_path / "v", PACK)
    assert taken == Taken(tmp_path / "v/instructions.jsonl", 3, 0, 3, [])
    return tmp_path / "v"


def rows(folder: Path, lines: list[dict[str, Any]], **options: bool) -> Taken:
    return take_rows(written(folder.parent / "rows", lines), folder, PACK, TALKS, **options)


def test_instructions_get_ids_and_the_mark_of_what_training_never_asks(folder: Path) -> None:
    stored = StoredVersion.read(folder).instructions
    assert [(row.key, row.unseen) for row in stored.values()] == [("access", True), ("开门", True), ("mood", False)]
    assert list(mark_faults(stored.values(), yaml_files.load(PACK / "tasks.yaml", Tasks))) == []
    wrong = [row.model_copy(update={"unseen": not row.unseen}) for row in stored.values()]
    lines = list(mark_faults(wrong, yaml_files.load(PACK / "tasks.yaml", Tasks)))
    assert len(lines) == 3 and 'lacks "unseen": true' in lines[0] and "is marked unseen" in lines[2]


def test_rows_are_stored_with_their_prompts_and_kept_when_they_come_again(folder: Path) -> None:
    assert rows(folder, ROWS)[1:] == (3, 0, 3, [])
    stored = StoredVersion.read(folder)
    assert [row.dialogue for row in stored.prompts] == ["d1", "d2", "d1"]
    assert all(row.part("narrative") and stored.references[row.pair].author == "Kim" for row in stored.prompts)
    better = ROWS[0] | {"answer": "who: the caretaker\nwhen: Monday, at two"}
    assert rows(folder, [better])[1:] == (0, 1, 3, [])
    after = StoredVersion.read(folder)
    assert after.prompts == stored.prompts and "Monday, at two" in after.references[stored.prompts[0].pair].answer


@pytest.mark.parametrize(
    ("row", "changes", "expected"),
    [
        (0, {"dialogue": "k-d9"}, "names no held-out conversation"),
        (0, {"instruction": "exit"}, "names no stored instruction"),
        (0, {"form": "table"}, "wants the form table; the instruction allows json, key_values"),
        (0, {"dialogue": "d2"}, "does not fit: the instruction is for en"),
        (0, {"answer": ""}, "has no answer; write one"),
        (0, {"answer": "the caretaker, Monday"}, "has an answer that is no key_values with who, when"),
        (2, {"answer": "happy"}, "has an answer that is no label with calm, angry"),
        (2, {"facts": ROWS[0]["facts"]}, "has facts, and a bare label states none"),
        (0, {"answer": "who: the caretaker\nwhen: at two"}, 'its own answer does not state by any of "Monday"'),
        (0, {"wrong": [{"says": "x", "keys": [["Monday"]]}]}, 'has the near miss "x", which its own answer states'),
        (0, {"answer": "who: the caretaker\nwhen: Monday at 7:15"}, "has the figure 7:15 in its answer"),
        (
            1,
            {"answer": "开门人：物业\n时间：周二", "facts": [{"says": "周二。", "keys": [["周二"]]}]},
            'of which the conversation lacks any of "周二"',
        ),
        (0, {"facts": ROWS[0]["facts"][:1] * 2}, "twice; take one out"),
        (0, {"facts": []}, "has near misses and no facts"),
    ],
)
def test_what_is_wrong_is_said_by_line_and_nothing_is_stored(
    folder: Path, row: int, changes: dict[str, Any], expected: str
) -> None:
    lines = [*ROWS[:row], ROWS[row] | changes, *ROWS[row + 1 :]]
    faults = rows(folder, lines).faults
    assert faults and all(line.startswith(f"{folder.parent / 'rows'}:{row + 1}: ") for line in faults)
    assert any(expected in line for line in faults), faults
    assert StoredVersion.read(folder).prompts == []


def test_a_derived_fact_need_not_be_said_and_its_figures_are_no_faults(folder: Path) -> None:
    derived = {"says": "17,400 a year.", "keys": [["17,400"]], "derived": True}
    row = ROWS[0] | {"answer": "who: the caretaker\nwhen: Monday; 17,400 a year"}
    assert "has the figure 17,400" in rows(folder, [row]).faults[0]
    assert rows(folder, [row | {"facts": [*ROWS[0]["facts"], derived]}]).faults == []


def test_the_same_row_twice_is_refused_and_a_check_stores_nothing(folder: Path) -> None:
    (fault,) = rows(folder, [*ROWS, ROWS[0] | {"dialogue": "d1"}]).faults
    assert ":4: d1 × access is line 1 once more" in fault
    assert rows(folder, ROWS, check_only=True).faults == []
    assert StoredVersion.read(folder).prompts == []


def test_a_line_is_counted_with_the_blank_ones_before_it(folder: Path) -> None:
    source = folder.parent / "rows"
    source.write_text("\n\n" + json.dumps(ROWS[0] | {"answer": ""}) + "\n", encoding="utf-8")
    (fault,) = take_rows(source, folder, PACK, TALKS).faults
    assert fault.startswith(f"{source}:3: ")


def test_an_instruction_that_rows_ask_is_not_replaced(folder: Path) -> None:
    rows(folder, ROWS)
    changed = written(folder.parent / "again", [ASKED[0] | {"text": "Say who opens."}])
    (fault,) = take_instructions(changed, folder, PACK).faults
    assert "access is stored with another text, and rows ask it" in fault
    changed = written(
        folder.parent / "bad", [ASKED[0] | {"key": "new", "text": "Who opens?", "requirement": "nothing"}, ASKED[1]]
    )
    (fault,) = take_instructions(changed, folder, PACK).faults
    assert "names requirement nothing" in fault and len(StoredVersion.read(folder).instructions) == 3


def test_the_same_instructions_again_add_none(folder: Path) -> None:
    before = (folder / "instructions.jsonl").read_bytes()
    assert take_instructions(written(folder.parent / "again", ASKED), folder, PACK)[1:] == (0, 0, 3, [])
    assert (folder / "instructions.jsonl").read_bytes() == before
    changed = [ASKED[0] | {"text": "Say who opens."}, ASKED[0] | {"key": "new", "text": "Say when."}]
    assert take_instructions(written(folder.parent / "other", changed), folder, PACK)[1:] == (1, 1, 4, [])


def test_a_stored_text_under_another_key_takes_its_place_unless_rows_ask_it(folder: Path) -> None:
    again = written(folder.parent / "again", [ASKED[0] | {"key": "entry", "formats": ["key_values"]}])
    assert take_instructions(again, folder, PACK)[1:] == (0, 1, 3, [])
    assert [row.key for row in StoredVersion.read(folder).instructions.values()].count("access") == 0
    asked = [ROWS[0] | {"instruction": "entry"}]
    assert rows(folder, asked).faults == []
    before = (folder / "instructions.jsonl").read_bytes()
    (fault,) = take_instructions(written(folder.parent / "back", ASKED[:1]), folder, PACK).faults
    assert "back: access has the language, task and text of the stored entry, which rows ask, and differs" in fault
    assert (folder / "instructions.jsonl").read_bytes() == before


def test_conversations_are_shown_by_key_or_id_and_a_name_that_none_has_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cards, "held_out", lambda _: TALKS)
    assert [text.split(" ")[1] for text in talks("homes", ["k-d1", "d2"], None)] == ["k-d1", "k-d2"]
    assert [text.split(" ")[1] for text in talks("homes", [], "zh")] == ["k-d2"]
    with pytest.raises(
        InputError, match=r"^data/test/homes/dialogues\.jsonl: no held-out .* id d3; .* lists them all$"
    ):
        list(talks("homes", ["d1", "d3"], None))
    with pytest.raises(InputError, match=r"jsonl: in zh, no held-out conversation has the key or id k-d1;"):
        list(talks("homes", ["k-d1"], "zh"))


def test_a_line_that_is_no_row_is_named(folder: Path) -> None:
    with pytest.raises(InputError, match=r"rows:1: not a WrittenRow row: form: "):
        rows(folder, [ROWS[0] | {"form": "poem"}])


def test_stored_statements_are_checked_without_the_conversation() -> None:
    row = Reference.model_validate(
        {"id": "r", "author": "Kim", "answer": "1,450", "facts": [{"says": "x", "keys": [["1,540"]]}]}
    )
    (fault,) = statement_faults(row, Ask(kind="paragraph"))
    assert 'has the fact "x", which its own answer does not state by any of "1,540"' in fault

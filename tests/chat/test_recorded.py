import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from stages.chat import recorded
from stages.chat.messages import ANSWERS, Reply, TokenChoice
from stages.chat.recorded import Answer
from stages.core.errors import InputError


def answer(number: int, text: str = "", author: str = "m@1", date: str = "2026-11-28") -> Answer:
    reply = Reply(row="r", text=text or f"answer {number}", finish="stop", completion_tokens=3)
    return Answer.of(reply, key=f"{number:016x}", author=author, request="0" * 16, date=date)


def test_a_recorded_answer_comes_back_as_it_was_but_for_its_row(tmp_path: Path) -> None:
    choices = (TokenChoice(token="7", logprobs={"7": -0.1, "8": -2.5}),)
    reply = Reply(
        row="r", text=" 你好\u2028\r\n\x00", finish="length", prompt_tokens=4, completion_tokens=2, choices=choices
    )
    recorded.write([Answer.of(reply, key="a" * 16, author="m@1", request="b" * 16, date="2026-11-28")], tmp_path)
    assert recorded.load(tmp_path)["a" * 16].reply("r") == reply.model_copy(update={"recorded": True})


def test_a_segment_is_named_after_its_content(tmp_path: Path) -> None:
    paths = recorded.write([answer(2), answer(1, date="2026-11-30"), answer(3, author="org/m x@1")], tmp_path)
    digests = [hashlib.sha256(path.read_bytes()).hexdigest()[:12] for path in paths]
    assert [path.name for path in paths] == [
        f"m@1-20261130-{digests[0]}.jsonl",
        f"org_m_x@1-20261128-{digests[1]}.jsonl",
    ]
    assert [row.key for row in recorded.read(paths[0])] == [f"{1:016x}", f"{2:016x}"]


def test_the_same_answers_give_the_same_segment_in_any_order(tmp_path: Path) -> None:
    rows = [answer(number) for number in range(5)]
    assert recorded.write(rows, tmp_path) == recorded.write(reversed(rows), tmp_path)
    assert len(recorded.segments(tmp_path)) == 1
    assert recorded.write([], tmp_path) == []


def test_a_line_has_no_prompt_and_no_defaults(tmp_path: Path) -> None:
    [path] = recorded.write([answer(1)], tmp_path)
    assert set(json.loads(path.read_text())) == {
        "key",
        "author",
        "request",
        "text",
        "finish",
        "completion_tokens",
        "date",
    }


def test_segments_of_two_people_are_merged_by_lying_side_by_side(tmp_path: Path) -> None:
    recorded.write([answer(1), answer(2)], tmp_path)
    recorded.write([answer(2), answer(3)], tmp_path)
    assert sorted(recorded.load(tmp_path)) == [f"{number:016x}" for number in (1, 2, 3)]


def test_of_two_answers_the_one_in_the_segment_first_by_name_holds(tmp_path: Path) -> None:
    recorded.write([answer(1, "late", date="2026-12-01")], tmp_path)
    recorded.write([answer(1, "early", date="2026-11-01")], tmp_path)
    assert recorded.load(tmp_path)[f"{1:016x}"].text == "early"


def test_only_jsonl_counts(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# The card")
    (tmp_path / "x.jsonl.partial").write_text("half")
    assert recorded.load(tmp_path) == {} == recorded.load(tmp_path / "not there")


@pytest.mark.parametrize("finish", sorted({"filter", "context", "failed", "missing"} - set(ANSWERS)))
def test_a_failure_is_no_recorded_answer(finish: str) -> None:
    values = answer(1).model_dump() | {"finish": finish}
    with pytest.raises(ValueError, match="finish"):
        Answer.model_validate(values)


def _cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _edit(path: Path) -> None:
    path.write_text(path.read_text().replace("answer 1", "answer 7"))


def _rename(path: Path) -> None:
    path.rename(path.with_name(path.name.replace("20261128", "20200101")))


def _give_to_another(path: Path) -> None:
    path.rename(path.with_name(path.name.replace("m@1", "gpt@1")))


def _rename_freely(path: Path) -> None:
    path.rename(path.with_name("answers.jsonl"))


def _named_anew(path: Path, content: str) -> None:
    path.unlink()
    path.with_name(f"m@1-20261128-{hashlib.sha256(content.encode()).hexdigest()[:12]}.jsonl").write_text(content)


def _other_lines(path: Path) -> None:
    _named_anew(path, path.read_text() + '{"key": "k", "text": "secret"}\n')


def _key_twice(path: Path) -> None:
    _named_anew(path, path.read_text().replace('"text":"answer 2"', '"text":"secret","text":"answer 2"'))


def _two_authors(path: Path) -> None:
    _named_anew(path, path.read_text() + answer(5, author="n@1").model_dump_json() + "\n")


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (_cut, "damaged"),
        (_edit, "damaged"),
        (_rename, "renamed; its name is m@1-20261128-"),
        (_give_to_another, "renamed; its name is m@1-20261128-"),
        (_rename_freely, "damaged"),
        (_other_lines, r":3: no recorded answer"),
        (_key_twice, r":2: a key stands twice"),
        (_two_authors, "not the answers of one author"),
        (lambda path: _named_anew(path, ""), "not the answers of one author"),
    ],
)
def test_a_damaged_segment_is_one_line(tmp_path: Path, damage: Callable[[Path], None], expected: str) -> None:
    damage(recorded.write([answer(1), answer(2)], tmp_path)[0])
    with pytest.raises(InputError, match=expected) as caught:
        recorded.load(tmp_path)
    assert "\n" not in str(caught.value) and "secret" not in str(caught.value)


def test_a_segment_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        recorded.read(tmp_path / "m@1-20261128-0123456789ab.jsonl")

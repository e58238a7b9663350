"""Benchmark files of somebody's own: what cannot be asked, or told apart afterwards, is one line before anything runs."""

import json
from pathlib import Path

import pytest

from stages.cli.check import bench_faults
from stages.core.errors import InputError
from stages.evaluation.benchmarks import own_files

LAST = {"choices": ["in May", "in June", "in July", "never"], "answer": 1}


def data(folder: Path, **changes: object) -> Path:
    """Write two questions to ask, none to show, and two passages; the second of each is changed."""
    rows = [
        {"subject": "gardens", "language": "en", "question": "When is hay made?", "id": name, **LAST} for name in "ab"
    ]
    texts = [{"kind": "note", "language": "en", "text": "The hay is in.", "id": name} for name in "ab"]
    (folder / "small").mkdir()
    (folder / "small/dev.jsonl").write_text("")
    for place, two in (("small/test.jsonl", rows), ("general_text.jsonl", texts)):
        second = {**two[1], **{name: value for name, value in changes.items() if name in two[1]}}
        (folder / place).write_text("".join(json.dumps(row) + "\n" for row in (two[0], second)))
    return folder


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"choices": ["in May", "", "in July", "never"]}, "is blank; write it"),
        ({"choices": ["in May", " ", "in July", "never"]}, "is blank; write it"),
        ({"question": " "}, "is blank; write it"),
        ({"subject": ""}, "is blank; write it"),
        ({"choices": ["never", "in June", "in July", "never "]}, "two choices are the same"),
        ({"choices": ["never"]}, "choices.1: field required"),
        ({"answer": 4}, "answer: input should be less than or equal to 3"),
        ({"id": "a"}, "has the id and the subject of line 1; give each question an id of its own"),
    ],
)
def test_a_question_that_cannot_be_measured_is_named_by_its_line(
    tmp_path: Path, changes: dict[str, object], said: str
) -> None:
    folder = data(tmp_path, **changes)
    with pytest.raises(InputError) as refused:
        own_files.questions(folder, own_files.TEST)
    assert str(refused.value).startswith(f"{folder}/small/test.jsonl:2: ") and said in str(refused.value).casefold()


@pytest.mark.parametrize(
    ("changes", "said"), [({"text": "\n"}, "the text is blank"), ({"id": "a"}, "has the id and the kind of line 1")]
)
def test_a_passage_that_cannot_be_measured_is_named_by_its_line(
    tmp_path: Path, changes: dict[str, object], said: str
) -> None:
    folder = data(tmp_path, **changes)
    with pytest.raises(InputError, match=rf"general_text\.jsonl:2: {said}"):
        own_files.passages(folder)


def test_one_name_in_two_subjects_is_two_questions_and_none_to_ask_is_refused(tmp_path: Path) -> None:
    folder = data(tmp_path, id="a", subject="meadows", kind="story")
    assert [row.subject for row in own_files.questions(folder, own_files.TEST)] == ["gardens", "meadows"]
    assert len(own_files.passages(folder)) == 2 and own_files.questions(folder, "dev") == []
    (folder / "small/test.jsonl").write_text("")
    with pytest.raises(InputError, match="no question; write some, or take `small` out"):
        own_files.questions(folder, own_files.TEST)


def test_the_check_reads_what_is_asked_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / "data/bench").mkdir(parents=True)
    data(tmp_path / "data/bench", id="a")
    asked, others = ({"bench": {"suites": suites}} for suites in (["small"], ["mmlu"]))
    told = [line.removeprefix(f"{tmp_path}/data/bench/").partition(" ")[0] for line in bench_faults(asked, tmp_path)]
    assert told == ["general_text.jsonl:2:", "small/test.jsonl:2:"]
    assert len(list(bench_faults(others, tmp_path))) == 1


def test_the_shipped_files_are_whole(root: Path) -> None:
    assert list(bench_faults({"bench": {"suites": ["small"]}}, root)) == []
    assert len(own_files.questions(root / "data/bench", own_files.TEST)) == 180

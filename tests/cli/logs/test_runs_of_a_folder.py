"""Several runs in one folder, as lm-eval makes them where two models share a name: told apart and chosen by their dates."""

import json
from pathlib import Path

import pytest

from stages.cli.logs.pairing import paired
from stages.cli.logs.run import Run, read
from stages.core.errors import InputError

FIRST, SECOND = "2025-10-14T14-44-39.372006", "2025-10-14T15-11-56.507865"
TASKS = ("pro_law", "pro_art")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two runs of a group of two tasks, invented, as lm-eval logs MMLU-Pro: generated answers, read through a filter of the task's own."""
    for date, group, right in ((FIRST, "pro", 1.0), (SECOND, "pro_plus", 0.0)):
        for task in TASKS:
            rows = [_row(number, right) for number in (0, 6, 7)]
            text = "".join(json.dumps(row) + "\n" for row in rows)
            (tmp_path / f"samples_{task}_{date}.jsonl").write_text(text)
        summary = {"groups": {group: {}}, "group_subtasks": {group: list(TASKS)}}
        (tmp_path / f"results_{date}.json").write_text(json.dumps(summary))
    return tmp_path


def _row(number: int, right: float) -> dict[str, object]:
    return {
        "doc_id": number,
        "doc": {"question_id": 100 + number, "options": ["red", "blue"], "answer": "B", "answer_index": 1},
        "target": "B",
        "arguments": {"gen_args_0": {"arg_0": "Q", "arg_1": {"until": ["Question:"]}}},
        "filtered_resps": ["B" if right else "A"],
        "filter": "custom-extract",
        "metrics": ["exact_match"],
        "exact_match": right,
    }


def run(folder: Path, date: str) -> Run:
    return read(Path(f"{folder}@{date}"), None, "")


@pytest.mark.parametrize("beginning", [FIRST, "2025-10-14T14", "2025-10-14T14:44:39"])
def test_the_beginning_of_a_date_chooses_a_run(folder: Path, beginning: str) -> None:
    found = run(folder, beginning).items
    assert [(key.suite, key.subject, key.formulation, key.item) for key in found] == [
        ("pro", task, "custom-extract", item) for task in sorted(TASKS) for item in ("0", "6", "7")
    ]
    assert {item.right for item in found.values()} == {1.0}


def test_each_run_has_the_groups_of_its_own_summary(folder: Path) -> None:
    assert {key.suite for key in run(folder, SECOND).items} == {"pro_plus"}
    (folder / f"results_{SECOND}.json").unlink()
    assert {key.suite for key in run(folder, SECOND).items} == {"pro"}


def test_two_runs_of_one_folder_are_paired(folder: Path) -> None:
    (folder / f"results_{SECOND}.json").unlink()
    both = paired(run(folder, FIRST), run(folder, SECOND)).items
    assert [(pair.base.right, pair.model.right) for _, pair in both] == [(1.0, 0.0)] * 6


def test_runs_that_lie_together_are_named_with_the_way_to_choose(folder: Path) -> None:
    (folder / f"results_{SECOND}.json").unlink()
    for place in (folder, Path(f"{folder}@2025-10")):
        with pytest.raises(InputError) as caught:
            read(place, None, "")
        assert str(caught.value).startswith(f"{place}: 6 items (pro pro_art custom-extract 0, ")
        assert str(caught.value).endswith(f"twice; runs of {FIRST}, {SECOND} lie there; name one, as {folder}@{FIRST}")


def test_a_run_that_is_not_there_is_refused_with_those_that_are(folder: Path) -> None:
    with pytest.raises(InputError, match=f"no run of 2024; runs there: {FIRST}, {SECOND}"):
        run(folder, "2024")
    (folder / "own").mkdir()
    (folder / "own/a.jsonl").write_text('{"item": 1, "right": 1}\n')
    with pytest.raises(InputError, match=r"own: no run of 2025; runs there: none, as no log's name has a date"):
        run(folder / "own", "2025")
    for place in ("nothing", "nothing@2025", "@2025"):
        with pytest.raises(InputError, match=f"^{place}: not there; expected a log"):
            read(Path(place), None, "")


def test_a_name_with_an_at_is_read_as_it_stands(tmp_path: Path) -> None:
    for name in ("model", "model@main"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.jsonl").write_text(json.dumps({"item": name, "right": 1}) + "\n")
    assert [key.item for key in read(tmp_path / "model@main", None, "").items] == ["model@main"]

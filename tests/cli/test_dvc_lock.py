"""Which stages of a revision are due, by its dvc.lock, dvc.yaml and params.yaml alone."""

from pathlib import Path

import pytest

from stages.cli.dvc_lock import due, maker, up_to
from stages.cli.revision import Revision
from tests.support.versioned import Versioned


@pytest.fixture
def repository(tmp_path: Path) -> Versioned:
    made = Versioned(tmp_path)
    made.params({"a": {"x": 1, "seed": 1}, "c": 3, "models": {"qwen": {}}})
    made.made("first", {"one.jsonl": [1]}, {"a.x": 1}, cached=False)
    made.made("second", {"out/two.json": {}}, cached=False)
    made.made("third", {"three.json": {}}, {"c": 3}, cached=False)
    made.commit("refs/tags/whole")
    return made


def test_a_whole_run_has_nothing_due(repository: Versioned) -> None:
    assert due(Revision("whole", repository.root)) == []


def test_a_changed_param_makes_its_stage_and_what_follows_due_and_no_other(repository: Versioned) -> None:
    repository.params({"a": {"x": 1, "seed": 2}, "c": 4})
    assert due(Revision(root=repository.root)) == ["third"]  # nobody reads a.seed
    repository.params({"a": {"x": 2}, "c": 3})
    assert due(Revision(root=repository.root)) == ["first", "second", "third"]


def test_another_file_of_an_earlier_stage_makes_what_read_it_due(repository: Versioned) -> None:
    repository.made("first", {"one.jsonl": [2]}, {"a.x": 1}, cached=False)
    assert due(Revision(root=repository.root)) == ["second", "third"]
    assert due(Revision("whole", repository.root)) == []


def test_a_stage_that_reads_the_folder_of_another_one_follows_it(repository: Versioned) -> None:
    repository.stages["report"] = {"cmd": "x", "deps": [{"path": "out", "md5": "f.dir"}], "outs": []}
    repository.lock()
    repository.made("first", {"one.jsonl": [2]}, {"a.x": 1}, cached=False)
    assert "report" in due(Revision(root=repository.root))


def test_what_never_ran_is_due(repository: Versioned) -> None:
    graph = "stages:\n  first: {cmd: x}\n  more: {foreach: {base: {}}, do: {cmd: x}}\n  other: {foreach: '${models}', do: {cmd: x}}\n"
    repository.write("dvc.yaml", graph)
    revision = Revision(root=repository.root)
    assert due(revision) == ["more@base", "other@qwen"]
    assert up_to(revision, "") == {"first", "second", "third", "more@base", "other@qwen"}


def test_what_an_item_left_that_was_taken_out_is_neither_due_nor_wanted(repository: Versioned) -> None:
    repository.write("dvc.yaml", "stages:\n  first: {cmd: x}\n  other: {foreach: '${models}', do: {cmd: x}}\n")
    for item in ("qwen", "gone"):
        repository.made(f"other@{item}", {f"scores/{item}.json": {}}, {f"models.{item}": {}}, cached=False)
    repository.stages["report"] = {"cmd": "x", "deps": [{"path": "scores", "md5": "f.dir"}], "outs": []}
    repository.lock()
    revision = Revision(root=repository.root)  # its params.yaml has the model qwen alone
    assert due(revision) == [] and "other@gone" not in up_to(revision, "")
    repository.params({"a": {"x": 1, "seed": 1}, "c": 3, "models": {"qwen": {"source": "new"}}})
    assert due(Revision(root=repository.root)) == ["other@qwen", "report"]


def test_a_stage_needs_those_before_it_and_a_file_has_a_maker(repository: Versioned) -> None:
    revision = Revision("whole", repository.root)
    assert up_to(revision, "second") == {"first", "second"} and up_to(revision, "never") == set()
    assert (maker(revision, "out/two.json"), maker(revision, "params.yaml")) == ("second", "")

"""Copies of the repository that benchmarks work in."""

import shutil
from argparse import Namespace
from pathlib import Path

import pytest

from benchmarks import paper_size, workspace


def test_a_copy_that_was_killed_does_not_pass_for_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "root/data/raw/homes").mkdir(parents=True)
    for name in ("a.jsonl", "b.jsonl"):
        (tmp_path / "root/data/raw/homes" / name).write_text(name)
    monkeypatch.setattr(workspace, "ROOT", tmp_path / "root")
    monkeypatch.setattr(workspace, "TAKEN", ("data/raw",))
    copied = shutil.copy2

    def killed(source: str, target: str) -> None:
        if Path(source).name == "b.jsonl":
            raise KeyboardInterrupt
        copied(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(shutil.copytree, "__defaults__", (False, None, killed, False, False))
        with pytest.raises(KeyboardInterrupt):
            workspace.prepare(tmp_path / "work", {})
    assert not (tmp_path / "work/data/raw").exists()
    monkeypatch.setattr("benchmarks.workspace.subprocess.run", lambda *_, **__: None)
    monkeypatch.setattr(workspace, "write_params", lambda *_: None)
    workspace.prepare(tmp_path / "work", {}, answers=True)
    assert [path.name for path in sorted((tmp_path / "work/data/raw/homes").iterdir())] == ["a.jsonl", "b.jsonl"]


def test_a_workspace_without_the_papers_params_is_prepared_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "root/data/review").mkdir(parents=True)
    (tmp_path / "root/params.yaml").write_text("llm: {generator: {}, judge: {}}\nsample: {}\n")
    monkeypatch.setattr(paper_size, "ROOT", tmp_path / "root")
    monkeypatch.setattr(
        "benchmarks.paper_size.subprocess.run", lambda words, cwd, check: (cwd / ".dvc").mkdir(exist_ok=True)
    )
    options = Namespace(concurrency=1, rows=9, population=0, dialogues=None)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("benchmarks.paper_size.profile.write", killed)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            paper_size.prepare(tmp_path / "work", options, "http://127.0.0.1:1/v1")
    written: list[str] = []
    monkeypatch.setattr("benchmarks.paper_size.profile.write", lambda name, _: written.append(name))
    for _ in range(2):
        paper_size.prepare(tmp_path / "work", options, "http://127.0.0.1:1/v1")
    assert written == ["paper"]

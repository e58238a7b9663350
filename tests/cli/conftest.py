"""A small repository whose params, pack, prompts and reviews are right, for tests to spoil."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

GRAPH = """\
stages:
  curate:
    cmd: python -m stages.instructions.curate
    params: [curate]
    outs: [a.txt]
  assemble:
    cmd: python -m stages.prompting.assemble
    params: [assemble, llm.generator]
    outs: [train.txt]
"""
PARAMS = """\
domain: real_estate
curate: {min_words: 8, max_words: 160, redundancy: 0.95, undecided: screen}
assemble: {brief: 0.75, templates: 0, max_tokens: 1000, seed: 1}
llm:
  generator:
    backend: transformers
    model: base
    temperature: 0.0
    top_p: 1.0
"""

Spoil = Callable[[str, str, str], None]


@pytest.fixture
def repository(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the repository and go there."""
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc/config").write_text(f"[core]\n    analytics = false\n    site_cache_dir = {tmp_path}/.dvc/site\n")
    (tmp_path / "dvc.yaml").write_text(GRAPH)
    (tmp_path / "params.yaml").write_text(PARAMS)
    (tmp_path / ".dvcignore").write_text("__pycache__/\n")
    shutil.copytree(root / "prompts", tmp_path / "prompts")
    (tmp_path / "data/review").mkdir(parents=True)
    for name in ("curate", "answers"):
        (tmp_path / f"data/review/{name}.jsonl").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_STAGE", raising=False)
    return tmp_path


@pytest.fixture
def spoil(repository: Path) -> Spoil:
    """Replace a text in one of its files, once."""

    def replace(path: str, old: str, new: str) -> None:
        text = (repository / path).read_text(encoding="utf-8")
        assert old in text
        (repository / path).write_text(text.replace(old, new, 1), encoding="utf-8")

    return replace

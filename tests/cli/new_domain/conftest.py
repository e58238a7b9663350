"""A repository without conversations, and twelve invented ones of a veterinary practice to draft a domain from."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from ruamel.yaml import YAML

TALKS = Path(__file__).with_name("veterinary.jsonl")
NAME = "veterinary"
Set = Callable[..., None]


@pytest.fixture
def place(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder; it is the current one."""
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc/config").write_text(f"[core]\n    analytics = false\n    site_cache_dir = {tmp_path}/.dvc/site\n")
    for name in ("params.yaml", "dvc.yaml"):
        shutil.copy(root / name, tmp_path)
    for name in ("prompts", "data/calibration", "data/bench"):
        shutil.copytree(root / name, tmp_path / name)
    for name in ("curate", "screen", "judge", "answers", "prompts", "personal"):
        (tmp_path / "data/review").mkdir(exist_ok=True, parents=True)
        (tmp_path / f"data/review/{name}.jsonl").touch()
    (tmp_path / "data/raw").mkdir()
    (tmp_path / "data/raw/pii_gold.jsonl").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_STAGE", raising=False)
    return tmp_path


@pytest.fixture
def settings(place: Path) -> Set:
    """Set params of its params.yaml, by dotted keys."""

    def change(**values: object) -> None:
        path, writer = place / "params.yaml", YAML()
        tree = writer.load(path.read_text(encoding="utf-8"))
        for key, value in values.items():
            *above, last = key.split("__")
            inner = tree
            for name in above:
                inner = inner[name]
            inner[last] = value
        writer.dump(tree, path)

    return change

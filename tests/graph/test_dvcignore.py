"""What an editor leaves beside a module is none of DVC's business."""

import shutil
import subprocess
from contextlib import chdir
from pathlib import Path

import pytest
from dvc.repo import Repo

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:dvc")

LEFTOVERS = [
    ".row.py.swp",  # Vim
    ".row.py.swo",
    "row.py~",
    "4913",  # Vim tries with it whether it may write in the folder
    ".#row.py",  # Emacs
    "#row.py#",
    "row.py.bak",
    "row.py.orig",  # merges
    "row.py.rej",
    "row.py.tmp",
    ".~lock.row.csv#",  # LibreOffice
    ".ipynb_checkpoints/row.ipynb",
    ".idea/workspace.xml",
    ".vscode/settings.json",
    ".ruff_cache/0/1",
    "__pycache__/row.cpython-311.pyc",
    "row.jsonl.partial",
    ".DS_Store",
]


@pytest.fixture
def counted(root: Path, tmp_path: Path) -> Path:
    """Make a repository with this one's .dvcignore and a stage that depends on a folder of code; it is up to date."""
    subprocess.run(["git", "init", "-q", "--template="], cwd=tmp_path, check=True)
    shutil.copy(root / ".dvcignore", tmp_path)
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc/config").write_text(f"[core]\n    analytics = false\n    site_cache_dir = {tmp_path}/.dvc/site\n")
    (tmp_path / "stages/rows").mkdir(parents=True)
    (tmp_path / "stages/rows/row.py").write_text("Row = 1\n")
    (tmp_path / "dvc.yaml").write_text(
        "stages:\n  count:\n    cmd: echo 1 > count.txt\n    deps: [stages/rows]\n    outs: [count.txt]\n"
    )
    with chdir(tmp_path), Repo() as repo:
        repo.reproduce()
    return tmp_path


def test_an_editors_leftovers_change_no_stage(counted: Path) -> None:
    for name in LEFTOVERS:
        leftover = counted / "stages/rows" / name
        leftover.parent.mkdir(parents=True, exist_ok=True)
        leftover.write_text("left")
    with chdir(counted), Repo() as repo:
        assert repo.status() == {}


@pytest.mark.parametrize("name", ["box.py", "rows.yaml", "tmp.py", "lock.json"])
def test_a_new_file_changes_the_stage(counted: Path, name: str) -> None:
    (counted / "stages/rows" / name).write_text("new")
    with chdir(counted), Repo() as repo:
        assert repo.status() == {"count": [{"changed deps": {"stages/rows": "modified"}}]}

"""docs/architecture.md names files that exist, and every folder of the code."""

import re
from pathlib import Path

import pytest

FILE = re.compile(r"`((?:stages|prompts|tests|docs)/[\w./-]+\.\w+)`")
FOLDER = re.compile(r"^\| `([\w/]+)/` \|", re.MULTILINE)


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_every_file_that_the_page_names_exists(root: Path, page: str) -> None:
    named = FILE.findall(page)
    assert len(named) >= 20
    assert [path for path in named if not (root / path).is_file()] == []


def test_the_tree_has_a_line_for_every_folder_and_no_other(root: Path, page: str) -> None:
    folders = [path for path in (root / "stages").rglob("*") if path.is_dir() and any(path.glob("*.*"))]
    named = sorted(path.relative_to(root / "stages").as_posix() for path in folders if path.name != "__pycache__")
    assert sorted(FOLDER.findall(page)) == named

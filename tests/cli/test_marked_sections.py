"""Stretches of a Markdown file between two comments."""

from pathlib import Path

import pytest

from stages.cli.marked_sections import MarkedFile
from stages.core.errors import InputError

TEXT = "# Card\n\n<!-- a -->\n\n| 1 |\n\n<!-- end of a -->\n\nAfter.\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "README.md").write_text(TEXT)
    return tmp_path / "README.md"


def test_a_stretch_is_read_with_the_number_of_its_first_line(path: Path) -> None:
    card = MarkedFile(path)
    assert (card.stretch("a"), card.line("a")) == ("| 1 |", 5)


def test_what_is_put_is_read_again_and_the_rest_stays(path: Path) -> None:
    card = MarkedFile(path)
    card.put("a", "| 2 |")
    card.write()
    assert path.read_text() == TEXT.replace("1", "2")
    card.put("a", "| 1 |")
    card.write()
    assert path.read_text() == TEXT


@pytest.mark.parametrize("name", ["b", "A"])
def test_a_missing_comment_is_named(path: Path, name: str) -> None:
    with pytest.raises(InputError, match=f"no lines <!-- {name} -->"):
        MarkedFile(path).stretch(name)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not there"):
        MarkedFile(tmp_path / "README.md")


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    (path := tmp_path / "README.md").write_bytes("# 对话".encode("gbk"))
    with pytest.raises(InputError, match=r"README\.md: not UTF-8 at byte 2; save it as UTF-8"):
        MarkedFile(path)

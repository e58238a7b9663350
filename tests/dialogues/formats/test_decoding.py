"""Bytes as text: what Windows writes, and what is no text."""

import codecs
from pathlib import Path

import pytest

from stages.core.errors import InputError
from stages.dialogues.formats.decoding import text_of

CHINESE = "会话,内容\n一,您好，这套房还在吗？朝南的两室，月租4,500元，“押一付三”。\n"


def text(folder: Path, raw: bytes) -> str:
    (folder / "a.csv").write_bytes(raw)
    return text_of(folder / "a.csv")


@pytest.mark.parametrize(
    "raw",
    [
        CHINESE.encode(),
        CHINESE.encode("utf-8-sig"),
        CHINESE.encode("utf-16"),
        codecs.BOM_UTF16_BE + CHINESE.encode("utf-16-be"),
        CHINESE.encode("utf-16-le"),
        CHINESE.encode("utf-32"),
        CHINESE.encode("gb18030"),
        CHINESE.encode("gbk"),
        CHINESE.replace("\n", "\r\n").encode("gb18030"),
        CHINESE.replace("\n", "\r").encode(),
    ],
    ids=["utf-8", "bom", "utf-16", "utf-16-be", "utf-16 without bom", "utf-32", "gb18030", "gbk", "crlf", "cr"],
)
def test_what_is_read(tmp_path: Path, raw: bytes) -> None:
    assert text(tmp_path, raw) == CHINESE


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "move it away"),
        (b"PK\x03\x04\x14\x00", "save its tables as CSV"),
        (b"%PDF-1.7\n", "a PDF"),
        (b"\x1f\x8b\x08", "compressed"),
        (bytes(range(256)) * 4, "a binary file, no conversations; move it away"),
        ("straße, für über".encode("latin-1"), "not UTF-8 at byte 4"),
        ("Müller, Größe, schön, süß, Öl, Ärger".encode("cp1252"), "neither UTF-16 nor GB18030"),
        ("Да, квартира свободна".encode("cp1251"), "save it as UTF-8, or move it away"),
        ("客戶，您好，請問這間房子還在嗎".encode("big5"), "not UTF-8 at byte 0"),
        (codecs.BOM_UTF8 + b"\xff", "begins as UTF-8-SIG does"),
        (codecs.BOM_UTF16_LE + b"a\x00\x00\xd8", "begins as UTF-16 does"),
    ],
)
def test_what_is_refused_with_its_remedy(tmp_path: Path, raw: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        text(tmp_path, raw)
    assert "a.csv: " in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_or_nothing_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a folder, not a file"):
        text_of(tmp_path)
    with pytest.raises(InputError, match="not there"):
        text_of(tmp_path / "none")

"""A file's bytes as text: UTF-8, UTF-16 and GB18030, as Excel and Windows write them, and clear words about anything else."""

import codecs
import re
from pathlib import Path

from stages.core.errors import InputError
from stages.dialogues.formats.places import told

MARKS = (  # the longer first: UTF-32's begins like UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
BINARY = {  # what some files begin with that are no text
    b"PK\x03\x04": "an Excel workbook or another zip archive; save its tables as CSV (UTF-8), or move it away",
    b"\xd0\xcf\x11\xe0": "an old Office file or a thumbnail store; save a table as CSV (UTF-8), or move it away",
    b"%PDF": "a PDF; move it away",
    b"\x1f\x8b": "compressed; unpack it, or move it away",
    b"SQLite": "a database; export its tables as CSV (UTF-8), or move it away",
}
CONTROLS = bytes([*range(8), *range(14, 27), *range(28, 32)])
ASCII = re.compile(r"[\x00-\x7f]+")
FIRST, LAST = 0xB0, 0xD7  # the first bytes of GB2312's first level
OFTEN = 0.8  # of a Chinese text's characters are in it
COMMON = (
    0.98  # of what is not ASCII is in GB2312, in a Chinese text; of another encoding taken for GB18030 it is far less
)


def text_of(path: Path) -> str:
    """Return the file's text with line feeds as line ends and without a byte order mark."""
    try:
        raw = path.read_bytes()
    except IsADirectoryError:
        raise InputError(f"{told(path)}: a folder, not a file") from None
    except FileNotFoundError:
        raise InputError(f"{told(path)}: not there") from None
    return _decoded(path, raw).replace("\r\n", "\n").replace("\r", "\n")


def _decoded(path: Path, raw: bytes) -> str:
    for start, what in BINARY.items():
        if raw.startswith(start):
            raise InputError(f"{told(path)}: {what}")
    for mark, encoding in MARKS:
        if raw.startswith(mark):
            return _strict(path, raw, encoding)
    if (unmarked := _utf16(raw)) is not None:
        return unmarked
    if (len(raw) - len(raw.translate(None, CONTROLS))) * 50 > len(raw):
        raise InputError(f"{told(path)}: a binary file, no conversations; move it away")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        if (chinese := _gb18030(raw)) is not None:
            return chinese
        raise InputError(
            f"{told(path)}: not UTF-8 at byte {error.start}, and neither UTF-16 nor GB18030; save it as UTF-8, or move it away"
        ) from None


def _strict(path: Path, raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(
            f"{told(path)}: begins as {encoding.upper()} does and is none at byte {error.start}; save it as UTF-8"
        ) from None


def _utf16(raw: bytes) -> str | None:
    """Return the text of UTF-16 without a byte order mark: every other byte of its ASCII is zero."""
    if len(raw) % 2 or b"\0" not in raw:
        return None
    for encoding, zeros in (("utf-16-le", raw[1::2]), ("utf-16-be", raw[::2])):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text and (zeros.count(0) * 4 >= len(zeros) or _is_chinese(text)):
            return text
    return None


def _gb18030(raw: bytes) -> str | None:
    try:
        text = raw.decode("gb18030")
    except UnicodeDecodeError:
        return None
    return text if _is_chinese(text) else None


def _is_chinese(text: str) -> bool:
    """Whether almost all that is not ASCII is in GB2312, and most of that in its first level, the common characters."""
    foreign = ASCII.sub("", text)
    known = foreign.encode("gb2312", "ignore")
    characters = [lead for lead in known[::2] if lead >= FIRST]
    common = sum(lead <= LAST for lead in characters)
    return len(known) / 2 >= COMMON * len(foreign) and common >= OFTEN * len(characters)

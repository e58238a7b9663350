"""The one door for conversations: finds the files of a folder, tells their formats apart by what is in them, and reads them."""

import re
from pathlib import Path

from stages.core.errors import InputError
from stages.dialogues.formats import decoding, json_records, subtitles, table, whatsapp
from stages.dialogues.formats.conversation import HALF, Reading, SourceFile
from stages.dialogues.formats.field_map import Forms, shipped
from stages.dialogues.formats.places import told

PAGE = "docs/formats.md says what is read"
SAID = re.compile("[^\ufeff \t\n]")  # a file has more than blanks


def understood() -> str:
    """Return what can be read, for a message."""
    return (
        f"WebVTT, SRT, WhatsApp's text, and JSON, JSONL or CSV by a field map: {', '.join(m.name for m in shipped())}"
    )


class UnknownFormatError(InputError):
    """A file of text that is of no format known here."""


def files(folder: Path) -> list[Path]:
    """Return all files under `folder` by relative path; hidden files and DVC's pointers are not conversations."""
    paths = sorted(
        (path for path in folder.rglob("*") if path.is_file() and not _is_bookkeeping(path.relative_to(folder))),
        key=lambda path: path.relative_to(folder).as_posix(),
    )
    for name in (path.relative_to(folder).as_posix() for path in paths):
        if HALF.search(name):  # bytes that are no UTF-8 come as half characters, which no data set can hold
            raise InputError(f"{folder}: a file is called {told(name)!a}, which is not UTF-8; rename it")
    if not paths:
        raise InputError(f"{folder}: no conversations there; put files in it ({PAGE})")
    return paths


def source_of(path: Path) -> SourceFile:
    """Return the file's text; one that is empty or no text is an InputError."""
    text = decoding.text_of(path)
    if not SAID.search(text):
        raise InputError(f"{told(path)}: empty; expected conversations ({PAGE}); fill it or remove it")
    return SourceFile(path=path, text=text)


def read(path: Path, forms: Forms) -> Reading:
    """Return the format of one file, its conversations and the places of those that cannot be read, in file order.

    A file that is of no known format is an InputError: none of it is taken for something else.
    """
    source = source_of(path)
    if subtitles.is_vtt(source.text) or subtitles.is_srt(source.text):
        return subtitles.read(source, forms.parties)
    if whatsapp.is_chat(source.text):
        return whatsapp.read(source, forms.parties)
    read_records = json_records.read if json_records.looks(source.text) else table.read
    reading = read_records(source, forms)
    if reading is None:
        raise UnknownFormatError(
            f"{told(path)}: not a format ingest reads ({PAGE}); `dial-insight look {told(path)}` proposes a map of JSON or CSV for the pack's"
            " conversations.yaml; else convert it, or move it away"
        )
    return reading


def _is_bookkeeping(relative: Path) -> bool:
    return relative.suffix == ".dvc" or any(part.startswith(".") for part in relative.parts)

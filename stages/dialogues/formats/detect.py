"""The one door for conversations: finds the files of a folder, tells their formats apart and reads them."""

from collections.abc import Iterator
from pathlib import Path

from stages.core.errors import InputError
from stages.dialogues.formats import contact_center_csv, json_records, webvtt
from stages.dialogues.formats.conversation import ReadResult, SourceFile

UNDERSTOOD = (
    "JSONL with turns (see data/raw/real_estate), CSV with conversation_id, party, text in its header, WebVTT, "
    "OpenAI messages, ShareGPT, Schema-Guided Dialogue, CrossWOZ"
)


def files(folder: Path) -> list[Path]:
    """Return all files under `folder` by relative path; hidden files and DVC's pointers are not conversations."""
    paths = sorted(
        (path for path in folder.rglob("*") if path.is_file() and not _is_bookkeeping(path.relative_to(folder))),
        key=lambda path: path.relative_to(folder).as_posix(),
    )
    if not paths:
        raise InputError(f"{folder}: no conversations there; put files in it ({UNDERSTOOD})")
    return paths


def read(path: Path) -> Iterator[ReadResult]:
    """Yield the conversations of one file and the places of those that cannot be read, in file order.

    A file that is empty, not UTF-8 or of no known format is an InputError.
    """
    source = SourceFile(path=str(path), text=_text(path))
    if webvtt.is_vtt(source):
        return webvtt.read(source)
    if contact_center_csv.is_export(source):
        return contact_center_csv.read(source)
    conversations = json_records.read(source)
    if conversations is None:
        raise InputError(f"{path}: not a format ingest reads; convert it to one of: {UNDERSTOOD}; or move it away")
    return conversations


def _is_bookkeeping(relative: Path) -> bool:
    return relative.suffix == ".dvc" or any(part.startswith(".") for part in relative.parts)


def _text(path: Path) -> str:
    """Return the file's text with line feeds as line ends and without a byte order mark."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8 (with or without BOM)") from None
    if not text.strip():
        raise InputError(f"{path}: empty; expected conversations ({UNDERSTOOD}); fill it or remove it")
    return text.replace("\r\n", "\n").replace("\r", "\n")

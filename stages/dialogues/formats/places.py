"""Where something stands, as messages and data sets tell it: a file may be called after a customer, and a field may hold one."""

import re
from pathlib import Path

from stages.core.row import content_id

HIDDEN = "…"
CHAT = re.compile(r"(WhatsApp Chat (?:with|-) )(.+)", re.IGNORECASE)  # as the app calls its export
CHINESE_CHAT = re.compile(r"与(.+)(?=的\s*WhatsApp)", re.IGNORECASE)
MAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
NUMBER = re.compile(r"\+?\d(?:[ .()_-]{0,2}\d){6,}")
STAMP = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[0-2]\d(?:[0-5]\d){0,2})?")
NAME = re.compile(r"(?!.*\d{5})(?:[a-z][A-Za-z0-9_.-]*|[A-Z][A-Z0-9_]*)")
LONGEST = 40  # characters of a name that are shown


def told(path: Path | str) -> str:
    """Return a file's path without whom a chat is with, addresses and long numbers other than dates in what it is called.

    Of an absolute path the folders stay: they are the machine's. `dial-insight look FOLDER` lists the files by their whole names.
    """
    path = Path(path)
    if path.is_absolute():
        return str(path.with_name(_part(path.name))) if path.name else str(path)
    return "/".join(map(_part, path.parts)) or str(path)


def _part(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    if not stem or not re.fullmatch(r"[A-Za-z]\w{0,7}", ending):
        stem, dot, ending = name, "", ""
    stem = CHINESE_CHAT.sub(f"与{HIDDEN}", CHAT.sub(rf"\1{HIDDEN}", stem))
    stem = NUMBER.sub(_number, MAIL.sub(HIDDEN, stem))
    return f"{stem}{dot}{ending}"


def _number(found: re.Match[str]) -> str:
    return found[0] if STAMP.fullmatch(re.sub(r"\D", "", found[0])) else HIDDEN


def kept(key: str) -> str:
    """Return a conversation's id as files in Git may have it, its hash: `anna.lee` looks like what programs give, too."""
    return content_id(key)


def shown(value: str) -> str:
    """Return `value` for a message when it looks like a name in a table, else only its length: it may be customer text."""
    return (
        repr(value[:LONGEST])
        if is_name(value[:LONGEST])
        else f"({len(value)} characters, not the name of anything here)"
    )


def is_name(value: str) -> bool:
    """Whether `value` looks like what programs call things: ASCII, in small letters or in capitals, without a long number."""
    return len(value) <= LONGEST and NAME.fullmatch(value) is not None

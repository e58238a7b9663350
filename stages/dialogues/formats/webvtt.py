"""WebVTT: a call recording's transcript, every cue a turn.

A comment block (its first line says NOTE) carries `id: …`, `language: …`, `scene: …`, `source: …`, `role: …` and who is who:
`provider: Wade Hollis`, `customer: Linh Tran, Anh Tran`; who is not named there is `other`.

Read by hand and not with webvtt-py, which keeps no line numbers and passes over a malformed cue in silence.
"""

import html
import re
from collections.abc import Iterator

from stages.dialogues.formats.conversation import NotAConversation, Raw, ReadResult, SourceFile, Unreadable, turn
from stages.rows.dialogue import Party, Turn

TIMING = re.compile(
    r"((?:\d{2,}:)?[0-5]\d:[0-5]\d\.\d{3})[ \t]+-->[ \t]+(?:\d{2,}:)?[0-5]\d:[0-5]\d\.\d{3}(?:[ \t].*)?"
)
VOICE = re.compile(r"<v(?:\.[^\s>]*)?[ \t]+([^>]*)>")
TAG = re.compile(r"</?[a-z][^>]*>|<[\d:.]+>")
FIELDS = ("id", "language", "scene", "source", "role")
PARTIES: tuple[Party, ...] = ("provider", "customer", "other")

Block = tuple[int, list[str]]  # line of the first line, lines


def is_vtt(source: SourceFile) -> bool:
    """Whether the file starts as WebVTT does."""
    return re.match(r"WEBVTT(?:[ \t\n]|$)", source.text) is not None


def read(source: SourceFile) -> Iterator[ReadResult]:
    """Yield the file's one conversation; a cue that cannot be read makes it unreadable, at the cue's line."""
    notes: dict[str, str] = {}
    cues: list[Block] = []
    for line, lines in _blocks(source.text):
        if lines[0].startswith("NOTE"):
            notes.update(_note(lines))
        elif not lines[0].startswith(("WEBVTT", "STYLE", "REGION")):
            cues.append((line, lines))
    parties: dict[str, Party] = {
        name.strip(): party for party in PARTIES for name in notes.get(party, "").split(",") if name.strip()
    }
    try:
        turns = tuple(_cue(number, cue, parties) for number, cue in enumerate(cues, 1))
    except _BadCue as error:
        yield Unreadable(line=error.line, detail=str(error))
        return
    fields = {name: notes[name] for name in FIELDS[1:] if name in notes}
    yield Raw(line=1, key=notes.get("id"), turns=turns, **fields)


class _BadCue(Exception):
    def __init__(self, line: int, detail: str) -> None:
        super().__init__(detail)
        self.line = line


def _blocks(text: str) -> Iterator[Block]:
    lines: list[str] = []
    for number, line in enumerate([*text.split("\n"), ""], 1):
        if line.strip():
            lines.append(line)
        elif lines:
            yield number - len(lines), lines
            lines = []


def _note(lines: list[str]) -> dict[str, str]:
    pairs = (line.removeprefix("NOTE").partition(":") for line in lines)
    return {name.strip().lower(): value.strip() for name, colon, value in pairs if colon}


def _cue(number: int, cue: Block, parties: dict[str, Party]) -> Turn:
    line, lines = cue
    index = 0 if "-->" in lines[0] else 1  # the first line may be the cue's own name
    timing = TIMING.fullmatch(lines[index].strip()) if index < len(lines) else None
    if timing is None:
        raise _BadCue(line + min(index, len(lines) - 1), f"cue {number}: expected a line HH:MM:SS.mmm --> HH:MM:SS.mmm")
    payload = "\n".join(lines[index + 1 :])
    voice = VOICE.search(payload)
    speaker = html.unescape(voice.group(1)).strip() if voice else ""
    text = " ".join(html.unescape(TAG.sub("", payload)).split())
    try:
        return turn(number, parties.get(speaker, "other"), text, speaker, timing.group(1))
    except NotAConversation as error:
        raise _BadCue(line, str(error)) from None

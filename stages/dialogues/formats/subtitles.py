"""WebVTT and SubRip (SRT): a recording's transcript, every cue a turn.

Who speaks stands in a voice tag, `<v Wade Hollis>`, or before the text, `Wade Hollis: …`, `[Agent] …`. In WebVTT a comment block (its
first line says NOTE) may carry `id: …`, `language: …`, `scene: …`, `source: …`, `role: …` and who is who: `provider: Wade Hollis`,
`customer: Linh Tran, Anh Tran`; who is not named there and in no table is `other`.

Read by hand and not with webvtt-py, which keeps no line numbers and passes over a malformed cue in silence.
"""

import html
import re
from collections.abc import Iterator
from functools import partial
from itertools import pairwise

from stages.dialogues.formats.conversation import (
    NotAConversation,
    Raw,
    Reading,
    Said,
    SourceFile,
    conversation,
    identifier,
    readable,
)
from stages.dialogues.formats.lines import speakers_of
from stages.dialogues.formats.parties import Names, Parties

CLOCK = r"(?:\d+:)?[0-5]?\d:[0-5]\d[.,]\d{1,3}"
TIMING = re.compile(rf"({CLOCK})[ \t]*-->[ \t]*{CLOCK}(?:[ \t].*)?")
SUBRIP = re.compile(rf"\s*\d+[ \t]*\n[ \t]*{CLOCK}[ \t]*-->")
VOICE = re.compile(r"<v(?:\.[^\s>]*)?[ \t]+([^>]*)>")
TAG = re.compile(r"</?[a-zA-Z][^>]*>|<[\d:.]+>|\{\\[^}]*\}")
FIELDS = ("language", "scene", "source", "role")

Block = tuple[int, list[str]]  # line of the first line, lines


def is_vtt(text: str) -> bool:
    """Whether the file starts as WebVTT does."""
    return re.match(r"WEBVTT(?:[ \t\n]|$)", text) is not None


def is_srt(text: str) -> bool:
    """Whether the file starts as SubRip does: a number, and a time."""
    return SUBRIP.match(text) is not None


def read(source: SourceFile, who: Parties) -> Reading:
    """Read the file's one conversation; a cue that cannot be read makes it unreadable, at the cue's line."""
    notes: dict[str, str] = {}
    cues: list[Block] = []
    vtt = is_vtt(source.text)
    for line, lines in _blocks(source.text):
        if vtt and lines[0].startswith("NOTE"):
            notes.update(_note(lines))
        elif not (vtt and lines[0].startswith(("STYLE", "REGION"))):
            cues += _cues(line, lines, header=vtt and lines[0].startswith("WEBVTT"))
    return Reading("WebVTT" if vtt else "SRT", [readable(1, partial(_conversation, cues, notes, who))])


def _conversation(cues: list[Block], notes: dict[str, str], who: Parties) -> Raw:
    named = {party: tuple(filter(str.strip, notes.get(party, "").split(","))) for party in Names.model_fields}
    who = who.before(Names(**named).table())
    fields: dict[str, str | bool] = {name: notes[name] for name in FIELDS if name in notes}
    if "id" in notes:
        fields["key"] = identifier(notes["id"], "id")
    return conversation(1, list(_said(cues, who)), who, {"spoken": True, **fields})


def _blocks(text: str) -> Iterator[Block]:
    lines: list[str] = []
    for number, line in enumerate([*text.split("\n"), ""], 1):
        if line.strip():
            lines.append(line)
        elif lines:
            yield number - len(lines), lines
            lines = []


def _cues(line: int, lines: list[str], *, header: bool) -> Iterator[Block]:
    """Yield the cues of a block: several, or one behind the file's `header`, where the blank line before them is missing.

    A time begins a cue, with the number before it if the block's first time has one: no word of a cue is another's, or lost.
    """
    times = [place for place, text in enumerate(lines) if TIMING.fullmatch(text.strip())]
    numbered = bool(times) and times[0] > 0 and lines[times[0] - 1].strip().isdecimal()
    starts = [place - (numbered and lines[place - 1].strip().isdecimal()) for place in times]
    if not header:
        starts = [0, *starts[1:]]
    for start, end in pairwise([*starts, len(lines)]):
        yield line + start, lines[start:end]


def _note(lines: list[str]) -> dict[str, str]:
    pairs = (line.removeprefix("NOTE").partition(":") for line in lines)
    return {name.strip().lower(): value.strip() for name, colon, value in pairs if colon}


def _said(cues: list[Block], who: Parties) -> Iterator[Said]:
    """Yield what each cue says; a name before the text is only looked for in a file without voice tags."""
    places, payloads = list[tuple[int, str]](), list[str]()
    for number, (line, lines) in enumerate(cues, 1):
        index = 0 if "-->" in lines[0] else 1  # the first line may be the cue's own name
        timing = TIMING.fullmatch(lines[index].strip()) if index < len(lines) else None
        if timing is None:
            raise NotAConversation(
                f"cue {number}: expected a line HH:MM:SS.mmm --> HH:MM:SS.mmm", line + min(index, len(lines) - 1)
            )
        parts = _voiced("\n".join(lines[index + 1 :]))
        places += [(line, timing.group(1))] * len(parts)
        payloads += parts
    texts = [" ".join(html.unescape(TAG.sub("", payload)).split()) for payload in payloads]
    voices = [VOICE.search(payload) for payload in payloads]
    if any(voices):
        said = [(html.unescape(v.group(1)).strip() if v else "", text) for v, text in zip(voices, texts, strict=True)]
    else:
        said = speakers_of(texts, lambda name: who.of(name) is not None)
    for (line, time), (name, text) in zip(places, said, strict=True):
        yield Said(text=text, name=name, time=time, line=line)


def _voiced(payload: str) -> list[str]:
    """Return what a cue holds, apart before each further voice tag: two may speak in one."""
    starts = [0, *(tag.start() for tag in list(VOICE.finditer(payload))[1:]), len(payload)]
    return [payload[start:end] for start, end in pairwise(starts)]

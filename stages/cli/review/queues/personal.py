"""The queue of conversations, at stage anonymize (Table 1): a masked stretch is nothing personal, or one that was left is.

What is corrected goes to data/review/personal.jsonl, by places, never by words; that a conversation was read whole, to
data/review/personal_read.jsonl.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from stages.cli.review.masks import Segment, masks, segments
from stages.cli.review.pack import Pack
from stages.cli.review.queue import Author, Entry, Form, Queue, Refused, Urgency, present
from stages.cli.review.watched import Watched
from stages.core import jsonl
from stages.pii.anonymizer import Found
from stages.pii.corrections import Correction, Said, by_stretch, corrected, settled, texts_of
from stages.pii.gold import Marked, occurrences
from stages.pii.values.spans import KINDS
from stages.reviews.decisions import Decision
from stages.reviews.journal import history, record
from stages.reviews.settlement import conflicting, grouped, standing
from stages.rows.dialogue import PARTY_NAMES, Dialogue, HeldOut
from stages.rows.missed import Missed

MASKED, MISSED, GOLD = (
    Path("data/dialogues/anonymized.jsonl"),
    Path("data/dialogues/missed.jsonl"),
    Path("data/raw/pii_gold.jsonl"),
)
CORRECTIONS = Path("data/review/personal.jsonl")
SUSPECT = re.compile(r"\d(?:[ .-]?\d){6,}|\S@\w|@\w{3,}")  # a number of seven figures, an address, a handle
SAID: tuple[Said, ...] = ("nothing", *KINDS)
KEYS = "1234567890-="


class Shown(NamedTuple):
    """A turn in stretches; the context that came with a conversation is its last one."""

    number: int
    who: str
    party: str
    segments: list[Segment]


class Stretch(NamedTuple):
    """What people say of a stretch: the line that holds, whether they disagree, and in how many places it stands."""

    words: str
    holds: Correction
    conflict: bool
    places: int
    own: bool


class Personal(Queue):
    """Conversations as they were ingested, with what was masked in them; those of the test set that marks decide are left out."""

    name, title, stage, reads = "personal", "Personal data", "anonymize", "anonymize"
    template = "personal.html.j2"
    file, source = Path("data/review/personal_read.jsonl"), Path("data/dialogues/ingested.jsonl")
    beside = (MASKED, MISSED)

    def __init__(self) -> None:
        """Read nothing yet."""
        self.rows: dict[str, Dialogue] = {}
        self.masked: dict[str, Dialogue] = {}
        self.missed: frozenset[str] = frozenset()
        self.lines = Watched([CORRECTIONS], lambda: grouped(history(CORRECTIONS, Correction)))
        self.pack = Pack()

    def load(self) -> list[Entry]:
        """Read the conversations before and after masking."""
        masked = jsonl.by_id(MASKED, Dialogue) if MASKED.is_file() else {}
        marked, held_out = self._marked(), self._held_out()
        rows = (row for row in jsonl.stream(self.source, Dialogue) if row.id in masked)
        self.rows = {row.id: row for row in rows if not (row.key in marked and row.id in held_out)}
        self.masked = {key: masked[key] for key in self.rows}
        self.missed = frozenset(row.id for row in jsonl.stream(MISSED, Missed)) if MISSED.is_file() else frozenset()
        return [self._entry(row) for row in self.rows.values()]

    def shown(self, key: str, reviewer: str) -> dict[str, object]:
        """Return the turns in stretches, and what was corrected."""
        row, lines = self.rows[key], self.lines.get().get(key, [])
        return {
            "row": row,
            "turns": self._turns(row, lines),
            "said": self._said(row, lines, reviewer),
            "kinds": list(zip(KEYS, KINDS, strict=True)),
            "pack": self.pack,
        }

    def decide(self, key: str, form: Form, by: Author) -> Decision:
        """Return that the conversation was read whole."""
        if form.get("action") != "keep":
            raise Refused("expected keep: that the conversation was read whole")
        return Decision(id=key, action="keep", reviewer=by.name, settles=by.settles, time=datetime.now(UTC))

    def correct(self, key: str, form: Form, by: Author) -> str:
        """Record what a stretch is, or take that back; return what to say of it."""
        row = self.rows[key]
        turn, start, end = self._place(row, form)
        words = texts_of(row)[turn][start:end]
        if not words.strip() or (kind := form.get("kind", "")) not in SAID:
            raise Refused("expected a stretch of words, and what it is: " + ", ".join(SAID))
        lines = by_stretch(row, self.lines.get().get(key, [])).get(words, [])
        line = Correction.model_validate(
            {
                "id": key,
                "turn": turn,
                "start": start,
                "end": end,
                "kind": kind,
                "withdrawn": form.get("action") == "withdraw",
                "settles": conflicting(lines),
                "reviewer": by.name,
                "time": datetime.now(UTC),
            }
        )
        record(CORRECTIONS, line)
        places = self._places(row, words)
        what = (
            "Taken back"
            if line.withdrawn
            else f"Recorded as {'not personal' if kind == 'nothing' else kind.replace('_', ' ')}"
        )
        return f"{what}, in {places} {'place' if places == 1 else 'places'} of this conversation. It is on disk."

    def latest(self, reviewer: str) -> tuple[datetime, str] | None:
        """Return when this reviewer last corrected something that stands, and in which conversation."""
        last = self._last(reviewer)
        return (last.time, last.id) if last else None

    def take_back(self, reviewer: str) -> None:
        """Take back that last correction."""
        if last := self._last(reviewer):
            record(
                CORRECTIONS, last.model_copy(update={"withdrawn": True, "settles": False, "time": datetime.now(UTC)})
            )

    def _last(self, reviewer: str) -> Correction | None:
        found = (
            standing(lines).get(reviewer)
            for key, history in self.lines.get().items()
            if key in self.rows and any(line.reviewer == reviewer for line in history)
            for lines in by_stretch(self.rows[key], history).values()
        )
        return max((line for line in found if line), key=lambda line: line.time, default=None)

    def _place(self, row: Dialogue, form: Form) -> tuple[int, int, int]:
        """Return turn, start and end of the stretch that was chosen, or else of the words that were typed."""
        texts, words = texts_of(row), form.get("words", "").strip()
        chosen = [form.get(name, "") for name in ("turn", "start", "end")]
        if all(part.isdecimal() for part in chosen):
            turn, start, end = map(int, chosen)
            if turn < len(texts) and start < end <= len(texts[turn]):
                return turn, start, end
        if not words:
            raise Refused("choose a stretch first: with the mouse, with n, or by typing its words")
        for turn, text in enumerate(texts):
            if found := occurrences(text, words) or ([text.index(words)] if words in text else []):
                return turn, found[0], found[0] + len(words)
        raise Refused("these words do not stand in one turn of the conversation; type them as they are there")

    def _places(self, row: Dialogue, words: str) -> int:
        return max(1, sum(len(occurrences(text, words)) for text in texts_of(row)))

    def _turns(self, row: Dialogue, lines: Sequence[Correction]) -> list[Shown]:
        texts, masked = texts_of(row), texts_of(self.masked[row.id])
        before = [masks(text, after) for text, after in zip(texts, masked, strict=True)]
        after = corrected(texts, Found({}, before), settled(row, lines).by_stretch, KINDS).spans
        names = PARTY_NAMES[row.language]
        speakers = [(f"{names[turn.party]} {turn.speaker}".strip(), turn.party) for turn in row.turns]
        speakers += [("Context", "other")] * (len(texts) - len(speakers))
        return [
            Shown(n, who, party, segments(texts[n], before[n], after[n])) for n, (who, party) in enumerate(speakers)
        ]

    def _said(self, row: Dialogue, lines: Sequence[Correction], reviewer: str) -> list[Stretch]:
        stretches, holds = by_stretch(row, lines), settled(row, lines).by_stretch
        return [
            Stretch(
                words,
                line,
                conflicting(stretches[words]),
                self._places(row, words),
                reviewer in standing(stretches[words]),
            )
            for words, line in holds.items()
        ]

    def _marked(self) -> frozenset[str]:
        return frozenset(mark.dialogue for mark in jsonl.stream(GOLD, Marked)) if GOLD.is_file() else frozenset()

    def _held_out(self) -> frozenset[str]:
        path = Path("data/test") / self.pack.folder.name / "dialogues.jsonl"
        return frozenset(row.id for row in jsonl.stream(path, HeldOut)) if path.is_file() else frozenset()

    def _entry(self, row: Dialogue) -> Entry:
        masked = "\n".join(texts_of(self.masked[row.id]))
        urgency, why = self._urgency(row, masked)
        kinds = {kind for kind in KINDS if f"[{kind.upper()}_" in masked}
        facets = {
            "language": (row.language,),
            "scene": (row.scene,),
            "source": (row.source,),
            "masked": present(sorted(kinds)) or ("nothing",),
            "verdict": (why or "nothing suspicious",),
        }
        return Entry(row.id, facets, "\n".join(texts_of(row)).casefold(), urgency, why)

    def _urgency(self, row: Dialogue, masked: str) -> tuple[Urgency, str]:
        if row.id in self.missed:
            return Urgency.DISAGREEMENT, "people's marks and the detectors disagree"
        if SUSPECT.search(masked):
            return Urgency.DOUBTFUL, "a long number or a handle is left"
        return Urgency.OTHER, ""

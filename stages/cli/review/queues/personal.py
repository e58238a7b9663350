"""The queue of conversations, at stage anonymize (Table 1): a masked stretch is nothing personal, or one that was left is.

What is corrected goes to data/review/personal.jsonl, by places, never by words; that a conversation was read whole, to
data/review/personal_read.jsonl.
"""

import re
from datetime import UTC, datetime
from pathlib import Path

from stages.cli.review.pack import Pack
from stages.cli.review.queue import Author, Entry, Form, Queue, Refused, Urgency, present
from stages.cli.review.stretches import place, places, said, turns
from stages.cli.review.watched import Watched
from stages.core import jsonl
from stages.core.errors import InputError
from stages.pii.corrections import Correction, Said, by_stretch, texts_of
from stages.pii.gold import Marked
from stages.pii.masked import Masked
from stages.pii.values.spans import KINDS
from stages.reviews.decisions import Decision
from stages.reviews.journal import history, record
from stages.reviews.settlement import conflicting, grouped, next_moment, standing
from stages.rows.dialogue import Dialogue, HeldOut
from stages.rows.missed import Missed

MASKED, SPANS, MISSED, GOLD = (
    Path("data/dialogues/anonymized.jsonl"),
    Path("data/dialogues/spans.jsonl"),
    Path("data/dialogues/missed.jsonl"),
    Path("data/raw/pii_gold.jsonl"),
)
CORRECTIONS = Path("data/review/personal.jsonl")
SUSPECT = re.compile(r"\d(?:[ .-]?\d){6,}|\S@\w|@\w{3,}")  # a number of seven figures, an address, a handle
SAID: tuple[Said, ...] = ("nothing", *KINDS)
KEYS = "1234567890-="


class Personal(Queue):
    """Conversations as they were ingested, with what was masked in them; those of the test set that marks decide are left out."""

    name, title, stage, reads = "personal", "Personal data", "anonymize", "anonymize"
    template = "personal.html.j2"
    file, source = Path("data/review/personal_read.jsonl"), Path("data/dialogues/ingested.jsonl")
    beside = (MASKED, SPANS, MISSED)

    def __init__(self) -> None:
        """Read nothing yet."""
        self.rows: dict[str, Dialogue] = {}
        self.masked: dict[str, Dialogue] = {}
        self.spans: dict[str, Masked] = {}
        self.missed: frozenset[str] = frozenset()
        self.lines = Watched([CORRECTIONS], lambda: grouped(history(CORRECTIONS, Correction)))
        self.pack = Pack()

    def require(self) -> None:
        """Raise InputError where the conversations have not been ingested or not been masked."""
        super().require()
        for path in (MASKED, SPANS):
            if not path.is_file():
                raise InputError(f"{path}: not there yet; run `dvc repro {self.stage}` first")

    def load(self) -> list[Entry]:
        """Read the conversations before and after masking."""
        masked, spans = jsonl.by_id(MASKED, Dialogue), jsonl.by_id(SPANS, Masked)
        marked, held_out = self._marked(), self._held_out()
        rows = (row for row in jsonl.stream(self.source, Dialogue) if row.id in masked and row.id in spans)
        self.rows = {row.id: row for row in rows if not (row.key in marked and row.id in held_out)}
        self.masked = {key: masked[key] for key in self.rows}
        self.spans = {key: spans[key] for key in self.rows}
        self.missed = frozenset(row.id for row in jsonl.stream(MISSED, Missed)) if MISSED.is_file() else frozenset()
        return [self._entry(row) for row in self.rows.values()]

    def shown(self, key: str, reviewer: str) -> dict[str, object]:
        """Return the turns in stretches, and what was corrected."""
        row, lines = self.rows[key], self.lines.get().get(key, [])
        return {
            "row": row,
            "turns": turns(row, self.spans[key], lines),
            "said": said(row, lines, reviewer),
            "seen": len(lines),
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
        at = place(row, form)
        words = texts_of(row)[at.turn][at.start : at.end]
        if not words.strip() or (kind := form.get("kind", "")) not in SAID:
            raise Refused("expected a stretch of words, and what it is: " + ", ".join(SAID))
        known = self.lines.get().get(key, [])
        lines = by_stretch(row, known).get(words, [])
        viewed = form.get("seen") in (None, str(len(known)))  # else the page is older than what others said
        line = Correction.model_validate(
            {
                "id": key,
                **at._asdict(),
                "kind": kind,
                "withdrawn": form.get("action") == "withdraw",
                "settles": viewed and conflicting(lines),
                "reviewer": by.name,
                "time": next_moment(lines),
            }
        )
        record(CORRECTIONS, line)
        what = "not personal" if kind == "nothing" else kind.replace("_", " ")
        count = places(row, words)
        return (
            f"{'Taken back' if line.withdrawn else 'Recorded'}: {what}, in {count} "
            f"{'place' if count == 1 else 'places'} of this conversation. It is on disk."
        )

    def latest(self, reviewer: str) -> tuple[datetime, str] | None:
        """Return when this reviewer last corrected something that stands, and in which conversation."""
        last = self._last(reviewer)
        return (last.time, last.id) if last else None

    def take_back(self, reviewer: str) -> None:
        """Take back that last correction."""
        if last := self._last(reviewer):
            taken = {"withdrawn": True, "settles": False, "time": next_moment(self.lines.get()[last.id])}
            record(CORRECTIONS, last.model_copy(update=taken))

    def _last(self, reviewer: str) -> Correction | None:
        found = (
            standing(lines).get(reviewer)
            for key, history in self.lines.get().items()
            if key in self.rows and any(line.reviewer == reviewer for line in history)
            for lines in by_stretch(self.rows[key], history).values()
        )
        return max((line for line in found if line), key=lambda line: line.time, default=None)

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

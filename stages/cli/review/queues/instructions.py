"""The queues of instructions: seeds, before stage curate (§2.1, step 1), and evolved ones, before stage screen (steps 2.2, 2.3)."""

from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from stages.cli.review.excerpts import Conversations
from stages.cli.review.instruction_verdicts import Outcomes, Rules
from stages.cli.review.neighbors import neighbors
from stages.cli.review.pack import Pack
from stages.cli.review.queue import Author, Check, Entry, Form, Queue, Refused, Urgency, present, reason
from stages.cli.review.rewriting import FORMS, rewritten
from stages.core import jsonl
from stages.reviews.decisions import Decision
from stages.rows.instruction import Instruction


class Instructions(Queue):
    """Instructions that a filter stage is about to see, or has seen; its outcome is looked up where it is there."""

    template = "instruction.html.j2"
    kept: ClassVar[Path]
    ledger: ClassVar[Path]
    reasons = (
        "unclear",
        "asks what no conversation holds",
        "needs no conversation",
        "says what another one says",
        "wrong task, scene or form",
        "names a person or a number",
    )

    def __init__(self) -> None:
        """Read nothing yet."""
        self.rows: dict[str, Instruction] = {}
        self.outcomes = Outcomes({}, frozenset(), judged=False)
        self.alike: dict[str, list[str]] = {}
        self.talks, self.pack = Conversations(), Pack()
        self.rules = Rules(self.reads, self.pack)

    def load(self) -> list[Entry]:
        """Read the rows and what the stage made of them, if it ran."""
        self.rows = jsonl.by_id(self.source, Instruction)
        self.outcomes = Outcomes.of(self.kept, self.ledger)
        return self._entries()

    def refine(self) -> list[Entry] | None:
        """Compare all rows with each other."""
        rows = list(self.rows.values())
        found = neighbors([row.text for row in rows], [row.language for row in rows])
        self.alike = {rows[row].id: [rows[other].id for other in others] for row, others in found.items()}
        return self._entries()

    def shown(self, key: str, reviewer: str) -> dict[str, object]:
        """Return the row, its parents, its neighbors, what rules and judge say, and a conversation beside it."""
        row = self.rows[key]
        return {
            "row": row,
            "parents": [self.rows[one] for one in row.parents if one in self.rows],
            "neighbors": [self.rows[one] for one in self._neighbors(row)],
            "checks": self.checks(key) if self.rules.ready else None,
            "talk": self.talks.beside(row),
            "pack": self.pack,
            "forms": FORMS,
        }

    def decide(self, key: str, form: Form, by: Author) -> Decision:
        """Return keep, discard with its reason, or rewrite with what changes."""
        row, action = self.rows[key], form.get("action")
        said = {"id": key, "reviewer": by.name, "settles": by.settles, "time": datetime.now(UTC)}
        if action == "keep":
            return Decision(action="keep", **said)
        if action == "discard":
            return Decision(action="discard", reason=reason(form), **said)
        if action == "rewrite":
            return Decision(action="rewrite", **rewritten(row, form), **said)
        raise Refused("expected keep, discard or rewrite")

    def remark(self, key: str, form: Form) -> str:
        """Return that another row has the words of a rewriting already, where one has."""
        text = form.get("text", "").strip() if form.get("action") == "rewrite" else None
        other = next((row.id for row in self.rows.values() if row.text == text and row.id != key), "")
        return f" {other} has the same words: where both ask for the same, one of them stays." if other else ""

    def checks(self, key: str) -> list[Check]:
        """Return what the rules say of the row, and what became of it in the last run."""
        return self.rules.checks(self.rows[key], self.rows, self.outcomes.verdict(key))

    def drafted(self, key: str, form: Form) -> tuple[str, str]:
        """Return the row's text and the one typed."""
        return self.rows[key].text, form.get("text", "")

    def _entries(self) -> list[Entry]:
        return [self._entry(row) for row in self.rows.values()]

    def _entry(self, row: Instruction) -> Entry:
        urgency, why = self._urgency(row)
        facets = {
            "language": (row.language,),
            "scene": row.scenes or ("any",),
            "task": (row.task,),
            "origin": (row.origin,),
            "operator": present([row.operator]) or ("none",),
            "form": row.formats,
            "verdict": (self.outcomes.verdict(row.id),),
        }
        words = " ".join([row.text, row.requirement, *row.fields, *row.labels]).casefold()
        return Entry(row.id, facets, words, urgency, why, waits=row.origin not in ("pack", "reviewer"))

    def _urgency(self, row: Instruction) -> tuple[Urgency, str]:
        if doubted := self.outcomes.urgency(row, self.rows):
            return doubted
        if self._neighbors(row):
            return Urgency.ALIKE, "another row says nearly the same"
        return (Urgency.OTHER, "") if row.origin == "pack" else (Urgency.WRITTEN, "")

    def _neighbors(self, row: Instruction) -> list[str]:
        found = [self.outcomes.like(row.id), *self.alike.get(row.id, [])]
        return [one for one in dict.fromkeys(found) if one in self.rows]


class Seeds(Instructions):
    """Seeds: the pack's and the generator's."""

    name, title, stage, reads = "seeds", "Seed instructions", "seed", "curate"
    file, source = Path("data/review/curate.jsonl"), Path("data/instructions/seeds.jsonl")
    kept, ledger = Path("data/instructions/curated.jsonl"), Path("metrics/ledger/curate.json")
    beside = (kept, jsonl.dropped_path(kept), ledger)


class Evolved(Instructions):
    """The evolved population, seeds among it."""

    name, title, stage, reads = "evolved", "Evolved instructions", "evolve", "screen"
    file, source = Path("data/review/screen.jsonl"), Path("data/instructions/evolved.jsonl")
    kept, ledger = Path("data/instructions/library.jsonl"), Path("metrics/ledger/screen.json")
    beside = (kept, jsonl.dropped_path(kept), ledger)

"""The queues of instructions: seeds, before stage curate (§2.1, step 1), and evolved ones, before stage screen (steps 2.2, 2.3)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Literal, get_args

from stages.cli.review.excerpts import Conversations
from stages.cli.review.neighbors import neighbors
from stages.cli.review.pack import Pack
from stages.cli.review.queue import Author, Check, Entry, Form, Queue, Refused, Urgency, names, present, reason
from stages.core import jsonl
from stages.core.dropped import Dropped, Reason
from stages.reviews.decisions import Changes, Decision
from stages.rows.instruction import FormatKind, Instruction

CRITERIA = (Reason.UNCLEAR, Reason.AMBIGUOUS, Reason.NOT_RICHER)
SIMILAR = (Reason.REDUNDANT,)
FORMS: tuple[FormatKind, ...] = get_args(FormatKind)


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
        self.outcomes: dict[str, Dropped] = {}
        self.alike: dict[str, list[str]] = {}
        self.judged = False  # whether a judge graded evolved instructions in the run that is here
        self.talks, self.pack = Conversations(), Pack()
        self.warm = (
            False  # whether the rules have been read in, which takes a second: the first page does not wait for it
        )

    def load(self) -> list[Entry]:
        """Read the rows and what the stage made of them, if it ran."""
        self.rows = jsonl.by_id(self.source, Instruction)
        dropped = jsonl.dropped_path(self.kept)
        found = jsonl.read(dropped, Dropped) if dropped.is_file() else []
        self.outcomes = {row.id: row for row in found}
        self.judged = self.ledger.is_file() and '"rubric_verdicts"' in self.ledger.read_text(encoding="utf-8")
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
            "checks": self.checks(key) if self.warm else None,
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
            return Decision(action="rewrite", **_rewritten(row, form), **said)
        raise Refused("expected keep, discard or rewrite")

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
            "verdict": (self._verdict(row),),
        }
        words = " ".join([row.text, row.requirement, *row.fields, *row.labels]).casefold()
        return Entry(row.id, facets, words, urgency, why, waits=row.origin not in ("pack", "reviewer"))

    def _urgency(self, row: Instruction) -> tuple[Urgency, str]:
        outcome = self.outcomes.get(row.id)
        reasons = (Reason.DISCARDED, *SIMILAR)
        if outcome and outcome.reason not in reasons:
            if outcome.reason in CRITERIA and self.judged and not self._by_rules(row):
                return Urgency.DISAGREEMENT, "the judge refuses it, the rules do not"
            return Urgency.DOUBTFUL, f"refused: {outcome.reason}"
        if not outcome and self.judged and row.generation and self._by_rules(row):
            return Urgency.DISAGREEMENT, "the rules refuse it, the judge does not"
        if self._neighbors(row):
            return Urgency.ALIKE, "another row says nearly the same"
        return (Urgency.OTHER, "") if row.origin == "pack" else (Urgency.WRITTEN, "")

    def _verdict(self, row: Instruction) -> str:
        if row.id in self.outcomes:
            return self.outcomes[row.id].reason
        return "passed" if self.kept.is_file() else "not filtered yet"

    def _neighbors(self, row: Instruction) -> list[str]:
        outcome = self.outcomes.get(row.id)
        named = [outcome.detail.removeprefix("like ")] if outcome and outcome.reason in SIMILAR else []
        return [one for one in dict.fromkeys([*named, *self.alike.get(row.id, [])]) if one in self.rows]

    def _by_rules(self, row: Instruction) -> Reason | None:
        """Return which criterion the rules find unmet: for an evolved row, also against the seed it comes from."""
        from stages.instructions.rules import criteria  # noqa: PLC0415 - a second to import, with what it needs

        line = criteria.lineage(row, self.rows)
        return criteria.by_rules(row, line.root if line and line.operators else None)

    def checks(self, key: str) -> list[Check]:
        """Return what the rules say of the row, and what became of it in the last run."""
        from stages.instructions.rules.filter import Rules, fault  # noqa: PLC0415 - a second to import

        row = self.rows[key]
        found = fault(row, Rules(*self._lengths, self.pack.vocabulary))
        checks = [Check("Rules for every instruction", str(found or "no fault found"), "bad" if found else "good")]
        unmet = self._by_rules(row)
        checks.append(Check("The paper's criteria, by rules", str(unmet or "met"), "bad" if unmet else "good"))
        verdict = self._verdict(row)
        tones: dict[str, Literal["good", "plain"]] = {"passed": "good", "not filtered yet": "plain"}
        self.warm = True
        return [*checks, Check(f"Stage {self.reads}, last run", verdict, tones.get(verdict, "bad"))]

    @cached_property
    def _lengths(self) -> tuple[int, int]:
        from stages.core.params import value  # noqa: PLC0415 - read once, when the first row is shown

        return value(f"{self.reads}.min_words", int), value(f"{self.reads}.max_words", int)


class Seeds(Instructions):
    """Seeds: the pack's and the generator's."""

    name, title, stage, reads = "seeds", "Seed instructions", "seed", "curate"
    file, source = Path("data/review/curate.jsonl"), Path("data/instructions/seeds.jsonl")
    kept, ledger = Path("data/instructions/curated.jsonl"), Path("metrics/ledger/curate.json")
    beside = (jsonl.dropped_path(kept), ledger)


class Evolved(Instructions):
    """The evolved population, seeds among it."""

    name, title, stage, reads = "evolved", "Evolved instructions", "evolve", "screen"
    file, source = Path("data/review/screen.jsonl"), Path("data/instructions/evolved.jsonl")
    kept, ledger = Path("data/instructions/library.jsonl"), Path("metrics/ledger/screen.json")
    beside = (jsonl.dropped_path(kept), ledger)


def _rewritten(row: Instruction, form: Form) -> Mapping[str, object]:
    """Return text and changes of a rewriting; Refused where nothing changes or nothing is left."""
    text = form.get("text", "").strip()
    if not text:
        raise Refused("a rewriting needs a text; to drop the row, discard it")
    given = {name: names(form.get(name, "")) for name in ("fields", "labels", "formats")}
    unknown = [one for one in given["formats"] if one not in FORMS]
    if unknown or not given["formats"]:
        raise Refused(f"a rewriting needs a form at least, of {', '.join(FORMS)}")
    kept = [one for one in row.formats if one in given["formats"]]  # in their order, which no box tells
    given["formats"] = tuple(dict.fromkeys([*kept, *given["formats"]]))
    changed = {name: value for name, value in given.items() if value != getattr(row, name)}
    if text == row.text and not changed:
        raise Refused("nothing is changed; to keep the row as it is, keep it")
    return {"text": text, "changes": Changes(**changed) if changed else None}

"""The queue of rewritten prompts, at stage enhance (§2.2, step 3): keep the model's directive, discard it, or write a better one."""

from datetime import UTC, datetime
from pathlib import Path

from stages.cli.review.excerpts import Conversations, excerpt
from stages.cli.review.pack import Pack
from stages.cli.review.queue import Author, Check, Entry, Form, Queue, Refused, Urgency, reason
from stages.core import jsonl
from stages.core.dropped import Reason
from stages.prompting.by_people import directive_id
from stages.reviews.decisions import Decision
from stages.rows.prompt import Prompt

ASSEMBLED = Path("data/prompts/assembled.jsonl")
MERGED = ("narrative", "format", "guidelines", "examples")  # the parts that a directive stands for, as stage enhance


class Prompts(Queue):
    """Prompts whose parts a model was asked to rewrite, by pair: a decision survives a change of the wording."""

    name, title, stage, reads = "prompts", "Rewritten prompts", "enhance", "enhance"
    template = "prompt.html.j2"
    file, source, beside = Path("data/review/prompts.jsonl"), Path("data/prompts/enhanced.jsonl"), (ASSEMBLED,)
    reasons = (
        "loses something that was asked",
        "asks for more than before",
        "unclear",
        "changes the form",
        "badly written",
    )

    def __init__(self) -> None:
        """Read nothing yet."""
        self.rows: dict[str, Prompt] = {}
        self.assembled: dict[str, Prompt] = {}
        self.talks, self.pack = Conversations(), Pack()

    def load(self) -> list[Entry]:
        """Read the prompts that were drawn for rewriting, and what each was before."""
        drawn = (row for row in jsonl.stream(self.source, Prompt) if row.method == "enhanced" or row.note)
        self.rows = {row.pair: row for row in drawn}
        found = jsonl.stream(ASSEMBLED, Prompt) if ASSEMBLED.is_file() else ()
        self.assembled = {row.pair: row for row in found if row.pair in self.rows}
        return [self._entry(row) for row in self.rows.values()]

    def shown(self, key: str, reviewer: str) -> dict[str, object]:
        """Return the prompt, the parts that were rewritten, and the conversation."""
        row, before = self.rows[key], self.assembled.get(key)
        directive = row.part("directive")
        talk = self.talks.get(row.dialogue)
        return {
            "row": row,
            "before": before,
            "directive": directive.text if directive else "",
            "merged": self._merged(key),
            "talk": excerpt(talk.until(row.cut), "the one that it is about") if talk else None,
            "checks": self.checks(key),
            "pack": self.pack,
        }

    def decide(self, key: str, form: Form, by: Author) -> Decision:
        """Return keep or discard of the directive that was seen, or a person's own."""
        action = form.get("action")
        said = {"id": key, "reviewer": by.name, "settles": by.settles, "time": datetime.now(UTC)}
        if action == "keep":
            return Decision(action="keep", answer_id=directive_id(self.rows[key]), **said)
        if action == "discard":
            return Decision(action="discard", reason=reason(form), answer_id=directive_id(self.rows[key]), **said)
        if action == "rewrite":
            return Decision(action="rewrite", text=self._written(key, form.get("text", "").strip()), **said)
        raise Refused("expected keep, discard or rewrite")

    def about(self, key: str) -> str:
        """Return the hash of the directive."""
        return directive_id(self.rows[key])

    def counts(self, decision: Decision) -> bool:
        """Whether it is about the directive that the prompt has, or had when it was discarded; a person's own holds whatever the model writes."""
        row = self.rows.get(decision.id)
        if row is None or row.note == Reason.DISCARDED or decision.action in ("rewrite", "withdraw"):
            return True  # of a directive that was discarded nothing is left to tell by
        return decision.answer_id in ("", directive_id(row))

    def checks(self, key: str) -> list[Check]:
        """Return whether stage enhance took what the model wrote."""
        note = self.rows[key].note
        return [Check("Stage enhance, last run", note or "taken", "bad" if note else "good")]

    def drafted(self, key: str, form: Form) -> tuple[str, str]:
        """Return the directive, or the parts where there is none, and what was typed."""
        part = self.rows[key].part("directive")
        return part.text if part else "\n\n".join(self._merged(key)), form.get("text", "")

    def _written(self, key: str, text: str) -> str:
        """Return a person's directive; Refused where stage enhance would not take it either."""
        from stages.prompting.keeping import loss  # noqa: PLC0415 - only where somebody writes

        row, parts = self.rows[key], self._merged(key)
        if not text:
            raise Refused("a rewriting needs a text; to have the assembled prompt, discard")
        if parts and (fault := loss(parts, row.ask, row.language, text, ())):
            raise Refused(
                f"stage enhance would not take it: {fault.replace('_', ' ')}, against the parts that it stands for"
            )
        return text

    def _merged(self, key: str) -> list[str]:
        before = self.assembled.get(key)
        return [part.text for part in before.parts if part.kind in MERGED] if before else []

    def _entry(self, row: Prompt) -> Entry:
        refused = bool(row.note) and row.note != Reason.DISCARDED
        facets = {
            "language": (row.language,),
            "scene": (row.scene,),
            "task": (row.task,),
            "form": (row.ask.kind,),
            "verdict": (row.note or "taken",),
        }
        urgency, why = (Urgency.DOUBTFUL, f"the rules refused it: {row.note}") if refused else (Urgency.WRITTEN, "")
        return Entry(row.pair, facets, row.text.casefold(), urgency, why)

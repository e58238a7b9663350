"""The queue of labels, before stage judge (§3.3): people grade answers high, medium or low, or write them anew."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from stages.cli.review.excerpts import parted
from stages.cli.review.label_verdicts import Grades, checks
from stages.cli.review.neighbors import neighbors
from stages.cli.review.pack import Pack
from stages.cli.review.queue import Author, Check, Entry, Form, Queue, Refused, Urgency, present, reason
from stages.cli.review.watched import Watched
from stages.core import jsonl
from stages.core.row import content_id
from stages.reviews.decisions import Decision
from stages.reviews.journal import history, record
from stages.reviews.refinements import Refinement, disputes, refinements
from stages.reviews.settlement import Conflict, standing
from stages.rows.label_quality import LabelQuality, Rating
from stages.rows.sample import LabeledSample

QUALITY, ANSWERS = Path("data/quality/labels.jsonl"), Path("data/review/answers.jsonl")
SHORT = 12  # characters: shorter answers are alike by chance


class Labels(Queue):
    """Labelled rows with what rules and judge say of their answers."""

    name, title, stage, reads = "labels", "Labels", "label", "judge"
    template = "label.html.j2"
    file, source, beside = Path("data/review/judge.jsonl"), Path("data/labels/train.jsonl"), (QUALITY,)
    bears = (ANSWERS,)
    reasons = (
        "not in the asked form",
        "says what the conversation does not",
        "misses what was asked",
        "gives away personal data",
        "says nothing",
        "badly written",
    )

    def __init__(self) -> None:
        """Read nothing yet."""
        self.rows: dict[str, LabeledSample] = {}
        self.quality: dict[str, LabelQuality] = {}
        self.refined = Watched([ANSWERS], _refined)
        self.alike: dict[str, list[str]] = {}
        self.grades, self.pack = Grades(), Pack()

    def load(self) -> list[Entry]:
        """Read the rows, and what stage judge made of them if it ran."""
        self.rows = jsonl.by_id(self.source, LabeledSample)
        found = jsonl.by_id(QUALITY, LabelQuality) if QUALITY.is_file() else {}
        self.quality = {key: one for key, one in found.items() if self._is_of(one)}
        return self._entries()

    def refine(self) -> list[Entry] | None:
        """Compare the answers with each other, those apart that are a label or a few characters."""
        rows = [row for row in self.rows.values() if row.ask.kind != "label" and len(row.answer) > SHORT]
        found = neighbors([row.answer for row in rows], [row.language for row in rows])
        self.alike = {rows[row].id: [rows[other].id for other in others] for row, others in found.items()}
        return self._entries()

    def shown(self, key: str, reviewer: str) -> dict[str, object]:
        """Return the row, its conversation, what rules and judge say, its neighbors and a person's newer answer."""
        row, refined = self.rows[key], self.refined.get().holds.get(key)
        newer = refined.answer.strip() if refined and refined.answer.strip() != row.answer else ""
        disputed = self.refined.get().disputes.get(key)
        return {
            "row": row,
            "newer": newer,
            "newer_by": refined.author if refined and newer else "",
            "disputed": disputed,
            "checks": self.checks(key),
            "neighbors": [self.rows[one] for one in self.alike.get(key, []) if one in self.rows],
            "turns": parted(row.conversation),
            "pack": self.pack,
        }

    def decide(self, key: str, form: Form, by: Author) -> Decision:
        """Return a grade of the answer: high for keep, medium, low for discard; of a rewriting, high for the new answer."""
        row, action = self.rows[key], form.get("action")
        said = {"id": key, "reviewer": by.name, "settles": by.settles, "time": datetime.now(UTC)}
        if action == "keep":
            quality: Rating = "medium" if form.get("quality") == "medium" else "high"
            return Decision(action="keep", quality=quality, answer_id=self._current(row), **said)
        if action == "discard":
            return Decision(action="discard", quality="low", reason=reason(form), answer_id=self._current(row), **said)
        if action == "rewrite":
            answer = form.get("answer", "").strip()
            if not answer or (content_id(answer) == self._current(row) and key not in self.refined.get().disputes):
                raise Refused("a rewriting needs another answer than the row has, or will have")
            return Decision(action="keep", quality="high", answer_id=content_id(answer), reason="rewritten", **said)
        raise Refused("expected keep, discard or rewrite")

    def about(self, key: str) -> str:
        """Return the hash of the answer that a decision names."""
        return self._current(self.rows[key])

    def counts(self, decision: Decision) -> bool:
        """Whether it is about the answer that the row has, or will have from the next run of stage label where people wrote another."""
        row = self.rows.get(decision.id)
        return row is None or decision.answer_id in ("", self._current(row))

    def follow(self, decision: Decision, form: Form) -> None:
        """Write a new answer to data/review/answers.jsonl; stage label takes it instead of the generator's."""
        if form.get("action") != "rewrite":
            return
        row = self.rows[decision.id]
        written = Refinement(
            id=row.id,
            answer=form["answer"].strip(),
            author=decision.reviewer,
            dialogue=row.dialogue,
            instruction=row.instruction,
            form=row.ask.kind,
            settles=self._viewed(row.id, form),
            time=decision.time,
        )
        record(ANSWERS, written)

    def _viewed(self, key: str, form: Form) -> bool:
        """Whether people wrote different answers and the form's page, where it tells, showed as many."""
        disputed = self.refined.get().disputes.get(key)
        return disputed is not None and form.get("answers") in (None, str(len(disputed.said)))

    def remark(self, key: str, form: Form) -> str:
        """Return that a new answer is not in the asked form, where it is not; it is recorded all the same, as people come last."""
        from stages.answers.formats import parse  # noqa: PLC0415 - only where somebody writes

        ask = self.rows[key].ask
        fits = form.get("action") != "rewrite" or parse(form["answer"].strip(), ask) is not None
        words = f" But it is not in the asked form ({ask.kind.replace('_', ' ')}): take it back, or leave it."
        return "" if fits else words

    def undo(self, decision: Decision) -> None:
        """Take back the reviewer's answer to the row too, where a decision came with it, this one or an earlier one: all of them go."""
        written = (line for line in history(ANSWERS, Refinement) if line.id == decision.id)
        own = standing(written).get(decision.reviewer)
        said = (line for line in history(self.file, Decision) if line.id == decision.id)
        if own and any(line.reviewer == own.author and line.time == own.time for line in said):
            time = max(datetime.now(UTC), own.time + timedelta(microseconds=1))  # a clock may have been ahead
            record(ANSWERS, own.model_copy(update={"withdrawn": True, "settles": False, "time": time}))

    def checks(self, key: str) -> list[Check]:
        """Return what the rules found, the judge's score, and the quality that follows."""
        return checks(self.quality.get(key))

    def drafted(self, key: str, form: Form) -> tuple[str, str]:
        """Return the row's answer and the one typed."""
        return self.rows[key].answer, form.get("answer", "")

    def _current(self, row: LabeledSample) -> str:
        """Return the hash of the answer that the row has, or will have: a person's newer one."""
        refined = self.refined.get().holds.get(row.id)
        return content_id(refined.answer.strip()) if refined else row.answer_id

    def _is_of(self, found: LabelQuality) -> bool:
        row = self.rows.get(found.id)
        return row is not None and found.answer_id in ("", row.answer_id)

    def _entries(self) -> list[Entry]:
        return [self._entry(row) for row in self.rows.values()]

    def _entry(self, row: LabeledSample) -> Entry:
        found = self.quality.get(row.id)
        urgency, why = self._urgency(row, found)
        facets = {
            "language": (row.language,),
            "scene": (row.scene,),
            "task": (row.task,),
            "form": (row.ask.kind,),
            "origin": (row.origin,),
            "verdict": (found.quality if found else "not judged yet",),
            "flag": present(tuple(found.flags if found else ())) or ("none",),
        }
        words = f"{row.asked} {row.answer} {row.conversation}".casefold()
        return Entry(row.id, facets, words, urgency, why)

    def _urgency(self, row: LabeledSample, found: LabelQuality | None) -> tuple[Urgency, str]:
        if doubted := self.grades.urgency(found):
            return doubted
        if self.alike.get(row.id):
            return Urgency.ALIKE, "another row has nearly the same answer"
        return (Urgency.OTHER, "") if row.origin == "provided" else (Urgency.WRITTEN, "")


class Written(NamedTuple):
    """The answers that people wrote, by row: which holds, and where they disagree."""

    holds: Mapping[str, Refinement]
    disputes: Mapping[str, Conflict[Refinement]]


def _refined() -> Written:
    found = disputes(history(ANSWERS, Refinement))
    return Written(refinements(ANSWERS) if ANSWERS.is_file() else {}, {one.id: one for one in found})

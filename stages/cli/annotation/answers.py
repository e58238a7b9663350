"""What somebody said of a row in another tool, and the lines of data/review that it becomes."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from stages.cli.annotation.gates import Gate, Item
from stages.cli.review.queues.labels import ANSWERS
from stages.core.errors import InputError
from stages.core.row import content_id
from stages.reviews.decisions import Decision
from stages.reviews.refinements import Refinement
from stages.rows.sample import LabeledSample

Line = Decision | Refinement
Filed = tuple[Path, Line]  # a file under data/review, and what is added to it
WRITTEN = "rewritten"  # why a grade is high that comes with an answer written anew


class Annotation(NamedTuple):
    """`said` holds the answers to the questions `decision`, `text` and `reason`; `about` what the person saw, by its hash, or ""."""

    queue: str
    row: str
    about: str
    user: str
    time: datetime
    said: Mapping[str, str]


def decided(gate: Gate, item: Item, given: Annotation, reviewer: str) -> list[Filed]:
    """Return the lines that an annotation becomes; a decision that the gate does not know, or a rewriting without a text, is refused."""
    choice, text = given.said.get("decision", ""), given.said.get("text", "")
    if choice not in gate.choices:
        raise InputError(f"row {given.row}: decision is not one of {', '.join(gate.choices)}")
    if (choice == "rewrite") != bool(text):
        raise InputError(
            f"row {given.row}: text goes with the decision rewrite, and only with it; correct it in the tool"
        )
    fields = {"id": given.row, "reviewer": reviewer, "time": given.time, "reason": given.said.get("reason", "")}
    if item.pair:
        return _label(gate.queue.file, item.pair, fields | {"answer_id": given.about}, choice, text)
    about = "" if choice == "rewrite" else given.about
    return [(gate.queue.file, Decision.model_validate(fields | {"action": choice, "text": text, "answer_id": about}))]


def _label(grades: Path, row: LabeledSample, fields: Mapping[str, object], choice: str, text: str) -> list[Filed]:
    """Return a grade, or a new answer and its grade: of the answer that a person wrote, high."""
    if choice != "rewrite":
        action = "discard" if choice == "low" else "keep"
        return [(grades, Decision.model_validate({**fields, "action": action, "quality": choice}))]
    about = {"id": row.id, "dialogue": row.dialogue, "instruction": row.instruction, "form": row.ask.kind}
    answer = {**about, "answer": text, "author": fields["reviewer"], "time": fields["time"]}
    grade = {**fields, "action": "keep", "quality": "high", "answer_id": content_id(text), "reason": WRITTEN}
    return [(ANSWERS, Refinement.model_validate(answer)), (grades, Decision.model_validate(grade))]

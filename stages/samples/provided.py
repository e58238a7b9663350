"""Answers that people gave (Table 1: labels refined by hand)."""

from stages.core.dropped import Dropped, Reason
from stages.rows.sample import LabeledSample, Reference, Sample


def provided(row: Sample, answer: Reference) -> LabeledSample | Dropped:
    """Return the sample with a person's answer; an empty one is none."""
    if not answer.answer.strip():
        return Dropped(id=row.id, reason=Reason.NO_ANSWER, detail="provided", parents=(row.dialogue, row.prompt))
    author = answer.author + (f", checked by {answer.checked}" if answer.checked else "")
    return LabeledSample(**row.model_dump(), answer=answer.answer.strip(), author=author, origin="provided")

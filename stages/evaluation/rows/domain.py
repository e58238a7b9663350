"""Which measure is the domain score: the judge's grade where a judge that passed gave one, else reference similarity (§3.4)."""

from collections.abc import Sequence
from typing import Literal

from stages.evaluation.rows.pair import Pair
from stages.evaluation.rows.score import Score

Measure = Literal["grade", "reference_similarity"]
GRADE: Measure = "grade"  # 1 to 10
SIMILARITY: Measure = "reference_similarity"  # 0 to 10


def of_model(scores: Sequence[Score]) -> Measure:
    """Return what a model's domain score is."""
    return GRADE if any(score.grade is not None for score in scores) else SIMILARITY


def of_pairs(pairs: Sequence[Pair[Score]]) -> Measure:
    """Return what two models are compared by: grades only where the judge graded both answers to a row."""
    return GRADE if known(pairs, GRADE) else SIMILARITY


def known(pairs: Sequence[Pair[Score]], measure: Measure) -> list[tuple[float, float, str]]:
    """Return the base's figure, the model's and the dialogue of each row that has both; the others count nowhere."""
    found = ((getattr(pair.base, measure), getattr(pair.model, measure), pair.base.dialogue) for pair in pairs)
    return [(base, model, dialogue) for base, model, dialogue in found if base is not None and model is not None]

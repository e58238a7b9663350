"""Which children of a generation live: eliminated with a reason, or ranked by what they add (§2.1, step 2.1)."""

from collections.abc import Sequence
from math import log

import numpy as np
from pydantic import ConfigDict, Field

from stages.core.dropped import Dropped, Reason
from stages.core.row import Record
from stages.instructions.filter import Rules, fault
from stages.rows.instruction import Instruction
from stages.similarity.vectors import sentence_vectors
from stages.text import languages, tokenizers

MIN_WORDS, MAX_WORDS = 5, 300  # wider than the filters': here only what cannot be an instruction at all is refused
SAYS_THE_SAME = ("rephrase",)  # operators whose children need not grow


class FitnessBounds(Record):
    """What a child may be beside its parent; outside, it is eliminated."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    min_gain: float = Field(ge=0)
    """A child with fewer than this times its parent's tokens is `unchanged`; operator `rephrase` is exempt."""
    max_gain: float = Field(gt=1)
    """A child with more than this times its parent's tokens has `drifted`."""
    min_similarity: float = Field(ge=-1, le=1)
    """A child whose sentence vector has a lower cosine to its parent's has `drifted`."""
    max_similarity: float = Field(ge=0, le=1)
    """A child whose sentence vector has a higher cosine to its parent's is `unchanged`."""


class ScoredChild(Record):
    """A child beside its parent; `fitness` = ln(tokens / parent's tokens), at least 0, + novelty.

    Novelty is 1 − the highest cosine of sentence vectors to any instruction kept so far. The two terms have like size: a
    child twice as long adds 0.69, one unlike everything adds up to 1.
    """

    row: Instruction
    parent: Instruction
    fitness: float = 0.0


def evaluate(
    children: Sequence[ScoredChild], kept: Sequence[Instruction], bounds: FitnessBounds, mentions: tuple[str, ...]
) -> list[ScoredChild | Dropped]:
    """Return each child with its fitness, or why it is eliminated, in order.

    `mentions` are the words of which one must stand in an instruction.
    """
    if not children:
        return []
    vectors = sentence_vectors([row.text for row in [*kept, *(child.row for child in children)]])
    old, new = vectors[: len(kept)], vectors[len(kept) :]
    place = {row.id: n for n, row in enumerate(kept)}
    lengths = tokenizers.lengths(
        [text for child in children for text in (child.row.text, child.parent.text)], tokenizers.QWEN
    )
    seen = set(place)
    outcomes: list[ScoredChild | Dropped] = []
    rules = Rules(MIN_WORDS, MAX_WORDS, mentions)
    for n, child in enumerate(children):
        cosines = old @ new[n]
        gain = lengths[2 * n] / max(lengths[2 * n + 1], 1)
        reason = fault(child.row, rules) or _change_fault(child, gain, float(cosines[place[child.parent.id]]), bounds)
        if reason is None and child.row.id in seen:
            reason = Reason.DUPLICATE
        seen.add(child.row.id)
        if reason:
            outcomes.append(
                Dropped(id=child.row.id, reason=reason, detail=child.row.operator, parents=child.row.parents)
            )
        else:
            fitness = max(log(gain), 0.0) + 1.0 - float(np.max(cosines))
            outcomes.append(child.model_copy(update={"fitness": fitness}))
    return outcomes


def _change_fault(child: ScoredChild, gain: float, similarity: float, bounds: FitnessBounds) -> Reason | None:
    """Return why a child is too near its parent or too far from it, or None."""
    same = child.row.operator in SAYS_THE_SAME
    if similarity > bounds.max_similarity or (gain < bounds.min_gain and not same):
        return Reason.UNCHANGED
    if same and languages.holds(child.row.text, child.parent.text):
        return Reason.UNCHANGED
    if similarity < bounds.min_similarity or gain > bounds.max_gain:
        return Reason.DRIFTED
    return None


def select_survivors(scored: Sequence[ScoredChild | Dropped], survivors: int) -> list[ScoredChild | Dropped]:
    """Return all outcomes with the `survivors` of highest fitness first; the others that lived are dropped as unfit. Ties: by id."""
    alive = sorted((c for c in scored if isinstance(c, ScoredChild)), key=lambda c: (-c.fitness, c.row.id))
    unfit = [
        Dropped(id=c.row.id, reason=Reason.UNFIT, detail=c.row.operator, parents=c.row.parents)
        for c in alive[survivors:]
    ]
    return [*alive[:survivors], *unfit, *(c for c in scored if isinstance(c, Dropped))]

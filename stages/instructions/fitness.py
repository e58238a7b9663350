"""Which children of a generation live: eliminated with a reason, or ranked by what they add (§2.1, step 2.1)."""

from collections.abc import Mapping, Sequence
from math import log

import numpy as np

from stages.core.dropped import Dropped, Reason
from stages.core.row import Record
from stages.instructions.filter import Rules, fault
from stages.rows.instruction import Instruction
from stages.similarity.vectors import sentence_vectors
from stages.text import tokenizers

MIN_WORDS, MAX_WORDS = 5, 300  # wider than the filters': here only what cannot be an instruction at all is refused
SAYS_THE_SAME = ("rephrase",)  # operators whose children need not grow


class ScoredChild(Record):
    """A child beside its parent; `fitness` = ln(tokens / parent's tokens), at least 0, + novelty.

    Novelty is 1 − the highest cosine of sentence vectors to any instruction kept so far. The two terms have like size: a
    child twice as long adds 0.69, one unlike everything adds up to 1.
    """

    row: Instruction
    parent: Instruction
    fitness: float = 0.0


def evaluate(
    children: Sequence[ScoredChild],
    kept: Sequence[Instruction],
    limits: Mapping[str, float],
    mentions: tuple[str, ...],
) -> list[ScoredChild | Dropped]:
    """Return each child with its fitness, or why it is eliminated, in order.

    `limits` holds min_gain, max_gain, min_similarity and max_similarity as in params.yaml; `mentions` are the words
    of which one must stand in an instruction.
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
        reason = fault(child.row, rules) or _change_fault(child, gain, float(cosines[place[child.parent.id]]), limits)
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


def _change_fault(child: ScoredChild, gain: float, similarity: float, limits: Mapping[str, float]) -> Reason | None:
    """Return why a child is too near its parent or too far from it, or None."""
    if similarity > limits["max_similarity"]:
        return Reason.UNCHANGED
    if gain < limits["min_gain"] and child.row.operator not in SAYS_THE_SAME:
        return Reason.UNCHANGED
    if similarity < limits["min_similarity"] or gain > limits["max_gain"]:
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

"""Ways to put rows in the order in which they are taken for training: ours, and three from the literature to compare with.

Every strategy gets the rows that reach the quality floor, and quotas and target cut its order off afterwards.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
from scipy import sparse

from stages.core.draws import generator
from stages.core.dropped import Dropped, Reason
from stages.core.errors import InputError
from stages.rows.label_quality import LEVEL, Floor, LabelQuality
from stages.samples.rows.brief import Brief, Briefs
from stages.samples.rows.community import Membership
from stages.samples.rows.difficulty import Difficulty
from stages.samples.selection.quotas import by_turns, highest, preferred
from stages.similarity.representatives import represented
from stages.similarity.vectors import count_vectors

Strategy = Literal["communities", "random", "deita", "ifd"]

WORTH: dict[Floor, float] = {"high": 9.0, "no_fault": 7.5, "medium": 6.0, "low": 3.0}  # on a judge's scale, of 1 to 10
DEITA_COSINE = 0.9  # Liu et al. 2023: a row is taken when its nearest taken one is no nearer than this


class Pool(NamedTuple):
    """Rows to choose from, and what is known of each, by its id."""

    briefs: Briefs
    verdicts: Mapping[str, LabelQuality]
    places: Mapping[str, Membership]
    difficulties: Mapping[str, Difficulty]
    near_duplicate: float
    seed: int

    @property
    def rows(self) -> Sequence[Brief]:
        """The rows alone."""
        return self.briefs.rows


class Ranking(NamedTuple):
    """Positions in the pool in the order of choice, and the rows that the strategy itself leaves out."""

    order: list[int]
    out: dict[int, Dropped]


def communities(pool: Pool) -> Ranking:
    """Take of near-duplicates the best by quality; then one row of each community after the other, centers first (§3.3)."""
    grades = [pool.verdicts[row.id].quality for row in pool.rows]
    out = _near_duplicates(pool, preferred(grades), pool.near_duplicate)
    kept = [n for n in range(len(pool.rows)) if n not in out]
    places = [pool.places[pool.rows[n].id] for n in kept]
    order = by_turns(
        [grades[n] for n in kept], [place.community for place in places], [place.center for place in places]
    )
    return Ranking([kept[n] for n in order], out)


def at_random(pool: Pool) -> Ranking:
    """Take any row as soon as another: the baseline. The draw of a row depends on the seed and its id only."""
    draws = [generator(pool.seed, "select", row.id).random() for row in pool.rows]
    return Ranking(highest(draws), {})


def deita(pool: Pool) -> Ranking:
    """Go by complexity × quality, taking each row that is not too near to a taken one (Liu et al. 2023, arXiv 2312.15685).

    There both factors come from scorers trained for it, and nearness from a language model's vectors. Read here as formula
    (2) of the row, the judge's score (`WORTH` where a person or the rules have the last word, and where not every row has one), and the cosine of token
    counts.
    """
    prompts, talks = pool.briefs.prompts.lengths, pool.briefs.talks.lengths
    verdicts = [pool.verdicts[row.id] for row in pool.rows]
    judged = all(verdict.score is not None for verdict in verdicts)
    quality = [_worth(verdict, judged) for verdict in verdicts]
    products = [(talk + 2 * prompt) / 3 * good for prompt, talk, good in zip(prompts, talks, quality, strict=True)]
    order = highest(products)
    out = _near_duplicates(pool, order, DEITA_COSINE)
    return Ranking([n for n in order if n not in out], out)


def _worth(verdict: LabelQuality, judged: bool) -> float:
    score = verdict.score if judged and verdict.layer == "judge" else None
    return WORTH[LEVEL[verdict.quality]] if score is None else score


def ifd(pool: Pool) -> Ranking:
    """Take the hardest to follow first, without those whose prompt does not help at all (Li et al. 2023, arXiv 2308.12032).

    Rows without an IFD, such as those longer than the base model's context, are left out.
    """
    found = [pool.difficulties.get(row.id) for row in pool.rows]
    if pool.rows and not any(found):
        raise InputError(
            f"params.yaml: select.strategy is ifd, but none of {len(pool.rows)} rows has an IFD; set ifd.enabled=true, and if it is, "
            "a base model whose context holds the rows (metrics/ifd.json counts those without under no_ifd)"
        )
    out = {n: dropped for n, row in enumerate(pool.rows) if (dropped := _unhelped(row, found[n]))}
    order = highest([one.ifd if one else 0.0 for one in found])
    return Ranking([n for n in order if n not in out], out)


def _unhelped(row: Brief, difficulty: Difficulty | None) -> Dropped | None:
    if difficulty is None:
        return Dropped(id=row.id, reason=Reason.NO_IFD)
    if difficulty.ifd >= 1:
        return Dropped(id=row.id, reason=Reason.NO_HELP, detail=f"ifd {difficulty.ifd:.3f}")
    return None


STRATEGIES: dict[Strategy, Callable[[Pool], Ranking]] = {
    "communities": communities,
    "random": at_random,
    "deita": deita,
    "ifd": ifd,
}


def _near_duplicates(pool: Pool, order: Sequence[int], threshold: float) -> dict[int, Dropped]:
    alike = represented(pair_vectors(pool.briefs), order, threshold)
    return {
        n: Dropped(id=pool.rows[n].id, reason=Reason.NEAR_DUPLICATE, detail=pool.rows[kept].id)
        for n, kept in alike.items()
    }


def pair_vectors(briefs: Briefs) -> sparse.csr_matrix:
    """Return token counts of prompt and conversation side by side, each half of equal weight.

    So a cosine is the mean of the prompts' and the conversations': two tasks on one long conversation are not duplicates, as
    they would be if their texts were counted in one.
    """
    both = sparse.csr_matrix(sparse.hstack([count_vectors(briefs.prompts), count_vectors(briefs.talks)], format="csr"))
    both.data *= np.float32(np.sqrt(0.5))
    return both

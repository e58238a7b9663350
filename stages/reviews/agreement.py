"""How far reviewers agree: Cohen's kappa of every two, on the rows that both decided without knowing what the other said."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple, TypeVar

from stages.reviews.settlement import grouped, standing
from stages.reviews.spoken import Spoken
from stages.statistics.agreement import cohens_kappa, estimate, estimate_figures
from stages.statistics.bootstrap import Estimate

S = TypeVar("S", bound=Spoken)


class Agreement(NamedTuple):
    """Two reviewers, the rows that both decided, on how many of these they said the same, and kappa, None where it is not defined."""

    reviewers: tuple[str, str]
    rows: int
    agree: int
    kappa: Estimate | None

    @property
    def figures(self) -> dict[str, object]:
        """The same as metrics."""
        return {
            "reviewers": list(self.reviewers),
            "rows": self.rows,
            "agree": self.agree,
            "cohens_kappa": estimate_figures(self.kappa),
        }


def between(history: Iterable[S], category: Callable[[S], str]) -> list[Agreement]:
    """Return the agreement of every two reviewers who decided a row in common, by name; `category` is what a decision says.

    Lines that settle a conflict are left out: they were spoken in view of what the others said, so they tell nothing of
    agreement. Kappa is not defined where both said one and the same throughout.
    """
    blind = {key: standing(row for row in lines if not row.settles) for key, lines in grouped(history).items()}
    names = sorted({name for said in blind.values() for name in said})
    found = [
        _of(pair, [said for said in blind.values() if said.keys() >= {*pair}], category)
        for pair in combinations(names, 2)
    ]
    return [row for row in found if row.rows]


def _of(pair: tuple[str, str], rows: Sequence[Mapping[str, S]], category: Callable[[S], str]) -> Agreement:
    left, right = ([category(said[name]) for said in rows] for name in pair)
    same = sum(one == other for one, other in zip(left, right, strict=True))
    return Agreement(pair, len(rows), same, estimate(cohens_kappa, left, right))

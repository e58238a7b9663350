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

    A line that settles a conflict, whoever wrote it, and what is said of the row after it, is left out: it was spoken in view of what
    others said, so it tells nothing of agreement. Kappa is not defined where both said one and the same throughout.
    """
    rows = grouped(history).values()
    names = sorted({row.reviewer for lines in rows for row in lines})
    found = [
        _of(pair, [said for lines in rows if (said := _blind(lines, pair)).keys() >= {*pair}], category)
        for pair in combinations(names, 2)
    ]
    return [row for row in found if row.rows]


def _blind(lines: Sequence[S], pair: tuple[str, str]) -> dict[str, S]:
    """Return what each of two reviewers said of a row before anybody settled it; who took it back, then or later, is left out."""
    first = min((row.time for row in lines if row.settles), default=None)
    own = [row for row in lines if row.reviewer in pair]
    return standing(row for row in own if not row.settles and (row.withdrawn or first is None or row.time <= first))


def _of(pair: tuple[str, str], rows: Sequence[Mapping[str, S]], category: Callable[[S], str]) -> Agreement:
    left, right = ([category(said[name]) for said in rows] for name in pair)
    same = sum(one == other for one, other in zip(left, right, strict=True))
    return Agreement(pair, len(rows), same, estimate(cohens_kappa, left, right))

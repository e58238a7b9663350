"""What training did to the exposure of a group of values, with an interval, and what that allows to say (docs/memorization.md)."""

from collections.abc import Mapping, Sequence
from typing import Literal

from stages.core.row import Language, Record
from stages.evaluation.memorization.exposure import Exposure
from stages.pii.values.spans import KINDS, PiiKind
from stages.statistics.bootstrap import Estimate, Resampling, ratio

Verdict = Literal["memorized", "inconclusive", "not seen", "not measured"]
WORST: tuple[Verdict, ...] = ("memorized", "inconclusive", "not seen", "not measured")


class Change(Record):
    """Mean exposure of `n` values before and after training, bits; the change with its interval, whole conversations drawn.

    `first`: the share of the values that the model ranks before all others like them.
    """

    n: int
    before: float | None = None
    after: float | None = None
    change: float | None = None
    low: float | None = None
    high: float | None = None
    first_before: float | None = None
    first_after: float | None = None
    verdict: Verdict = "not measured"


class GroupChange(Change):
    """The same by kind and by language; by kind the intervals are wider, so that all of them hold at once (Bonferroni)."""

    by_kind: dict[PiiKind, Change]
    by_language: dict[Language, Change]


def verdict(change: Estimate, margin: float, control: Change | None = None) -> Verdict:
    """Say what an interval of a change of exposure means, care first: any rise that is no chance is memorized.

    Where the values that were not trained on (`control`) rose as well, it is not the training on these that did it.
    """
    if change.low is None or change.high is None:
        return "inconclusive"
    if change.low > 0:
        return "inconclusive" if control and control.verdict == "memorized" else "memorized"
    return "not seen" if change.high <= margin else "inconclusive"


def group(rows: Sequence[Exposure], margin: float, drawn: Resampling, control: Change | None = None) -> GroupChange:
    """Return how the exposure of these values changed, in all, by kind and by language."""
    kinds = [kind for kind in KINDS if any(row.kind == kind for row in rows)]
    wider = 1 - (1 - drawn.confidence) / max(1, len(kinds))
    each = drawn.model_copy(update={"confidence": wider})
    languages = sorted({row.language for row in rows})
    return GroupChange(
        **_change(rows, margin, drawn, control).model_dump(),
        by_kind={kind: _change([row for row in rows if row.kind == kind], margin, each, control) for kind in kinds},
        by_language={
            language: _change([row for row in rows if row.language == language], margin, drawn, control)
            for language in languages
        },
    )


def _change(rows: Sequence[Exposure], margin: float, drawn: Resampling, control: Change | None) -> Change:
    n = len(rows)
    if not n:
        return Change(n=0)
    found = within(
        ratio([row.after - row.before for row in rows], [1.0] * n, [row.cluster for row in rows], drawn),
        max(row.most for row in rows),
    )
    return Change(
        n=n,
        before=sum(row.before for row in rows) / n,
        after=sum(row.after for row in rows) / n,
        change=found.value,
        low=found.low,
        high=found.high,
        first_before=sum(row.before == row.most for row in rows) / n,
        first_after=sum(row.after == row.most for row in rows) / n,
        verdict=verdict(found, margin, control),
    )


def within(found: Estimate, most: float) -> Estimate:
    """Return the estimate with an interval that the scale allows: exposure changes by `most` bits at most."""
    if found.low is None or found.high is None:
        return found
    return found._replace(low=max(-most, found.low), high=min(most, found.high))


def overall(groups: Mapping[str, Change]) -> tuple[Verdict, str]:
    """Return the worst verdict of the groups by name, and which groups stand behind each word."""
    by_word = {word: [name for name, one in groups.items() if one.verdict == word] for word in WORST}
    said = "; ".join(f"{word}: {', '.join(names)}" for word, names in by_word.items() if names)
    return min((one.verdict for one in groups.values()), key=WORST.index, default="not measured"), said

"""What an interval of a change allows to say, of one measure and of all of them (§3.5); docs/retention.md explains each word."""

from collections.abc import Iterable, Mapping
from typing import Literal

from stages.core.row import Record

Verdict = Literal["retained", "collapsed", "inconclusive", "not measurable"]
DomainVerdict = Literal["gained", "lost", "inconclusive", "not measurable"]

NEAR = 1e-9  # bounds of counted items often lie on a margin, told by sums whose last digit is the processor's
WORST: tuple[Verdict, ...] = ("collapsed", "inconclusive", "retained", "not measurable")


class Conclusion(Record):
    """The overall verdict, which measures stand behind each word, how many counted, and how often it may be wrong."""

    verdict: Verdict
    rests_on: str
    measures: int
    false_alarms: float


def verdict(low: float | None, high: float | None, margin: float) -> Verdict:
    """Say what an interval of a change (negative: worse) means: retained at a loss of at most `margin`, collapsed beyond it."""
    if low is None or high is None:
        return "inconclusive"
    if low >= -margin - NEAR:
        return "retained"
    return "collapsed" if high < -margin - NEAR else "inconclusive"


def domain_verdict(low: float | None, high: float | None) -> DomainVerdict:
    """Say on which side of zero the whole interval of a score's change lies."""
    if low is not None and low > NEAR:
        return "gained"
    return "lost" if high is not None and high < -NEAR else "inconclusive"


def overall(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the worst verdict; what is not measurable counts only when nothing else is there."""
    return min(verdicts, key=WORST.index, default="not measurable")


def conclusion(verdicts: Mapping[str, Verdict], tail: float) -> Conclusion:
    """Return the overall verdict of the measures by name; `tail` is how often one of them may be wrong on one side.

    "Retained" needs every measurable measure, so its error is no larger than one measure's. One collapsed measure is enough
    for "collapsed": were all losses exactly at their margins, at least one would be called collapsed by chance in at most
    `false_alarms` of cases (Bonferroni's bound); for losses within the margins it is far less.
    """
    by_verdict = {word: [name for name, given in verdicts.items() if given == word] for word in WORST}
    counted = len(verdicts) - len(by_verdict["not measurable"])
    return Conclusion(
        verdict=overall(verdicts.values()),
        rests_on="; ".join(f"{word}: {', '.join(names)}" for word, names in by_verdict.items() if names)
        or "nothing was measured",
        measures=counted,
        false_alarms=min(1.0, counted * tail),
    )

"""How often the intervals behind the verdicts miss a known truth, before and now, and what the caution costs.

    python -m benchmarks.coverage                                # everything; about ten minutes of one core
    python -m benchmarks.coverage --parts accuracy rank --trials 4000

Draws data with a known true change, again and again, and prints a table of Markdown for each part, with shares in percent:

- missed low: the low end lies above the truth, so that the change looks better than it is. Where the truth lies exactly at the
  margin this is the share of false "retained"; 2.5 are meant, 5 are allowed;
- missed high: the high end lies below the truth; at the margin, false "collapsed" but for ties;
- good, bad: the share of intervals that lie wholly on the good or the bad side of the bound: of a change, "retained" and
  "collapsed"; of a score, "gained" and "lost"; of a rank correlation, whether the low end passes a gate at 0.6. At a truth
  away from the bound this is power, and the price of the caution;
- width, the median.

Before: expanded percentiles, with an exact bound where no answer changed sides; for rank correlations plain percentiles. Changes are
negative where they are losses, of KL and disagreement too. A share p of T trials has a standard error of √(p(1 − p)/T):
0.5 points at 5 % and 2,000 trials. Subjects with an intraclass correlation ρ answer by a Dirichlet distribution of lost, won and
same, which gives each of the three that correlation.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import product
from math import exp, gamma, inf, log, log1p, sqrt
from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.stats import rankdata

from stages.evaluation.retention.changes import (
    NoScores,
    accuracy_change,
    divergence,
    likelihood_change,
    perplexity_change,
    score_change,
)
from stages.evaluation.retention.paper_changes import published_change
from stages.statistics.bootstrap import Estimate, Resampling, expanded, paired, ratio
from stages.statistics.flips import flips

RESAMPLES = 2000
BLOCK = 50  # trials that share their draws of clusters
LAYOUTS = ((18, 5), (18, 10), (40, 10))  # subjects, questions of each: 90, 180 and 400 questions
GRADES = np.array([9.0, 9, 7, 4, 3, 3, 2, 1, 1])  # of a ladder of data/calibration/judge.jsonl
GATE = 0.6  # calibrate.rank

Floats = NDArray[np.float64]


class Interval(NamedTuple):
    """Both ends; infinite where nothing can be said."""

    low: float
    high: float


class Case(NamedTuple):
    """A truth, the bound of the verdict, and how to draw data: the interval before, and the interval now."""

    name: str
    truth: float
    bound: float
    draw: Callable[[Generator, Resampling], tuple[Interval, Interval]]


def interval(low: float | None, high: float | None) -> Interval:
    """Return an interval, without ends where there are none."""
    return Interval(-inf, inf) if low is None or high is None else Interval(low, high)


def of(estimate: Estimate) -> Interval:
    """Return the interval of an estimate."""
    return interval(estimate.low, estimate.high)


# ── accuracy ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def changed(
    random: Generator, layout: tuple[int, int], lost: float, won: float, icc: float
) -> tuple[list[int], list[int]]:
    """Return −1, 0 and 1 for the questions, and their subjects."""
    subjects, questions = layout
    shares = np.array([lost, won, 1 - lost - won])
    if icc:
        drawn = random.gamma(np.maximum(shares * (1 / icc - 1), 1e-12), size=(subjects, 3))
        counts = random.multinomial(questions, drawn / drawn.sum(axis=1, keepdims=True))
    else:
        counts = random.multinomial(questions, shares, size=subjects)
    changes = [change for row in counts for change, times in zip((-1, 1, 0), row, strict=True) for _ in range(times)]
    return changes, np.repeat(np.arange(subjects), questions).tolist()


def answers(
    layout: tuple[int, int], lost: float, won: float, icc: float, random: Generator, resampling: Resampling
) -> tuple[Interval, Interval]:
    """Draw answers of a base that knows nearly everything."""
    changes, subjects = changed(random, layout, lost, won, icc)
    base = [int(change < 1) for change in changes]
    tuned = [before + change for before, change in zip(base, changes, strict=True)]
    found = accuracy_change("cloze", base, tuned, [str(s) for s in subjects], 0.25, 0.05, resampling)
    before = of(expanded(changes, [1.0] * len(changes), subjects, resampling))
    if not any(changes):
        reach = 1 - resampling.tail ** (1 / len(changes))
        before = Interval(-reach, reach)
    return before, interval(found.low, found.high)


def accuracy() -> Iterator[Case]:
    """Few flips, losses at the margin of 5 points, and what is said of no loss and of a large one."""
    shares = (
        (0.015, 0.01),
        (0.05, 0.0),
        (0.065, 0.015),
        (0.08, 0.03),
        (0.3, 0.25),
        (0.0, 0.0),
        (0.01, 0.01),
        (0.2, 0.05),
    )
    for layout, icc, (lost, won) in product(LAYOUTS, (0.0, 0.1, 0.2), shares):
        name = f"{layout[0] * layout[1]} questions, {layout[0]} subjects, ICC {icc:g}; lost {lost:.1%}, won {won:.1%}"
        yield Case(name, won - lost, -0.05, partial(answers, layout, lost, won, icc))


# ── means ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def normal(random: Generator, n: int) -> Floats:
    """Return standard normal amounts."""
    return random.normal(size=n)


def student(random: Generator, n: int) -> Floats:
    """Return amounts of Student's t with 3 degrees of freedom, standard deviation 1."""
    return random.standard_t(3, size=n) / sqrt(3)


def lognormal(sigma: float, random: Generator, n: int) -> Floats:
    """Return lognormal amounts of mean 1."""
    return random.lognormal(-(sigma**2) / 2, sigma, size=n)


def weibull(shape: float, random: Generator, n: int) -> Floats:
    """Return Weibull amounts of mean 1."""
    return random.weibull(shape, size=n) / gamma(1 + 1 / shape)


def pareto(power: float, random: Generator, n: int) -> Floats:
    """Return Pareto amounts of mean 1, of which the tail falls with the power given."""
    return (1 + random.pareto(power, size=n)) * (power - 1) / power


def losing(sigma: float, random: Generator, n: int) -> Floats:
    """Return amounts of mean 0 with a lognormal tail of losses and a standard deviation of 1."""
    return (1 - lognormal(sigma, random, n)) / sqrt(exp(sigma**2) - 1)


SIGNED: Mapping[str, Callable[[Generator, int], Floats]] = {
    "normal": normal,
    "t with 3 degrees of freedom": student,
    "lognormal losses, σ = 1": partial(losing, 1.0),
}
POSITIVE: Mapping[str, Callable[[Generator, int], Floats]] = {
    "lognormal, σ = 0.5": partial(lognormal, 0.5),
    "lognormal, σ = 1": partial(lognormal, 1.0),
    "lognormal, σ = 1.5": partial(lognormal, 1.5),
    "Weibull, shape 0.5": partial(weibull, 0.5),
    "Pareto, power 3": partial(pareto, 3.0),
}


def likelihoods(
    layout: tuple[int, int], kind: str, truth: float, random: Generator, resampling: Resampling
) -> tuple[Interval, Interval]:
    """Draw changes of log-probabilities with a standard deviation of 0.3 and an intraclass correlation of 0.2."""
    count, questions = layout
    own, shared = SIGNED[kind](random, count * questions), SIGNED[kind](random, count).repeat(questions)
    tuned = (truth + 0.3 * (sqrt(0.8) * own + sqrt(0.2) * shared)).tolist()
    subjects = [str(n // questions) for n in range(len(tuned))]
    found = likelihood_change([0.0] * len(tuned), tuned, subjects, 0.2, resampling)
    return of(expanded(tuned, [1.0] * len(tuned), subjects, resampling)), interval(found.low, found.high)


def likelihood() -> Iterator[Case]:
    """At the margin, and without a loss."""
    for layout, kind, truth in product(LAYOUTS[::2], SIGNED, (-0.2, 0.0)):
        name = f"{layout[0]} subjects × {layout[1]}, {kind}; change {truth:g}"
        yield Case(name, truth, -0.2, partial(likelihoods, layout, kind, truth))


def passages(
    count: int, kind: str, truth: float, random: Generator, resampling: Resampling
) -> tuple[Interval, Interval]:
    """Draw losses of passages of 80 to 160 tokens; changes by passage have a standard deviation of 0.1 a token."""
    tokens = random.integers(80, 160, count)
    gains = (tokens * (truth + 0.1 * SIGNED[kind](random, count))).tolist()
    found = perplexity_change([0.0] * count, [-gain for gain in gains], tokens.tolist(), 0.1, resampling)
    after = Interval(-inf, inf) if not found.low or not found.high else Interval(-log(found.high), -log(found.low))
    return of(expanded(gains, tokens.tolist(), range(count), resampling)), after


def perplexity() -> Iterator[Case]:
    """At the margin of 10 %, and without a rise; changes are logarithms of the ratio."""
    for count, kind, truth in product((12, 28), SIGNED, (-log1p(0.1), 0.0)):
        yield Case(
            f"{count} passages, {kind}; change {truth:.3g}", truth, -log1p(0.1), partial(passages, count, kind, truth)
        )


def apart(
    amounts: Floats, tokens: NDArray[np.int_], margin: float, resampling: Resampling
) -> tuple[Interval, Interval]:
    """Return the intervals of KL or disagreement, as losses."""
    of_all, counts = amounts.tolist(), tokens.tolist()
    found, before = (
        divergence(of_all, counts, margin, resampling),
        of(expanded(of_all, counts, range(len(counts)), resampling)),
    )
    after = interval(found.low, found.high)
    return Interval(-before.high, -before.low), Interval(-after.high, -after.low)


def divergences(
    count: int, kind: str, mean: float, random: Generator, resampling: Resampling
) -> tuple[Interval, Interval]:
    """Draw KL by passage."""
    tokens = random.integers(80, 160, count)
    return apart(mean * tokens * POSITIVE[kind](random, count), tokens, 0.7, resampling)


def kl() -> Iterator[Case]:
    """At the margin, and at three times it."""
    for count, kind, mean in product((12, 28), POSITIVE, (0.7, 2.1)):
        yield Case(f"{count} passages, {kind}; mean {mean:g}", -mean, -0.7, partial(divergences, count, kind, mean))


def preferences(
    count: int, share: float, icc: float, random: Generator, resampling: Resampling
) -> tuple[Interval, Interval]:
    """Draw tokens at which the models differ, their share by passage from a beta distribution."""
    tokens, strength = random.integers(80, 160, count), 1 / icc - 1
    shares = random.beta(share * strength, (1 - share) * strength, size=count)
    return apart(random.binomial(tokens, shares).astype(np.float64), tokens, 0.5, resampling)


def disagreement() -> Iterator[Case]:
    """At the margin of one half, and at a twentieth."""
    for count, share, icc in product((12, 28), (0.5, 0.05), (0.05, 0.2)):
        name = f"{count} passages, {share:.0%} of the tokens, ICC {icc:g}"
        yield Case(name, -share, -0.5, partial(preferences, count, share, icc))


def scored(count: int, kind: str, truth: float, random: Generator, resampling: Resampling) -> tuple[Interval, Interval]:
    """Draw changes of scores, two answers a conversation; half of the answers stay as they are."""
    moved = random.random(2 * count) < 0.5
    changes = truth + np.where(
        moved, sqrt(2) * (0.9 * SIGNED[kind](random, 2 * count) + 0.4 * normal(random, count).repeat(2)), 0
    )
    dialogues = [str(n // 2) for n in range(2 * count)]
    found = score_change([0.0] * len(changes), changes.tolist(), dialogues, resampling)
    after = Interval(-inf, inf) if isinstance(found, NoScores) else interval(found.low, found.high)
    return of(expanded(changes.tolist(), [1.0] * len(changes), dialogues, resampling)), after


def score() -> Iterator[Case]:
    """Without a change, and with one of half a point."""
    for count, kind, truth in product((12, 50), SIGNED, (0.0, 0.5)):
        yield Case(f"{count} conversations, {kind}; change {truth:g}", truth, 0.0, partial(scored, count, kind, truth))


# ── rank correlations ─────────────────────────────────────────────────────────────────────────────────────────────────
class Grader(NamedTuple):
    """A judge: how much its level varies between ladders, how much it errs, and in which share of the ladders it is fooled."""

    shift: float
    noise: float
    fooled: float = 0.0

    def grades(self, random: Generator, sets: int, ladders: int) -> Floats:
        """Return whole grades, 1 to 10; fooled, a judge takes the contradiction and the injected answer for good ones."""
        taken = np.where((random.random((sets, ladders, 1)) < self.fooled) & (GRADES == 3), 9.0, GRADES)
        drawn = (
            taken
            + random.normal(0, self.shift, (sets, ladders, 1))
            + random.normal(0, self.noise, (sets, ladders, len(GRADES)))
        )
        return np.clip(np.round(drawn), 1, 10)


GRADERS = (
    Grader(0.5, 1),
    Grader(1, 2),
    Grader(2, 1),
    Grader(2, 2),
    Grader(3, 1),
    Grader(0, 4),
    Grader(0.5, 1, fooled=0.2),
)


def correlations(judged: Floats) -> Floats:
    """Return Spearman's correlation with the true grades of each of many sets of ladders."""
    ranks = [rankdata(x.reshape(len(judged), -1), axis=1) for x in (judged, np.broadcast_to(GRADES, judged.shape))]
    left, right = (rank - rank.mean(axis=1, keepdims=True) for rank in ranks)
    return np.asarray((left * right).sum(axis=1) / np.sqrt((left**2).sum(axis=1) * (right**2).sum(axis=1)))


def quick_spearman(left: Sequence[float], right: Sequence[float]) -> float:
    """Return what `stages.statistics.agreement.spearman` does of grades that vary, in a tenth of its time."""
    one, two = (ranks - ranks.mean() for ranks in map(quick_ranks, (left, right)))
    return float(one @ two / sqrt(float(one @ one) * float(two @ two)))


def quick_ranks(values: Sequence[float]) -> Floats:
    """Return the ranks of numbers, ties sharing their mean rank."""
    given = np.array(values)
    ordered = np.sort(given)
    return (np.searchsorted(ordered, given) + np.searchsorted(ordered, given, "right")) / 2


def ranked(grader: Grader, ladders: int, random: Generator, resampling: Resampling) -> tuple[Interval, Interval]:
    """Draw a judge's grades of ladders."""
    judged = grader.grades(random, 1, ladders)[0]
    drawn = correlations(judged[random.integers(ladders, size=(200, ladders))])
    items = np.repeat(np.arange(ladders), len(GRADES)).tolist()
    found = paired(quick_spearman, np.tile(GRADES, ladders).tolist(), judged.ravel().tolist(), items, resampling)
    low, high = np.quantile(drawn, [resampling.tail, 1 - resampling.tail])
    return Interval(float(low), float(high)), of(found) if found else Interval(-inf, inf)


def rank() -> Iterator[Case]:
    """Ten ladders, as there are of one language, and six; the truth is the mean of sets of 3,000 ladders."""
    for grader, ladders in product(GRADERS, (6, 10)):
        truth = float(correlations(grader.grades(np.random.default_rng(1), 10, 3000)).mean())
        name = f"{ladders} ladders, level ± {grader.shift:g}, error ± {grader.noise:g}"
        name += f", fooled in {grader.fooled:.0%}" if grader.fooled else ""
        yield Case(f"{name}; true {truth:.2f}", truth, GATE, partial(ranked, grader, ladders))


# ── published accuracies ──────────────────────────────────────────────────────────────────────────────────────────────
def tables(layout: tuple[int, int], icc: float, random: Generator, _: Resampling) -> tuple[Interval, Interval]:
    """Draw two accuracies near 60 and 58 % of which 8 % of the answers were lost and 6 % won; the interval was not changed."""
    changes, _subjects = changed(random, layout, 0.08, 0.06, icc)
    base = 0.6
    found = published_change(base, base + sum(changes) / len(changes), len(changes), {}, 0.95)
    return Interval(found.best_low, found.best_high), Interval(found.low, found.high)


def published() -> Iterator[Case]:
    """Of Table 4's sizes; "before" stands for the narrowest interval, "now" for the widest, which gives the verdict."""
    for layout, icc in product(((52, 26), (57, 246)), (0.0, 0.05, 0.1)):
        yield Case(
            f"{layout[0] * layout[1]:,} questions, {layout[0]} subjects, ICC {icc:g}",
            -0.02,
            -0.02,
            partial(tables, layout, icc),
        )


PARTS = {part.__name__: part for part in (accuracy, likelihood, perplexity, kl, disagreement, score, rank, published)}


# ── tables ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def figures(intervals: Sequence[Interval], case: Case) -> tuple[float, float, float, float, float]:
    """Return missed low, missed high, good, bad, in percent, and the median width."""
    lows, highs = np.array(intervals).T
    slack = 1e-9  # for rounding at the margin
    shares = (lows > case.truth + slack, highs < case.truth - slack, lows >= case.bound, highs < case.bound)
    return (*(float(100 * share.mean()) for share in shares), float(np.median(highs - lows)))  # type: ignore[return-value]


def resamplings(trials: int) -> Iterator[Resampling]:
    """Yield how to draw in each trial; draws are shared by blocks of trials, which saves most of the time."""
    for trial in range(trials):
        yield Resampling(confidence=0.95, resamples=RESAMPLES, seed=trial // BLOCK)


def table(cases: Iterator[Case], trials: int) -> Iterator[str]:
    """Yield the lines of a part."""
    yield "| case | missed low, before → now | missed high | good | bad | width |"
    yield "|---|---:|---:|---:|---:|---:|"
    for number, case in enumerate(cases):
        random = np.random.default_rng(number)
        drawn = [case.draw(random, resampling) for resampling in resamplings(trials)]
        before, now = (figures([both[n] for both in drawn], case) for n in (0, 1))
        cells = [f"{a:.1f} → {b:.1f}" for a, b in zip(before[:2], now[:2], strict=True)]
        cells += [f"{a:.0f} → {b:.0f}" for a, b in zip(before[2:4], now[2:4], strict=True)]
        yield f"| {case.name} | {' | '.join(cells)} | {before[4]:.3g} → {now[4]:.3g} |"


def noticed(trials: int) -> Iterator[str]:
    """Yield how often a change as large as `detectable` says is noticed; 80 % are meant."""
    random = np.random.default_rng(1)
    yield "| case | detectable, the median without a change | noticed at that change |"
    yield "|---|---:|---:|"
    for layout, share in product(LAYOUTS, (0.01, 0.03, 0.1)):
        found = [flips(*changed(random, layout, share, share, 0), how).detectable for how in resamplings(trials)]
        least = float(np.median([value or 0.0 for value in found]))
        lost = [of(flips(*changed(random, layout, share + least, share, 0), how)) for how in resamplings(trials)]
        seen = np.mean([one.high < 0 for one in lost])
        yield f"| accuracy, {layout[0]} × {layout[1]}, {share:.0%} lost and won | {100 * least:.1f} points | {seen:.0%} |"
    for count in (6, 12, 28, 100):
        told = [ratio(normal(random, count).tolist(), [1.0] * count, range(count), how) for how in resamplings(trials)]
        least = float(np.median([one.detectable or 0.0 for one in told]))
        moved = [
            ratio((normal(random, count) - least).tolist(), [1.0] * count, range(count), how)
            for how in resamplings(trials)
        ]
        seen = np.mean([of(one).high < 0 for one in moved])
        yield f"| mean of {count} clusters, normal | {least:.2f} standard deviations | {seen:.0%} |"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", nargs="*", choices=[*PARTS, "detectable"], default=[*PARTS, "detectable"])
    parser.add_argument("--trials", type=int, default=2000)
    options = parser.parse_args()
    for part in options.parts:
        print(f"\n### {part}\n")  # noqa: T201 - the result
        lines = noticed(options.trials) if part == "detectable" else table(PARTS[part](), options.trials)
        for line in lines:
            print(line, flush=True)  # noqa: T201 - the result


if __name__ == "__main__":
    main()

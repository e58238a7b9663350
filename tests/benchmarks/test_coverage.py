"""The simulation of intervals: its data have the truth that its cases name, and its figures count what they say."""

from math import inf

import numpy as np
import pytest

from benchmarks.coverage import (
    GRADES,
    POSITIVE,
    SIGNED,
    Case,
    Grader,
    Interval,
    accuracy,
    changed,
    correlations,
    figures,
    kl,
    published,
    quick_spearman,
    rank,
    table,
)
from stages.statistics.agreement import spearman


def test_changes_have_their_shares_and_their_correlation_within_subjects() -> None:
    random = np.random.default_rng(1)
    drawn = np.array([changed(random, (50, 10), 0.2, 0.1, 0.2)[0] for _ in range(300)])
    assert np.mean(drawn == -1) == pytest.approx(0.2, abs=0.01) and np.mean(drawn == 1) == pytest.approx(0.1, abs=0.01)
    lost = (drawn == -1).reshape(-1, 10).sum(axis=1)  # variance of a beta-binomial: n·p·q·(1 + (n − 1)·ρ)
    assert lost.var() == pytest.approx(10 * 0.2 * 0.8 * (1 + 9 * 0.2), rel=0.05)
    alone = np.array([changed(random, (50, 10), 0.2, 0.1, 0.0)[0] for _ in range(300)])
    assert (alone == -1).reshape(-1, 10).sum(axis=1).var() == pytest.approx(1.6, rel=0.05)


@pytest.mark.parametrize("kind", [*SIGNED, *POSITIVE])
def test_amounts_have_the_mean_that_the_truth_is_made_of(kind: str) -> None:
    draw, mean = (SIGNED[kind], 0.0) if kind in SIGNED else (POSITIVE[kind], 1.0)
    drawn = draw(np.random.default_rng(1), 400_000)
    assert drawn.mean() == pytest.approx(mean, abs=0.02)


def test_a_quick_correlation_is_the_stages_and_a_fooled_judge_correlates_less() -> None:
    random = np.random.default_rng(1)
    honest, fooled = (Grader(0.5, 1, fooled=share).grades(random, 20, 6) for share in (0.0, 1.0))
    assert correlations(honest).min() > correlations(fooled).max()
    left, right = np.tile(GRADES, 6).tolist(), honest[0].ravel().tolist()
    assert quick_spearman(left, right) == pytest.approx(spearman(left, right)) == pytest.approx(correlations(honest)[0])


def test_figures_count_misses_verdicts_and_the_median_width() -> None:
    intervals = [Interval(-0.3, -0.2), Interval(-0.04, 0.0), Interval(-0.1, 0.1), Interval(-inf, inf)]
    case = Case("a loss at the margin", -0.05, -0.05, lambda random, how: (intervals[0], intervals[0]))
    assert figures(intervals, case)[:4] == (25.0, 25.0, 25.0, 25.0)
    assert figures(intervals[:3], case)[4] == pytest.approx(0.1)


@pytest.mark.slow
def test_tables_show_what_the_docs_say() -> None:
    lines = list(table(iter([next(accuracy()), next(kl()), next(rank()), next(published())]), 60))
    assert len(lines) == 6
    before, now = (float(part) for part in lines[2].split("|")[2].split("→"))
    assert before > 5 > now

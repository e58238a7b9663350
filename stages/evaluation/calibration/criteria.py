"""Does a judge know good answers from bad ones? What it makes of answers whose worth is known, criterion by criterion.

A verdict that is missing or cannot be read counts as the worst one that the judge could have given: a judge is not to pass by
silence.
"""

from collections.abc import Mapping, Sequence
from statistics import fmean

from pydantic import ConfigDict, Field

from stages.core.row import Language, Record
from stages.evaluation.calibration.items import AnswerKind, CalibrationItem, GradedAnswer
from stages.judging.grade import Comparison
from stages.statistics.agreement import estimate, spearman
from stages.statistics.bootstrap import Estimate

HIGH: tuple[AnswerKind, ...] = ("good", "paraphrase")
FAULTY: tuple[AnswerKind, ...] = ("exaggeration", "contradiction", "copied")
LOW: tuple[AnswerKind, ...] = ("off_topic", "empty")
BEST, WORST, MIDDLE = 10.0, 1.0, 5.5  # of the scale

NEAR = 1e-6  # grades have six decimals: a difference of them that is a threshold may lie so far beside it

Scores = Mapping[tuple[str, AnswerKind], float]  # by item and kind; those without a verdict are not in it


class Bounds(Record):
    """What a judge has to reach."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    parsed: float = Field(ge=0, le=1)
    """At least this share of the answers gets a grade."""
    rank: float = Field(ge=-1, le=1)
    """Least Spearman correlation with the set's grades, by the low end of its interval, in each language."""
    order: float = Field(ge=0, le=1)
    """At least this share of paraphrases stands above the contradiction in nearly the same words."""
    injection: float = Field(ge=0, le=9)
    """Points that an answer may gain at most by asking for a high grade."""
    low: float = Field(ge=1, le=10)
    """The highest grade that an empty or off-topic answer may get; the rubric says 1 to 2."""
    faulty: float = Field(ge=1, le=10)
    """The highest grade that a contradiction, an exaggeration or the copied conversation may get; the rubric says 4 at most."""
    high: float = Field(ge=1, le=10)
    """The least mean grade of good answers, and of their paraphrases; the rubric says 9 to 10."""
    omission: float = Field(ge=0, le=9)
    """By how many points, at least, the mean grade of small omissions has to lie below that of good answers."""
    right: float = Field(ge=0, le=1)
    """At least this share of pairs is decided for the better answer, in both orders."""
    consistent: float = Field(ge=0, le=1)
    """At least this share of pairs is decided alike in both orders."""
    position: float = Field(ge=0, le=0.5)
    """How far the share of verdicts for the answer shown first may be from a half."""


class Criterion(Record):
    """One thing asked of a judge: what it reached, the threshold, and the reason for the outcome in words."""

    value: float | None
    low: float | None = None  # of the 95 % interval, where there is one
    high: float | None = None
    threshold: float
    passed: bool
    reason: str


def criteria(items: Sequence[CalibrationItem], scores: Scores, bounds: Bounds) -> dict[str, Criterion]:
    """Return every criterion of grades by name; a judge passes that passes all of them."""
    languages: list[Language] = sorted({item.language for item in items})
    of = {language: [item for item in items if item.language == language] for language in languages}
    taken = against(items, scores)
    return {
        "parsed": _at_least(len(scores) / len(taken), bounds.parsed, "share of answers that got a grade"),
        **{f"rank_{language}": _rank(of[language], taken, bounds.rank, language) for language in languages},
        "order": _order(items, taken, bounds.order),
        "injection": _injection(items, scores, bounds.injection),
        "low": _highest(items, taken, LOW, bounds.low, "an empty or off-topic answer"),
        "faulty": _highest(
            items, taken, FAULTY, bounds.faulty, "a contradiction, an exaggeration or a copied conversation"
        ),
        "high": _high(items, taken, bounds.high),
        "omission": _omission(items, scores, bounds.omission),
    }


def pair_criteria(found: Sequence[Comparison], bounds: Bounds) -> dict[str, Criterion]:
    """Return every criterion of choices by name; the better answer is the first one of each pair."""
    return {
        "right": _share([row.outcome == "win" for row in found], bounds.right, "decided for the better answer"),
        "consistent": _share(
            [row.consistent is True for row in found], bounds.consistent, "decided alike in both orders"
        ),
        "position": _position(found, bounds.position),
    }


def against(items: Sequence[CalibrationItem], scores: Scores) -> Scores:
    """Return a score for every answer; where there is none, the end of the scale that is farther from its grade."""
    return {
        (item.id, answer.kind): scores.get((item.id, answer.kind), _farthest(answer))
        for item in items
        for answer in item.answers
    }


def _farthest(answer: GradedAnswer) -> float:
    return WORST if answer.grade > MIDDLE else BEST


def _rank(items: Sequence[CalibrationItem], scores: Scores, least: float, language: Language) -> Criterion:
    """Rank correlation with the set's grades; the low end of its interval counts, items being drawn whole."""
    answers = [(item.id, answer) for item in items for answer in item.answers]
    correlation = estimate(
        spearman,
        [answer.grade for _, answer in answers],
        [scores[item, answer.kind] for item, answer in answers],
        [item for item, _ in answers],
    )
    text = f"low end of the 95 % interval of Spearman's correlation with the set's grades, {language}"
    return _at_least(correlation.low if correlation else None, least, text, correlation)


def _order(items: Sequence[CalibrationItem], scores: Scores, least: float) -> Criterion:
    """Share of items where the paraphrase of the good answer is above the contradiction in nearly its words."""
    above = [scores[item.id, "paraphrase"] > scores[item.id, "contradiction"] for item in items]
    return _at_least(fmean(above), least, "share of items with the paraphrase above the contradiction")


def _injection(items: Sequence[CalibrationItem], scores: Scores, most: float) -> Criterion:
    """Largest gain by asking; without a verdict the injected answer got the best grade, the bare one the worst."""
    gains = [scores.get((item.id, "injected"), BEST) - scores.get((item.id, "contradiction"), WORST) for item in items]
    return _at_most(max(gains), most, "largest gain of an answer by a text that asks for a high grade")


def _highest(
    items: Sequence[CalibrationItem], scores: Scores, kinds: Sequence[AnswerKind], most: float, what: str
) -> Criterion:
    return _at_most(max(scores[item.id, kind] for item in items for kind in kinds), most, f"highest grade of {what}")


def _high(items: Sequence[CalibrationItem], scores: Scores, least: float) -> Criterion:
    """Take the lesser of two means: one of all would let good answers make up for paraphrases."""
    means = [fmean(scores[item.id, kind] for item in items) for kind in HIGH]
    return _at_least(min(means), least, "lesser mean grade of good answers and of paraphrases")


def _omission(items: Sequence[CalibrationItem], scores: Scores, least: float) -> Criterion:
    """Difference of means; without a verdict the omission got the best grade, the good answer the worst."""
    good = fmean(scores.get((item.id, "good"), WORST) for item in items)
    omission = fmean(scores.get((item.id, "small_fault"), BEST) for item in items)
    return _at_least(good - omission, least, "points from the mean grade of omissions up to that of good answers")


def _share(holds: Sequence[bool], least: float, what: str) -> Criterion:
    return _at_least(fmean(holds), least, f"share of pairs {what}")


def _position(found: Sequence[Comparison], most: float) -> Criterion:
    """Distance from a half of the share of verdicts for the answer in front; of a tie each answer has a half, missing ones lie all on one side."""
    verdicts, missing = 2 * len(found), sum(2 - row.first - row.ties for row in found if row.outcome is None)
    first = sum(row.first + row.ties / 2 for row in found)
    bias = max(0.5 - first / verdicts, (first + missing) / verdicts - 0.5)
    return _at_most(bias, most, "distance from a half of the share of verdicts for the answer shown first")


def _at_least(value: float | None, least: float, what: str, of: Estimate | None = None) -> Criterion:
    if value is None:
        return _criterion(None, least, False, f"{what}: cannot be told from the grades there are", of)
    passed = value >= least - NEAR
    return _criterion(value, least, passed, f"{what}: {value:.2f} {'reaches' if passed else 'is below'} {least:g}", of)


def _at_most(value: float, most: float, what: str) -> Criterion:
    passed = value <= most + NEAR
    return _criterion(
        value, most, passed, f"{what}: {value:.2f} {'is within' if passed else 'is above'} {most:g}", None
    )


def _criterion(value: float | None, threshold: float, passed: bool, reason: str, of: Estimate | None) -> Criterion:
    return Criterion(
        value=of.value if of else value,
        low=of.low if of else None,
        high=of.high if of else None,
        threshold=threshold,
        passed=passed,
        reason=reason,
    )

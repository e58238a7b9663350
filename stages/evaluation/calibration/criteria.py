"""Does a judge know good answers from bad ones? Its grades of answers whose worth is known, criterion by criterion."""

from collections.abc import Mapping, Sequence

from pydantic import ConfigDict, Field

from stages.core.row import Language, Record
from stages.evaluation.calibration.items import AnswerKind, CalibrationItem
from stages.statistics.agreement import estimate, spearman
from stages.statistics.bootstrap import Estimate

LOW: tuple[AnswerKind, ...] = ("off_topic", "empty")
HIGH: tuple[AnswerKind, ...] = ("good", "paraphrase")

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
    high: float = Field(ge=1, le=10)
    """The least mean grade of good answers and their paraphrases; the rubric says 9 to 10."""


class Criterion(Record):
    """One thing asked of a judge: what it reached, the threshold, and the reason for the outcome in words."""

    value: float | None
    low: float | None = None  # of the 95 % interval, where there is one
    high: float | None = None
    threshold: float
    passed: bool
    reason: str


def criteria(items: Sequence[CalibrationItem], scores: Scores, bounds: Bounds) -> dict[str, Criterion]:
    """Return every criterion by name; a judge passes that passes all of them. What was not judged cannot pass."""
    languages: list[Language] = sorted({item.language for item in items})
    of = {language: [item for item in items if item.language == language] for language in languages}
    return {
        "parsed": _parsed(items, scores, bounds.parsed),
        **{f"rank_{language}": _rank(of[language], scores, bounds.rank) for language in languages},
        "order": _order(items, scores, bounds.order),
        "injection": _injection(items, scores, bounds.injection),
        "low": _low(items, scores, bounds.low),
        "high": _high(items, scores, bounds.high),
    }


def _parsed(items: Sequence[CalibrationItem], scores: Scores, least: float) -> Criterion:
    share = len(scores) / sum(len(item.answers) for item in items)
    return _at_least(share, least, "share of answers that got a grade")


def _rank(items: Sequence[CalibrationItem], scores: Scores, least: float) -> Criterion:
    """Rank correlation with our grades; the low end of its interval counts, items being drawn whole."""
    judged = [(item.id, answer) for item in items for answer in item.answers if (item.id, answer.kind) in scores]
    correlation = estimate(
        spearman,
        [answer.grade for _, answer in judged],
        [scores[item, answer.kind] for item, answer in judged],
        [item for item, _ in judged],
    )
    text = "low end of the 95 % interval of Spearman's correlation with the set's grades"
    return _at_least(correlation.low if correlation else None, least, text, correlation)


def _order(items: Sequence[CalibrationItem], scores: Scores, least: float) -> Criterion:
    """Share of items where the paraphrase of the good answer is above the contradiction in nearly its words."""
    above = [scores.get((item.id, "paraphrase"), 0.0) > scores.get((item.id, "contradiction"), 10.0) for item in items]
    return _at_least(sum(above) / len(above), least, "share of items with the paraphrase above the contradiction")


def _injection(items: Sequence[CalibrationItem], scores: Scores, most: float) -> Criterion:
    gains = [
        scores[item.id, "injected"] - scores[item.id, "contradiction"]
        for item in items
        if {(item.id, "injected"), (item.id, "contradiction")} <= scores.keys()
    ]
    return _at_most(gains, most, "largest gain of an answer by a text that asks for a high grade")


def _low(items: Sequence[CalibrationItem], scores: Scores, most: float) -> Criterion:
    grades = [scores[item.id, kind] for item in items for kind in LOW if (item.id, kind) in scores]
    return _at_most(grades, most, "highest grade of an empty or off-topic answer")


def _high(items: Sequence[CalibrationItem], scores: Scores, least: float) -> Criterion:
    grades = [scores[item.id, kind] for item in items for kind in HIGH if (item.id, kind) in scores]
    return _at_least(sum(grades) / len(grades) if grades else None, least, "mean grade of good answers and paraphrases")


def _at_least(value: float | None, least: float, what: str, of: Estimate | None = None) -> Criterion:
    if value is None:
        return _unknown(least, what, of)
    outcome = "reaches" if value >= least else "is below"
    return _criterion(value, least, value >= least, f"{what}: {value:.2f} {outcome} {least:g}", of)


def _at_most(values: Sequence[float], most: float, what: str) -> Criterion:
    if not values:
        return _unknown(most, what, None)
    value = max(values)
    outcome = "is within" if value <= most else "is above"
    return _criterion(value, most, value <= most, f"{what}: {value:.2f} {outcome} {most:g}", None)


def _unknown(threshold: float, what: str, of: Estimate | None) -> Criterion:
    return _criterion(None, threshold, False, f"{what}: cannot be told from the grades there are", of)


def _criterion(value: float | None, threshold: float, passed: bool, reason: str, of: Estimate | None) -> Criterion:
    return Criterion(
        value=of.value if of else value,
        low=of.low if of else None,
        high=of.high if of else None,
        threshold=threshold,
        passed=passed,
        reason=reason,
    )

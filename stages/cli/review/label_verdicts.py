"""What rules and judge said of a label, and how early that brings it."""

from functools import cached_property
from typing import Literal

from stages.cli.review.queue import Check, Urgency
from stages.core import params
from stages.rows.label_quality import LEVEL, Finding, Flag, Floor, LabelQuality, Rating

SOFT = {Flag.UNGROUNDED, Flag.UNCOVERED}  # as stage judge: doubtful, where every other flag makes faulty
LEVELS: dict[Floor, int] = {"low": 0, "medium": 1, "no_fault": 2, "high": 2}
BEST = LEVELS["high"]


def checks(found: LabelQuality | None) -> list[Check]:
    """Return what the rules found, the judge's score, and the quality that follows."""
    if found is None:
        return [Check("Stage judge", "has not seen this answer; run dvc repro judge", "plain")]
    flags = [Check("Rules", flag, "bad") for flag in found.flags] or [Check("Rules", "no fault found", "good")]
    score = "no judge was heard" if found.score is None else f"{found.score:g}"
    tone: Literal["good", "bad"] = "good" if LEVELS[LEVEL[found.quality]] == BEST else "bad"
    quality = Check(f"Quality, by {found.layer}", found.quality, tone)
    return [*flags, Check("Judge model, 1 to 10", score, "plain"), quality]


class Grades:
    """The scores from which the judge's grade is high and medium (section `judge`), read when the first score is."""

    @cached_property
    def bounds(self) -> tuple[float, float]:
        """From which score a label is high, and medium."""
        return params.value("judge.high", float), params.value("judge.medium", float)

    def urgency(self, found: LabelQuality | None) -> tuple[Urgency, str] | None:
        """Return that rules and judge disagree, or that one of them doubts the label, and in which words; None where neither."""
        if found is None:
            return None
        if found.score is not None:
            rules, judge = _by_rules(found.flags), self._by_judge(found.score)
            if LEVELS[LEVEL[rules]] != LEVELS[LEVEL[judge]]:
                return Urgency.DISAGREEMENT, f"rules say {rules}, the judge {judge}"
        if LEVELS[LEVEL[found.quality]] < BEST:
            return Urgency.DOUBTFUL, f"{found.quality}: {', '.join(found.flags) or 'by its score'}"
        return None

    def _by_judge(self, score: float) -> Rating:
        high, medium = self.bounds
        return "high" if score >= high else "medium" if score >= medium else "low"


def _by_rules(flags: tuple[Flag, ...]) -> Finding:
    return "faulty" if set(flags) - SOFT else "doubtful" if flags else "no_fault"

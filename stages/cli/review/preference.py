"""What a person prefers of two models' answers, and the win rate that follows."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import Literal, NamedTuple

from pydantic import Field

from stages.reviews.decisions import Decision
from stages.statistics.bootstrap import Estimate, Resampling, expanded
from stages.statistics.rates import rate

Choice = Literal["tuned", "base", "tie", "neither"]
WORTH: Mapping[Choice, float] = {"tuned": 1.0, "base": 0.0, "tie": 0.5, "neither": 0.5}
RESAMPLING = Resampling(confidence=0.95, resamples=10000, seed=1)


class Preference(Decision):
    """A line of data/review/preferences.jsonl: `answer_id` is the hash of both answers, so it is stale once one is another."""

    preferred: Choice | None = Field(None, exclude_if=lambda value: value is None)  # None: withdrawn

    @property
    def verdict(self) -> Hashable:
        """Which one is preferred."""
        return self.preferred

    @property
    def category(self) -> str:
        """Which one is preferred, for the agreement between reviewers."""
        return self.preferred or self.action

    @property
    def care(self) -> int:
        """Of two opinions none is more careful; a tie says least."""
        return int(self.preferred in ("tie", "neither"))


class Outcome(NamedTuple):
    """How often each was chosen, of so many rows; `same` of the ties are rows to which both models said the same, shown to nobody."""

    who: str
    rows: int
    chosen: Mapping[str, int]
    same: int
    rate: Estimate


def outcome(who: str, chosen: Mapping[str, Choice], same: Sequence[str], dialogues: Mapping[str, str]) -> Outcome:
    """Return the tuned model's win rate, a tie being half a win, with its interval over whole conversations (`dialogues`, by row)."""
    all_of: dict[str, Choice] = {**dict.fromkeys(same, "tie"), **chosen}
    worth = [WORTH[one] for one in all_of.values()]
    won = _won(worth, [dialogues[key] for key in all_of])
    return Outcome(who, len(all_of), Counter(all_of.values()), len(same), won)


def _won(worth: Sequence[float], dialogues: Sequence[str]) -> Estimate:
    """Return the mean with an interval within 0 … 1, as stage score has its shares: won or lost without a tie, all alike prove nothing."""
    if set(worth) <= {0.0, 1.0} and len(set(dialogues)) > 1:
        found = rate([int(one) for one in worth], dialogues, RESAMPLING.confidence)
        return Estimate(found.rate, found.low, found.high)
    value, low, high, _ = expanded(worth, [1.0] * len(worth), dialogues, RESAMPLING)
    return Estimate(value, *(None if end is None else min(1.0, max(0.0, end)) for end in (low, high)))

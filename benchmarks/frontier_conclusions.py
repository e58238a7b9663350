"""What the figures of a sweep allow to say, in sentences: nothing here is written by hand but the words around the figures."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from benchmarks import frontier_choice as choice
from benchmarks.frontier_choice import Setting
from stages.statistics.bootstrap import Estimate


class Mixed(NamedTuple):
    """A training with general rows beside the one without: by how much gain and KL differ, in pairs of rows and of passages."""

    one: Setting
    without: Setting
    gain: Estimate
    rows: int
    kl: Estimate
    passages: int

    @property
    def ratio(self) -> float:
        """General rows to a row of the domain."""
        return float(self.one.recipe["mix"])


def conclusions(
    found: Sequence[Setting], unseen: Sequence[Setting], mixed: Sequence[Mixed], planned: Mapping[str, object]
) -> Iterator[str]:
    """Yield a bullet each: what is in, what is named and whether it held, what shares repaired, what general rows did."""
    trainings = {one.name for one in found}
    yield f"- **In:** {len(trainings)} of the {len(planned)} trainings planned, {len(found)} settings; {_verdicts(found)}."
    for title, one in choice.named(found):
        again = [other for other in unseen if (other.name, other.share) == (one.name, one.share)]
        yield f"- **{title[0].upper()}{title[1:]}:** {one.title}: {_gained(one)}, {one.verdict}. {_held(one, again)}"
    yield f"- **Shares.** {_repairs(found)}"
    yield f"- **What ratio of general data?** {_mix(mixed)}"


def _verdicts(found: Sequence[Setting]) -> str:
    words = [one.verdict for one in found]
    return ", ".join(f"{words.count(word)} {word}" for word in dict.fromkeys(sorted(words)))


def _gained(one: Setting) -> str:
    gain = one.found["gain"]
    return f"{estimated(Estimate(gain['value'], gain['low'], gain['high']))} nats a character gained (n = {gain['n']})"


def estimated(found: Estimate, digits: int = 3) -> str:
    """Return a figure with its interval."""
    if found.low is None or found.high is None:
        return f"{found.value:+.{digits}f}"
    return f"{found.value:+.{digits}f} ({found.low:+.{digits}f} … {found.high:+.{digits}f})"


def held(one: Setting, other: Setting) -> bool:
    """Whether another training of a named setting gains too, and is called no worse than what the setting was named for."""
    worse = ("collapsed",) if one.verdict != "retained" else ("collapsed", "inconclusive")
    return other.gains and other.verdict not in worse


def _held(one: Setting, again: Sequence[Setting]) -> str:
    if not again:
        return "No other seed is in yet."
    told = "; ".join(
        f"seed {other.seed}: {_gained(other)}, {other.verdict}, which {'holds' if held(one, other) else 'does not hold'}"
        for other in sorted(again, key=lambda other: other.seed)
    )
    return f"On the test set, {told}."


def _repairs(found: Sequence[Setting]) -> str:
    fallen = [one for one in found if one.share == 1.0 and one.verdict == "collapsed"]
    told = []
    for whole in fallen:
        parts = [one for one in found if one.name == whole.name and one.share < 1.0]
        kept = [one for one in parts if one.verdict != "collapsed"]
        if kept:
            most = max(kept, key=lambda one: one.gain)
            told.append(f"{whole.name} ({_gained(whole)}) is {most.verdict} at {most.share:.0%}, with {_gained(most)}")
        elif parts:
            told.append(f"{whole.name} stays collapsed down to {min(one.share for one in parts):.0%}")
        else:
            told.append(f"of {whole.name} no share was asked")
    return f"Trainings that collapsed as a whole, {len(fallen)}: {'; '.join(told) or 'none'}."


def _mix(mixed: Sequence[Mixed]) -> str:
    if not mixed:
        return "No pair of trainings is in yet that differs in this alone."
    told = "; ".join(
        f"{each.one.name}, {each.ratio:g} to a row of the domain: gain {estimated(each.gain)} (n = {each.rows}) and KL {estimated(each.kl)} "
        f"(n = {each.passages}) against none, {each.without.verdict} → {each.one.verdict}"
        for each in mixed
    )
    repaired = [
        f"{each.ratio:g} ({each.one.name})"
        for each in mixed
        if each.without.verdict == "collapsed" and each.one.verdict != "collapsed"
    ]
    less = [each for each in mixed if each.kl.high is not None and each.kl.high < 0]
    answer = (
        f"A collapse was undone by {', '.join(repaired)}" if repaired else "No ratio that was tried undid a collapse"
    )
    return f"{told}. {answer}; KL fell for sure in {len(less)} of {len(mixed)} pairs."

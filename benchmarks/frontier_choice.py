"""Which settings of a sweep are worth naming, by rules that were written down before any was measured.

A setting is a training and the share of its update that is kept. It *gains* if the interval of its gain lies above zero, and *retains*
if stage `retain`'s word is `retained`: every measure within its margin, with its interval.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from stages.core import metrics


class Setting(NamedTuple):
    """A training, a share of its update, and what was found of it."""

    name: str
    seed: int
    share: float
    recipe: Mapping[str, Any]
    found: Mapping[str, Any]

    @property
    def gain(self) -> float:
        """By how much the answers' loss fell, nats a character."""
        return float(self.found["gain"]["value"])

    @property
    def gains(self) -> bool:
        """Whether that is more than chance."""
        low = self.found["gain"]["low"]
        return low is not None and low > 0

    @property
    def verdict(self) -> str:
        """What stage `retain` says."""
        return str(self.found["verdict"])

    def most(self, kind: str) -> float:
        """Return a measure's value in the language where it is highest."""
        return max(float(row["value"]) for name, row in self.found["measures"].items() if name.split()[0] == kind)

    @property
    def title(self) -> str:
        """Return how it is named in tables."""
        return f"{self.name}, {self.share:.0%} of the update"


def read(figures: Path, seeds: Iterable[int]) -> list[dict[str, Any]]:
    """Return the trainings that are in, of these seeds, by name."""
    wanted = set(seeds)
    return [told for path in sorted(figures.glob("*.json")) if (told := metrics.read(path))["seed"] in wanted]


def settings(trainings: Iterable[Mapping[str, Any]]) -> list[Setting]:
    """Return what was found, each share of each training."""
    return [
        Setting(told["name"], told["seed"], float(share), told["recipe"], found)
        for told in trainings
        for share, found in told["found"].items()
    ]


def mildest(found: Sequence[Setting]) -> Setting | None:
    """Return, of those that gain and retain, the one that moved least from the base: the smallest KL on general text."""
    return min((one for one in found if one.gains and one.verdict == "retained"), key=_moved, default=None)


def strongest(found: Sequence[Setting]) -> Setting | None:
    """Return, of those that gain and retain, the one that gains most."""
    return max((one for one in found if one.gains and one.verdict == "retained"), key=_gain, default=None)


def best(found: Sequence[Setting]) -> Setting | None:
    """Return the one that gains most of those that have not collapsed: what cannot be told counts here."""
    return max((one for one in found if one.gains and one.verdict != "collapsed"), key=_gain, default=None)


def repaired(found: Sequence[Setting]) -> Setting | None:
    """Return the best of what trainings that collapsed as a whole leave at a share of their update."""
    fallen = {one.name for one in found if one.share == 1.0 and one.verdict == "collapsed"}
    return best([one for one in found if one.name in fallen and one.share < 1.0])


def chosen(found: Sequence[Setting]) -> dict[str, Setting]:
    """Return the settings that are named, by what for; those that there are."""
    named = {
        "the mildest that retains": mildest(found),
        "the best of those that retain": strongest(found),
        "the best that gains": best(found),
        "the best repair of a collapsed training": repaired(found),
    }
    return {name: setting for name, setting in named.items() if setting}


def named(found: Sequence[Setting]) -> list[tuple[str, Setting]]:
    """Return the named settings, each once, under all that it is named for."""
    titles: dict[tuple[str, float], list[str]] = {}
    by_place = {(one.name, one.share): one for one in found}
    for title, one in chosen(found).items():
        titles.setdefault((one.name, one.share), []).append(title)
    return [("; ".join(own), by_place[place]) for place, own in titles.items()]


def _moved(one: Setting) -> float:
    return one.most("kl")


def _gain(one: Setting) -> float:
    return one.gain

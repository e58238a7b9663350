"""The population: niches, who is rewritten next, and whose place a child takes (§2.1, step 2.1).

A niche is task × form × language; the form is the first that an instruction lists: of hand-written ones what its author thought of
first, of a model's seeds the first in the order of `seeding.parsing.FORMS`. Only within a niche do instructions compete, so that no kind of
task dies out because another kind grows more easily.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from stages.core.draws import generator
from stages.core.row import Language
from stages.rows.instruction import FormatKind, Instruction


class Niche(NamedTuple):
    """Where instructions compete."""

    task: str
    form: FormatKind
    language: Language

    @classmethod
    def of(cls, row: Instruction) -> "Niche":
        """Return the niche of an instruction."""
        return cls(row.task, row.formats[0], row.language)


@dataclass(eq=False)
class Member:
    """An instruction that may be rewritten: its root (the seed it descends from), its worth, and how often it was a parent."""

    row: Instruction
    root: Instruction
    worth: float
    used: int = 0


class Population:
    """The members of all niches; each niche has room for `capacity`, or for the seeds it started with where these are more."""

    def __init__(self, founders: Iterable[Member], capacity: int) -> None:
        """Start from the founders."""
        self.capacity = capacity
        self.niches = defaultdict[Niche, list[Member]](list)
        for member in founders:
            self.niches[Niche.of(member.row)].append(member)

    @property
    def members(self) -> list[Member]:
        """All members, niche by niche."""
        return [member for niche in self.niches.values() for member in niche]

    def parents(self, count: int, seed: int, *draw: object) -> Iterator[Member]:
        """Yield `count` parents: the least used first, of these one of each niche in turn, in an order drawn by `seed` and `draw`.

        Each draw counts as a use, so everybody has a first turn before anybody has a second one.
        """
        while count and (members := self.members):
            least = min(member.used for member in members)
            for member in self._in_turns([member for member in members if member.used == least], seed, *draw)[:count]:
                member.used += 1
                count -= 1
                yield member

    def _in_turns(self, members: list[Member], seed: int, *draw: object) -> list[Member]:
        """Return the members in an order in which each niche is asked once before any is asked again."""
        drawn = sorted(members, key=lambda member: generator(seed, *draw, member.row.id, "turn").random())
        seen = defaultdict[Niche, int](int)
        places = []
        for member in drawn:
            niche = Niche.of(member.row)
            places.append((seen[niche], generator(seed, *draw, *niche, seen[niche]).random()))
            seen[niche] += 1
        return [drawn[n] for n in sorted(range(len(drawn)), key=places.__getitem__)]

    def place(self, child: Member, parent: Member, rival: float) -> bool:
        """Find a place for a child, and say whether there was one.

        Fitter than `rival`, its parent's worth, it takes the parent's place in their niche. Else it takes free room, or the
        place of the least worthy member that had its turn and is worth less than the child.
        """
        niche = self.niches[Niche.of(child.row)]
        if parent in niche and child.worth > rival:
            niche[niche.index(parent)] = child
            return True
        if len(niche) < self.capacity:
            niche.append(child)
            return True
        weakest = min((each for each in niche if each.used), key=lambda each: (each.worth, each.row.id), default=None)
        if weakest is None or weakest.worth >= child.worth:
            return False
        niche[niche.index(weakest)] = child
        return True

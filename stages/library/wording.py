"""A wording of a part of a prompt, in each language, and what it does not go with (§2.2, step 1)."""

from functools import cached_property
from typing import NamedTuple

from stages.core.row import Language, Record
from stages.rows.instruction import FormatKind
from stages.rows.prompt import PartKind

Text = dict[Language, str]


class Place(NamedTuple):
    """Where a wording is to stand: what is asked, which parts the prompt has, and which of them come before it."""

    form: FormatKind
    task: str
    requirement: str
    parts: frozenset[PartKind]
    before: frozenset[PartKind]


class Unsuited(Record):
    """What a wording does not go with."""

    formats: tuple[FormatKind, ...] = ()  # "deal with every point" beside a single label
    tasks: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()  # "only what the conversation says" where knowledge of the trade is asked
    beside: tuple[PartKind, ...] = ()  # "only what the conversation says" beside a knowledge part
    after: tuple[PartKind, ...] = ()  # "you will work with …" after the conversation

    def bars(self, place: Place) -> bool:
        """Whether the wording must not stand there."""
        return (
            place.form in self.formats
            or place.task in self.tasks
            or place.requirement in self.requirements
            or not place.parts.isdisjoint(self.beside)
            or not place.before.isdisjoint(self.after)
        )


class Wording(Record):
    """One wording; a `plain` one is short enough for a one-line ask."""

    id: str
    text: Text
    plain: bool = False
    unsuited: Unsuited = Unsuited()

    @cached_property
    def suits_all(self) -> bool:
        """Whether it may stand anywhere."""
        return self.unsuited == Unsuited()

    def suits(self, place: Place) -> bool:
        """Whether it may stand there."""
        return self.suits_all or not self.unsuited.bars(place)


def unique(ids: list[str]) -> None:
    """Refuse a list with an id twice."""
    if twice := sorted({key for key in ids if ids.count(key) > 1}):
        raise ValueError(f"id twice: {', '.join(twice)}")


def suiting_first(kind: str, first: Wording) -> None:
    """Refuse a first wording that does not go with everything: it is the fixed one, and the one that is left when no other fits."""
    if not first.suits_all:
        raise ValueError(
            f"{kind} {first.id} is the first of its kind and must suit every prompt; put another before it"
        )

"""A person mentioned in a turn, as far as the words tell who."""

from typing import Literal, NamedTuple

Manner = Literal["", "own", "called"]  # own: the speaker's own name; called: the listener's


class PersonName(NamedTuple):
    """The parts of a name, any of them empty; `single` is one that may be a given name or a surname."""

    title: str = ""
    given: str = ""
    surname: str = ""
    single: str = ""
    initial: str = ""  # of the surname: "Vikram S."
    first: str = ""  # initial of the given name: "J. Doe"


class Mention(NamedTuple):
    """Characters start..end of turn `turn` name a person."""

    turn: int
    start: int
    end: int
    name: PersonName
    manner: Manner = ""


NOBODY = PersonName()

"""A field map: which key of a JSON, JSONL or CSV file holds what, as data (`maps/*.yaml`, and a pack's conversations.yaml).

A path names keys from the outside in, `author.name`; `*` stands for every item, a number for the one at that place, `.` for the value
itself. `@key` is the key under which several records of an object stand, `@file` the file itself. Of several paths the first that leads to something holds.
"""

from functools import cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from stages.core import yaml_files
from stages.core.row import Record
from stages.dialogues.formats.parties import Names, Parties
from stages.rows.dialogue import Party

MAPS = Path(__file__).with_name("maps")


def _words(value: object) -> object:
    return tuple(map(_word, value)) if isinstance(value, (list, tuple)) else (_word(value),)


def _word(value: object) -> object:
    return str(value).lower() if isinstance(value, (int, bool)) else value


Paths = Annotated[tuple[str, ...], BeforeValidator(_words)]
Values = Annotated[tuple[Annotated[str, StringConstraints(to_lower=True)], ...], BeforeValidator(_words)]


class People(Record):
    """A list beside the turns that says who is who."""

    list: str
    """Where in the record it is."""
    id: str
    """The key in it that a turn's `of` names."""
    of: str
    """The key in a turn."""
    party: Paths = ()
    """The key in it that says which party it is."""
    name: Paths = ()


class FieldMap(Record):
    """How one kind of file is read."""

    name: str
    about: str = ""
    """Which program writes such files, and where that is documented."""
    needs: Paths = Field(min_length=1)
    """A record that has all of these is of this kind; of two maps that fit, the one with more of them holds."""
    turns: Paths = ()
    """Lists of utterances, one behind the other."""
    lines: bool = False
    """Whether `turns` lead to texts of lines `Name: what was said`."""
    conversation: Paths = ()
    """Instead of turns: every record is one utterance, and those that are alike here are one conversation."""
    id: Paths = ()
    language: Paths = ()
    scene: Paths = ()
    source: Paths = ()
    role: Paths = ()
    context: Paths = ()
    """What was known beside the conversation: a listing, a price table."""
    group: Paths = ()
    """The customer or the case: what shares it with a test conversation is not trained on."""
    text: Paths = (".",)
    """In a turn, as all below: what was said, a text or a list of parts with texts."""
    party: Paths = ()
    """A word for provider, customer or other; one that no table has makes the conversation malformed."""
    speaker: Paths = ()
    """A name; one that no table has is other, if provider and customer are there without it."""
    also: Paths = ()
    """What else may tell the party, as a speaker's name does: a user's id, the names of roles."""
    time: Paths = ()
    number: Paths = ()
    """The place of the utterance in the conversation."""
    parties: Names = Names()
    """Words for the parties in this kind of file, before those of the shared table."""
    alternate: tuple[Party, ...] = ()
    """Nobody is named: the turns are these parties' in turns."""
    customer: Paths = ()
    """In a record: whom the customer's turns name as speaker, or under `also`; all others are the provider's."""
    people: People | None = None
    only: dict[str, Values] = Field(default_factory=dict)
    """Turns that have another value here, capitals aside, are none: {type: message}."""
    skip: dict[str, Values] = Field(default_factory=dict)
    """Turns that have one of these values are none: {role: [system, tool]}."""
    join: str = "\n"
    """What stands between the parts of a text."""
    html: bool = False
    """Whether texts are HTML."""
    strict: bool = False
    """Whether a key that this map does not name makes the record malformed: it may be a misspelled one."""
    spoken: bool | None = None
    """Whether it is a recording of talk; where the file names no source, one of the pack that is like it is taken."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if bool(self.turns) == bool(self.conversation):
            raise ValueError(f"map {self.name}: give either turns or conversation")
        if not (self.party or self.speaker or self.also or self.alternate or self.people):
            raise ValueError(f"map {self.name}: say who speaks: party, speaker, people or alternate")
        return self

    def keys(self, *fields: str) -> set[str]:
        """Return the outermost keys that `fields` name."""
        return {path.split(".")[0] for field in fields for path in getattr(self, field)}


class Conversations(Record):
    """`conversations.yaml` of a pack: what it says of its files."""

    parties: Names = Names()
    """Who is who, by name or word: {provider: [Wade Hollis], customer: [tenant]}."""
    strangers: Party | None = None
    """The party of people who are in no table, such as customer where all staff is named above; it takes one who is named to believe it."""
    maps: tuple[FieldMap, ...] = ()
    """Of files that no shipped map fits, or that it reads otherwise than wanted; they go before the shipped ones."""


class Forms:
    """The maps that hold for a pack, and its tables of parties."""

    def __init__(self, pack: Conversations | None = None) -> None:
        """Join what a pack says with what is shipped."""
        pack = pack or Conversations()
        self.parties = Parties(pack.parties.table(), strangers=pack.strangers)
        ranked = sorted(shipped(), key=lambda form: -len(form.needs))
        self.maps: tuple[FieldMap, ...] = (*pack.maps, *ranked)

    def who(self, form: FieldMap) -> Parties:
        """Return the tables for a file of the kind `form`."""
        return self.parties.before(form.parties.table())


def read_forms(pack: Path) -> Forms:
    """Return what holds for the pack in the folder `pack`."""
    return Forms(yaml_files.load(pack / "conversations.yaml", Conversations))


@cache
def shipped() -> tuple[FieldMap, ...]:
    """Return the maps of `maps/`, by name."""
    return tuple(yaml_files.load(path, FieldMap) for path in sorted(MAPS.glob("*.yaml")))

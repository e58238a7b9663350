"""The conversation beside an instruction: the one that it was made from, or one that it may be asked of."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from stages.core import jsonl
from stages.core.row import content_id
from stages.rows.dialogue import PARTY_NAMES, Dialogue
from stages.rows.instruction import Instruction

TRAIN = Path("data/dialogues/train.jsonl")
TURNS = 12  # of a conversation that are shown at once; the rest unfolds


class Spoken(NamedTuple):
    """A turn as the page shows it."""

    who: str
    party: str
    text: str


class Excerpt(NamedTuple):
    """A conversation, and how it comes to stand beside a row."""

    id: str
    scene: str
    role: str
    source: str
    turns: list[Spoken]
    rest: list[Spoken]
    why: str


class Conversations:
    """The conversations of the training side, read when the first is asked for."""

    def __init__(self, path: Path = TRAIN) -> None:
        """Read nothing yet."""
        self.path = path

    @cached_property
    def rows(self) -> dict[str, Dialogue]:
        """The conversations by id; none where they have not been made."""
        return jsonl.by_id(self.path, Dialogue) if self.path.is_file() else {}

    def beside(self, row: Instruction) -> Excerpt | None:
        """Return the conversation an instruction was made from, else one of its language and scenes, always the same."""
        made = next((self.rows[key] for key in row.parents if key in self.rows), None)
        if made:
            return excerpt(made, "the conversation that it was written for")
        fitting = [one for one in self.rows.values() if self._fits(one, row)]
        if not fitting:
            return None
        drawn = min(fitting, key=lambda one: content_id(row.id, one.id))
        return excerpt(drawn, "one that it may be asked of")

    def _fits(self, one: Dialogue, row: Instruction) -> bool:
        scene, role = one.scene in row.scenes or not row.scenes, one.role in row.roles or not row.roles
        return one.language == row.language and scene and role


def excerpt(one: Dialogue, why: str, turns: int = TURNS) -> Excerpt:
    """Return a conversation's first turns, and the others."""
    told = spoken(one)
    return Excerpt(one.id, one.scene, one.role, one.source, told[:turns], told[turns:], why)


def spoken(one: Dialogue) -> list[Spoken]:
    """Return the turns as they are shown."""
    names = PARTY_NAMES[one.language]
    return [Spoken(f"{names[turn.party]} {turn.speaker}".strip(), turn.party, turn.text) for turn in one.turns]


def parted(text: str) -> Sequence[Spoken]:
    """Return the turns of a rendered conversation, one a line, with who speaks told apart where a line says it."""
    names = {name: party for names in PARTY_NAMES.values() for party, name in names.items()}
    found = list[Spoken]()
    for line in text.splitlines():
        who, colon, said = line.partition(": ")
        party = names.get(who.split(" ")[0])
        if colon and party:
            found.append(Spoken(who, party, said))
        elif found:
            found[-1] = found[-1]._replace(text=f"{found[-1].text}\n{line}")
        else:
            found.append(Spoken("", "other", line))
    return found

"""The conversation beside an instruction: the one that it was made from, or one that it may be asked of."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from stages.core.row import content_id
from stages.rows.dialogue import PARTY_NAMES, Dialogue
from stages.rows.instruction import Instruction

TRAIN = Path("data/dialogues/train.jsonl")
LOOKED_AT = 1000  # conversations, until one fits; a page does not wait for more
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
    """The conversations of the training side, looked up in their file: there may be more than a page should wait for."""

    def __init__(self, path: Path = TRAIN) -> None:
        """Read nothing yet."""
        self.path = path

    def get(self, key: str) -> Dialogue | None:
        """Return a conversation by its id."""
        start = f'{{"id":"{key}",'.encode()
        return next((parsed(line) for line in self._lines(0) if line.startswith(start)), None)

    def beside(self, row: Instruction) -> Excerpt | None:
        """Return the conversation an instruction was made from, else one of its language, scenes and roles, always the same."""
        made = next(filter(None, map(self.get, row.parents)), None)
        if made:
            return excerpt(made, "the conversation that it was written for")
        lines = islice(self._lines(int(content_id(row.id), 16)), LOOKED_AT)
        drawn = next((one for one in map(parsed, lines) if self._fits(one, row)), None)
        return excerpt(drawn, "one that it may be asked of") if drawn else None

    def _lines(self, draw: int) -> Iterator[bytes]:
        """Yield all lines, beginning behind a place that is drawn; none where the file has not been made."""
        size = self.path.stat().st_size if self.path.is_file() else 0
        if not size:
            return
        with self.path.open("rb") as file:
            file.seek(draw % size)
            if file.tell():
                file.readline()  # the rest of the line that the place lies in; it comes last
            begin = file.tell()
            yield from file
            file.seek(0)
            while file.tell() < begin:
                yield file.readline()

    def _fits(self, one: Dialogue, row: Instruction) -> bool:
        scene, role = one.scene in row.scenes or not row.scenes, one.role in row.roles or not row.roles
        return one.language == row.language and scene and role


def parsed(line: bytes) -> Dialogue:
    """Return the conversation of a line that a stage wrote."""
    return Dialogue.model_validate_json(line)


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

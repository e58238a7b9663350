"""What a queue of the review page is: rows, the most informative first, what is shown of one, and what may be decided."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import IntEnum
from pathlib import Path
from typing import ClassVar, Literal, NamedTuple

from stages.cli.review.state import State
from stages.core.errors import DialInsightError, InputError
from stages.core.row import content_id
from stages.reviews.decisions import Decision

Form = Mapping[str, str]


class Refused(DialInsightError):
    """What a person typed cannot be recorded; the message says why, on the page."""


class Urgency(IntEnum):
    """Why a row comes early, the first first."""

    DISAGREEMENT = 0  # rules and judge say different things
    DOUBTFUL = 1  # rules or judge refuse it, or doubt it
    ALIKE = 2  # another row says nearly the same
    WRITTEN = 3  # a model wrote it
    OTHER = 4  # people wrote it, for the domain pack


class Entry(NamedTuple):
    """What is known of a row before it is opened: what filters look at, what search looks in, and when its turn is."""

    id: str
    facets: Mapping[str, tuple[str, ...]]
    words: str
    urgency: Urgency = Urgency.OTHER
    why: str = ""
    waits: bool = (
        True  # whether somebody has to decide; the pack's instructions, which people wrote, need not be looked at
    )

    @property
    def turn(self) -> tuple[int, str]:
        """Its place in the order: by urgency, then by the hash of its id, the same for everyone."""
        return self.urgency, content_id("review", self.id)


class Check(NamedTuple):
    """What a rule or a judge says of a row."""

    by: str
    says: str
    tone: Literal["good", "bad", "plain"]


class Author(NamedTuple):
    """Who decides, and whether what is said settles a conflict."""

    name: str
    settles: bool = False


class Queue(ABC):
    """One gate at which people decide."""

    name: ClassVar[str]
    title: ClassVar[str]
    stage: ClassVar[str]  # of dvc.yaml, that makes the rows
    reads: ClassVar[str]  # the stage that reads the decisions
    template: ClassVar[str]
    kind: ClassVar[type[Decision]] = Decision  # of the lines in `file`
    blind: ClassVar[bool] = False  # whether nothing may tell what was decided until all is
    file: ClassVar[Path]  # of the decisions
    source: ClassVar[Path]  # of the rows
    beside: ClassVar[tuple[Path, ...]] = ()  # files that are looked into where they are there
    bears: ClassVar[tuple[Path, ...]] = ()  # files on which it depends whether a decision still `counts`
    reasons: ClassVar[tuple[str, ...]] = ()

    def require(self) -> None:
        """Raise InputError where the rows have not been made, with the command that makes them."""
        if not self.source.is_file():
            raise InputError(f"{self.source}: not there yet; run `dvc repro {self.stage}` first")

    @property
    def sources(self) -> tuple[Path, ...]:
        """The files whose change makes `load` due."""
        return (self.source, *self.beside)

    @abstractmethod
    def load(self) -> list[Entry]:
        """Read the rows, keep them, and return what is known of each, in any order."""

    def refine(self) -> list[Entry] | None:
        """Return the entries again where what takes seconds (near-duplicates) changes them; called once, beside the server."""
        return None

    @abstractmethod
    def shown(self, key: str, reviewer: str) -> dict[str, object]:
        """Return what the template shows this reviewer of a row, beside its decisions."""

    @abstractmethod
    def decide(self, key: str, form: Form, by: Author) -> Decision:
        """Return the decision that a form stands for; Refused where it stands for none."""

    def about(self, key: str) -> str:
        """Return the hash of what is decided on, where a stage may make it anew under the row's id; else ""."""
        return ""

    def counts(self, decision: Decision) -> bool:
        """Whether a recorded decision is about the row as it now is."""
        return True

    def follow(self, decision: Decision, form: Form) -> None:
        """Write what a decision brings with it in another file, before it is recorded."""
        return

    def remark(self, key: str, form: Form) -> str:
        """Return what a person should know of what was just recorded, or ""."""
        return ""

    def undo(self, decision: Decision) -> None:
        """Take back what `follow` wrote."""
        return

    def correct(self, key: str, form: Form, by: Author) -> str:
        """Record what a stretch of a row is, and return what to say of it; Refused where a queue has no stretches."""
        raise Refused("rows of this queue are decided whole")

    def latest(self, reviewer: str) -> tuple[datetime, str] | None:
        """Return when this reviewer last corrected a stretch that stands, and of which row."""
        return None

    def take_back(self, reviewer: str) -> None:
        """Take back that correction."""
        return

    def checks(self, key: str) -> list[Check]:
        """Return what rules and judge say of a row."""
        return []

    def finished(self, states: Mapping[str, State], reviewer: str) -> dict[str, object]:
        """Return what the last page shows: `outcomes` of a comparison, None as long as it goes on."""
        return {"outcomes": (), "models": ()}

    def drafted(self, key: str, form: Form) -> tuple[str, str]:
        """Return the text that a rewriting starts from, and the one that was typed, for the word diff."""
        return "", form.get("text", "")


def reason(form: Form) -> str:
    """Return why a row is discarded, in the reviewer's words or by a button; Refused without."""
    said = (form.get("reason") or form.get("words") or "").strip()
    if not said:
        raise Refused("a discard needs a reason: choose one by its number, or write it")
    return said


def names(text: str, known: Collection[str] = ()) -> tuple[str, ...]:
    """Return the names in a list that was typed, one a line or with commas between; a line that is a `known` name is one, commas and all."""
    lines = (line.strip() for line in text.split("\n"))
    parts = (part for line in lines for part in ([line] if line in known else line.replace("，", ",").split(",")))
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


def present(values: Sequence[str]) -> tuple[str, ...]:
    """Return the values that say something."""
    return tuple(value for value in values if value)

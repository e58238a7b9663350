"""A pack on its way: the records of a domain pack, each with the comments that are to stand above it, and the skeleton to begin with."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import Field

from stages.core import yaml_files
from stages.core.row import Language, Record
from stages.library.domain_pack import HandWritten, Requirement, Role, Scene, Source, Task
from stages.library.wording import Text

NEUTRAL = Path(__file__).with_name("neutral.yaml")
TODO = "TODO"  # stands where a person has to write
EXTRACTION = "information_extraction"  # the task of which a skeleton leaves requirements open
OPEN = 2  # of them, and instructions in each language

R = TypeVar("R", bound=Record)


class Neutral(Record):
    """`neutral.yaml`: what is of no domain."""

    sources: tuple[Source, ...]
    tasks: tuple[Task, ...]
    instructions: tuple[HandWritten, ...]
    replies: tuple[HandWritten, ...]


@cache
def neutral() -> Neutral:
    """Return it."""
    return yaml_files.load(NEUTRAL, Neutral)


@dataclass(frozen=True)
class Block(Generic[R]):
    """A record, and the comments above it."""

    value: R
    notes: tuple[str, ...] = ()


class Heading(Record):
    """The domain's title, and what customers are called."""

    title: Text
    customers: dict[Language, tuple[str, ...]] = Field(default_factory=dict)


@dataclass(frozen=True)
class PackDraft:
    """What the files of a pack are written from; every TODO in it is a person's to fill in."""

    name: str
    languages: tuple[Language, ...]
    heading: Block[Heading]
    scenes: tuple[Block[Scene], ...]
    sources: tuple[Block[Source], ...]
    roles: tuple[Block[Role], ...]
    requirements: tuple[tuple[str, Block[Requirement]], ...]
    """Beside the neutral ones, by task."""
    instructions: tuple[Block[HandWritten], ...]
    """Beside the neutral ones."""
    sorted_into: Mapping[str, str] = field(default_factory=dict)
    """The scene that the writer found for conversations whose records name none, by id."""

    def requirements_of(self, task: str) -> tuple[Block[Requirement], ...]:
        """Return a task's own ones."""
        return tuple(block for owner, block in self.requirements if owner == task)

    def but(self, **changes: object) -> "PackDraft":
        """Return it with other blocks in some places."""
        return replace(self, **changes)  # type: ignore[arg-type]


def todo(languages: Iterable[Language]) -> Text:
    """Return a text that is still to be written in each language."""
    return dict.fromkeys(languages, TODO)


def skeleton(
    name: str,
    languages: tuple[Language, ...],
    scenes: Sequence[str] = (),
    sources: Sequence[str] = (),
    roles: Sequence[str] = (),
    spoken: Sequence[bool] = (),
) -> PackDraft:
    """Return a draft in which a person writes all that only the domain knows; the ids that the conversations name are there."""
    text, served = todo(languages), tuple(scenes) or (TODO,)
    return PackDraft(
        name=name,
        languages=languages,
        heading=Block(Heading(title=text)),
        scenes=tuple(Block(Scene(id=key, weight=1.0, name=text, description=text)) for key in served),
        sources=tuple(_sources(sources, spoken, languages)),
        roles=tuple(Block(Role(id=key, scenes=served, name=text, description=text)) for key in roles or (TODO,)),
        requirements=tuple(
            (EXTRACTION, Block(Requirement(id=f"{TODO}_{number}", text=text))) for number in range(1, OPEN + 1)
        ),
        instructions=tuple(
            Block(open_instruction(language, f"{TODO}_{number}", EXTRACTION))
            for language in languages
            for number in range(1, OPEN + 1)
        ),
    )


def open_instruction(language: Language, requirement: str, task: str) -> HandWritten:
    """Return an instruction whose words and fields are still to be written."""
    forms = next(row.formats for row in neutral().tasks if row.id == task)
    fields = (TODO,) if {"json", "table"}.intersection(forms) else ()
    return HandWritten(
        id=f"{language}_{requirement}",
        language=language,
        task=task,
        requirement=requirement,
        fields=fields,
        formats=forms,
        text=TODO,
    )


def _sources(named: Sequence[str], spoken: Sequence[bool], languages: Sequence[Language]) -> Iterator[Block[Source]]:
    """Yield the sources that records name, then neutral ones for files that name none, spoken or written as these are."""
    ready, wanted = {row.id: row for row in neutral().sources}, set(spoken) or (set() if named else {False})
    for key in named:
        if key in ready:
            yield Block(_in(languages, ready[key]))
        else:
            yield Block(Source(id=key, spoken=False, name=todo(languages)), ("see whether it is spoken",))
    yield from (Block(_in(languages, row)) for row in ready.values() if row.spoken in wanted and row.id not in named)


def _in(languages: Sequence[Language], source: Source) -> Source:
    return source.model_copy(update={"name": {language: source.name[language] for language in languages}})

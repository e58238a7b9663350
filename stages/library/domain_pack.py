"""A domain pack: what a team writes about its domain, as data (§3.1, Table 5, Fig. 2)."""

from collections import Counter
from collections.abc import Collection, Sequence
from functools import cached_property
from pathlib import Path
from typing import Literal, Self, TypeVar

from pydantic import Field, model_validator

from stages.core import yaml_files
from stages.core.errors import PromptError
from stages.core.row import Language, Record
from stages.library.wording import Text, Wording, suiting_first, unique
from stages.rows.instruction import NAMED, FormatKind, Instruction, KnowledgeKind

Named = TypeVar("Named", bound="Scene | Source | Role | Task")


def _named(items: Sequence[Named], key: str, place: str) -> Named:
    """Return the item of this id; a PromptError where there is none."""
    found = next((item for item in items if item.id == key), None)
    if found is None:
        raise PromptError(
            f"{place} {key}; it has {', '.join(item.id for item in items)}: `dial-insight check` tells who names it"
        )
    return found


class Scene(Record):
    """A business scene; `weight` is its importance in sampling."""

    id: str
    weight: float = Field(gt=0, allow_inf_nan=False)
    name: Text
    description: Text


class Source(Record):
    """How a conversation was recorded."""

    id: str
    spoken: bool
    name: Text


class Role(Record):
    """A service role and the scenes it works in."""

    id: str
    scenes: tuple[str, ...] = Field(min_length=1)
    name: Text
    description: Text


class Domain(Record):
    """`domain.yaml`."""

    name: str
    title: Text
    scenes: tuple[Scene, ...] = Field(min_length=1)
    sources: tuple[Source, ...] = Field(min_length=1)
    roles: tuple[Role, ...] = Field(min_length=1)
    customers: dict[Language, tuple[str, ...]] = Field(default_factory=dict)
    """What they are called, beside customer and client; an instruction that names them is about the conversation."""
    places: dict[Literal["zh"], tuple[str, ...]] = Field(default_factory=dict)
    """Roads and estates that the conversations name and that look like people: stage anonymize takes them for nobody."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for group in (self.scenes, self.sources, self.roles):
            unique([item.id for item in group])
        known = {scene.id for scene in self.scenes}
        for role in self.roles:
            if unknown := set(role.scenes) - known:
                raise ValueError(f"role {role.id} names unknown scenes {', '.join(sorted(unknown))}")
        for name in (name for names in self.customers.values() for name in names):
            if name != name.strip().lower() or not name:
                raise ValueError(f"customers has {name!r}: expected a word in lower case without blanks around it")
        return self

    def scene(self, key: str) -> Scene:
        """Return a scene by id."""
        return _named(self.scenes, key, "domain.yaml: no scene")

    def source(self, key: str) -> Source:
        """Return a source by id."""
        return _named(self.sources, key, "domain.yaml: no source")

    def role(self, key: str) -> Role:
        """Return a role by id."""
        return _named(self.roles, key, "domain.yaml: no role")


class Requirement(Record):
    """One line of Table 5; `ours` marks what the paper's "..." leaves open."""

    id: str
    ours: bool = False
    trade_knowledge: bool = False
    """Its answers rest on knowledge of the trade too, or on what is known beside the conversation."""
    explained: bool = False
    """Its answers set out reasons or words to use: it is never answered by a bare label."""
    held_out: bool = False
    """Only the test set asks for it: no instruction that is trained on may have it, so that a model meets it for the first time there."""
    text: Text


class Task(Record):
    """A task type; `weight` is its importance in sampling."""

    id: str
    weight: float = Field(gt=0, allow_inf_nan=False)
    name: Text
    description: Text
    requirements: tuple[Requirement, ...] = Field(min_length=1)
    formats: tuple[FormatKind, ...] = Field(min_length=1)

    @property
    def trained(self) -> tuple[Requirement, ...]:
        """The requirements that training instructions may have: all that are not held out."""
        return tuple(row for row in self.requirements if not row.held_out)

    @model_validator(mode="after")
    def _trainable(self) -> Self:
        unique([row.id for row in self.requirements])
        if not self.trained:
            raise ValueError(f"task {self.id} holds out all its requirements; leave one to be trained on")
        return self


class Tasks(Record):
    """`tasks.yaml`."""

    tasks: tuple[Task, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        unique([task.id for task in self.tasks])
        return self

    def get(self, key: str) -> Task:
        """Return a task by id."""
        return _named(self.tasks, key, "tasks.yaml: no task")

    @cached_property
    def held_out(self) -> frozenset[tuple[str, str]]:
        """Tasks and requirements that only the test set asks for."""
        return frozenset((task.id, row.id) for task in self.tasks for row in task.requirements if row.held_out)

    @cached_property
    def beyond(self) -> frozenset[tuple[str, str]]:
        """Tasks and requirements whose answers rest on more than the conversation."""
        return frozenset((task.id, row.id) for task in self.tasks for row in task.requirements if row.trade_knowledge)


class Format(Wording):
    """One wording of an output format."""

    kind: FormatKind


class SampleAnswer(Record):
    """An invented answer in a form that names no fields, to show what the form looks like (§2.2: illustrative examples)."""

    id: str
    kind: FormatKind
    forms: tuple[str, ...] = ()
    """Wordings of the form that it shows; none: all of its kind. A numbered list is not shown by bullets."""
    text: Text

    def shows(self, form: Format) -> bool:
        """Whether it shows what the wording asks for."""
        return self.kind == form.kind and (not self.forms or form.id in self.forms)


class Formats(Record):
    """`formats.yaml`."""

    formats: tuple[Format, ...] = Field(min_length=1)
    samples: tuple[SampleAnswer, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        unique([item.id for item in self.formats])
        unique([item.id for item in self.samples])
        worded = {(item.kind, item.id) for item in self.formats}
        for item in self.samples:
            if strange := [form for form in item.forms if (item.kind, form) not in worded]:
                raise ValueError(
                    f"sample {item.id} shows {', '.join(strange)}, no wording of {item.kind}; mend its forms"
                )
        for first in {item.kind: item for item in reversed(self.formats)}.values():
            suiting_first(first.kind, first)
        return self


class HandWritten(Record):
    """One entry of `instructions.yaml`."""

    id: str
    language: Language
    task: str
    requirement: str
    scenes: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    formats: tuple[FormatKind, ...] = Field(min_length=1)
    knowledge: tuple[KnowledgeKind, ...] = ()
    """What must stand beside the conversation for it to be answered."""
    text: str

    @model_validator(mode="after")
    def _checkable(self) -> Self:
        if lack := lacking(self.formats, self.fields, self.labels):
            raise ValueError(lack)
        return self


def lacking(formats: Collection[str], fields: Collection[str], labels: Collection[str]) -> str:
    """Return which names an instruction in these forms lacks, has too many of or has twice; "" where each form can be asked for."""
    if not fields and set(formats) & set(NAMED):
        return "json, table, key_values and multipart need fields"
    if not labels and "label" in formats:
        return "label needs labels"
    if fields and "label" in formats:
        return "label has no place for fields; take label out of formats, or write a second instruction"
    for place, names in (("formats", formats), ("fields", fields), ("labels", labels)):
        if twice := sorted(name for name, count in Counter(names).items() if count > 1):
            return f"{place} has {', '.join(twice)} twice; keep one"
    return ""


class Instructions(Record):
    """`instructions.yaml`."""

    instructions: tuple[HandWritten, ...]
    replies: tuple[HandWritten, ...] = ()
    """What is asked where the answer is what the provider really said next; none of them is evolved (docs/replies.md)."""

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read them from a pack's folder."""
        return yaml_files.load(folder / "instructions.yaml", cls)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        unique([item.id for item in (*self.instructions, *self.replies)])
        for item in self.replies:
            if item.formats != ("message",):
                raise ValueError(
                    f"reply {item.id} has formats {', '.join(item.formats)}; what is said next is a message"
                )
            if item.knowledge:
                raise ValueError(
                    f"reply {item.id} needs {', '.join(item.knowledge)}, which who replied had not; take it out"
                )
        return self

    @cached_property
    def reply_asks(self) -> tuple[Instruction, ...]:
        """What is asked for real replies, as instructions."""
        return tuple(
            Instruction.new(**item.model_dump(exclude={"id"}), origin="pack", author=item.id) for item in self.replies
        )

"""Label Studio's files: tasks to import, the labeling configuration, and tasks as the JSON export has them, annotations included.

https://labelstud.io/guide/task_format, /guide/export, /tags
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from xml.etree import ElementTree as Xml

from pydantic import BaseModel, ConfigDict, Field

from stages.cli.annotation.answers import Annotation
from stages.cli.annotation.gates import Gate, Item, Name

LOOSE = ConfigDict(extra="ignore", hide_input_in_errors=True)


def tasks(name: Name, items: Sequence[Item]) -> list[dict[str, Any]]:
    """Return one task an item."""
    return [{"data": {"queue": name, "row": item.id, "about": item.named, **item.shown}} for item in items]


def configuration(gate: Gate, guidelines: str) -> str:
    """Return the labeling configuration: the texts, one choice, and two places to write in."""
    view = Xml.Element("View")
    Xml.SubElement(view, "Style").text = ".htx-text { white-space: pre-wrap; }"
    Xml.SubElement(view, "Header", value=guidelines)
    for field in gate.fields:
        Xml.SubElement(view, "Header", value=field, size="5")
        Xml.SubElement(view, "Text", name=field, value=f"${field}")
    first = gate.fields[0]
    choices = Xml.SubElement(
        view, "Choices", name="decision", toName=first, choice="single", required="true", showInline="true"
    )
    for choice in gate.choices:
        Xml.SubElement(choices, "Choice", value=choice)
    for name, rows in (("text", "4"), ("reason", "1")):
        Xml.SubElement(view, "TextArea", name=name, toName=first, rows=rows, maxSubmissions="1", placeholder=name)
    Xml.indent(view)
    return Xml.tostring(view, encoding="unicode") + "\n"


class User(BaseModel):
    """Who annotated, where the export tells more than a number."""

    model_config = LOOSE
    id: int | None = None
    email: str = ""

    @property
    def name(self) -> str:
        """The address, or else the number."""
        return self.email.strip() or str(self.id)


class Value(BaseModel):
    """What was chosen or written."""

    model_config = LOOSE
    choices: list[str] = Field(default_factory=list)
    text: list[str] | str = ""

    @property
    def said(self) -> str:
        """The choice, or the text, its parts in lines."""
        text = self.text if isinstance(self.text, str) else "\n".join(self.text)
        return (self.choices[0] if self.choices else text).strip()


class Result(BaseModel):
    """One answer of an annotation."""

    model_config = LOOSE
    from_name: str = ""
    value: Value = Field(default_factory=Value)


class TaskAnnotation(BaseModel):
    """What one person said of a task."""

    model_config = LOOSE
    result: list[Result] = Field(default_factory=list)
    completed_by: User | int | None = None
    was_cancelled: bool = False
    created_at: datetime | None = None
    updated_at: datetime | None = None


class Data(BaseModel):
    """What the export put into the task."""

    model_config = LOOSE
    queue: str
    row: str
    about: str = ""


class Task(BaseModel):
    """A task of an exported file."""

    model_config = LOOSE
    data: Data
    annotations: list[TaskAnnotation]


def annotations(task: Task, time: datetime) -> Iterator[Annotation]:
    """Yield what each person said of the task, skipped ones aside; `time` is of those that tell none."""
    for row in task.annotations:
        if row.was_cancelled:
            continue
        by, said = row.completed_by, {result.from_name: result.value.said for result in row.result}
        user = by.name if isinstance(by, User) else str(by)
        yield Annotation(
            task.data.queue, task.data.row, task.data.about, user, row.updated_at or row.created_at or time, said
        )

"""Argilla's files (2.x): records as `dataset.records.to_json` writes them, and the settings that `rg.Settings.from_json` reads.

https://docs.argilla.io/latest/how_to_guides/import_export, /reference/argilla/records/records
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from stages.cli.annotation.answers import Annotation
from stages.cli.annotation.gates import Gate, Item, Name

LOOSE = ConfigDict(extra="ignore", hide_input_in_errors=True)


def records(name: Name, items: Sequence[Item]) -> list[dict[str, Any]]:
    """Return one record an item; a text that is empty is left out."""
    return [
        {
            "id": item.id,
            "fields": {field: text for field, text in item.shown.items() if text},
            "metadata": {"queue": name, "about": item.named or "row"},
            "suggestions": {},
            "responses": {},
            "vectors": {},
        }
        for item in items
    ]


def settings(gate: Gate, guidelines: str) -> dict[str, Any]:
    """Return the data set's settings: the fields, the three questions and the metadata."""
    first, *others = gate.fields
    options = [{"value": choice, "text": choice, "description": None} for choice in gate.choices]
    choice = {"type": "label_selection", "options": options, "visible_options": None}
    text = {"type": "text", "use_markdown": False}
    terms = {"type": "terms", "values": None, "visible_for_annotators": False}
    return {
        "guidelines": guidelines,
        "allow_extra_metadata": False,
        "fields": [_named(first, text, required=True), *(_named(name, text, required=False) for name in others)],
        "questions": [
            _named("decision", choice, required=True),
            _named("text", text, required=False),
            _named("reason", text, required=False),
        ],
        "metadata": [
            {"name": name, "title": name, "settings": terms, "visible_for_annotators": False}
            for name in ("queue", "about")
        ],
        "vectors": [],
        "distribution": {"strategy": "overlap", "min_submitted": 1},
    }


def _named(name: str, given: Mapping[str, Any], *, required: bool) -> dict[str, Any]:
    return {
        "name": name,
        "title": name,
        "description": None,
        "required": required,
        "settings": given,
        "type": given["type"],
    }


class Response(BaseModel):
    """What one user answered to one question."""

    model_config = LOOSE
    value: str | None = None
    user_id: str


class Metadata(BaseModel):
    """What the export put beside the record."""

    model_config = LOOSE
    queue: str
    about: str


class ArgillaRecord(BaseModel):
    """A record of an exported file."""

    model_config = LOOSE
    id: str
    metadata: Metadata
    status: str = ""  # pending: nobody has submitted a response
    responses: dict[str, list[Response]] = Field(default_factory=dict)


def annotations(record: ArgillaRecord, time: datetime) -> Iterator[Annotation]:
    """Yield what each user said of the record; the file does not tell when, so `time` is theirs.

    Nor does it tell a draft, which is kept while somebody types, or a discarded response from a submitted one. On a pending record
    none is submitted, so nobody has said anything yet.
    """
    said = defaultdict[str, dict[str, str]](dict)
    for question, responses in record.responses.items():
        for response in responses:
            said[response.user_id][question] = (response.value or "").strip()
    about = "" if record.metadata.about == "row" else record.metadata.about
    for user, answers in said.items():
        submitted = {} if record.status == "pending" else answers
        yield Annotation(record.metadata.queue, record.id, about, user, time, submitted)

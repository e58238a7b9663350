"""What the writer is asked for, as JSON schemas and as what is read back: an item that does not fit is left out, the others count."""

from typing import Any

from pydantic import Field

from stages.core.row import Language, Record


class Sorted(Record):
    """The scene that a conversation is of."""

    scene: str


class Scenes(Record):
    """Items as they came, to be read one by one; so in all answers below."""

    scenes: tuple[dict[str, Any], ...]


class People(Record):
    """The domain's title, who speaks for it, and what customers are called, by language."""

    title: dict[str, Any]
    roles: tuple[dict[str, Any], ...]
    customers: dict[str, Any] = Field(default_factory=dict)


class Requirements(Record):
    """Requirements of one task."""

    requirements: tuple[dict[str, Any], ...]


class Instructions(Record):
    """Instructions of one task in one language."""

    instructions: tuple[dict[str, Any], ...]


def scenes(languages: tuple[Language, ...], most: int) -> dict[str, Any]:
    """Return the schema of 1 to `most` scenes."""
    return _object(scenes=_list(_named(languages), 1, most))


def sorting(ids: tuple[str, ...]) -> dict[str, Any]:
    """Return the schema of one of the scenes."""
    return _object(scene={"type": "string", "enum": [*ids]})


def people(languages: tuple[Language, ...], most: int) -> dict[str, Any]:
    """Return the schema of a title, 1 to `most` roles and words for customers."""
    words = _object(**{language: _list({"type": "string"}, 0, most) for language in languages})
    return _object(title=_text(languages), roles=_list(_named(languages), 1, most), customers=words)


def requirements(languages: tuple[Language, ...], count: int) -> dict[str, Any]:
    """Return the schema of `count` requirements."""
    return _object(requirements=_list(_object(id={"type": "string"}, text=_text(languages)), count, count))


def instructions(ids: tuple[str, ...], count: int) -> dict[str, Any]:
    """Return the schema of `count` instructions, each of one of the requirements."""
    item = _object(
        requirement={"type": "string", "enum": [*ids]},
        text={"type": "string"},
        fields=_list({"type": "string"}, 0, 6),
    )
    return _object(instructions=_list(item, count, count))


def _named(languages: tuple[Language, ...]) -> dict[str, Any]:
    return _object(id={"type": "string"}, name=_text(languages), description=_text(languages))


def _text(languages: tuple[Language, ...]) -> dict[str, Any]:
    return _object(**{language: {"type": "string"} for language in languages})


def _list(item: dict[str, Any], least: int, most: int) -> dict[str, Any]:
    return {"type": "array", "items": item, "minItems": least, "maxItems": most}


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": [*properties], "additionalProperties": False}

"""What is still to be written in a domain pack: every TODO, by file and line, and blocks that a model proposed and nobody has read."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from stages.reporting.counted import counted

OPEN = re.compile(r"(?<![A-Z])TODO(?![A-Z])")
PROPOSED = re.compile(r"^\s*# proposed by (?P<model>.+), not read by a person yet\s*$")
LINES = 8  # that are named
LANGUAGES = ("en", "zh")  # keys of a text
SINGULAR = {
    "scenes": "scene",
    "sources": "source",
    "roles": "role",
    "tasks": "task",
    "requirements": "requirement",
    "instructions": "instruction",
    "replies": "reply",
    "entries": "entry",
}
ID = "a short name in lower case with underscores"
# What is expected where, by the kind of block and the field; what is not here is to be written as its comment says.
EXPECTED = {
    ("", "title"): "what the domain is called, for the report",
    ("", "customers"): "what customers are called here, in lower case",
    ("scene", "id"): f"{ID}, such as booking; conversations, roles and ingest.defaults.scene name it",
    ("scene", "name"): "what the conversations are about, as it stands within a sentence",
    ("scene", "description"): "a sentence on what happens in such conversations",
    ("source", "id"): f"{ID} for how they were recorded",
    ("source", "name"): "how they were recorded, within a sentence, such as a written chat",
    ("role", "id"): f"{ID}, such as receptionist; conversations and ingest.defaults.role name it",
    ("role", "scenes"): "ids of the scenes in which this role speaks",
    ("role", "name"): "who speaks for you, within a sentence, with an article in English",
    ("role", "description"): "a sentence on what this person does and listens for",
    ("requirement", "id"): f"{ID}; instructions name it",
    ("requirement", "text"): "one line of what you want to know from a conversation, as an order",
    ("instruction", "id"): ID,
    ("instruction", "requirement"): "the id of one of the task's requirements in tasks.yaml",
    ("instruction", "fields"): "the points an answer has, two to five short names",
    ("instruction", "text"): "what is to be done with one conversation, in 12 to 50 words",
}


class Place(NamedTuple):
    """A scalar that is open: its line from 1, the block it is in (kind and id), and the field."""

    line: int
    kind: str
    key: str
    field: str


def todos(folder: Path, name: str) -> Iterator[str]:
    """Yield a line for each field of one file of a pack that still says TODO, in the file's order."""
    path = folder / name
    try:
        text = path.read_text(encoding="utf-8")
        tree = YAML().load(text) if OPEN.search(text) else {}  # whole packs take seconds
    except (OSError, YAMLError, UnicodeDecodeError):
        return  # loading it says why
    for place in dict.fromkeys(_open(tree, ("", ""), "", 1)):
        subject = f"{place.kind} `{place.key}`: " if place.kind else ""
        expected = EXPECTED.get((place.kind, place.field), "what the comment above it says")
        yield f"{path}:{place.line}: {subject}{place.field} is TODO; write {expected}"


def _open(node: Any, block: tuple[str, str], field: str, line: int) -> Iterator[Place]:  # noqa: ANN401 - YAML
    """Yield the open scalars below a node, which is of a field of a block."""
    if isinstance(node, CommentedMap):
        for name, value in node.items():
            inner = field if field and name in LANGUAGES else str(name)
            yield from _open(value, block, inner, node.lc.value(name)[0] + 1)
    elif isinstance(node, CommentedSeq):
        for number, item in enumerate(node):
            named = isinstance(item, dict) and "id" in item
            below = (SINGULAR.get(field, field), str(item["id"])) if named else block
            yield from _open(item, below, "" if named else field, node.lc.item(number)[0] + 1)
    elif isinstance(node, str) and OPEN.search(node):
        yield Place(line, *block, field)


def unread(folder: Path) -> Iterator[str]:
    """Yield for each file how many blocks a model proposed that nobody has read yet; a person who has removes the comment."""
    for path in sorted(folder.glob("*.yaml")):
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        found = [(number, match["model"]) for number, line in enumerate(lines, 1) if (match := PROPOSED.match(line))]
        if found:
            models = ", ".join(sorted({model for _, model in found}))
            named = ", ".join(str(number) for number, _ in found[:LINES]) + (" …" if len(found) > LINES else "")
            yield (
                f"{path}:{found[0][0]}: {counted(len(found), 'block')} proposed by {models} and not read by a person yet (lines {named}); "
                "read each, mend it, and remove its comment"
            )

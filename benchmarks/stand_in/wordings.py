"""What kind of request a text is, by the words of prompts/ themselves: a reworded prompt is recognized as the old one was."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from stages.core import yaml_files
from stages.core.row import Language
from stages.library import meta_prompts
from stages.library.domain_pack import Formats
from stages.rows.instruction import FormatKind

TOKEN = re.compile(r"(\{\{.*?\}\}|\{%.*?%\})", re.DOTALL)
NAME = re.compile(r"\{\{-?\s*(\w+)")
SHORTEST = 6  # characters of a landmark


class Wording(NamedTuple):
    """A template: a line of it that no other has, and the pattern of a text made with it, its fields as groups."""

    kind: str  # the folder of a meta-prompt, or the kind of an output format
    language: Language
    body: str
    landmark: str
    pattern: re.Pattern[str]


class Found(NamedTuple):
    """The template a text was made with, and what stood in its fields."""

    wording: Wording
    fields: dict[str, str]


def requests(prompts: Path) -> list[Wording]:
    """Return the meta-prompts of all stages."""
    read = [meta_prompts.read(path) for path in sorted(prompts.glob("*/*.md"))]
    return _wordings([(prompt.name.partition("/")[0], prompt.language, prompt.body) for prompt in read])


def forms(prompts: Path) -> list[Wording]:
    """Return the wordings of output formats of all domain packs."""
    packs = [yaml_files.load(path, Formats) for path in sorted(prompts.glob("*/formats.yaml"))]
    return _wordings(
        [(form.kind, language, text) for pack in packs for form in pack.formats for language, text in form.text.items()]
    )


def find(text: str, wordings: Sequence[Wording]) -> Found | None:
    """Return the first of `wordings` that `text` holds, or None; a field whose place is not found is left out."""
    for wording in wordings:
        if wording.landmark in text:
            match = wording.pattern.search(text)
            return Found(wording, {name: value or "" for name, value in match.groupdict().items()} if match else {})
    return None


def _wordings(templates: Sequence[tuple[FormatKind | str, Language, str]]) -> list[Wording]:
    bodies = [body for _, _, body in templates]
    return [
        Wording(str(kind), language, body, _landmark(body, bodies), re.compile(_pattern(body)))
        for kind, language, body in templates
    ]


def _landmark(body: str, bodies: Sequence[str]) -> str:
    """Return the longest piece of text without a field that fewest other templates have too."""
    pieces = [line.strip() for part in TOKEN.split(body)[::2] for line in part.splitlines()]
    fit = [piece for piece in pieces if len(piece) >= SHORTEST] or [max(pieces, key=len)]
    return min(fit, key=lambda piece: (sum(piece in other for other in bodies), -len(piece)))


def _pattern(body: str) -> str:
    """Return a template as a pattern: blanks of any kind for blanks, optional what stands under a condition."""
    return "".join(_pieces(["", *TOKEN.split(body), ""]))


def _pieces(parts: Sequence[str]) -> Iterator[str]:
    seen, loops = set[str](), 0
    for before, part, after in zip(parts, parts[1:], parts[2:], strict=False):
        word = part[2:].strip("- ").partition(" ")[0] if part.startswith("{%") else ""
        loops += (word == "for") - (word == "endfor")
        if word == "endfor" and not loops:
            yield r"[\s\S]*?"
        elif loops or word in {"set", "else", "elif"}:
            continue
        elif word in {"if", "endif"}:
            yield "(?:" if word == "if" else ")?"
        elif (match := NAME.match(part)) and match[1] not in seen:
            seen.add(match[1])
            yield rf"(?P<{match[1]}>[\s\S]*?)"
        elif match:
            yield r"[\s\S]*?"
        else:
            yield _literal(part, before.startswith("{%"), after.startswith("{%-"))


def _literal(text: str, behind_block: bool, before_strip: bool) -> str:
    """Return text between fields; its line breaks must be there, but at an end where the template may lose them."""
    pieces = re.split(r"(\s+)", text)
    loose = ({1} if behind_block and not pieces[0] else set()) | (
        {len(pieces) - 2} if before_strip and not pieces[-1] else set()
    )
    return "".join(
        re.escape(piece) if n % 2 == 0 else r"\s*\n\s*" if "\n" in piece and n not in loose else r"\s*"
        for n, piece in enumerate(pieces)
    )

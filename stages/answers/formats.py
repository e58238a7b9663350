"""Does an answer have the form it was asked for? One parser for each kind of prompts/<domain>/formats.yaml."""

import json
import re
from collections.abc import Callable

from stages.core.jsonl import once
from stages.rows.instruction import Ask, FormatKind
from stages.text.languages import HAN, han_count, units

FieldValues = dict[str, list[str]]  # values by field; under "" what stands without a field

NOT_STATED = ("not stated", "未提及")  # what the formats ask for where the conversation is silent: a full answer
UNSAID = re.compile("|".join(map(re.escape, NOT_STATED)), re.IGNORECASE)
# What models write for it instead.
NOTHING = {"null", "n/a", "na", "none", "nil", "unknown", "无", "暂无", "没有", "未知", "不详"}
BLANK = {"", "-", "–", "—", "/", "...", "…", *NOTHING}
WORDS, HAN_CHARACTERS = 225, 375  # of a paragraph or message: half more than the longest that any wording allows

BULLET = re.compile(r"[-*•]\s+(\S.*)")
NUMBER = re.compile(r"(\d{1,3})(?:[.)、．]|\s?）)\s*(\S.*)")
SEPARATOR = re.compile(r"\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?")
PIPE = re.compile(r"(?<!\\)\|")
HEADING = re.compile(r"##\s+(\S.*)")
TIGHT_ITEM = rf"[.)．](?=[A-Za-z]*[{HAN}“《【「\[*])"  # behind the number of an item of a Chinese list, which has no blank there: 1.看房
MARKUP = re.compile(rf"\s*(#{{1,6}}\s|[-*•]\s|\d{{1,3}}(?:[.)．]\s|{TIGHT_ITEM}|、(?!\d)| ?）)|\||```)", re.MULTILINE)
HEAD = re.compile(
    r"(subject|re|主题|(?:provider|服务者)(?: ?\[\w+\])?)\s*[:：]", re.IGNORECASE
)  # of a mail, or a script's turn


def parse(answer: str, ask: Ask) -> FieldValues | None:
    """Return the values an answer gives for each field, or None if it does not have the asked form."""
    return PARSERS[ask.kind](answer.strip(), ask)


def coverage(values: FieldValues, ask: Ask) -> float:
    """Return the share of asked sub-items that have an answer ("not stated" is one); 1.0 in forms that name no fields."""
    if not ask.fields or "" in values:
        return 1.0
    filled = [any(value.strip().casefold() not in BLANK for value in values.get(field, [])) for field in ask.fields]
    return sum(filled) / len(filled)


def label(answer: str, ask: Ask) -> FieldValues | None:
    """One of the labels, or "not stated", and nothing else; case does not matter."""
    allowed = {text.casefold() for text in (*ask.labels, *NOT_STATED)}
    return {"": [answer]} if answer.casefold() in allowed else None


def listing(answer: str, ask: Ask) -> FieldValues | None:
    """Lines that are all bullets, or all numbered from 1 without gaps."""
    lines = [line.rstrip() for line in answer.splitlines() if line.strip()]
    bullets = [BULLET.fullmatch(line) for line in lines]
    numbers = [NUMBER.fullmatch(line) for line in lines]
    if lines and all(bullets):
        return {"": [match[1] for match in bullets if match]}
    if lines and [int(match[1]) for match in numbers if match] == list(range(1, len(lines) + 1)):
        return {"": [match[2] for match in numbers if match]}
    return None


def json_object(answer: str, ask: Ask) -> FieldValues | None:
    """One object with exactly the asked keys; values are text, numbers, or arrays of these."""
    try:
        parsed = json.loads(answer, object_pairs_hook=once, parse_constant=_refused)
    except (ValueError, RecursionError):
        return None
    if not isinstance(parsed, dict) or (ask.fields and set(parsed) != set(ask.fields)):
        return None
    values = {key: value if isinstance(value, list) else [value] for key, value in parsed.items()}
    if any(isinstance(item, (dict, list)) for items in values.values() for item in items):
        return None
    return {key: ["" if item is None else str(item) for item in items] for key, items in values.items()}


def _refused(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def table(answer: str, ask: Ask) -> FieldValues | None:
    """One Markdown table with the asked columns in their order and at least one row, all rows of the same width."""
    lines = [line.strip() for line in answer.splitlines() if line.strip()]
    if len(lines) < 3 or not SEPARATOR.fullmatch(lines[1]) or not all("|" in line for line in lines):
        return None
    header, _, *rows = ([cell.strip() for cell in PIPE.split(_inside(line))] for line in lines)
    if ask.fields and [_name(cell) for cell in header] != [_name(field) for field in ask.fields]:
        return None
    if any(len(row) != len(header) for row in rows):
        return None
    return {field: [row[n] for row in rows] for n, field in enumerate(ask.fields or header)}


def _inside(line: str) -> str:
    return line.removeprefix("|").removesuffix("|")


def key_values(answer: str, ask: Ask) -> FieldValues | None:
    """One line `Field: value` for each asked field, once, with an ASCII or a full-width colon; in any order."""
    pairs = [re.split(r"\s*[:：]\s*", line.strip(), maxsplit=1) for line in answer.splitlines() if line.strip()]
    if not pairs or any(len(pair) != 2 for pair in pairs):
        return None
    given = {_name(name): [value] for name, value in pairs}
    names = {_name(field): field for field in ask.fields} or {name: name for name in given}
    return {names[key]: given[key] for key in names} if set(names) == set(given) and len(pairs) == len(given) else None


def paragraph(answer: str, ask: Ask) -> FieldValues | None:
    """One block of prose: no line breaks, headings, lists or tables, and not too long."""
    return {"": [answer]} if answer and "\n" not in answer and _is_prose(answer) else None


def message(answer: str, ask: Ask) -> FieldValues | None:
    """Text ready to be sent: no headings, lists, subject or speaker before it or quotation marks around it, and not too long."""
    quoted = len(answer) > 1 and answer[0] + answer[-1] in ('""', "“”", "「」")
    return {"": [answer]} if answer and not quoted and not HEAD.match(answer) and _is_prose(answer) else None


def _is_prose(text: str) -> bool:
    counted = units(text)
    han = han_count(counted)
    return not MARKUP.match(text) and not re.search(r"\n" + MARKUP.pattern, text) and _short(len(counted) - han, han)


def _short(words: int, han: int) -> bool:
    return words / WORDS + han / HAN_CHARACTERS <= 1


def multipart(answer: str, ask: Ask) -> FieldValues | None:
    """Sections `## Heading` with the asked headings in their order, each once, and nothing before the first."""
    lines = answer.splitlines()
    places = [n for n, line in enumerate(lines) if HEADING.fullmatch(line.strip())]
    if not places or places[0] != 0:
        return None
    names = [_name(lines[place].strip().lstrip("#")) for place in places]
    if ask.fields and names != [_name(field) for field in ask.fields]:
        return None
    ends = [*places[1:], len(lines)]
    bodies = ["\n".join(lines[start + 1 : end]).strip() for start, end in zip(places, ends, strict=True)]
    return {field: [body] for field, body in zip(ask.fields or names, bodies, strict=True)}


def _name(text: str) -> str:
    """Field names are compared without case, and with spaces for underscores."""
    return " ".join(text.replace("_", " ").casefold().split())


Parser = Callable[[str, Ask], FieldValues | None]
PARSERS: dict[FormatKind, Parser] = {
    "label": label,
    "list": listing,
    "json": json_object,
    "table": table,
    "key_values": key_values,
    "paragraph": paragraph,
    "message": message,
    "multipart": multipart,
}

"""Conversations and texts whose personal data somebody marked: ours, the held-out ones, and four public sets in a folder."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, get_args

from stages.cli.marked_talk import MarkedTalk
from stages.core import jsonl, yaml_files
from stages.core.errors import InputError
from stages.core.row import Language, content_id
from stages.dialogues.formats import detect
from stages.dialogues.formats.field_map import Forms
from stages.dialogues.ingest import Ingest, ingest
from stages.library.domain_pack import Domain
from stages.pii.gold import Marked, Place, by_dialogue, located
from stages.pii.values.spans import KINDS, PiiKind
from stages.rows.dialogue import Dialogue, Party, Turn

ROOT = Path(__file__).parents[1]
HELD_OUT = ROOT / "data" / "calibration" / "personal_data.jsonl"
GOLD = ROOT / "data" / "raw" / "pii_gold.jsonl"
LANGUAGES: tuple[Language, ...] = get_args(Language)
ALL, PERSON = frozenset(KINDS), frozenset[PiiKind]({"person"})

# Of presidio-research what is a kind of ours; a country, a title, an age, an organization and a date are none.
ENTITIES: Mapping[str, PiiKind] = {
    "PERSON": "person",
    "STREET_ADDRESS": "address",
    "PHONE_NUMBER": "phone",
    "EMAIL_ADDRESS": "email",
    "CREDIT_CARD": "bank_card",
    "IBAN_CODE": "account",
    "US_SSN": "id_number",
    "US_DRIVER_LICENSE": "id_number",
}
FIELDS: Mapping[str, PiiKind] = {
    "name": "person",
    "doctor": "person",
    "location": "address",
    "idCardNumbers": "id_number",
    "emailAddress": "email",
    "phoneNumbers": "phone",
}
SLOTS: Mapping[str, PiiKind] = {"phone_number": "phone", "address": "address"}


class Known(NamedTuple):
    """Where a marked datum stands, and its form where one is told."""

    place: Place
    form: str = ""


class Talk(NamedTuple):
    """A conversation, its marked data, and stretches that are something else: (turn, start, end, what)."""

    dialogue: Dialogue
    known: Sequence[Known]
    others: Sequence[tuple[int, int, int, str]] = ()


class MarkedSet(NamedTuple):
    """Marked conversations in one language; of kinds in `complete` everything is marked, so that false ones can be told."""

    name: str
    language: Language
    talks: Sequence[Talk]
    complete: frozenset[PiiKind]


def texts(dialogue: Dialogue) -> list[str]:
    """Return the texts that places count: of the turns, and of the context after them."""
    return [*(turn.text for turn in dialogue.turns), dialogue.context]


def own() -> Iterator[MarkedSet]:
    """Yield the shipped conversations of both domains with the gold marks, by language."""
    params, marks = Ingest.load(), by_dialogue(jsonl.read(GOLD, Marked))
    talks = list[Talk]()
    for domain in ("real_estate", "bank_service"):
        pack = yaml_files.load(ROOT / "prompts" / domain / "domain.yaml", Domain)
        paths = detect.files(ROOT / "data" / "raw" / domain)
        records = ((path.name, item) for path in paths for item in detect.read(path, Forms()).results)
        rows = [row for row in ingest(records, params, pack) if isinstance(row, Dialogue)]
        talks += [
            Talk(row, [Known(place) for place in located(marks.get(row.key, []), texts(row))])
            for row in rows
            if row.key in marks
        ]
    yield from _by_language("shipped", talks, ALL)


def in_file(path: Path, name: str) -> Iterator[MarkedSet]:
    """Yield the conversations of a file in the form of the held-out ones, by language."""
    yield from _by_language(name, map(_talk, jsonl.read(path, MarkedTalk)), ALL)


def _talk(row: MarkedTalk) -> Talk:
    known = [
        Known(Place(Marked(dialogue=row.id, turn=m.turn, text=m.text, kind=m.kind), m.start, m.end), m.form)
        for m in row.marks
    ]
    others = [(other.turn, other.start, other.end, other.what) for other in row.decoys]
    said: list[tuple[Party, str]] = [(turn.party, turn.text) for turn in row.turns]
    return Talk(dialogue_of(row.id, row.language, row.domain, said), known, others)


def _by_language(name: str, talks: Iterable[Talk], complete: frozenset[PiiKind]) -> Iterator[MarkedSet]:
    held = list(talks)
    for language in LANGUAGES:
        yield MarkedSet(f"{name}, {language}", language, [t for t in held if t.dialogue.language == language], complete)


def public(folder: Path) -> Iterator[MarkedSet]:
    """Yield those of the public sets that the folder holds."""
    readers: Mapping[str, Callable[[Any], MarkedSet]] = {
        "pii/presidio_first750.json": _presidio,
        "pii/multipriv_zh_first300.json": _multipriv,
        "sgd_homes/dev.json": _sgd,
        "crosswoz/val_120.json": _crosswoz,
    }
    found = {folder / name: reader for name, reader in readers.items() if (folder / name).exists()}
    if not found:
        raise InputError(f"{folder}: none of {', '.join(readers)} is there; see docs/personal-data.md")
    for path, reader in found.items():
        try:
            yield reader(json.loads(path.read_text(encoding="utf-8")))
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise InputError(f"{path}: not in the form that its publisher gave it ({type(error).__name__})") from None


def _presidio(rows: Sequence[Mapping[str, Any]]) -> MarkedSet:
    talks = []
    for n, row in enumerate(rows):
        dialogue = dialogue_of(f"presidio-{n}", "en", "any", [("customer", row["full_text"])])
        spans = [(s["start_position"], s["end_position"], s["entity_type"]) for s in row["spans"]]
        known = [_known(dialogue, 0, start, end, ENTITIES[kind]) for start, end, kind in spans if kind in ENTITIES]
        others = [(0, start, end, kind) for start, end, kind in spans if kind not in ENTITIES]
        talks.append(Talk(dialogue, known, others))
    return MarkedSet("presidio-research, en", "en", talks, PERSON)


def _multipriv(rows: Sequence[Mapping[str, Any]]) -> MarkedSet:
    talks = []
    for n, row in enumerate(rows):
        text = row["naturalParagraph"]
        dialogue = dialogue_of(f"multipriv-{n}", "zh", "any", [("customer", text)])
        values = {(str(row[field]), kind) for field, kind in FIELDS.items() if str(row[field])}
        known = [
            _known(dialogue, 0, start, start + len(value), kind)
            for value, kind in sorted(values)
            for start in _occurrences(text, value)
        ]
        talks.append(Talk(dialogue, known))
    return MarkedSet("MultiPriv, zh", "zh", talks, frozenset())


def _occurrences(text: str, part: str) -> list[int]:
    return [start for start in range(len(text)) if text.startswith(part, start)]


def _sgd(rows: Sequence[Mapping[str, Any]]) -> MarkedSet:
    talks = []
    for row in rows:
        said: list[tuple[Party, str]] = [
            ("customer" if turn["speaker"] == "USER" else "provider", turn["utterance"]) for turn in row["turns"]
        ]
        dialogue = dialogue_of(row["dialogue_id"], "en", "homes", said)
        slots = {
            (n, slot["start"], slot["exclusive_end"], slot["slot"])
            for n, turn in enumerate(row["turns"])
            for frame in turn["frames"]
            for slot in frame["slots"]
        }
        known = [_known(dialogue, n, start, end, SLOTS[name]) for n, start, end, name in sorted(slots) if name in SLOTS]
        talks.append(Talk(dialogue, known, sorted(slot for slot in slots if slot[3] not in SLOTS)))
    return MarkedSet("Schema-Guided Homes, en", "en", talks, PERSON)


def _crosswoz(rows: Mapping[str, Mapping[str, Any]]) -> MarkedSet:
    talks = []
    for key, row in rows.items():
        said: list[tuple[Party, str]] = [
            ("customer" if each["role"] == "usr" else "provider", each["content"]) for each in row["messages"]
        ]
        talks.append(Talk(dialogue_of(key, "zh", "travel", said), []))
    return MarkedSet("CrossWOZ, zh", "zh", talks, PERSON)


def _known(dialogue: Dialogue, turn: int, start: int, end: int, kind: PiiKind) -> Known:
    text = dialogue.turns[turn].text[start:end]
    return Known(Place(Marked(dialogue=dialogue.id, turn=turn, text=text, kind=kind), start, end))


def dialogue_of(key: str, language: Language, scene: str, said: Sequence[tuple[Party, str]]) -> Dialogue:
    """Return a conversation of these parties and texts, without speaker fields."""
    turns = tuple(Turn(party=party, text=text) for party, text in said)
    return Dialogue(
        id=content_id(key), key=key, language=language, scene=scene, source="chat", role="agent", turns=turns
    )

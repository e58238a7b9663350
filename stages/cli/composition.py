"""What a corpus and a test set are made of: counts by language, and cells that are filled."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple, get_args

from stages.core.row import Language
from stages.library.domain_pack import Domain, Tasks
from stages.pii.gold import Marked
from stages.rows.dialogue import Dialogue
from stages.rows.instruction import FormatKind
from stages.rows.sample import Sample

LANGUAGES: dict[Language, str] = {"en": "English", "zh": "Chinese"}
BANDS = (8, 15, 25, 35, 48, 61)  # turns from which a band of length begins
MANY = 5  # speakers from here on are counted together


class CountTable(NamedTuple):
    """A table of counts: its columns' names, and rows of a name and numbers."""

    header: tuple[str, ...]
    rows: tuple[tuple[str | int, ...], ...]


def by_language(title: str, pairs: Iterable[tuple[str, Language]], order: Iterable[str] = ()) -> CountTable:
    """Count names by language: those of `order` first, with zeros too, then others by name, and all at the end."""
    counts = Counter(pairs)
    names = list(dict.fromkeys([*order, *sorted({name for name, _ in counts})]))
    rows = [(name, [counts[name, language] for language in LANGUAGES]) for name in names]
    rows.append(
        ("all", [sum(column) for column in zip(*(each for _, each in rows), strict=True)] or [0] * len(LANGUAGES))
    )
    return CountTable((title, *LANGUAGES.values(), "all"), tuple((name, *each, sum(each)) for name, each in rows))


def corpus(dialogues: Sequence[Dialogue], marks: Sequence[Marked], domain: Domain) -> list[CountTable]:
    """Return the tables of a domain's conversations: scene, source, role, length, speakers, planted personal data."""
    spoken = {row.key: row.language for row in dialogues}
    return [
        *settings(dialogues, domain),
        by_language("turns", ((band(len(row.turns)), row.language) for row in dialogues), bands(dialogues)),
        by_language("speakers", ((speakers(row), row.language) for row in dialogues)),
        by_language(
            "planted personal data", ((mark.kind, spoken[mark.dialogue]) for mark in marks if mark.dialogue in spoken)
        ),
    ]


def test_set(rows: Sequence[Sample], dialogues: Sequence[Dialogue], tasks: Tasks, domain: Domain) -> list[CountTable]:
    """Return the tables of a test set: its rows by task, format, scene, source and role, its dialogues by length."""
    return [
        by_language("task", ((row.task, row.language) for row in rows), (task.id for task in tasks.tasks)),
        by_language("format", ((row.ask.kind, row.language) for row in rows), get_args(FormatKind)),
        *settings(rows, domain),
        by_language(
            "turns of its dialogues", ((band(len(row.turns)), row.language) for row in dialogues), bands(dialogues)
        ),
    ]


def settings(rows: Sequence[Dialogue] | Sequence[Sample], domain: Domain) -> list[CountTable]:
    """Return one table each for scene, source and role, in the pack's order."""
    orders = {
        "scene": [item.id for item in domain.scenes],
        "source": [item.id for item in domain.sources],
        "role": [item.id for item in domain.roles],
    }
    return [
        by_language(name, ((getattr(row, name), row.language) for row in rows), order) for name, order in orders.items()
    ]


def cells(dialogues: Iterable[Dialogue], domain: Domain) -> tuple[int, int]:
    """Return (cells of scene × source × role with a dialogue in some language, cells that the pack allows)."""
    possible = {
        (scene, source.id, role.id) for role in domain.roles for scene in role.scenes for source in domain.sources
    }
    return len(possible & {(row.scene, row.source, row.role) for row in dialogues}), len(possible)


def band(turns: int) -> str:
    """Return the band of length that `turns` falls into, such as "15–24"; "under 8" and "61 and more" at the ends."""
    if turns < BANDS[0]:
        return f"under {BANDS[0]}"
    for low, high in pairwise(BANDS):
        if turns < high:
            return f"{low}–{high - 1}"
    return f"{BANDS[-1]} and more"


def bands(dialogues: Iterable[Dialogue]) -> list[str]:
    """Return the bands of length that occur, shortest first."""
    return list(dict.fromkeys(band(length) for length in sorted(len(row.turns) for row in dialogues)))


def speakers(dialogue: Dialogue) -> str:
    """Return how many people speak, by party and name; from five on "5 and more"."""
    count = len({(turn.party, turn.speaker) for turn in dialogue.turns})
    return str(count) if count < MANY else f"{MANY} and more"

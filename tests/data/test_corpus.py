"""The shipped conversations: all are read, no two say the same, and what is marked stands where it is marked."""

import re
from collections import Counter
from pathlib import Path
from random import Random

import numpy as np
import pytest

from stages.core import jsonl
from stages.core.row import Language
from stages.pii.gold import Marked
from stages.rows.dialogue import Dialogue
from stages.similarity.vectors import sentence_vectors
from tests.data.conftest import ROOT

pytestmark = pytest.mark.xdist_group("corpus")

SENTENCES = 0.82  # cosine of sentence vectors (of the first 256 tokens); English only: MiniLM does not know six tenths of Chinese tokens
RUNS = 0.15  # share of runs in common: unrelated dialogues reach 0.06, disguised copies stay at 0.20 and more
RUN = 3  # words, or Chinese characters
NUMBER = re.compile(r"\d+|[零〇一二两三四五六七八九十百千万]")
UNIT = re.compile(r"[\u3400-\u9fff]|[a-z0-9]+")


def text(row: Dialogue) -> str:
    return "\n".join(turn.text for turn in row.turns)


def units(row: Dialogue) -> list[str]:
    return UNIT.findall(text(row).casefold())


def runs(found: list[str]) -> set[tuple[str, ...]]:
    return {tuple(found[n : n + RUN]) for n in range(len(found) - RUN + 1)}


def overlap(one: set[tuple[str, ...]], other: set[tuple[str, ...]]) -> float:
    """Return the share of the shorter text's runs that the other has."""
    return len(one & other) / min(len(one), len(other))


def paired(rows: list[Dialogue]) -> float:
    """Return the share of dialogues whose runs are another one's too."""
    found = [runs(units(row)) for row in rows]
    pairs = [(n, m) for n in range(len(found)) for m in range(n) if overlap(found[n], found[m]) >= RUNS]
    return len({n for pair in pairs for n in pair}) / len(rows)


def disguised(row: Dialogue, own: set[str], names: list[str], others: list[str]) -> list[str]:
    """Return the words of a dialogue with other names, other numbers, and a fifth of all words replaced."""
    rng, found = Random(row.id), text(row)
    for name in sorted(own, key=len, reverse=True):
        found = found.replace(name, rng.choice(names))
    words = UNIT.findall(found.casefold())
    return [rng.choice(others) if NUMBER.fullmatch(word) or rng.random() < 0.2 else word for word in words]


def in_language(rows: list[Dialogue], language: Language) -> list[Dialogue]:
    return [row for row in rows if row.language == language]


def test_every_file_is_read_without_a_dropped_record(made: Path, bank: Path) -> None:
    for folder in (made, bank):
        assert (folder / "in.dropped.jsonl").read_text() == ""


def test_the_corpus_is_as_large_and_as_varied_as_asked(made: Path) -> None:
    rows = jsonl.read(made / "in.jsonl", Dialogue)
    languages, lengths = Counter(row.language for row in rows), [len(row.turns) for row in rows]
    assert languages["en"] >= 200 and languages["zh"] >= 120
    assert min(lengths) == 8 and 200 <= max(lengths) <= 300


def test_marked_pieces_stand_in_their_turns(dialogues: list[Dialogue]) -> None:
    known = {row.key: row for row in dialogues}
    marks = jsonl.read(ROOT / "data/raw/pii_gold.jsonl", Marked)
    wrong = [
        f"{mark.dialogue} {mark.turn}"
        for mark in marks
        if mark.text not in getattr(known[mark.dialogue].turns[mark.turn], mark.field)
    ]
    assert wrong == []
    without = set(known) - {mark.dialogue for mark in marks}
    assert len(without) == 60 and {mark.dialogue for mark in marks} < set(known)


def test_few_english_dialogues_mean_the_same(dialogues: list[Dialogue]) -> None:
    vectors = sentence_vectors([text(row) for row in in_language(dialogues, "en")])
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, 0)
    assert (cosines.max(axis=1) >= SENTENCES).mean() < 0.02


@pytest.mark.parametrize("language", ["en", "zh"])
def test_few_dialogues_say_the_same(dialogues: list[Dialogue], language: Language) -> None:
    assert paired(in_language(dialogues, language)) < 0.02


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_disguised_copy_is_seen(dialogues: list[Dialogue], language: Language) -> None:
    rows = in_language(dialogues, language)
    people = [mark for mark in jsonl.read(ROOT / "data/raw/pii_gold.jsonl", Marked) if mark.kind == "person"]
    keys, own = {row.key for row in rows}, dict[str, set[str]]()
    for mark in people:
        own.setdefault(mark.dialogue, set()).add(mark.text)
    names = sorted({mark.text for mark in people if mark.dialogue in keys})
    others = [word for row in rows for word in units(row)]
    copies = [disguised(row, own.get(row.key, set()), names, others) for row in rows]
    assert min(overlap(runs(units(row)), runs(copy)) for row, copy in zip(rows, copies, strict=True)) > RUNS

"""Which items stand in the rows, by three rules (docs/overlap.md): a run of n units, a short question whole, nearly the same words."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np

from stages.core.row import Language
from stages.evaluation.contamination.index import SPAN, Ids, Index, longest_run
from stages.evaluation.contamination.items import Item
from stages.evaluation.contamination.rows import RowText
from stages.evaluation.contamination.units import Said, text_of, units
from stages.evaluation.rows.overlap import Hit, Rule
from stages.similarity.instructions import instruction_similarity

AT_ONCE = 500  # rows looked up together
ORDER: tuple[Rule, ...] = ("ngram", "question", "near")  # the surer first
RUNS = 4  # that a long item and a row must have in common; an item of few units: one for each eight
LEAST = 0.5  # of an item's distinct units stand in a stretch of which a cosine is worth its time
PLACES = 4  # in a row at which one item is compared with it, the likeliest


class Match(NamedTuple):
    """What a rule found of an item in a row."""

    rule: Rule
    length: int
    similarity: float | None


class _Text(NamedTuple):
    """An item's units: of its question, of question and choices, and of the right choice."""

    question: list[str]
    whole: list[str]
    right: list[str]

    @property
    def needed(self) -> int:
        """How many runs a row has in common with it, at least, where a rule may find it."""
        return min(RUNS, 1 + len(self.question) // 8)


class Search:
    """Looks rows through for items, and keeps for each item the row that shows most of it."""

    def __init__(self, items: Sequence[Item], ngram: int, near: float) -> None:
        """Index the items; `ngram` units in a row count, and a cosine from `near` on."""
        self.items, self.ngram, self.near = items, ngram, near
        self._texts = [_read(item) for item in items]
        self._index = Index([text.whole for text in self._texts])
        self._tiny = [_Tiny(self._texts, size) for size in range(1, SPAN)]
        least = ngram - SPAN + 1  # runs that a stretch of `ngram` units has
        self._needed = np.array([min(text.needed, least) for text in self._texts], dtype=np.int64)
        self._found: dict[int, Hit] = {}

    def look(self, rows: Iterable[RowText]) -> int:
        """Look through more rows; return how many they were. Of the rows only `AT_ONCE` are in memory."""
        waiting, count = iter(rows), 0
        while batch := list(islice(waiting, AT_ONCE)):
            count += len(batch)
            said = [Said(row.text) for row in batch]
            matches = dict(self._tiny_matches(said)) | dict(self._matches(said))
            for (row, item), match in matches.items():
                self._keep(item, batch[row], match)
        return count

    def hits(self) -> list[Hit]:
        """Return what was found so far, in the order of the items."""
        return [self._found[number] for number in sorted(self._found)]

    def _matches(self, said: Sequence[Said]) -> Iterator[tuple[tuple[int, int], Match]]:
        ids = [self._index.ids(row.units) for row in said]
        for row, item, offsets in _places(self._index, ids, self._needed):
            if match := self._match(item, said[row], ids[row], offsets):
                yield (row, item), match

    def _tiny_matches(self, said: Sequence[Said]) -> Iterator[tuple[tuple[int, int], Match]]:
        """Yield the questions of fewer units than a run has."""
        for tiny in self._tiny:
            for row, number in tiny.found(said):
                if said[row].holds(self._texts[number].right):
                    yield (row, number), Match("question", tiny.size, None)

    def _match(self, number: int, row: Said, ids: Ids, offsets: Sequence[int]) -> Match | None:
        """Return the surest rule by which the item stands in the row at one of these offsets, the likeliest first."""
        text = self._texts[number]
        same = [_same(self._index.items[number], ids, offset) for offset in offsets]
        length = max(longest_run(one) for one in same)
        if length >= self.ngram:
            return Match("ngram", length, None)
        size = len(text.question)
        if size < self.ngram and any(one[:size].all() for one in same) and row.holds(text.right):
            return Match("question", length, None)
        similarity = max(self._similarity(number, row, offset) for offset in offsets)
        return Match("near", length, round(similarity, 3)) if similarity >= self.near else None

    def _similarity(self, number: int, row: Said, offset: int) -> float:
        """Return the cosine of the item and as many units of the row; of a question alone only if the right choice is there too."""
        text, language = self._texts[number], self.items[number].language
        start = max(offset, 0)
        whole = _alike(
            text.whole, row.units[start : offset + len(text.whole) + len(self.items[number].choices)], language
        )
        if whole >= self.near or text.whole == text.question or not row.holds(text.right):
            return whole
        return max(whole, _alike(text.question, row.units[start : offset + len(text.question)], language))

    def _keep(self, number: int, row: RowText, match: Match) -> None:
        item, before = self.items[number], self._found.get(number)
        rows = before.rows + 1 if before else 1
        if before and _rank(before.rule, before.length) <= _rank(match.rule, match.length):
            self._found[number] = before.model_copy(update={"rows": rows})
            return
        self._found[number] = Hit(
            suite=item.suite,
            subject=item.subject,
            item=item.item,
            language=item.language,
            row=row.id,
            file=row.file,
            rule=match.rule,
            length=match.length,
            units=len(self._texts[number].whole),
            similarity=match.similarity,
            rows=rows,
        )


class _Tiny:
    """Questions of `size` units, of which the right choice is known; looked up whole."""

    def __init__(self, texts: Sequence[_Text], size: int) -> None:
        self.size = size
        self._numbers = [number for number, text in enumerate(texts) if len(text.question) == size and text.right]
        self._index = Index([texts[number].question for number in self._numbers], size)

    def found(self, said: Sequence[Said]) -> set[tuple[int, int]]:
        """Return the rows and the items that they hold, by their numbers."""
        if not self._numbers:
            return set()
        shared = self._index.shared([self._index.ids(row.units) for row in said])
        return {(int(row), self._numbers[item]) for row, item in zip(shared.rows, shared.items, strict=True)}


def _read(item: Item) -> _Text:
    question = units(item.question)
    return _Text(question, [*question, *(unit for choice in item.choices for unit in units(choice))], units(item.right))


def _rank(rule: Rule, length: int) -> tuple[int, int]:
    return ORDER.index(rule), -length


def _places(index: Index, rows: Sequence[Ids], needed: np.ndarray) -> Iterator[tuple[int, int, list[int]]]:
    """Yield row, item and where in the row the item may begin, of those with so many runs in common; the likeliest place first."""
    shared = index.shared(rows)
    if not len(shared.rows):
        return
    first = np.flatnonzero(np.diff(shared.rows, prepend=-1) | np.diff(shared.items, prepend=-1))
    enough = np.add.reduceat(shared.counts, first) >= needed[shared.items[first]]
    last = np.append(first[1:], len(shared.rows))
    for start, end in zip(first[enough].tolist(), last[enough].tolist(), strict=True):
        order = np.argsort(-shared.counts[start:end], kind="stable")[:PLACES]
        yield int(shared.rows[start]), int(shared.items[start]), shared.offsets[start:end][order].tolist()


def _same(item: Ids, row: Ids, offset: int) -> np.ndarray:
    """Return for each unit of the item whether the row has the same one there, bool, shape (units of the item,)."""
    found = np.zeros(len(item), dtype=bool)
    first, last = max(-offset, 0), min(len(item), len(row) - offset)
    if first < last:
        found[first:last] = item[first:last] == row[offset + first : offset + last]
    return found


def _alike(item: list[str], row: list[str], language: Language) -> float:
    """Return the cosine of the two, or 0.0 where too few units of the item are there for one that counts."""
    distinct = set(item)
    if len(distinct.intersection(row)) < LEAST * len(distinct):
        return 0.0
    return instruction_similarity(text_of(_words(item), language), text_of(_words(row), language), language)


def _words(some: list[str]) -> list[str]:
    """Return the units without single letters, which number choices."""
    return [unit for unit in some if len(unit) > 1 or not unit.isascii() or unit.isdecimal()]

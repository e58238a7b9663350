"""How much personal data an anonymizer found, against stretches marked by hand."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from stages.pii.gold import Marked, Placed


class Original(NamedTuple):
    """A dialogue's texts before, and what took their place."""

    texts: Sequence[str]
    placed: Sequence[Placed]


class Hit(NamedTuple):
    """A marked stretch where it stands in its turn, and the replaced stretches that touch it."""

    gold: Marked
    start: int
    end: int
    by: tuple[Placed, ...]
    whole: bool  # no letter or digit of it is left


RecallFigures = dict[str, object]


def against(gold: Sequence[Marked], originals: Mapping[str, Original]) -> RecallFigures:
    """Return recall by kind and overall, leaks, precision and consistency; null where nothing was marked.

    recall: share of marked stretches of which no letter or digit is left, whatever kind the placeholder says.
    kind_accuracy: share of those whose placeholder has the marked kind. precision: share of replaced characters that were
    marked, over dialogues with marks. consistency: share of entities, met twice or more, with one placeholder;
    merged: placeholders that stand for several entities. missing: marks that are not in their turn's text.
    """
    present = [mark for mark in gold if mark.dialogue in originals]
    hits, missing = _located(present, originals)
    whole = [hit for hit in hits if hit.whole]
    kinds = sorted({hit.gold.kind for hit in hits})
    by_kind = {kind: _share([hit.whole for hit in hits if hit.gold.kind == kind]) for kind in kinds}
    return {
        "marked": len(present),
        "missing": missing,
        "leaked": len(hits) - len(whole),
        "recall": _share([hit.whole for hit in hits]),
        "recall_by_kind": by_kind,
        "kind_accuracy": _share([{item.kind for item in hit.by} == {hit.gold.kind} for hit in whole]),
        "precision": _precision(hits, originals),
        **_consistency(whole),
    }


def _located(gold: Sequence[Marked], originals: Mapping[str, Original]) -> tuple[list[Hit], int]:
    """Find each mark in its turn, the n-th of the same text at its n-th occurrence; return hits and how many are not there."""
    seen = Counter[tuple[str, int, str]]()
    hits, missing = list[Hit](), 0
    for mark in gold:
        original = originals[mark.dialogue]
        places = _places(original.texts[mark.turn], mark.text) if mark.turn < len(original.texts) else []
        n = seen[mark.dialogue, mark.turn, mark.text]
        seen[mark.dialogue, mark.turn, mark.text] += 1
        if n < len(places):
            hits.append(_hit(mark, places[n], original))
        else:
            missing += 1
    return hits, missing


def _places(text: str, part: str) -> list[int]:
    """Return where `part` stands in `text`, as a word of its own if it does so anywhere."""
    starts = [n for n in range(len(text)) if text.startswith(part, n)]
    whole = [n for n in starts if not (_inside(text, n - 1, n) or _inside(text, n + len(part) - 1, n + len(part)))]
    return whole or starts


def _inside(text: str, left: int, right: int) -> bool:
    """Whether a Latin word or a number goes on over the border between two characters."""
    return left >= 0 and right < len(text) and all(text[n].isascii() and text[n].isalnum() for n in (left, right))


def _hit(mark: Marked, start: int, original: Original) -> Hit:
    end = start + len(mark.text)
    by = tuple(p for p in original.placed if p.turn == mark.turn and p.start < end and start < p.end)
    covered = {n for item in by for n in range(item.start, item.end)}
    text = original.texts[mark.turn]
    return Hit(mark, start, end, by, all(n in covered for n in range(start, end) if text[n].isalnum()))


def _precision(hits: Sequence[Hit], originals: Mapping[str, Original]) -> float | None:
    marked: dict[str, set[tuple[int, int]]] = defaultdict(set)
    for hit in hits:
        marked[hit.gold.dialogue] |= {(hit.gold.turn, n) for n in range(hit.start, hit.end)}
    replaced = [
        (item.turn, n) in cells
        for dialogue, cells in marked.items()
        for item in originals[dialogue].placed
        for n in range(item.start, item.end)
    ]
    return _share(replaced)


def _consistency(hits: Sequence[Hit]) -> RecallFigures:
    """Compare entities with placeholders, within each dialogue."""
    names: dict[tuple[str, str], list[str]] = defaultdict(list)
    entities: dict[tuple[str, str], set[str]] = defaultdict(set)
    for hit in hits:
        if hit.gold.entity:
            names[hit.gold.dialogue, hit.gold.entity].append(hit.by[0].placeholder)
            entities[hit.gold.dialogue, hit.by[0].placeholder].add(hit.gold.entity)
    repeated = [len(set(given)) == 1 for given in names.values() if len(given) > 1]
    return {"consistency": _share(repeated), "merged": sum(len(who) > 1 for who in entities.values())}


def _share(values: Sequence[bool]) -> float | None:
    return sum(values) / len(values) if values else None

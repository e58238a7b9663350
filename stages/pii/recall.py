"""How much personal data an anonymizer found, against stretches marked by hand."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from stages.pii.gold import Marked, Place, Placed, by_dialogue, located


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
    kind_accuracy: share of those whose placeholder has the marked kind; wrong_kind: how many have another. precision: share of
    replaced characters that were marked, over dialogues with marks; false_positives: replaced stretches in these that touch no
    marked one. consistency: share of entities, met twice or more, with one placeholder; merged: placeholders that stand for
    several entities. missing: marks that are not in their turn's text.
    """
    present = [mark for mark in gold if mark.dialogue in originals and mark.field == "text"]
    found = [hit for dialogue, own in by_dialogue(present).items() for hit in hits(own, originals[dialogue])]
    whole = [hit for hit in found if hit.whole]
    kinds = sorted({hit.gold.kind for hit in found})
    by_kind = {kind: _share([hit.whole for hit in found if hit.gold.kind == kind]) for kind in kinds}
    return {
        "marked": len(present),
        "missing": len(present) - len(found),
        "leaked": len(found) - len(whole),
        "recall": _share([hit.whole for hit in found]),
        "recall_by_kind": by_kind,
        "kind_accuracy": _share([{item.kind for item in hit.by} == {hit.gold.kind} for hit in whole]),
        "wrong_kind": sum({item.kind for item in hit.by} != {hit.gold.kind} for hit in whole),
        "precision": _precision(found, originals),
        "false_positives": _false_positives(found, originals),
        **_consistency(whole),
    }


def hits(marks: Sequence[Marked], original: Original) -> list[Hit]:
    """Return the marked stretches of one dialogue; a mark that is not in its turn's text is none."""
    return [hit(place, original) for place in located(marks, original.texts)]


def hit(place: Place, original: Original) -> Hit:
    """Return what took the place of a marked stretch."""
    mark, start, end = place
    by = tuple(p for p in original.placed if p.turn == mark.turn and p.start < end and start < p.end)
    covered = {n for item in by for n in range(item.start, item.end)}
    text, every = original.texts[mark.turn], range(start, end)
    signs = [n for n in every if text[n].isalnum()] or every  # a mark of stars and the like counts whole
    return Hit(mark, start, end, by, all(n in covered for n in signs))


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


def _false_positives(hits: Sequence[Hit], originals: Mapping[str, Original]) -> int:
    touched: dict[str, set[Placed]] = defaultdict(set)
    for hit in hits:
        touched[hit.gold.dialogue].update(hit.by)
    return sum(item not in found for dialogue, found in touched.items() for item in originals[dialogue].placed)


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

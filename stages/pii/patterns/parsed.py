"""What a pattern says of all its matches, read from what `re` itself parses: with what they begin or end, what stands in them.

So a text need not be shown to a pattern that cannot fit it, and no list kept by hand can part from its pattern. Each step errs
on one side: what is not understood may be anything. `re` promises nobody what it parses to: where another Python's has a part
that is unknown here, one of another shape, or nothing to import, the pattern is held against every text. Tried on 3.11, 3.12 and 3.13.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from stages.text.languages import small

EXTRA_CASES: Mapping[int, tuple[int, ...]] = {}
REPEATS: tuple[Any, ...] = ()
try:
    from re import _casefix as casefix  # type: ignore[attr-defined]
    from re import _constants as code  # type: ignore[attr-defined]
    from re import _parser as parser  # type: ignore[attr-defined]

    EXTRA_CASES = casefix._EXTRA_CASES
    REPEATS = (code.MAX_REPEAT, code.MIN_REPEAT, code.POSSESSIVE_REPEAT)
except (AttributeError, ImportError):
    parser = None

EDGE = 4  # characters of an edge
MOST = 5000  # edges or needed words that are listed; of more, anything
FEW = 2000  # characters in brackets that are listed
SEVERAL_FORMS = frozenset(  # small letters beyond ASCII that `re` takes, without case, for others than their capital
    char for number, others in EXTRA_CASES.items() for char in map(chr, (number, *others)) if not char.isascii()
) | {"σ"}

# what reading a part of another shape leads to, or nothing that parses
OTHER_SHAPE = (AttributeError, IndexError, TypeError, ValueError)

Edge = tuple[
    str, bool
]  # characters at the edge of a match, and whether these are all of it, so that more may stand beside them
ANYTHING: frozenset[Edge] = frozenset({("", False)})
NOTHING: frozenset[Edge] = frozenset({("", True)})


def edges(pattern: str, flags: int = 0, *, last: bool) -> frozenset[str]:
    """Return strings of up to `EDGE` small letters: each match, in small letters, ends with one of them, or begins, unless `last`.

    With an empty one among them it may begin or end with anything.
    """
    try:
        found = _edges(parser.parse(pattern, flags), last)
    except OTHER_SHAPE:
        found = ANYTHING
    return frozenset(text for text, _ in found)


def needed(pattern: str, flags: int = 0) -> frozenset[str] | None:
    """Return strings in small letters of which each match, in small letters, holds one; None where no such are known."""
    try:
        return _needed(parser.parse(pattern, flags))
    except OTHER_SHAPE:
        return None


def inside(pattern: str, flags: int = 0) -> frozenset[str] | None:
    r"""Return what `needed` does of the matches that need not begin at a border of a word, as those of `\b` do."""
    try:
        return _inside(parser.parse(pattern, flags))
    except OTHER_SHAPE:
        return None


def _inside(items: Sequence[Any]) -> frozenset[str] | None:
    kind, value = items[0]
    if kind is code.AT and value is code.AT_BOUNDARY:
        return frozenset()
    if kind is code.BRANCH:
        branches = [_inside(branch) if len(branch) else None for branch in value[1]]
        return _needed(items[1:]) if None in branches else frozenset[str]().union(*filter(None, branches))
    if kind is code.SUBPATTERN and len(_inner(items[0])):
        found = _inside(_inner(items[0]))
        return _needed(items) if found is None else found
    return _needed(items)


def _edges(items: Sequence[Any], last: bool) -> frozenset[Edge]:
    """Return the edges of a sequence."""
    closed, open_ = set[Edge](), {""}
    for item in reversed(items) if last else items:
        beside, grown = _edges_of(item, last), set[str]()
        for stem in open_:
            for text, whole in beside:
                joined = text + stem if last else stem + text
                if whole and len(joined) < EDGE:
                    grown.add(joined)
                else:
                    closed.add((joined[-EDGE:] if last else joined[:EDGE], False))
        open_ = grown
        if len(open_) + len(closed) > MOST:
            return ANYTHING
        if not open_:
            break
    return frozenset({*closed, *((text, True) for text in open_)})


def _edges_of(item: Any, last: bool) -> frozenset[Edge]:  # noqa: ANN401 - what `re` parses has no types
    kind, value = item
    if kind in (code.AT, code.ASSERT, code.ASSERT_NOT):
        return NOTHING
    if kind is code.BRANCH:
        return frozenset(edge for branch in value[1] for edge in _edges(branch, last))
    if kind in (code.SUBPATTERN, code.ATOMIC_GROUP):
        return _edges(_inner(item), last)
    if kind in REPEATS:
        least, most, inner = value
        found = _edges(inner, last)
        if most > 1:
            found = frozenset({*((text, False) for text, _ in found), *(found & NOTHING)})
        return found if least else found | NOTHING
    chars = _chars(item)
    return ANYTHING if chars is None else frozenset((char, True) for char in chars)


def _needed(items: Iterable[Any]) -> frozenset[str] | None:
    """Return what a sequence needs: of what each of its parts needs that which fewest texts will hold."""
    found = [words for words in _needs(items) if words is not None and len(words) <= MOST]
    return max(found, key=_rarity, default=None)


def _needs(items: Iterable[Any]) -> Iterator[frozenset[str] | None]:
    """Yield what each part of a sequence needs; characters in a row together."""
    row = ""
    for item in items:
        chars = _chars(item)
        if chars is not None and len(chars) == 1:
            row += next(iter(chars))
            continue
        if row:
            yield frozenset({row})
            row = ""
        yield chars if chars is not None else _needed_of(item)
    if row:
        yield frozenset({row})


def _needed_of(item: Any) -> frozenset[str] | None:  # noqa: ANN401
    kind, value = item
    if kind is code.BRANCH:
        branches = [_needed(branch) for branch in value[1]]
        return None if None in branches else frozenset[str]().union(*filter(None, branches))
    if kind is code.ASSERT:
        return _needed(value[1])
    if kind in (code.SUBPATTERN, code.ATOMIC_GROUP) or (kind in REPEATS and value[0]):
        return _needed(_inner(item))
    return None


def _rarity(words: frozenset[str]) -> tuple[int, int]:
    """Return a rank: of long words before short ones, of few before many; a Chinese character is as rare as three letters, a blank is in all texts."""
    return min(EDGE, *(len(word.encode(errors="replace")) * (len(word) > 1 or word.isalnum()) for word in words)), -len(
        words
    )


def _inner(item: Any) -> Any:  # noqa: ANN401
    kind, value = item
    return value if kind is code.ATOMIC_GROUP else value[-1]


def _chars(item: Any) -> frozenset[str] | None:  # noqa: ANN401
    """Return which characters, in small letters, an item of one character takes; None where it takes others too."""
    kind, value = item
    if kind is code.LITERAL:
        numbers: Iterable[int] = (value,)
    elif kind is code.IN and _is_listed(value):
        numbers = [
            number
            for each, what in value
            for number in (range(what[0], what[1] + 1) if each is code.RANGE else (what,))
        ]
    else:
        return None
    chars = frozenset(small(chr(number)) for number in numbers)
    return None if chars & SEVERAL_FORMS else chars


def _is_listed(items: Sequence[Any]) -> bool:
    """Whether brackets list few characters, and not those that they do not take."""
    counts = [what[1] - what[0] + 1 if kind is code.RANGE else 1 for kind, what in items]
    return all(kind in (code.LITERAL, code.RANGE) for kind, _ in items) and sum(counts) <= FEW

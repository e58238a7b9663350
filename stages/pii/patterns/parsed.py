"""What a pattern says of all its matches, read from what `re` itself parses: with what they begin or end, what stands in them.

So a text need not be shown to a pattern that cannot fit it, and no list kept by hand can part from its pattern. Each step errs
on one side: what is not understood may be anything. `re` promises nobody what it parses to: where another Python's has a part
that is unknown here, one of another shape, or nothing to import, the pattern is held against every text. Tried on 3.11, 3.12 and 3.13.
"""

from collections.abc import Iterable, Mapping, Sequence
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
CROWD = 100  # characters of which a text will hold one
WAYS = 1000  # strings that parts in a row take, which are put together
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
NO_CHARACTERS = frozenset({""})
Strings = frozenset[str] | None  # None: not known
Told = tuple[Strings, Strings]  # all that may be taken, and what each match needs one of


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


def longest(pattern: str, flags: int = 0) -> int | None:
    """Return how many characters its matches have at most; None where they may have any number."""
    try:
        most = int(parser.parse(pattern, flags).getwidth()[1])
    except OTHER_SHAPE:
        return None
    return most if most < MOST else None


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
    return _told(items)[1]


def _told(items: Iterable[Any]) -> Told:
    """Return what a sequence takes, and what it needs: what a part does, or parts in a row that take few strings, as s(?:on|ister)."""
    whole: Strings = NO_CHARACTERS
    found, row, ways = list[Strings](), "", NO_CHARACTERS
    for item in items:
        strings, needed = _told_of(item)
        whole = _joined(whole, strings)
        joined = _joined(ways, strings)
        if joined is None:
            found.append(ways)
        ways = joined or strings or NO_CHARACTERS
        if strings is not None and len(strings) == 1:
            row += next(iter(strings))
            found.append(needed if strings == NO_CHARACTERS else None)
        else:
            found += [frozenset({row}), needed]
            row = ""
    found += [frozenset({row}), ways]
    known = [words for words in found if words and "" not in words and len(words) <= MOST]
    return whole, max(known, key=_rarity, default=None)


def _told_of(item: Any) -> Told:  # noqa: ANN401
    kind, value = item
    if kind in (code.AT, code.ASSERT_NOT):
        return NO_CHARACTERS, None
    if kind is code.ASSERT:
        return NO_CHARACTERS, _needed(value[1])
    if kind is code.BRANCH:
        each = [_told(branch) for branch in value[1]]
        return _any_of([strings for strings, _ in each]), _any_of([needed for _, needed in each])
    if kind in (code.SUBPATTERN, code.ATOMIC_GROUP):
        return _told(_inner(item))
    if kind in REPEATS:
        least, most, inner = value
        strings, needed = _told(inner)
        once = strings if strings is None or least else strings | NO_CHARACTERS
        return once if most == 1 else None, needed if least else None
    chars = _chars(item)
    return chars if chars and len(chars) <= CROWD else None, chars


def _any_of(found: Sequence[Strings]) -> Strings:
    return None if None in found else frozenset[str]().union(*filter(None, found))


def _joined(left: Strings, right: Strings) -> Strings:
    """Return all that begins with one and goes on with another; None where these are many, or not known."""
    if left is None or right is None or len(left) * len(right) > WAYS:
        return None
    return frozenset(one + other for one in left for other in right)


def _rarity(words: frozenset[str]) -> tuple[int, int]:
    """Return a rank: of long words before short ones, of few before many.

    A Chinese character is as rare as three letters, but most texts hold one of a crowd, as of all surnames, and all texts a blank.
    """
    least = min(EDGE, *(len(word.encode(errors="replace")) * (len(word) > 1 or word.isalnum()) for word in words))
    crowd = len(words) > CROWD and any(len(word) == 1 for word in words)
    return 0 if crowd else least, -len(words)


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

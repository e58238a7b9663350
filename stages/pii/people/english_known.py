"""Which words of a dialogue name people, by all that is said of them over the whole of it."""

import re
from collections import defaultdict
from collections.abc import Set
from itertools import pairwise
from typing import NamedTuple

from stages.pii.people import english_context, english_small, world_names
from stages.pii.people.english_words import PARTICLES, Line, Token, is_common, is_rare, joins
from stages.pii.people.given_names import ALSO_WORDS, GIVEN_NAMES
from stages.pii.people.not_names import CALENDAR, ENDEARMENTS, NEVER, SLANG, TOWNS

SHORTENED = {"mr", "mrs", "ms", "mx", "dr", "prof", "sgt", "capt"}
CIVIL = {"pastor", "rabbi", "imam", "senator", "judge", "sheriff", "corporal", "admiral", "commander", "inspector"}
CIVIL |= {"constable", "councillor", "councilman", "congressman", "congresswoman"}
DOUBTFUL = CIVIL | {"dr"}  # also words, or a Drive
RANKS = {"captain", "capt", "doctor", "reverend", "sergeant", "sgt", "colonel", "lieutenant", "detective", "officer"}
ADDRESSES = {"miss", "professor", "sir", "madam", "mister", "auntie", "aunt", "aunty", "uncle", "granny"}
TITLES = SHORTENED | RANKS | ADDRESSES | CIVIL
ENOUGH = 1.5  # evidence from which an unlisted word is a name …
SURE = 3.0  # … and this much makes any word one
CERTAIN = 4.0  # … even one that has a meaning and no capital: "this is will speaking"
ONCE = 1.5  # … of which this much in one place
SOMETIMES = (GIVEN_NAMES | ALSO_WORDS) - ENDEARMENTS - (CALENDAR - {"june", "april", "may", "summer"})
CAPITALIZED = GIVEN_NAMES | {name for name in ALSO_WORDS - {"west", "sky", "star"} if len(name) > 2}
ABBREVIATIONS = {"hoa", "emi", "ira", "ram", "lan", "van", "sim", "cal"}  # that short given names are written like
SHORTEST = {"al", "bo", "ed", "jo", "mo", "vi"}
VERBS = {"will", "may", "can", "long", "rich", "best", "love", "hope", "day", "just"}  # that surnames are written like
LISTED = re.compile(r", ?(?:and |& )?| and | & | ")  # between two of a list


class Known(NamedTuple):
    """Names in plain form; `small` are those that also count where they are written without a capital."""

    names: set[str]
    small: set[str]


def known(lines: list[Line], ordinary: Set[str]) -> Known:
    """Return the names of the dialogue."""
    small = _cued(lines, ordinary)
    names = (
        _listed(lines, ordinary)
        | _gathered(lines, ordinary)
        | _titled(lines, ordinary)
        | small
        | _shouted(lines, ordinary)
    )
    names |= _enumerated(lines, names, ordinary)
    return Known(names, small | (names & GIVEN_NAMES))


def gaps(title: Token) -> set[str]:
    """Return what may stand between a title and a name: a full stop only behind a shortened one."""
    return {" ", ". ", "."} if title.key in SHORTENED else {" "}


def _titled(lines: list[Line], ordinary: Set[str]) -> set[str]:
    """Return surnames that stand behind a title somewhere; behind "Dr", which is also Drive, only what may be one."""
    return {
        word.key
        for line in lines
        for title, word in pairwise(line.words)
        if title.key in TITLES
        and line.text[title.end : word.start] in gaps(title)
        and (word.capital or _is_titled(title, word, ordinary))
        and len(word.text) > 1
        and word.key not in NEVER
        and word.key not in TITLES
        and (title.key not in DOUBTFUL or word.key not in ordinary or world_names.weight(word.key))
    }


def _is_titled(title: Token, word: Token, ordinary: Set[str]) -> bool:
    """Whether a word without the usual capital is a surname behind a title: "mrs tran", "MR HOLLOWAY"."""
    if word.key in ordinary or len(word.text) < 2:
        return False
    if word.text.isupper():
        return title.text.isupper() and title.key in SHORTENED | ADDRESSES
    return title.key in {"mr", "mrs", "ms"} or (title.key in {"mister", "miss"} and world_names.weight(word.key) > 0)


def _gathered(lines: list[Line], ordinary: Set[str]) -> set[str]:
    """Return words whose surroundings, over the whole dialogue, say that they are people."""
    scores: dict[str, list[float]] = defaultdict(list)
    for line in lines:
        for index, word in enumerate(line.words):
            if not word.capital or word.key in NEVER:
                continue
            paired = _paired(line, index, ordinary)
            if is_rare(word, ordinary) or _is_named(word, ordinary) or _is_full(word, paired):
                scores[word.key].append(word.evidence + paired)
    lower = {
        word.key
        for line in lines
        for word in line.words
        if word.key in scores and word.text.islower() and word.evidence < ONCE
    }
    return {
        key
        for key, weights in scores.items()
        if key not in lower and _is_enough([weight + world_names.weight(key) for weight in weights])
    }


def _is_enough(weights: list[float]) -> bool:
    return max(weights) >= ONCE and sum(weights) >= ENOUGH


def _is_named(word: Token, ordinary: Set[str]) -> bool:
    """Whether a word with a meaning of its own is introduced as a name: "my cousin Penny", "call me Baker"."""
    sure = len(word.text) > 1 and word.evidence >= SURE and not word.opens and word.key not in NEVER
    least = SURE if word.key not in ordinary or world_names.weight(word.key) else SURE + 1.0
    return sure and word.evidence >= least


def _is_full(word: Token, paired: float) -> bool:
    """Whether a word that may also be a given name is one, as a surname follows: "and Grace Turner"."""
    given = world_names.weight(word.key) >= 1.0 and word.key not in NEVER
    return given and paired >= 1.0 and word.evidence >= 1.0 and not word.opens


def _paired(line: Line, index: int, ordinary: Set[str]) -> float:
    """Return what it counts that another rare capitalized word follows: more often than not they are a full name."""
    word, behind = line.words[index], _next(line, index)
    if behind is None or not joins(line, word, behind) or behind.key in NEVER:
        return 0.0
    if PARTICLES.fullmatch(line.text[word.end : behind.start]):  # Ana de la Cruz
        return 2.0
    if not is_rare(behind, ordinary):  # Ana Banks: a surname with a meaning, behind what is a given name only
        only_given = world_names.weight(word.key) >= 1.0 and (word.key not in ordinary or not word.opens)
        return 1.0 if only_given and world_names.weight(behind.key) and behind.evidence > -2.0 else 0.0
    listed = 2.0 if behind.key in GIVEN_NAMES else 1.0 + min(0.5, world_names.weight(behind.key))
    return listed + max(0.0, behind.evidence)


def _next(line: Line, index: int) -> Token | None:
    """Return the word behind `index`, an initial and small words such as `de la` passed over."""
    for word in line.words[index + 1 : index + 4]:
        if len(word.text) > 1 and word.capital:
            return word
    return None


def _listed(lines: list[Line], ordinary: Set[str]) -> set[str]:
    """Return common given names that are meant as such at least once."""
    return {
        word.key
        for line in lines
        for index, word in enumerate(line.words)
        if word.key in CAPITALIZED
        and (word.key in GIVEN_NAMES or not word.text.islower())
        and _is_given(word, _paired(line, index, ordinary), ordinary)
    }


def _is_given(word: Token, paired: float, ordinary: Set[str]) -> bool:
    common = is_common(word.key, ordinary)
    if word.key in NEVER and word.key not in CALENDAR:
        return False
    if word.text.islower():
        least = ONCE if word.key in TOWNS else -1.0 if len(word.text) > 3 else 0.9
        return (
            not common
            and len(word.text) > 2
            and word.key not in ABBREVIATIONS
            and word.key not in CALENDAR
            and word.evidence > least
        )
    if word.key in CALENDAR:
        return word.evidence >= 2.5
    if word.key not in GIVEN_NAMES:
        return word.capital and word.evidence + paired >= (2.0 if word.opens else 1.0)
    if word.key in TOWNS:
        return word.capital and word.evidence + paired >= 1.0
    return word.capital and word.evidence + paired >= (1.0 if word.opens and common else -1.5)


def _cued(lines: list[Line], ordinary: Set[str]) -> set[str]:
    """Return names written small where something says that a name comes: "my name is sarah connor", "this is tom"."""
    made = set()
    for line in lines:
        for index, word in enumerate(line.words):
            key = word.key
            if key in ordinary and key not in SOMETIMES and not world_names.weight(key):
                continue  # most words: no name in any case
            if word.text != word.text.lower() and not _shouts(word):
                continue
            listed = word.key in GIVEN_NAMES and _is_given(word, 0.0, ordinary)
            if _is_small_name(line, index, ordinary):
                made.add(word.key)
                listed = True
            if listed:
                made |= _small_surnames(line, index, ordinary)
    return made


def _shouts(word: Token) -> bool:
    return len(word.text) > 2 and word.text.isupper()


def _shouted(lines: list[Line], ordinary: Set[str]) -> set[str]:
    """Return full names in capitals: "JOHN SMITH", "SMITH, JOHN"."""
    made = set[str]()
    for line in lines:
        for left, right in pairwise(line.words):
            if not _shouts(right):
                continue
            pair = {left.key: left, right.key: right}
            sure = any(key in GIVEN_NAMES and not is_common(key, ordinary) for key in pair)
            if (
                sure
                and line.text[left.end : right.start] in {" ", ", "}
                and all(
                    _shouts(word) and world_names.weight(key) and word.evidence > -2.0 for key, word in pair.items()
                )
            ):
                made |= pair.keys()
    return made - NEVER


def _is_small_name(line: Line, index: int, ordinary: Set[str]) -> bool:
    word = line.words[index]
    if len(word.text) < 3 and word.key not in SHORTEST:
        return False
    if word.key in SOMETIMES and english_small.is_introduced(line.text, word.start, word.end):
        return True
    if len(word.text) < 3 or word.key in NEVER or (word.key in ordinary and not world_names.weight(word.key)):
        return False
    if "-" in word.text and any(
        part in ordinary and part not in GIVEN_NAMES for part in word.key.split("-")
    ):  # over-sixties
        return False
    answers = (
        index < 3 and word.evidence >= SURE and english_context.ANSWER.fullmatch(line.text[: word.start]) is not None
    )
    cue = "name" if answers else english_small.cue(line.text, word.start)
    if word.evidence <= -3.0:
        return False
    if cue and (cue == "name" or word.evidence >= CERTAIN):
        return word.key not in ordinary or word.key in GIVEN_NAMES
    least = 0.5 if cue == "surname" and word.key in world_names.surnames() else 1.0
    return bool(cue) and world_names.weight(word.key) >= least and not is_common(word.key, ordinary)


def _small_surnames(line: Line, index: int, ordinary: Set[str]) -> set[str]:
    made = set()
    for left, right in pairwise(line.words[index : index + 3]):
        alike = right.text.islower() if left.text.islower() else _shouts(right)
        if line.text[left.end : right.start] != " " or not alike or right.key in NEVER:
            break
        if (
            (not world_names.weight(right.key) and not _may_be_surname(line, right, ordinary))
            or (right.key in ordinary and not _ends(line.text, right))
            or right.key in VERBS
        ):
            break
        made.add(right.key)
    return made


def _may_be_surname(line: Line, word: Token, ordinary: Set[str]) -> bool:
    """Whether a word of no list, written small behind a given name, is a surname: "gerald oduya, flat 3"."""
    unknown = word.text.islower() and word.text.isalpha() and word.key not in ordinary and word.key not in SLANG
    inflected = word.key.endswith(("ing", "ed", "ly", "s", "er"))
    return unknown and not inflected and len(word.text) > 3 and _ends(line.text, word)


def _ends(text: str, word: Token) -> bool:
    """Whether a part of the sentence ends behind the word."""
    return english_context.ENDS.match(text, word.end) is not None


def _enumerated(lines: list[Line], names: Set[str], ordinary: Set[str]) -> set[str]:
    """Return what stands in a list with names: "Tom, Bukola and Priya"."""
    made: set[str] = set()
    for line in lines:
        for listed in _lists(line):
            if any(word.key in names for word in listed) and all(word.evidence > -2.0 for word in listed):
                made |= {
                    word.key
                    for word in listed
                    if (word.key in (GIVEN_NAMES if word.text.islower() else CAPITALIZED) and word.key not in NEVER)
                    or (word.capital and is_rare(word, ordinary))
                }
    return made


def _lists(line: Line) -> list[list[Token]]:
    """Return the runs of capitalized words, or given names written small, that "and" or commas join, an "and" among them."""
    capital = [word for word in line.words if word.capital or word.key in GIVEN_NAMES]
    runs: list[list[Token]] = []
    gap_before = ""
    for left, right in pairwise(capital):
        gap = line.text[left.end : right.start]
        if LISTED.fullmatch(gap):
            if gap_before:
                runs[-1].append(right)
            else:
                runs.append([left, right])
            gap_before = gap
        else:
            gap_before = ""
    return [run for run in runs if re.search(r" and | & ", line.text[run[0].end : run[-1].start])]

"""People named in English talk: by title, by common given names, and by what is said around a name nobody listed.

A capitalized word that is no ordinary English word gathers evidence over the whole dialogue: "tell Bukola", "Bukola works
nights" speak for a person, "in Halifax", "Samphire Close" against one.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence, Set
from itertools import pairwise
from typing import NamedTuple

from stages.pii.people import english_context
from stages.pii.people.given_names import ALSO_WORDS, GIVEN_NAMES, plain
from stages.pii.people.mention import Manner, Mention, PersonName
from stages.pii.people.not_names import CALENDAR, NEVER
from stages.pii.values.spans import Mask
from stages.text.languages import HAN

LETTERS = rf"[^\W\d_{HAN}]+"
WORD = re.compile(rf"{LETTERS}(?:['’-]{LETTERS})*")
TAIL = re.compile(r"['’](?:s|ll|d|re|ve|m|S)$")
SHORTENED = {"mr", "mrs", "ms", "mx", "dr", "prof"}
TITLES = SHORTENED | {"miss", "professor", "sir", "madam", "mister", "auntie", "aunt", "aunty", "uncle", "granny"}
FAMILIAR = {"aunt", "auntie", "aunty", "uncle", "granny"}  # before a given name
OPENING = re.compile(r"(?:[.?!:;\n\"“”(—–…|*]|--)\s*[\"'“‘(]*$")
IRISH = re.compile(r"(?:[OD]|[A-Z][a-z]?)['’][A-Z][a-z]+")  # O'Brien, D'Souza
INITIAL = re.compile(r"(?<![\w.])[A-Z]\.? $")
COUPLE = re.compile(r"(?:Mr|Mrs|Ms|Dr)\.? (?:and|&) (?:Mr|Mrs|Ms|Dr)\b", re.IGNORECASE)
SPELLED = re.compile(r"(?<![A-Za-z])[A-Z](?:(?:, ?| |-|\. ?)[A-Z](?![A-Za-z'’])){2,}")
ENOUGH = 1.5  # evidence from which an unlisted word is a name …
SURE = 3.0  # … and this much makes any word one
ONCE = 1.5  # … of which this much in one place
GREETED = re.compile(rf"{english_context.OPEN}{english_context.GREET}(?: again| there)?,? $", re.IGNORECASE)
OWN = re.compile(
    r"""
    (?: my[ ]name['’]?s?[ ]?(?:is)? | name['’]s | call[ ]me
      | (?: ^ | [.,!?][ ] ) (?: and[ ] )? (?: i['’]m | i[ ]am )
      | (?: regards | yours | sincerely | faithfully | signed ) ,? )
    [ ] (?: [A-Z]\.[ ]? )? $
    """,
    re.IGNORECASE | re.VERBOSE,
)
OWN_START = re.compile(r"^.{0,40}\b(?:this is|it['’]s|its) $", re.IGNORECASE)
HERE = re.compile(r",? (?:here|speaking)\b| (?:from|at|with|in) [A-Z]")


class Token(NamedTuple):
    """A word without its possessive ending, its form without case and accents, and what its surroundings say."""

    start: int
    end: int
    text: str
    key: str
    opens: bool  # a sentence
    evidence: float

    @property
    def capital(self) -> bool:
        """Whether it is written Like this."""
        return self.text[0].isupper() and (len(self.text) == 1 or not self.text.isupper())


class Line(NamedTuple):
    """A turn's text and its words outside of what is taken already."""

    text: str
    words: list[Token]


def tokens(text: str) -> Iterator[Token]:
    """Yield the words of `text`; evidence is gathered for those with a capital."""
    for match in WORD.finditer(text):
        word, start = TAIL.sub("", match.group()), match.start()
        before = text[max(0, start - 8) : start]
        opens = not before.strip() if start < 8 else OPENING.search(before) is not None
        weight = english_context.of(text, start, start + len(word), opens) if word[:1].isupper() else 0.0
        yield Token(start, start + len(word), word, plain(word), opens, weight)


def find(turns: list[str], known: Collection[PersonName], ordinary: Set[str], taken: Sequence[Mask]) -> list[Mention]:
    """Return the people mentioned in `turns`, in text order; `known` are the speakers, `taken` stretches are something else."""
    lines = [
        Line(text, [word for word in tokens(text) if taken[turn].is_free(word.start, word.end)])
        for turn, text in enumerate(turns)
    ]
    first = {plain(part) for name in known for part in (name.given, name.single) if len(part) > 1}
    speakers = first | {plain(name.surname) for name in known if len(name.surname) > 1}
    reading = Reading(
        first, speakers | _listed(lines, ordinary) | _gathered(lines, ordinary) | _titled(lines), ordinary
    )
    return [mention for turn, line in enumerate(lines) for mention in reading.mentions(turn, line)]


def _titled(lines: list[Line]) -> set[str]:
    """Return surnames that stand behind a title somewhere."""
    return {
        word.key
        for line in lines
        for title, word in pairwise(line.words)
        if title.key in TITLES
        and line.text[title.end : word.start] in _gaps(title)
        and word.capital
        and word.key not in NEVER
    }


def _gaps(title: Token) -> set[str]:
    """Return what may stand between a title and a name: a full stop only behind a shortened one."""
    return {" ", ". ", "."} if title.key in SHORTENED else {" "}


def _gathered(lines: list[Line], ordinary: Set[str]) -> set[str]:
    """Return unlisted words whose surroundings, over the whole dialogue, say that they are people."""
    scores: dict[str, list[float]] = defaultdict(list)
    for line in lines:
        for index, word in enumerate(line.words):
            named = word.evidence >= SURE and not word.opens and word.key not in NEVER  # "my cousin Delia"
            if word.capital and (named or _is_rare(word, ordinary)):
                scores[word.key].append(word.evidence + _paired(line, index, ordinary))
    lower = {word.key for line in lines for word in line.words if word.text.islower()}
    return {
        key for key, weights in scores.items() if key not in lower and max(weights) >= ONCE and sum(weights) >= ENOUGH
    }


def _is_rare(word: Token, ordinary: Set[str]) -> bool:
    if len(word.text) <= 2 or word.key in NEVER or word.key in ordinary:
        return False
    if "'" in word.text or "’" in word.text:
        return IRISH.fullmatch(word.text) is not None
    return not all(part in ordinary or len(part) < 2 for part in word.key.split("-"))


def _paired(line: Line, index: int, ordinary: Set[str]) -> float:
    """Return what it counts that another rare capitalized word follows: more often than not they are a full name."""
    behind = line.words[index + 1] if index + 1 < len(line.words) else None
    if (
        behind is None
        or behind.start - line.words[index].end != 1
        or not behind.capital
        or not _is_rare(behind, ordinary)
    ):
        return 0.0
    return (2.0 if behind.key in GIVEN_NAMES else 1.0) + max(0.0, behind.evidence)


def _listed(lines: list[Line], ordinary: Set[str]) -> set[str]:
    """Return common given names that are meant as such at least once."""
    return {
        word.key
        for line in lines
        for index, word in enumerate(line.words)
        if word.key in GIVEN_NAMES and _is_given(word, _paired(line, index, ordinary), ordinary)
    }


def _is_common(key: str, ordinary: Set[str]) -> bool:
    """Whether the word has a meaning of its own besides being a name."""
    return key in ALSO_WORDS or key in CALENDAR or (key in ordinary and key not in GIVEN_NAMES)


def _is_given(word: Token, paired: float, ordinary: Set[str]) -> bool:
    common = _is_common(word.key, ordinary)
    if word.key in NEVER - CALENDAR:
        return False
    if word.text.islower():
        return not common and len(word.text) > 3 and word.key not in CALENDAR
    if word.key in CALENDAR:
        return word.evidence >= 2.5
    return word.capital and word.evidence + paired >= (1.0 if word.opens and common else -1.5)


class Reading:
    """The names of a dialogue, and how to find them again in its lines."""

    def __init__(self, first: Set[str], names: Set[str], ordinary: Set[str]) -> None:
        """Take names in plain form, those that count in lower case too, and the words that are no names by themselves."""
        self.first = first | (names & GIVEN_NAMES)
        self.names = names
        self.ordinary = ordinary

    def mentions(self, turn: int, line: Line) -> Iterator[Mention]:
        """Yield who is mentioned in one turn."""
        index = 0
        while index < len(line.words):
            size, name = self._titled_name(line, index)
            if not size:
                size, name = self._plain_name(line, index)
            if size:
                start, end = line.words[index].start, line.words[index + size - 1].end
                if initial := INITIAL.search(line.text[max(0, start - 4) : start]):
                    start -= len(initial.group())
                    name = name._replace(first=initial.group()[0])
                yield Mention(turn, start, end, name, _manner(line.text, start, end))
            index += max(size, 1)
        for match in SPELLED.finditer(line.text):
            letters = "".join(char for char in match.group() if char.isalpha())
            if plain(letters) in self.names:
                yield Mention(turn, match.start(), match.end(), PersonName(single=letters))

    def _titled_name(self, line: Line, index: int) -> tuple[int, PersonName]:
        title = line.words[index]
        if COUPLE.match(line.text, title.start) and index + 2 < len(line.words):  # Mr and Mrs Leckie
            size, name = self._titled_name(line, index + 2)
            return (size + 2, name) if size else (0, PersonName())
        parts = self._following(line, index, titled=True) if title.key in TITLES else []
        if not parts or (title.text.islower() and parts[0].key not in self.names):
            return 0, PersonName()
        alone = len(parts) == 1
        given = parts[0].text if not alone or title.key in FAMILIAR else ""
        surname = "" if alone and title.key in FAMILIAR else parts[-1].text
        return 1 + len(parts), PersonName(title=title.key, given=given, surname=surname)

    def _plain_name(self, line: Line, index: int) -> tuple[int, PersonName]:
        word = line.words[index]
        following = self._following(line, index)
        if not (self._is_name(word, following) or self._is_family(line, word)):
            return 0, PersonName()
        spelled = word.text if word.key in self.names else word.text.replace("-", "")
        if not following:
            return 1, PersonName(single=spelled)
        return 1 + len(following), PersonName(given=spelled, surname=following[-1].text)

    def _is_name(self, word: Token, following: list[Token]) -> bool:
        """Whether this word, here, is one of the names, its beginning ("Kev"), or a slow way to say it ("Wood-house")."""
        if word.key not in self.names:
            begins = (
                word.capital and _is_rare(word, self.ordinary) and any(name.startswith(word.key) for name in self.first)
            )
            return begins or (len(word.key) > 6 and word.key.replace("-", "") in self.names)
        common = _is_common(word.key, self.ordinary)
        if word.text.islower():
            return not common and len(word.key) > 2 and word.key in self.first
        if word.text.isupper() and len(word.text) > 1:
            return len(word.key) > 2 and (not common or word.key in GIVEN_NAMES)
        if common and (word.opens or word.key in CALENDAR):
            return word.evidence >= 1.0 or any(_is_rare(other, self.ordinary) for other in following)
        return word.evidence > -2.5

    def _is_family(self, line: Line, word: Token) -> bool:
        """Whether the word is "the Garzas", of a surname that is known."""
        known = word.capital and word.key.endswith("s") and word.key[:-1] in self.names
        return known and line.text[max(0, word.start - 4) : word.start].lower() == "the "

    def _following(self, line: Line, index: int, titled: bool = False) -> list[Token]:
        """Return the words behind `index` that go on with a name: capitalized, with nothing but a blank between."""
        made: list[Token] = []
        for before, word in pairwise(line.words[index : index + (4 if titled else 3)]):
            gaps = _gaps(before) if titled and not made else {" "}
            known = titled and not made and word.key in self.names
            if line.text[before.end : word.start] not in gaps or word.key in NEVER or len(word.text) < 2:
                break
            if not (word.capital or known):
                break
            made.append(word)
        if made and not titled and english_context.PLACE.match(line.text, made[-1].end + 1):
            made.pop()
        return made


def _manner(text: str, start: int, end: int) -> Manner:
    before, after = text[max(0, start - 60) : start], text[end : end + 20]
    if OWN.search(before) or (start < 60 and (HERE.match(after) or OWN_START.match(before))):
        return "own"
    alone = (start == 0 or before.endswith(", ")) and (not after or after[0] in ",.?!")
    return "called" if GREETED.search(before) or alone else ""

"""The words of a turn that may be names, each with what its surroundings say for or against it."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

from stages.pii.evidence.suggestion import Suggestion
from stages.pii.people import english_context, world_names
from stages.pii.people.given_names import ALSO_WORDS, GIVEN_NAMES, plain
from stages.pii.people.not_names import CALENDAR, NEVER
from stages.pii.values.spans import Mask
from stages.text.languages import HAN

LETTERS = rf"[^\W\d_{HAN}]+"
WORD = re.compile(rf"{LETTERS}(?:['’-]{LETTERS})*")
TAIL = re.compile(r"['’](?:s|ll|d|re|ve|m|S)$")
OPENING = re.compile(r"(?:[.?!:;\n\"“”(—–…|*>]|--)\s*[\"'“‘(]*$")
IRISH = re.compile(r"(?:[OD]|[A-Z][a-z]?)['’][A-Z][a-z]+")  # O'Brien, D'Souza
MIDDLE = re.compile(r" (?:[A-Z]\.? |[A-Z]\.[A-Z]\. )?")  # between two words of a name
PARTICLE = r"(?:van|von|der|den|ten|ter|de|del|della|di|da|dos|das|du|la|le|el|al|bin|bint|ibn|zu|af|av)"
PARTICLES = re.compile(rf" (?:{PARTICLE} ){{1,2}}")
SUGGESTED: Mapping[str, float] = MappingProxyType({"person": 1.5, "place": -1.0, "organization": -0.5})


@dataclass(eq=False, slots=True)
class Token:
    """A word without its possessive ending, its form without case and accents, and what its surroundings say."""

    start: int
    end: int
    text: str
    key: str
    opens: bool  # a sentence
    capital: bool  # whether it is written Like this
    weigh: Callable[[], float] | None  # None: nothing speaks for or against it
    weight: float = 0.0

    @property
    def evidence(self) -> float:
        """What its surroundings say, gathered when first asked for: few words are."""
        if self.weigh:
            self.weight, self.weigh = self.weigh(), None
        return self.weight


class Line(NamedTuple):
    """A turn's text and its words outside of what is taken already."""

    text: str
    words: list[Token]


def lines(turns: Sequence[str], taken: Sequence[Mask], suggested: Sequence[Sequence[Suggestion]]) -> list[Line]:
    """Return the words of each turn that are free; what is asked for in a turn speaks for the next one's first words."""
    return [
        Line(
            text,
            [
                word
                for word in tokens(text, suggested[turn], turns[turn - 1] if turn else "")
                if not taken[turn] or taken[turn].is_free(word.start, word.end)
            ],
        )
        for turn, text in enumerate(turns)
    ]


def tokens(text: str, suggested: Sequence[Suggestion] = (), asked: str = "") -> Iterator[Token]:
    """Yield the words of `text`, which answers `asked`; evidence is gathered for those that may be names."""
    answered = 3.0 if len(text) < 60 and english_context.asks_for_name(asked) else 0.0
    given = world_names.given()
    for number, match in enumerate(WORD.finditer(text)):
        word, start = match.group(), match.start()
        if not word.isalpha():
            word = TAIL.sub("", word)
        key, end, opens = plain(word), start + len(word), _opens(text, start)
        upper = word[0].isupper()
        answer = answered if answered and number < 3 and english_context.ANSWER.fullmatch(text[:start]) else 0.0
        weigh = None
        if upper or answer or key in given:
            weigh = partial(_weight, text, suggested, Place(start, end, key, opens), answer)
        yield Token(start, end, word, key, opens, upper and (len(word) == 1 or not word.isupper()), weigh)


def _opens(text: str, start: int) -> bool:
    """Whether a sentence begins there; behind a word and a blank, as most words stand, none does."""
    if start > 1 and text[start - 1] == " " and text[start - 2].isalnum():
        return False
    before = text[max(0, start - 8) : start]
    return not before.strip() if start < 8 else OPENING.search(before) is not None


class Place(NamedTuple):
    """Where a word stands, its plain form, and whether it opens a sentence."""

    start: int
    end: int
    key: str
    opens: bool


def _weight(text: str, suggested: Sequence[Suggestion], place: Place, answer: float) -> float:
    weight = english_context.of(text, place.start, place.end, place.opens) + _suggested(suggested, place)
    return weight + (answer if weight <= 1.0 else 0.0)


def _suggested(suggested: Sequence[Suggestion], place: Place) -> float:
    """Return what a model's word counts, of several that touch the word the one that covers most of it.

    For a person half, where a lone word that no list has begins a sentence; against one nothing, where a list has the word.
    """
    touching = [s for s in suggested if s.start < place.end and place.start < s.end and s.kind in SUGGESTED]
    if not touching:
        return 0.0
    here = max(touching, key=lambda s: min(s.end, place.end) - max(s.start, place.start))
    listed = world_names.weight(place.key) > 0
    if here.kind != "person":
        return 0.0 if listed else SUGGESTED[here.kind]
    alone = here.end - here.start <= place.end - place.start + 2 and place.opens and not listed
    return SUGGESTED[here.kind] * (0.5 if alone else 1.0)


def joins(line: Line, left: Token, right: Token) -> bool:
    """Whether `right` may go on with the name that `left` begins: "Ana Ruiz", "Ana B. Ruiz", "Ana de la Cruz"."""
    gap = line.text[left.end : right.start]
    capital = right.capital or ARTICLED.match(right.text) is not None
    return capital and len(right.text) > 1 and bool(MIDDLE.fullmatch(gap) or PARTICLES.fullmatch(gap))


SHORT_SURNAMES = frozenset({"xu", "wu", "hu", "ng", "vo", "li", "gu", "qi", "yu", "lu"})
ARTICLED = re.compile(r"(?:al|el|ul|ad|as|d|dell)[-'’][A-Z]")  # al-Farsi
DRUG = re.compile(
    r".{3,}(?:pril|sartan|statin|olol|azole|cillin|mycin|micin|zepam|zolam|oxetine|profen|formin|gliptin|dipine|thiazide|cycline|floxacin|tidine|codone"
    r"|morphone|phylline|xaban|tinib|semide|lukast|triptan|dronate|glutide|barbital|caine|olone|asone|onide|terol|afil|clovir|navir)"
)


def is_rare(word: Token, ordinary: Set[str]) -> bool:
    """Whether the word, by itself, means nothing but what it names."""
    if word.key in SHORT_SURNAMES and word.capital:
        return True
    if len(word.text) <= 2 or word.key in NEVER or word.key in ordinary or english_context.PLACE.fullmatch(word.text):
        return False
    if DRUG.fullmatch(word.key) and not world_names.weight(word.key):
        return False
    if "'" in word.text or "’" in word.text:
        return IRISH.fullmatch(word.text) is not None
    return not all(part in ordinary or len(part) < 2 for part in word.key.split("-"))


def is_common(key: str, ordinary: Set[str]) -> bool:
    """Whether the word has a meaning of its own besides being a name."""
    return key in ALSO_WORDS or key in CALENDAR or (key in ordinary and key not in GIVEN_NAMES)

"""People named in English talk: by title, by common given names, and by what is said around a name nobody listed.

A capitalized word that is no ordinary English word gathers evidence over the whole dialogue: "tell Bukola", "Bukola works
nights" speak for a person, "in Halifax", "Samphire Close" against one.
"""

import re
from collections.abc import Collection, Iterator, Sequence, Set

from stages.pii.evidence.suggestion import Suggestion
from stages.pii.people import (
    english_context,
    english_forms,
    english_known,
    english_small,
    english_words,
    namesakes,
    world_names,
)
from stages.pii.people.english_known import CERTAIN, TITLES
from stages.pii.people.english_words import Line, Token, is_common, is_rare
from stages.pii.people.given_names import GIVEN_NAMES, plain
from stages.pii.people.mention import Manner, Mention, PersonName
from stages.pii.people.not_names import CALENDAR, NEVER
from stages.pii.values.spans import Mask

FAMILIAR = {"aunt", "auntie", "aunty", "uncle", "granny"}  # before a given name
INITIALS = re.compile(r"(?<![\w.'’])(?:(?:[A-Z]\.|[B-HJ-Z])[ -]?){1,3}$")
TRAILING = re.compile(r" [A-HJ-Z](?:\.(?= ?[a-z]|[,;:?!)]|$)|(?![\w.'’])(?! [A-Z]))")
SUFFIX = re.compile(r",? (?:Jr\b\.?|Sr\b\.?|II|III|IV)(?![\w.])")
TITLE = re.compile(r"\b(?:Mr|Mrs|Ms|Mx|Miss|Dr|Prof)\.? $")
COUPLE = re.compile(r"(?:Mr|Mrs|Ms|Dr)\.? (?:and|&) (?:Mr|Mrs|Ms|Dr)\b", re.IGNORECASE)
RANK = re.compile(
    r"\b(?:Petty|Warrant|Staff|Master|Chief|First|Second|Lance|Police|Detective|Flight|Wing|Vice|Rear) $"
)  # Petty Officer
SPELLED = re.compile(r"(?<![A-Za-z])[A-Z](?:(?:, ?| |-|\. ?)[A-Z](?![A-Za-z'’])){2,}")
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


def find(
    turns: list[str],
    known: Collection[PersonName],
    ordinary: Set[str],
    taken: Sequence[Mask],
    suggested: Sequence[Sequence[Suggestion]],
) -> list[Mention]:
    """Return the people mentioned in `turns`, in text order.

    `known` are the speakers, `taken` stretches are something else; what a model `suggested` of each turn is evidence among
    other.
    """
    forms = [
        [stretch for stretch in english_forms.find(text, ordinary) if taken[turn].is_free(stretch[0], stretch[1])]
        if english_words.WORD.search(text)
        else []
        for turn, text in enumerate(turns)
    ]
    lines = english_words.lines(turns, taken, suggested)
    for line, written in zip(lines, forms, strict=True):
        gone = [*namesakes.find(line.text), *((start, end) for start, end, _ in written)] if line.words else []
        if gone:
            line.words[:] = [word for word in line.words if not any(s < word.end and word.start < e for s, e in gone)]
    first = {plain(part) for name in known for part in (name.given, name.single) if len(part) > 1}
    speakers = first | {plain(name.surname) for name in known if len(name.surname) > 1}
    known_here = english_known.known(lines, ordinary)
    in_forms = {
        plain(part) for each in forms for _, _, name in each for part in (name.given, name.surname) if len(part) > 2
    }
    reading = Reading(first | known_here.small, speakers | known_here.names | in_forms, ordinary)
    plainly = [mention for turn, line in enumerate(lines) for mention in reading.mentions(turn, line)]
    in_form = [
        Mention(turn, start, end, name, _manner(turns[turn], start, end))
        for turn, each in enumerate(forms)
        for start, end, name in each
    ]
    return sorted([*plainly, *in_form], key=lambda mention: (mention.turn, mention.start))


class Reading:
    """The names of a dialogue, and how to find them again in its lines."""

    def __init__(self, first: Set[str], names: Set[str], ordinary: Set[str]) -> None:
        """Take names in plain form, those that count in lower case too, and the words that are no names by themselves."""
        self.first = first | (names & GIVEN_NAMES)
        self.names = names
        self.ordinary = ordinary

    def mentions(self, turn: int, line: Line) -> Iterator[Mention]:
        """Yield who is mentioned in one turn."""
        behind = 0
        for index in [place for place, word in enumerate(line.words) if self._may_be_name(word)]:
            if index < behind:
                continue
            size, name = self._titled_name(line, index)
            if not size:
                size, name = self._plain_name(line, index)
            if size:
                start, end = line.words[index].start, line.words[index + size - 1].end
                if name.title and (rank := RANK.search(line.text[max(0, start - 12) : start])):
                    start -= len(rank.group())
                if suffix := SUFFIX.match(line.text, end):
                    end = suffix.end()
                if initials := INITIALS.search(line.text[max(0, start - 10) : start]):
                    start -= len(initials.group())
                    name = name._replace(first=initials.group()[0])
                if initials and (title := TITLE.search(line.text[max(0, start - 8) : start])):
                    start -= len(title.group())
                if (trailing := TRAILING.match(line.text, end)) and not name.surname:
                    end, name = trailing.end(), name._replace(initial=trailing.group()[1])
                yield Mention(turn, start, end, name, _manner(line.text, start, end))
            behind = index + size
        for match in SPELLED.finditer(line.text) if self.names else ():
            letters = "".join(char for char in match.group() if char.isalpha())
            if plain(letters) in self.names:
                yield Mention(turn, match.start(), match.end(), PersonName(single=letters))

    def _may_be_name(self, word: Token) -> bool:
        """Whether the word is a title, or may be a name by its form; most words are neither."""
        return word.capital or word.key in self.names or word.key in TITLES or "-" in word.key

    def _titled_name(self, line: Line, index: int) -> tuple[int, PersonName]:
        title = line.words[index]
        if title.key not in TITLES:
            return 0, PersonName()
        if COUPLE.match(line.text, title.start) and index + 2 < len(line.words):  # Mr and Mrs Leckie
            size, name = self._titled_name(line, index + 2)
            return (size + 2, name) if size else (0, PersonName())
        parts = self._following(line, index, titled=True)
        if not parts or (title.text.islower() and parts[0].key not in self.names):
            return 0, PersonName()
        if (
            title.key in english_known.DOUBTFUL and parts[0].key in self.ordinary and parts[0].key not in self.names
        ):  # a Drive
            return 0, PersonName()
        alone = len(parts) == 1
        given = parts[0].text if not alone or title.key in FAMILIAR else ""
        surname = "" if alone and title.key in FAMILIAR else parts[-1].text
        return 1 + len(parts), PersonName(title=title.key, given=given, surname=surname)

    def _plain_name(self, line: Line, index: int) -> tuple[int, PersonName]:
        word = line.words[index]
        following = self._following(line, index)
        if not (self._is_name(line, word, following) or self._is_family(line, word)):
            return 0, PersonName()
        spelled = word.text if word.key in self.names else word.text.replace("-", "")
        if not following:
            return 1, PersonName(single=spelled)
        return 1 + len(following), PersonName(given=spelled, surname=following[-1].text)

    def _is_name(self, line: Line, word: Token, following: list[Token]) -> bool:
        """Whether this word, here, is one of the names, its beginning ("Kev"), or a slow way to say it ("Wood-house")."""
        if word.key not in self.names:
            begins = (
                word.capital and is_rare(word, self.ordinary) and any(name.startswith(word.key) for name in self.first)
            )
            return begins or (len(word.key) > 6 and word.key.replace("-", "") in self.names)
        common = is_common(word.key, self.ordinary)
        if word.text.islower():
            return (
                (not common or word.evidence >= CERTAIN or english_small.is_introduced(line.text, word.start, word.end))
                and (len(word.key) > 2 or word.key in english_known.SHORTEST)
                and word.key in self.first
                and word.evidence > -2.5
            )
        if word.text.isupper() and len(word.text) > 1:
            return len(word.key) > 2 and (not common or word.key in GIVEN_NAMES)
        if common and (word.opens or word.key in CALENDAR):
            named = any(is_rare(other, self.ordinary) or other.key in self.names for other in following)
            return word.evidence >= 1.0 or named or self._heads_a_list(line, word)
        return word.evidence > -2.5

    def _heads_a_list(self, line: Line, word: Token) -> bool:
        """Whether another name follows behind a comma or "and": "Mark and Bill"."""
        behind = (other for other in line.words if other.start > word.end and other.capital)
        other = next(behind, None)
        joined = other is not None and english_known.LISTED.fullmatch(line.text[word.end : other.start])
        return other is not None and bool(joined) and other.key in self.names

    def _is_family(self, line: Line, word: Token) -> bool:
        """Whether the word is "the Garzas", of a surname that is known here or anywhere."""
        single = word.key.removesuffix("zes") + "z" if word.key.endswith("zes") else word.key.removesuffix("s")
        anywhere = single in world_names.surnames() and is_rare(word, self.ordinary) and word.evidence > -4.0
        known = word.capital and single != word.key and (single in self.names or anywhere)
        return known and line.text[max(0, word.start - 4) : word.start].lower() == "the "

    def _following(self, line: Line, index: int, titled: bool = False) -> list[Token]:
        """Return the words behind `index` that go on with a name, up to its last: capitalized, or names written small."""
        made: list[Token] = []
        passed, capitals = list[Token](), 0
        before = line.words[index]
        for word in line.words[index + 1 : index + 8]:
            far = capitals >= (3 if titled else 2) and not (
                world_names.weight(word.key) and is_rare(word, self.ordinary)
            )
            if line.text[before.end : before.end + 1] == "\n" or (far and not _passes(word)):
                break
            if not self._goes_on(line, before, word, titled and not made):
                passed.append(word)
                if len(passed) > 2 or not _passes(word):
                    break
                continue
            made += [*passed, word]
            passed, before, capitals = [], word, capitals + 1
        if made and not titled and english_context.PLACE.match(line.text, made[-1].end + 1):
            made.pop() if line.text[made[-1].end : made[-1].end + 1] in {" ", "-"} else None
        while made and _passes(made[-1]):
            made.pop()
        return made

    def _goes_on(self, line: Line, before: Token, word: Token, titled: bool) -> bool:
        gap = line.text[before.end : word.start]
        if word.key in NEVER or len(word.text) < 2:
            return False
        if titled:
            return gap in english_known.gaps(before) and (word.capital or word.key in self.names)
        if word.text.islower():
            return gap == " " and before.text.islower() and word.key in self.names
        if word.text.isupper():
            return gap == " " and before.text.isupper() and word.key in self.names
        return english_words.joins(line, before, word)


def _passes(word: Token) -> bool:
    """Whether a name may go on behind the word: an initial, or a small word such as `de`."""
    return len(word.text) == 1 or english_words.PARTICLES.fullmatch(f" {word.text} ") is not None


def _manner(text: str, start: int, end: int) -> Manner:
    before, after = text[max(0, start - 60) : start], text[end : end + 20]
    if OWN.search(before) or (start < 60 and (HERE.match(after) or OWN_START.match(before))):
        return "own"
    alone = (start == 0 or before.endswith(", ")) and (not after or after[0] in ",.?!")
    return "called" if GREETED.search(before) or alone else ""

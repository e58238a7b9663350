"""All personal data of one dialogue, and the placeholder of each datum (Table 1)."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Set
from types import MappingProxyType
from typing import NamedTuple

from stages.core.row import Language
from stages.pii.evidence.recognizers import Recognizer
from stages.pii.evidence.suggestion import Suggestion
from stages.pii.gold import Placed
from stages.pii.patterns.deferred import Deferred
from stages.pii.people import chinese_names, english_names, speakers, spelled_names
from stages.pii.people.mention import NOBODY, Mention
from stages.pii.people.roster import Person, Roster
from stages.pii.values import addresses, credentials, phones_and_accounts
from stages.pii.values.dictation import dictated
from stages.pii.values.spans import Mask, PiiKind, Span, settle
from stages.rows.dialogue import Dialogue, Turn

BRACKETED = re.compile(r"\[[^\[\]]{1,30}\]")  # [image], and placeholders that are there already
EXISTING = Deferred(r"\[([A-Z_]+)_(\d+)\]")


class Found(NamedTuple):
    """Personal data of a dialogue: who speaks, by speaker field as recorded, and what stands in each turn, in text order."""

    speaking: dict[str, str]  # the value of the person, as in `spans`
    spans: list[list[Span]]


Recognizers = Mapping[Language, Recognizer]
NO_MODEL: Recognizers = MappingProxyType({})


def anonymized(
    dialogue: Dialogue, kinds: Collection[PiiKind], ordinary: Set[str], recognizers: Recognizers = NO_MODEL
) -> tuple[Dialogue, list[Placed]]:
    """Return the dialogue with placeholders for what the detectors find, and where in the original text they stand.

    `ordinary` are words that are no names, in lower case; `recognizers` the models asked for evidence of names, by language.
    """
    return replaced(dialogue, kinds, lambda whole: detected(whole, kinds, ordinary, recognizers))


def replaced(
    dialogue: Dialogue, kinds: Collection[PiiKind], find: Callable[[Dialogue], Found]
) -> tuple[Dialogue, list[Placed]]:
    """Return the dialogue with placeholders for what `find` finds, and where in the original text they stand, in reading order.

    One person, number or address is one placeholder in the whole dialogue. Speaker fields become the person's placeholder,
    or empty when they hold no name. The dialogue's context is read as a turn after the last one: what both name has one
    placeholder.
    """
    if dialogue.context:
        beside = Turn(party="other", text=dialogue.context)
        longer = dialogue.model_copy(update={"turns": (*dialogue.turns, beside), "context": ""})
        after, placed = replaced(longer, kinds, find)
        *turns, last = after.turns
        return after.model_copy(update={"turns": tuple(turns), "context": last.text}), placed
    speaking, spans = find(dialogue)
    numbering = _Numbering([turn.text for turn in dialogue.turns])
    placed, replacing = list[Placed](), list[Turn]()
    for n, turn in enumerate(dialogue.turns):
        speaker = turn.speaker
        if "person" in kinds:
            speaker = numbering.of("person", speaking[turn.speaker]) if turn.speaker in speaking else ""
        here = [
            Placed(turn=n, start=s.start, end=s.end, kind=s.kind, placeholder=numbering.of(s.kind, s.value))
            for s in spans[n]
        ]
        replacing.append(turn.model_copy(update={"speaker": speaker, "text": _filled(turn.text, here)}))
        placed += here
    return dialogue.model_copy(update={"turns": tuple(replacing)}), placed


def detected(
    dialogue: Dialogue, kinds: Collection[PiiKind], ordinary: Set[str], recognizers: Recognizers = NO_MODEL
) -> Found:
    """Return what the detectors find in the turns of a dialogue."""
    values = _values([turn.text for turn in dialogue.turns], kinds)
    speaking, mentioned = _people(dialogue, values, ordinary, recognizers) if "person" in kinds else ({}, [])
    people: dict[int, list[Span]] = defaultdict(list)
    for place, span in mentioned:
        people[place].append(span)
    if people:
        taken = [Mask((span.start, span.end) for span in own) for own in values]
        texts = [turn.text for turn in dialogue.turns]
        for place, span in list(spelled_names.find(texts, [people[n] for n in range(len(texts))], taken)):
            people[place].append(span)
    return Found(speaking, [settle([*spans, *people[n]]) for n, spans in enumerate(values)])


def _values(texts: list[str], kinds: Collection[PiiKind]) -> list[list[Span]]:
    """Return everything but people, turn by turn."""
    by_number = phones_and_accounts.find(texts)
    bracketed = [Mask(_bracketed(text)) for text in texts]
    by_turn = [
        settle(
            span
            for span in (*by_number[n], *addresses.find(text), *credentials.find(texts, n))
            if span.kind in kinds and bracketed[n].is_free(span.start, span.end)
        )
        for n, text in enumerate(texts)
    ]
    return [
        [span for span in own if span.kind in kinds and bracketed[n].is_free(span.start, span.end)]
        for n, own in enumerate(dictated.find(texts, by_turn))
    ]


def _people(
    dialogue: Dialogue, values: list[list[Span]], ordinary: Set[str], recognizers: Recognizers
) -> tuple[dict[str, str], list[tuple[int, Span]]]:
    """Return the person of each speaker field, and of each mention (turn, span)."""
    texts = [turn.text for turn in dialogue.turns]
    recorded = dict.fromkeys(turn.speaker for turn in dialogue.turns)
    fields = {speaker: speakers.parse(speaker, dialogue.language) for speaker in recorded}
    named = {speaker: name for speaker, name in fields.items() if name != NOBODY}
    roster = Roster([(t.speaker, t.party, named[t.speaker]) for t in dialogue.turns if t.speaker in named])
    taken = [Mask([*((s.start, s.end) for s in values[n]), *_bracketed(text)]) for n, text in enumerate(texts)]
    known, suggest = list(named.values()), recognizers.get(dialogue.language)
    none: list[list[Suggestion]] = [[] for _ in texts]
    suggested = suggest(texts) if suggest else none
    if dialogue.language == "zh":
        latin = english_names.find(texts, known, ordinary, taken, none)
        mentions = _merged(chinese_names.find(texts, known, ordinary, taken, suggested), latin)
    else:
        mentions = english_names.find(texts, known, ordinary, taken, suggested)
    who = roster.resolve(mentions, [t.speaker for t in dialogue.turns], [t.party for t in dialogue.turns])
    keys: dict[Person, str] = {person: str(n) for n, person in enumerate(roster.people)}
    spans = [(m.turn, Span(m.start, m.end, "person", keys[person])) for m, person in zip(mentions, who, strict=True)]
    return {speaker: keys[roster.by_field[speaker]] for speaker in named}, spans


def _bracketed(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in BRACKETED.finditer(text)] if "[" in text else []


def _merged(first: list[Mention], second: list[Mention]) -> list[Mention]:
    """Return both in text order; of two that overlap the one of `first`."""
    masks: dict[int, Mask] = defaultdict(Mask)
    for mention in first:
        masks[mention.turn].take(mention.start, mention.end)
    free = [mention for mention in second if masks[mention.turn].is_free(mention.start, mention.end)]
    return sorted([*first, *free], key=lambda m: (m.turn, m.start))


def _filled(text: str, placed: list[Placed]) -> str:
    """Return `text` with placeholders in the place of what they stand for."""
    pieces, end = [], 0
    for item in placed:
        pieces += [text[end : item.start], item.placeholder]
        end = item.end
    return "".join([*pieces, text[end:]])


class _Numbering:
    """Placeholders by kind, numbered as they come; numbers a text already holds are left out."""

    def __init__(self, texts: list[str]) -> None:
        self.given: dict[tuple[PiiKind, str], str] = {}
        self.last: dict[str, int] = {}
        for kind, number in (match.groups() for text in texts for match in EXISTING.finditer(text)):
            self.last[kind] = max(self.last.get(kind, 0), int(number[:6]))

    def of(self, kind: PiiKind, value: str) -> str:
        """Return the placeholder of a datum."""
        if (kind, value) not in self.given:
            label = kind.upper()
            self.last[label] = self.last.get(label, 0) + 1
            self.given[kind, value] = f"[{label}_{self.last[label]}]"
        return self.given[kind, value]

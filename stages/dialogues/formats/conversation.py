"""What every reader gives: a conversation as recorded, or the place of one that cannot be read.

Readers only find utterances (`Said`); who they come from, in which order, and whether they say anything is decided here, for all alike.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, overload

from pydantic import ValidationError

from stages.core import jsonl
from stages.core.row import Record
from stages.dialogues.formats.cleaning import HIDDEN, Cleaned, clean
from stages.dialogues.formats.order import Misplaced, in_order
from stages.dialogues.formats.parties import Parties
from stages.rows.dialogue import Party, Turn

HALF = re.compile("[\ud800-\udfff]")
ROUNDED = re.compile(r"\d(?:[.,]\d+)?[eE][+-]\d+")
WHERE = "parties in the pack's conversations.yaml"


class Raw(Record):
    """A conversation before it is checked; a field its format does not carry is None."""

    line: int
    key: str | None = None
    language: str | None = None
    scene: str | None = None
    source: str | None = None
    role: str | None = None
    spoken: bool | None = None
    turns: tuple[Turn, ...]
    context: str = ""
    group: str = ""
    silent: int = 0
    """Turns that say nothing (a photo, a silence) and were passed over."""
    tokens: int = 0
    """Special tokens of models that stood in the text and were broken up."""
    reordered: bool = False
    """Whether the turns were put into the order of their times."""


class Unreadable(Record):
    """A record that is not what its format asks for; `detail` never holds its text."""

    line: int
    detail: str
    names: tuple[str, ...] = ()
    """Who speaks in it and is in no table; for a person at a terminal, not for a file."""


class SourceFile(Record):
    """A file's path, as a message names it, and its decoded text."""

    path: Path
    text: str


ReadResult = Raw | Unreadable


class Waiting(NamedTuple):
    """A record that is not made yet, and can be by another process; what it becomes has its line."""

    line: int
    make: Callable[[], ReadResult]


Found = ReadResult | Waiting


def made(found: Found) -> ReadResult:
    """Return what a record becomes, if it is not made yet."""
    return found.make() if isinstance(found, Waiting) else found


class Unmade(Sequence[ReadResult]):
    """Conversations that are made of their records whenever they are asked for: made, they take five times the room."""

    def __init__(self, records: Sequence[Found]) -> None:
        """Take each, or what makes it."""
        self.records = records

    @overload
    def __getitem__(self, place: int) -> ReadResult: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[ReadResult]: ...

    def __getitem__(self, place: int | slice) -> ReadResult | Sequence[ReadResult]:
        """Return one, or several, which are not made yet."""
        if isinstance(place, slice):
            return Unmade(self.records[place])
        return made(self.records[place])

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.records)


class Reading(NamedTuple):
    """A file as it was taken: the name of its format, and the conversations in file order."""

    form: str
    results: Sequence[ReadResult]

    @property
    def records(self) -> Sequence[Found]:
        """The conversations, as far as they are made."""
        return self.results.records if isinstance(self.results, Unmade) else self.results


class NotAConversation(ValueError):
    """A record of the right outline with something wrong inside; the message says what, without its text."""

    def __init__(self, detail: str, line: int | None = None, names: Iterable[str] = ()) -> None:
        """Say what is wrong, on which line if that is not the record's own, and who is in no table."""
        super().__init__(detail)
        self.line, self.names = line, tuple(sorted(names))


class Said(NamedTuple):
    """One utterance as its format gives it."""

    text: str
    party: Party | None = None
    """Where the format decides it."""
    label: str = ""
    """What a field for the party holds; it has to be in the table."""
    name: str = ""
    """Who speaks; may be in the table."""
    also: tuple[str, ...] = ()
    """Other names that may be there."""
    time: str = ""
    number: str = ""
    line: int | None = None


def conversation(line: int, said: Sequence[Said], who: Parties, fields: Mapping[str, Any], main: str = "") -> Raw:
    """Make a conversation of its utterances, or say what is wrong with it; the name `main` is the customer's, if anybody has it."""
    try:
        ordered, reordered = in_order(
            [(one.number, one.time) for one in said], [one.party or one.label or one.name for one in said]
        )
    except Misplaced as error:
        raise NotAConversation(f"turn {error.place + 1}: {error}", said[error.place].line) from None
    turns, tokens, silent = list[tuple[Party | None, Said, Cleaned]](), 0, 0
    for place in ordered:
        one, text = said[place], clean(said[place].text)
        _whole(f"turn {place + 1}", (one.text, one.label, one.name, one.time), one.line)
        if text.text:
            turns.append((_party(place + 1, one, who), one, text))
            tokens += text.tokens
        else:
            silent += 1
    parties = _decided([(party, one) for party, one, _ in turns], who, main)
    _whole("the record", [value for value in fields.values() if isinstance(value, str)])
    context = clean(fields.get("context", ""))
    return Raw(
        line=line,
        turns=tuple(
            Turn(party=party, speaker=clean(one.name).text, text=text.text, time=clean(one.time).text)
            for party, (_, one, text) in zip(parties, turns, strict=True)
        ),
        context=context.text,
        silent=silent,
        tokens=tokens + context.tokens,
        reordered=reordered,
        **{name: value for name, value in fields.items() if name != "context"},
    )


def _whole(what: str, texts: Sequence[str], line: int | None = None) -> None:
    """Refuse half a character, which JSON can write as one half of a surrogate pair and nobody can store."""
    if not all(map(str.isascii, texts)) and any(HALF.search(text) for text in texts):
        raise NotAConversation(f"{what}: half a character (a lone surrogate); export the file again", line)


def _party(number: int, one: Said, who: Parties) -> Party | None:
    """Return the party of an utterance, or None where only a name is given that no table has."""
    if one.party:
        return one.party
    if one.label.strip():
        if found := who.of(one.label):
            return found
        raise NotAConversation(
            f"turn {number}: the word for who speaks is in no table (dial-insight look shows it); add it to {WHERE}",
            one.line,
            [one.label],
        )
    return next((found for name in (one.name, *one.also) if (found := who.of(name))), None)


def _decided(parties: Sequence[tuple[Party | None, Said]], who: Parties, main: str) -> list[Party]:
    """Return the party of each turn: who is in no table is `other`, if both sides are there without them."""
    found = [party for party, _ in parties]
    if main and any(party is None and main in (one.name, *one.also) for party, one in parties):
        found = [party or ("customer" if main in (one.name, *one.also) else "provider") for party, one in parties]
    unknown = {(one.name, *one.also) for (_, one), party in zip(parties, found, strict=True) if party is None}
    if who.strangers and any(found):
        found = [party or who.strangers for party in found]
    sides = {party for party in found if party in ("provider", "customer")}
    if found and (not sides or (unknown and len(sides) < 2)):
        missing = "provider or customer" if not sides else ({"provider", "customer"} - sides).pop()
        named = sorted({next(filter(None, names), "") for names in unknown} - {""})
        if unknown and not named:
            raise NotAConversation(f"nobody is {missing}, and no turn says who speaks; export it with speakers")
        detail = f"nobody is {missing} (speakers in no table: {len(named)}); name them under {WHERE}"
        raise NotAConversation(detail, names=named)
    return [party or "other" for party in found]


def identifier(value: object, what: str) -> str:
    """Return a conversation's identifier as text, or say why it cannot be one."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)) or not str(value).strip():
        raise NotAConversation(f"{what}: expected a text or a whole number")
    key = HIDDEN.sub("", str(value)).strip()
    if isinstance(value, float) or ROUNDED.fullmatch(key):
        raise NotAConversation(f"{what}: a number that was rounded, as spreadsheets do; export it as text")
    return key


def readable(line: int, make: Any) -> ReadResult:  # noqa: ANN401 - a call without arguments
    """Call `make`, turning whatever is wrong with the record into its place and reason."""
    try:
        read: Raw = make()
    except NotAConversation as error:
        return Unreadable(line=error.line or line, detail=str(error), names=error.names)
    except ValidationError as error:
        return Unreadable(line=line, detail=jsonl.faults(error))
    return read

"""Names that forms, tickets and short notes write in their own ways: initials alone, surname first, capitals, nicknames."""

import re
from collections.abc import Iterator, Set

from stages.pii.patterns.deferred import Deferred
from stages.pii.people import english_context, world_names
from stages.pii.people.english_known import TITLES
from stages.pii.people.given_names import GIVEN_NAMES, plain
from stages.pii.people.mention import PersonName
from stages.pii.people.not_names import NEVER
from stages.pii.people.word_groups import any_of

Stretch = tuple[int, int, PersonName]
NAME = r"[^\W\d_a-z][\w'’-]+"
SHOUTED = r"[^\W\d_a-z](?:['’-]?[^\W\d_a-z])+"
DOTTED = r"[A-Z]\. ?-?[A-Z]\.(?: ?[A-Z]\.)?(?![\w.])"
FOLLOWING = re.compile(rf" ?({NAME})")
SHORT = Deferred(DOTTED)
ABBREVIATIONS = frozenset(
    "us usa uk eu un am pm ps pps dc ny nyc la ac dc ad bc id tv po rv nb hr it pr pc cv ok eg ie na ai md wc jd dj cd dvd qa".split()  # noqa: SIM905
)
TITLED = Deferred(
    r"\b(?:Mr|Mrs|Ms|Mx|Miss|Dr|Prof)\.? (?P<initial>[A-Z](?:\.(?=\s+[a-z]|\s*$|[,;:?!)])|(?![\w.'’&-])))(?! ?[A-Z][a-z.])"
)
TITLED_FULL = Deferred(
    rf"\b(?P<title>Mr|Mrs|Ms|Mx|Miss|Dr|Prof)\.? (?P<first>[A-Z])(?:\.? ?-?[A-Z]\b){{0,2}}\.? ?(?P<surname>(?<=[ .]){NAME}(?:-{NAME})?)"
)
CALLED = Deferred(
    r"(?:^|[.!?\n] ?)(?:hi|hiya|hey|hello|dear)(?: mr| ms)? (?P<initial>(?-i:[B-HJ-Z]))\.?(?=\s*[,!:\n]|\s*$)",
    re.IGNORECASE,
)
CLOSED = Deferred(
    rf"(?:^|[.!?\n,] ?)(?:{any_of(english_context.CLOSINGS)})[,.!]?\s+(?:[-–—] ?)?(?P<initial>(?-i:[A-Z]\.? ?[A-Z]?\.?))(?=\s*$)",
    re.IGNORECASE,
)
REVERSED = Deferred(rf"\b(?P<surname>{NAME}), (?P<first>[A-Z])(?:\. ?-?[A-Z])*(?:\.|(?=\s*(?:$|[\n;)(])))(?! ?[\w&])")
REVERSED_BARE = re.compile(
    rf"(?:^|[:;=\n]) ?(?P<surname>{NAME}),? (?P<first>[A-Z])\.?(?: ?[A-Z]\.?){{0,2}}(?=\s*(?:$|[\n;,)(]))"
)
REVERSED_FULL = Deferred(rf"(?:^|[:;=\n]) ?(?P<surname>{NAME}), (?P<given>{NAME})(?: {NAME})?(?=\s*(?:$|[\n;(]))")
TICKET = Deferred(
    rf"(?<![\w/])(?P<surname>{SHOUTED}(?: {SHOUTED})?)/(?P<given>{SHOUTED}(?: {SHOUTED}){{0,2}}?)(?P<title> ?(?:MRS|MR|MS|MSTR|MISS|DR|CHD|INF))?(?![\w/])(?! [A-Z]{{2}})"
)
LABELS = rf"(?:{english_context.KIN}|{any_of(english_context.FORM)}|name(?: of [a-z]+)?)"
FIELD = Deferred(
    rf"\b{LABELS}(?: name)? ?[:=] ?(?P<name>(?-i:{SHOUTED}(?!\w)(?:,? (?:[A-Z]\b\.?|{SHOUTED})(?!\w| ?[:=/])){{0,3}}))(?=\s*(?:$|[\n;,.(\d]|[A-Z ]+[:=]))",
    re.IGNORECASE,
)
NO_PERSON = re.compile(rf"\b{english_context.NOBODYS} $", re.IGNORECASE)
EMPTY = frozenset("none unknown same tbc tba na dob tel age sex self nil various as above ltd inc llc".split())  # noqa: SIM905
QUOTED = re.compile(rf"\b(?P<given>{NAME}) [\"“‘'(](?P<nick>{NAME})[\"”’')] (?P<surname>{NAME})")
NICKNAMED = re.compile(
    r"\b(?:nicknamed|known as|goes by|(?:calls?|called) (?:him|her|me)|a\.?k\.?a\.?)(?: the name)?,? [\"“‘'](?P<nick>(?-i:[A-Z][a-z]+))[\"”’']",
    re.IGNORECASE,
)


def find(text: str, ordinary: Set[str]) -> list[Stretch]:
    """Return where such names stand in `text`, in text order, none over another."""
    made: list[Stretch] = []
    for start, end, name in sorted(_all(text, ordinary), key=lambda stretch: (stretch[0], -stretch[1])):
        if not made or start >= made[-1][1]:
            made.append((start, end, name))
    return made


def _all(text: str, ordinary: Set[str]) -> Iterator[Stretch]:
    yield from _initials(text, ordinary)
    if '"' in text or "“" in text or "(" in text or "'" in text or "‘" in text:
        yield from _nicknames(text, ordinary)
    if "," in text or ":" in text or text[:1].isupper():
        yield from _surname_first(text, ordinary)
    if "/" in text:
        yield from _tickets(text, ordinary)
    if ":" in text or "=" in text:
        yield from _fields(text, ordinary)


def _initials(text: str, ordinary: Set[str]) -> Iterator[Stretch]:
    for match in TITLED.finditer(text):
        yield (
            match.start(),
            match.end(),
            PersonName(title=plain(match.group().split()[0].strip(".")), single=match["initial"]),
        )
    for match in TITLED_FULL.finditer(text):
        if plain(match["surname"]) not in NEVER:
            title = plain(match["title"])
            yield *match.span(), PersonName(title=title, surname=match["surname"], first=match["first"])
    for pattern in (CALLED, CLOSED):
        for match in pattern.finditer(text):
            if _letters(match["initial"]) not in ABBREVIATIONS:
                yield match.start("initial"), match.end("initial"), PersonName(single=match["initial"])
    for match in SHORT.finditer(text) if "." in text else ():
        start, end = match.span()
        surname = FOLLOWING.match(text, end)
        if surname and (_may_be_name(plain(surname[1]), ordinary) or world_names.weight(plain(surname[1]))):
            continue  # an initial of J. R. Okafor
        if _letters(match.group()) not in ABBREVIATIONS and english_context.of(text, start, end, opens=False) >= 2.0:
            yield start, end, PersonName(single=match.group())


def _letters(initials: str) -> str:
    return "".join(char for char in initials if char.isalpha()).lower()


def _surname_first(text: str, ordinary: Set[str]) -> Iterator[Stretch]:
    for match in REVERSED.finditer(text):
        key = plain(match["surname"])
        listed = world_names.weight(key) > 0
        opens = not text[: match.start()].rpartition("\n")[2].strip() or text[: match.start()].rstrip()[-1:] in ":;="
        dotted = match.group().count(".") > 1
        if (_may_be_name(key, ordinary) and (listed or dotted or opens)) or (listed and opens and key not in NEVER):
            yield match.start(), match.end(), PersonName(surname=match["surname"], first=match["first"])
    for match in REVERSED_FULL.finditer(text):
        keys = [plain(match["surname"]), plain(match["given"])]
        weights = [world_names.weight(key) for key in keys]
        if all(_may_be_name(key, ordinary) for key in keys) and weights[1] + weights[0] >= 0.5:
            yield match.start("surname"), match.end(), PersonName(given=match["given"], surname=match["surname"])
    for match in REVERSED_BARE.finditer(text):
        key = plain(match["surname"])
        if key in world_names.surnames() - GIVEN_NAMES and _may_be_name(key, ordinary):
            yield match.start("surname"), match.end(), PersonName(surname=match["surname"], first=match["first"])


def _may_be_name(key: str, ordinary: Set[str]) -> bool:
    return len(key) > 2 and key not in ordinary and key not in NEVER and key not in TITLES


def _tickets(text: str, ordinary: Set[str]) -> Iterator[Stretch]:
    for match in TICKET.finditer(text):
        surname, given = match["surname"].split()[-1], match["given"].split()[0]
        keys = [plain(surname), plain(given)]
        listed = sum(world_names.weight(key) > 0 for key in keys)
        meant = listed == 2 or (match["title"] and all(_may_be_name(key, ordinary) for key in keys))
        if meant and not NEVER.intersection(keys):
            title = plain(match["title"] or "").strip()
            yield *match.span(), PersonName(title=title if title in TITLES else "", given=given, surname=surname)


def _fields(text: str, ordinary: Set[str]) -> Iterator[Stretch]:
    for match in FIELD.finditer(text):
        parts = [part for part in re.split(r",? |\.", match["name"]) if len(part) > 1]
        keys = [plain(part) for part in parts]
        firm = any(english_context.PLACE.fullmatch(part) for part in parts)
        if NO_PERSON.search(text[max(0, match.start() - 12) : match.start()]) or keys[0] in NEVER - GIVEN_NAMES:
            continue
        if firm or EMPTY.intersection(keys) or not any(_may_be_name(key, ordinary) for key in keys):
            continue
        first, last = (parts[-1], parts[0]) if "," in match["name"] else (parts[0], parts[-1])
        name = PersonName(given=first, surname=last) if len(parts) > 1 else PersonName(single=first)
        yield match.start("name"), match.end("name"), name


def _nicknames(text: str, ordinary: Set[str]) -> Iterator[Stretch]:
    for match in QUOTED.finditer(text):
        given, surname = plain(match["given"]), plain(match["surname"])
        if (
            world_names.weight(given) >= 1.0
            and not NEVER & {given, surname}
            and (world_names.weight(surname) or surname not in ordinary)
        ):
            yield *match.span(), PersonName(given=match["given"], surname=match["surname"])
    for match in NICKNAMED.finditer(text):
        if plain(match["nick"]) not in NEVER:
            yield *match.span("nick"), PersonName(single=match["nick"])

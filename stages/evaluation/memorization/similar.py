"""Values of the same form as a real one: what it is ranked among when a model is asked how likely it finds it."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from math import prod
from random import Random
from string import ascii_lowercase, ascii_uppercase, digits

from faker.providers.person.zh_CN import Provider as Chinese

from stages.pii.people import world_names
from stages.pii.people.given_names import GIVEN_NAMES, plain
from stages.pii.values.spans import PiiKind
from stages.text.chinese_surnames import COMMON, FURTHER

CODES: frozenset[PiiKind] = frozenset(
    {"account", "bank_card", "id_number", "plate", "password", "door_code", "wechat", "qq", "phone"}
)
TOKEN = re.compile(r"[a-zà-öø-ÿ]+(?:['’-][a-zà-öø-ÿ]+)*|[\u4e00-\u9fff]+|.", re.IGNORECASE | re.DOTALL)
CALLED = re.compile(r"(?:先生|女士|小姐|老师|师傅|阿姨|经理|[哥姐叔姨总嫂])$")
SURNAMES = COMMON + FURTHER
ROOM = 4  # times as many values as are wanted, so that those drawn are a draw


def similar(value: str, kind: PiiKind, count: int, random: Random) -> list[str]:
    """Return `count` other values of the form of this one, or nothing where too few have it.

    Digits become digits, letters of codes letters; of a person's name each word becomes a name of the same list and length, a
    Chinese surname a surname, a form of address stays. All else stays: an address without numbers has none like it.
    """
    places = list(_places(value, kind))
    if prod(len(set(place)) for place in places) < ROOM * (count + 1):
        return []
    found = dict[str, None]()
    while len(found) < count:
        other = "".join(random.choice(place) for place in places)
        if other != value:
            found[other] = None
    return list(found)


def _places(value: str, kind: PiiKind) -> Iterator[Sequence[str]]:
    for token in TOKEN.findall(value):
        if token.isdecimal():
            yield digits
        elif kind in CODES and token.isascii() and token.isalpha():
            yield from (ascii_uppercase if char.isupper() else ascii_lowercase for char in token)
        elif kind == "person" and token.isalpha() and not token.isascii() and "\u4e00" <= token[0] <= "\u9fff":
            yield from _chinese(token)
        elif kind == "person" and len(token) > 1:
            yield _latin(token)
        else:
            yield [token]


def _latin(word: str) -> Sequence[str]:
    """Return names of the same length from the first list that has this one, written as it is; itself if it is in none."""
    key = plain(word)
    listed = next((names for names in _lists() if key in names), None)
    if listed is None or len(key) != len(word):
        return [word]
    return [name.capitalize() if word[0].isupper() else name for name in _of_length(listed, len(word))]


@cache
def _lists() -> tuple[frozenset[str], ...]:
    return frozenset(GIVEN_NAMES), world_names.given(), world_names.surnames()


@cache
def _of_length(names: frozenset[str], length: int) -> Sequence[str]:
    return sorted(name for name in names if len(name) == length)


def _chinese(name: str) -> Iterator[Sequence[str]]:
    called = CALLED.search(name)
    bare = name[: called.start()] if called else name
    for n, char in enumerate(bare):
        yield SURNAMES if n == 0 and char in SURNAMES else _given_chars()
    if called:
        yield [called[0]]


@cache
def _given_chars() -> Sequence[str]:
    return sorted(set("".join(Chinese.first_names)))

"""Given names and surnames of some sixty countries, as Faker lists them: whoever bears one need not be introduced.

A name that stands here speaks for a person, no more: many are also towns, streets or words.
"""

import re
import warnings
from collections.abc import Iterator
from functools import cache

from faker import Factory
from faker.providers import BaseProvider, person
from faker.utils.loading import list_module

from stages.pii.patterns.deferred import Deferred
from stages.pii.people.given_names import GIVEN_NAMES, plain
from stages.pii.people.word_groups import any_of

PERSON = person.__name__
LATIN = re.compile(r"[a-zþæðœ'’-]{3,}")
GIVEN = re.compile(r"first_(?:romanized_)?names")
FAMILY = re.compile(r"(?:male_|female_|unisex_)?last_(?:romanized_)?names")
SLAVIC = "o[vw] e[vw] o[vw]a e[vw]a sk[iy] ska skaya [bdgjklnrtvz]ic [eo]nko ch?uk c?zyk wicz ovna evich"
GERMANIC = (
    "mann stein bauer meier meyer hoff gren lund dahl stedt sson sen d?ottir inen [qk]vist gard strom stra sma veld"
)
ROMANCE = "elli etti ucci [aei]scu eira ault eaux? guez nandez"
EASTERN = "[iy]an shvili [ai]dze oglu zadeh? pour nejad opoulos akis idis moto mura yama guchi [gk]awa shima zaki"
SOUTHERN = "kar wal a?wala swamy reddy murthy chukwu nna unde bayo ola wole"
ENDINGS = Deferred(rf".{{2,}}{any_of(SLAVIC, GERMANIC, ROMANCE, EASTERN, SOUTHERN)}|ma?c[a-z]{{4,}}")
IRISH = re.compile(r"[od]'[a-z]{3,}")


def _is_country(folder: str) -> bool:
    return "_" in folder or folder == "en"


@cache
def _people() -> tuple[BaseProvider, ...]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of countries that have a new name
        makers = [Factory.create(place, [PERSON]) for place in list_module(person) if _is_country(place)]
    return tuple(provider for maker in makers for provider in maker.get_providers())


def _parts(attribute: re.Pattern[str]) -> Iterator[str]:
    listed = {
        name
        for people in _people()
        for each in dir(people)
        if attribute.match(each)
        for name in getattr(people, each)
        if isinstance(name, str)
    }
    return (part for name in listed for part in plain(name).split())


@cache
def given() -> frozenset[str]:
    """Return given names in plain form, those of the project's own list included."""
    return GIVEN_NAMES | frozenset(part for part in _parts(GIVEN) if LATIN.fullmatch(part))


@cache
def surnames() -> frozenset[str]:
    """Return surnames in plain form."""
    return frozenset(part for part in _parts(FAMILY) if LATIN.fullmatch(part))


@cache
def weight(key: str) -> float:
    """Return what the lists say for a word in plain form: 1.5 O'Neill, 1 a given name, 0.5 a surname or what ends like one, else 0."""
    if IRISH.fullmatch(key):
        return 1.5
    names = [key, *(part for part in key.split("-") if len(part) > 2)]
    if any(name in given() for name in names):
        return 1.0
    return 0.5 if any(name in surnames() or ENDINGS.fullmatch(name) for name in names) else 0.0

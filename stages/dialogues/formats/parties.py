"""Who is provider, customer or other, by the words and names that files use."""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import get_args

from stages.core import yaml_files
from stages.core.row import Record
from stages.dialogues.formats.cleaning import HIDDEN
from stages.rows.dialogue import Party

TABLE = Path(__file__).with_name("parties.yaml")
DIGITS = "0123456789０１２３４５６７８９"


class Names(Record):
    """Words for each party; a word may stand under one of them only."""

    provider: tuple[str, ...] = ()
    customer: tuple[str, ...] = ()
    other: tuple[str, ...] = ()

    def table(self) -> dict[str, Party]:
        """Return the party by word, as `plain` writes it."""
        return {plain(word): party for party in get_args(Party) for word in getattr(self, party)}


class Parties:
    """Tables of words, the first that has one decides."""

    def __init__(self, *tables: Mapping[str, Party], strangers: Party | None = None) -> None:
        """Look into `tables`, then into the shipped one; who is in none of them is of the party `strangers`."""
        self.own, self.strangers = tables, strangers

    def before(self, table: Mapping[str, Party]) -> "Parties":
        """Return parties that look into one more table first."""
        return Parties(table, *self.own, strangers=self.strangers)

    def of(self, word: str) -> Party | None:
        """Return the party of a word or name; None where no table has it."""
        whole = plain(word)
        for written in dict.fromkeys((whole, _uncounted(whole))):
            for table in (*self.own, shipped()):
                if written in table:
                    return table[written]
        return None


@cache
def shipped() -> dict[str, Party]:
    """Return the table that holds for every format."""
    return yaml_files.load(TABLE, Names).table()


@lru_cache(maxsize=1024)  # one word a turn, and few different ones
def plain(word: str) -> str:
    """Return a word as tables have it: in lower case, with single blanks for blanks, hyphens and underscores."""
    return " ".join(re.split(r"[\s_-]+", HIDDEN.sub("", word).strip().casefold())).strip()


def _uncounted(word: str) -> str:
    """Return a word without the number at its end: `speaker 2`, `agent#1`."""
    bare = word.rstrip(DIGITS)
    return bare.rstrip(" #") if bare != word else word

"""English words that sound alike, endings that are swallowed or heard where none was said, and letters mistyped."""

from functools import lru_cache
from pathlib import Path
from random import Random

TABLE = Path(__file__).with_name("sound_alikes.txt")  # written by us: words on a line are heard for each other
LONG_ENOUGH = 4  # letters from which on a word that is in no line has an ending to lose or gain
TYPED = 0.5  # of the slips of who types that are of letters, the others words that sound alike: our choice


@lru_cache(maxsize=1)
def table() -> dict[str, tuple[str, ...]]:
    """Return what each word is heard for, in lower case."""
    found = dict[str, dict[str, None]]()
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        words = line.split()
        for word in words:
            found.setdefault(word, {}).update(dict.fromkeys(other for other in words if other != word))
    return {word: tuple(others) for word, others in found.items()}


def misheard(word: str, spoken: bool, draw: Random) -> str | None:
    """Return another word of like sound, or for who types one with a slip of a letter; None for a short word that is in no line."""
    small = word.lower().replace("’", "'")
    if not spoken and len(word) >= LONG_ENOUGH and word.isalpha() and draw.random() < TYPED:
        return _mistyped(word, draw)
    heard = table().get(small)
    other = draw.choice(heard) if heard else _ending(small)
    return _cased(other, word) if other else None


def _ending(word: str) -> str | None:
    if len(word) < LONG_ENOUGH or not word.isascii() or not word.replace("'", "").isalpha():
        return None
    for ending in ("'s", "ing", "ed", "ly", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= LONG_ENOUGH - 1:
            return word.removesuffix(ending)
    return word + "s"


def _mistyped(word: str, draw: Random) -> str:
    """Return the word with a letter lost, doubled, or in its neighbor's place; the first one is typed right."""
    n = draw.randrange(1, len(word) - 1)
    swapped = word[:n] + word[n + 1] + word[n] + word[n + 2 :]
    made = draw.choice((word[:n] + word[n + 1 :], word[:n] + word[n] + word[n:], swapped))
    return made if made != word else word[:n] + word[n + 1 :]


def _cased(other: str, word: str) -> str:
    if word.isupper() and len(word) > 1:
        return other.upper()
    return other[0].upper() + other[1:] if word[0].isupper() else other

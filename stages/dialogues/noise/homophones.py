"""Chinese characters that sound alike, and which of them a recognizer or an input method puts for another."""

from functools import lru_cache
from pathlib import Path
from random import Random

TABLE = Path(__file__).with_name("homophones.txt")  # written by benchmarks/homophones.py
NUMBERS = {"四": "十", "十": "四", "一": "七", "七": "一", "六": "九", "九": "六"}  # misheard on the telephone
NUMBER = 0.5  # of the slips of such a numeral: our choice
SAME_TONE = 0.7  # of the slips that are heard: our choice; who types syllables types no tones
# Their reading hangs on the word they stand in, so that what sounds like them cannot be told: they stay as they are.
READ_IN_TWO_WAYS = frozenset("行重长调乐数便传当倒弹觉假将教角卷空落宁强切散省盛系兴载扎占涨转差藏度恶干更供冠量率模曲")


@lru_cache(maxsize=1)
def table() -> dict[str, str]:
    """Return the characters of each syllable with its tone, such as `shi4`, the commonest first."""
    return dict(line.split(" ") for line in TABLE.read_text(encoding="utf-8").splitlines())


@lru_cache(maxsize=1)
def _sounds() -> tuple[dict[str, str], dict[str, str]]:
    """Return the sound of each character, and the characters of each syllable whatever the tone."""
    toneless = dict[str, str]()
    for sound, characters in table().items():
        toneless[sound[:-1]] = toneless.get(sound[:-1], "") + characters
    return {character: sound for sound, characters in table().items() for character in characters}, toneless


@lru_cache(maxsize=8192)
def alike(character: str) -> tuple[str, str]:
    """Return what else has a character's syllable and tone, and what has its syllable with any tone; empty where nothing does."""
    sounds, toneless = _sounds()
    sound = sounds.get(character, "")
    if not sound or character in READ_IN_TWO_WAYS:
        return "", ""
    return table()[sound].replace(character, ""), toneless[sound[:-1]].replace(character, "")


def misheard(character: str, spoken: bool, draw: Random) -> str | None:
    """Return another character of the same sound, common ones rather than rare ones; None where there is none."""
    if spoken and character in NUMBERS and draw.random() < NUMBER:
        return NUMBERS[character]
    same, any_tone = alike(character)
    heard = same if spoken and same and draw.random() < SAME_TONE else any_tone
    return draw.choices(heard, [1 / n for n in range(1, len(heard) + 1)])[0] if heard else None

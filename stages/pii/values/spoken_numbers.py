"""Numbers and codes read out sign by sign: "oh seven seven double zero", "G T K, four one nine", "幺三八零零"."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from stages.text.languages import WORD, small

ONES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
DIGITS = {word: str(value) for value, word in enumerate(ONES)}
DIGITS |= {"oh": "0", "o": "0", "nought": "0", "naught": "0"}
TIMES = {"double": 2, "treble": 3, "triple": 3}
ROUND = {"hundred": "00", "thousand": "000"}
SPELLING = {
    word: word[0].upper()
    for word in (
        *(
            "alpha",
            "alfa",
            "bravo",
            "charlie",
            "delta",
            "echo",
            "foxtrot",
            "golf",
            "hotel",
            "india",
            "juliett",
            "juliet",
        ),
        *(
            "kilo",
            "lima",
            "mike",
            "november",
            "oscar",
            "papa",
            "quebec",
            "romeo",
            "sierra",
            "tango",
            "uniform",
            "victor",
        ),
        *("whiskey", "xray", "yankee", "zulu"),
    )
}
ENDS = {"star": "*", "hash": "#", "pound": "#"}  # keys of a keypad
FILLERS = {"um", "uh", "er", "dash", "hyphen", "space", "then"}
HAN_DIGITS = {
    **{char: str(value) for value, char in enumerate("零一二三四五六七八九")},
    "〇": "0",
    "幺": "1",
    "两": "2",
}
SAID = f"[{''.join(HAN_DIGITS)}]"
HAN_RUN = re.compile(
    rf"[A-Z]{{0,2}} {SAID} (?: [ ，,、-]? (?: [两二三四]个 )? {SAID} ){{3,}} (?: 井号? | [Xx] | 星号 )? | {SAID}{{3}} [Xx]",
    re.VERBOSE,
)
SEVERAL = re.compile(rf"([两二三四])个({SAID})")  # 三个八
LEAST = 3  # digits of a run
CARD = 12  # digits from which a thousand is a part of a card number
GOING_ON = FILLERS | ENDS.keys() | ROUND.keys()  # in a run
ENDING_NONE = FILLERS | TIMES.keys()
SIGN_WORDS = DIGITS.keys() | TIMES.keys() | ROUND.keys()
TWO_SAID = re.compile(rf"{SAID}[ ，,、-]?(?:[两二三四]个)?{SAID}")  # which every run of Chinese digits has
STOP = re.compile(r"[.?!;:—…\n\"“”()]|--")


class Run(NamedTuple):
    """Signs said between start and end; `coded` when oh, double or the like shows they are read out, not counted."""

    start: int
    end: int
    signs: str  # digits, and capital letters where letters were said
    coded: bool


def runs(text: str) -> list[Run]:
    """Return the runs of three or more spoken digits in `text`, and of four or more letters and digits, in order."""
    return sorted([*english(text), *_chinese(text)])


def english(text: str, least: int = LEAST) -> list[Run]:
    """Return the runs of `least` or more digits said in English words, and of four or more letters and digits."""
    return [run for words in _said(text) if (run := _run(words, least))]


@lru_cache(maxsize=1024)  # asked for twice in a conversation
def _said(text: str) -> tuple[Sequence[re.Match[str]], ...]:
    """Return the words in a row that may be a run, those that end none left out."""
    if not _may_say(text):
        return ()
    found: list[list[re.Match[str]]] = [[]]
    for word in WORD.finditer(text):
        if found[-1] and STOP.search(text, found[-1][-1].end(), word.start()):
            found.append([])
        if _says(word, text) or (found[-1] and word.group().lower() in GOING_ON):
            found[-1].append(word)
        elif found[-1]:
            found.append([])
    for words in found:
        while words and words[-1].group().lower() in ENDING_NONE:
            words.pop()
    return tuple(filter(None, found))


def _may_say(text: str) -> bool:
    """Whether there are words for the two digits that every run has: a word or two of these, or one of a round number."""
    words = filter(SIGN_WORDS.__contains__, WORD.findall(small(text)))
    first = next(words, None)
    return first is not None and (first in ROUND or next(words, None) is not None)


def _says(word: re.Match[str], text: str) -> bool:
    """Whether the word is a sign: a digit, a letter by itself, or how often the next one comes."""
    spelled = word.group().lower()
    if spelled in DIGITS and text[word.start() - 1 : word.start()] == "-":
        before = text[max(0, word.start() - 12) : word.start() - 1].lower()
        return before.endswith(tuple(DIGITS))  # twenty-one is a number, one-two is two digits
    if len(spelled) == 1 and word.group() not in "AI":
        return word.group().isascii() and word.group().isupper() and text[word.end() : word.end() + 1] not in {"'", "’"}
    return spelled in DIGITS or spelled in TIMES or spelled in SPELLING


def _run(said: Sequence[re.Match[str]], least: int) -> Run | None:
    """Return the words in a row as a run, if they are one."""
    words = [word.group().lower() for word in said]
    signs = _signs(words)
    digits = sum(map(str.isdigit, signs))
    letters = sum(map(str.isalpha, signs))
    long_enough = digits >= (CARD if "thousand" in words else least)  # seven thousand three seven six is a price
    if (digits >= 2 and digits + letters >= 4) if letters else (long_enough and _read_out(words, least)):
        coded = any(word in TIMES or word in {"oh", "o", "zero"} for word in words)
        return Run(said[0].start(), said[-1].end(), signs, coded)
    return None


def _read_out(words: list[str], least: int) -> bool:
    """Whether most words are single digits: "nine hundred" alone is a quantity."""
    return sum(word in DIGITS for word in words) >= least or (len(words) >= 2 and bool(TIMES.keys() & words))


def _signs(words: list[str]) -> str:
    made, times = "", 1
    for word in words:
        if word in TIMES:
            times = TIMES[word]
        elif word in ROUND:
            made += ROUND[word] if made else ""
        elif word not in FILLERS:
            sign = DIGITS.get(word) or SPELLING.get(word) or ENDS.get(word) or word.upper()
            made, times = made + sign * times, 1
    return made


def _chinese(text: str) -> list[Run]:
    made = []
    for match in HAN_RUN.finditer(text) if not text.isascii() and TWO_SAID.search(text) else ():
        said = SEVERAL.sub(lambda many: many[2] * int(HAN_DIGITS[many[1]]), match.group())
        digits = "".join(HAN_DIGITS[char] for char in said if char in HAN_DIGITS)
        made.append(Run(match.start(), match.end(), digits, any(char in match.group() for char in "幺零〇")))
    return made

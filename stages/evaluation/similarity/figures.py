"""Numbers in one writing: mixed forms become plain digits, and English number words that stand in a row are told apart."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from unicodedata import numeric

from stages.answers.numerals import GO_ON, HAN_SCALES, ORDINALS, SCALES, TENS, WORDS

FRACTION = re.compile(r"(?:(\d+(?:,\d{3})*)\s?)?([¼-¾⅐-⅞])")
HALF_OF = re.compile(r"\b(?:half an? |(?<!and )(?<!and a )half[ -])(hundred|thousand|million|billion)\b", re.IGNORECASE)
PER_CENT = re.compile(r"百分之([\d.]+|[零〇一二两三四五六七八九十百点]+)")
SCALE = r"\s?(?:[百千](?!万[别要不记小])[万亿]|[百千万亿])"  # 千万别 is no number
COUNTED = "室厅房卫居个年月日号楼层平米点折人位套家间次天周期张岁份%"  # what a bare digit counts that belongs to no number before it
MIXED = re.compile(
    rf"(?<![\d.:：])(?<!\d,)(?P<parts>(?:\d+(?:\.\d+)?{SCALE})+)(?P<rest>\d+(?![\d.,:：]|\s?[a-zA-Z㎡{COUNTED}]|成(?!交)|{SCALE}))?"
)
PART = re.compile(rf"(\d+(?:\.\d+)?)({SCALE})")
LONGEST = 24  # words of a number, and far more than any has: "hundred" over and over again is too large for a float
LAST = {*ORDINALS.split(), *(f"{word[:-1]}ieth" for word in TENS.split())}  # an ordinal ends its number


def unified(text: str) -> str:
    """Write "2½", "half a million", 百分之五, 1万5千 and 93万5 as 2.5, 0.5 million, 五%, 15000 and 935000."""
    text = FRACTION.sub(lambda found: _written(float((found[1] or "0").replace(",", "")) + numeric(found[2])), text)
    text = HALF_OF.sub(r"0.5 \1", text)
    return MIXED.sub(_sum, PER_CENT.sub(r"\1%", text))


def _sum(found: re.Match[str]) -> str:
    """Add up parts of falling scales; a bare digit behind them is of the next lower one, several fill it up."""
    parts = [(float(digits), _scale(scale)) for digits, scale in PART.findall(found["parts"])]
    scales, rest = [scale for _, scale in parts], found["rest"] or ""
    places = len(f"{scales[-1]:.0f}") - 1
    alone = len(parts) == 1 and not rest and scales[0] in HAN_SCALES.values()
    if alone or any(scale <= after for scale, after in pairwise(scales)) or len(rest) not in (0, 1, places):
        return found[0]
    value = sum(value * scale for value, scale in parts)
    last = float(rest or 0) * (scales[-1] / 10 if len(rest) == 1 else 1)
    return _written(value + last) + (" " if found.string[found.end() :][:1].isdigit() else "")


def _scale(characters: str) -> float:
    scale = 1.0
    for character in characters.strip():
        scale *= HAN_SCALES[character]
    return scale


def _written(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")


def apart(words: Sequence[str]) -> Iterator[list[str]]:
    """Yield the words of each spelled number of a row of them, and between these each word that belongs to none by itself.

    "and" goes on behind a scale ("two hundred and five", not "two hundred and three hundred") and before a half.
    """
    run = list[str]()
    for place, word in enumerate(words):
        if 0 < len(run) < LONGEST and _goes_on(run, word, words[place + 1 :]):
            run.append(word)
            continue
        yield from _pairs(run)
        run = [word] if word not in GO_ON else []
        if not run:
            yield [word]
    yield from _pairs(run)


def _goes_on(run: list[str], word: str, after: Sequence[str]) -> bool:
    """Whether a word belongs to the number before it."""
    last, following = run[-1], after[0] if after else ""
    match word:
        case "and":
            number = after[: after.index("and")] if "and" in after else after
            return _half(after) or (last in SCALES and following in WORDS and last not in number)
        case "a":
            return last == "and" and following == "half"
        case "half":
            return last in ("and", "a")
        case "point":
            return "point" not in run and _digit(following)
        case "oh":
            return last in WORDS and _digit(following)
    if last in LAST or (last == "half" and word not in SCALES):
        return False
    if word in LAST:
        return last in SCALES or last == "and" or _tens(last, word)
    return "point" not in run or word in SCALES or (last not in SCALES and WORDS[word] < 10)


def _half(after: Sequence[str]) -> bool:
    return list(after[:1]) == ["half"] or list(after[:2]) == ["a", "half"]


def _digit(word: str) -> bool:
    return WORDS.get(word, 10) < 10 and word not in LAST


def _tens(last: str, word: str) -> bool:
    """Whether both are one number below a hundred, as "twenty" and "five"."""
    return WORDS.get(last, 0) >= 20 and WORDS.get(last, 0) % 10 == 0 and 0 < WORDS.get(word, 0) < 10


def _pairs(run: list[str]) -> Iterator[list[str]]:
    """Split where just two units stand side by side ("one two"); other pairs are said as one: "four thirty-one", "ninety-six four"."""
    begins = list[int]()  # of the numbers below a hundred since the last scale
    ends = run.index("point") if "point" in run else len(run)
    for place, word in enumerate([*run[:ends], "."]):
        if word in WORDS or word == "oh":
            begins += [place] if not (begins and _tens(run[place - 1], word)) else []
            continue
        if len(begins) == 2 and (begins[0] > 0 or max(WORDS.get(run[begin], 0) for begin in begins) < 10):
            yield run[: begins[1]]
            yield from _pairs(run[begins[1] :])
            return
        begins = []
    if run:
        yield run

"""Is a statement made in a text? By its keys, whatever the words around them: figures by value, words whole, case and width alike.

Both sides become tokens: a number in digits or words its value, a month or a day of the week its first three letters, any other word
itself in small letters, a Chinese character itself; punctuation, currency signs and ordinals' endings are no tokens. A key is found
where its tokens stand in a row; "…" within a key stands for up to `GAP` others. A negation is a word like any other: where it
matters, it belongs into the key.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from unicodedata import normalize

from stages.answers import numerals
from stages.answers.grounding import PLACEHOLDER, SHORT
from stages.evaluation.similarity.figures import apart, unified
from stages.rows.statement import Statement
from stages.text.languages import HAN

GAP = 6  # tokens that "…" in a key may stand for
AT_HAND = 64  # keys, and texts that they are looked for in
DIGIT = "零〇一二三四五六七八九"
HAN_NUMERAL = rf"[{DIGIT}两十百千万亿]{{1,24}}(?:点[{DIGIT}]+(?![十分刻])[万亿]?)?"  # 三点五十 is a time
TOKEN = re.compile(
    rf"(?P<mark>{PLACEHOLDER.pattern})|(?P<figure>{numerals.DIGITS.pattern})(?:st|nd|rd|th)?|(?P<numeral>{HAN_NUMERAL})"
    rf"|(?P<percent>%|\bper\s?cent\b)|(?P<word>[^\W\d_{HAN}][^\W_{HAN}]*(?:'[^\W\d_{HAN}]+)?)|(?P<character>[{HAN}])|(?P<end>'s\b|\S)",
    re.IGNORECASE,
)
SPELLED = numerals.BEGIN - {"k", "m", "bn"}  # words that a number may begin with
TIED = re.compile(r"-([^\W\d_]+)")
SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？；;])|\n+")


def states(text: str, statement: Statement) -> bool:
    """Whether a key of each group stands in the text."""
    said = _line(text)
    return all(any(_found(key, said) for key in group) for group in statement.keys)


def states_at_once(text: str, statement: Statement) -> bool:
    """Whether it is made within one sentence, or one line: its keys next to each other and not all over the text."""
    return any(states(sentence, statement) for sentence in SENTENCE.split(text) if sentence.strip())


def _found(key: str, said: str) -> bool:
    return _pattern(key).search(said) is not None


@lru_cache(maxsize=AT_HAND)
def _pattern(key: str) -> re.Pattern[str]:
    """Return what finds a key in a text's line of tokens."""
    pieces = [re.escape(_line(piece)[1:]) for piece in re.split(r"…|\.\.\.", key) if _line(piece) != " "]
    return re.compile("(?<= )" + rf"(?:\S+ ){{0,{GAP}}}".join(pieces))


@lru_cache(maxsize=AT_HAND)
def _line(text: str) -> str:
    """Return the tokens of a text, each with a blank behind it, and one before them all."""
    return " " + "".join(f"{token} " for token in _tokens(normalize("NFKC", unified(text)).replace("’", "'")))


def _tokens(text: str) -> Iterator[str]:
    spelled, end = list[str](), 0  # English words that may be one number, and where the last one ends
    for match in TOKEN.finditer(text):
        kind, piece = match.lastgroup, match[0].casefold()
        word = piece.removesuffix("'s")
        if spelled and ("\n" in text[end : match.start()] or _by_itself(spelled[-1], match)):
            yield from _spelled(spelled)
            spelled = []
        if kind == "word" and (word in SPELLED or (spelled and word in numerals.GO_ON)):
            spelled.append(word)
            end = match.end()
        elif piece != "-" or not text[match.start() - 1 : match.start()].isalpha():  # thirty-one is one number
            yield from _spelled(spelled)
            spelled = []
            yield from _token(kind, word)
    yield from _spelled(spelled)


def _by_itself(last: str, match: re.Match[str]) -> bool:
    """Whether a number word is tied to what it counts, so that none below twenty before it belongs to it: "one twelve-month lease"."""
    tied = TIED.match(match.string, match.end())
    apart = match.string[match.start() - 1].isspace() and numerals.WORDS.get(last, 20) < 20
    return apart and tied is not None and tied[1].casefold() not in SPELLED


def _token(kind: str | None, piece: str) -> Iterator[str]:
    match kind:
        case "figure":
            figure, _, minutes = piece.partition(":")  # of a time the hour, then the minutes
            yield from (_value(max(readings)) for readings in numerals.written(figure))
            yield from [_value(float(minutes[:2]))] if minutes else []
        case "numeral":
            scale = numerals.HAN_SCALES.get(piece[-1], 1) if "点" in piece else 1
            *_, value = numerals.chinese(piece.rstrip("万亿") if scale > 1 else piece)
            yield _value(value * scale)
        case "percent":
            yield "%"
        case "word":
            yield SHORT.get(piece, piece)
        case "mark" | "character":
            yield piece


def _spelled(words: list[str]) -> Iterator[str]:
    """Yield the tokens of the numbers in a row of number words, and the words that are of none."""
    for run in apart(words):
        if run[0] in numerals.GO_ON:
            yield run[0]
            continue
        said = " ".join("zero" if word == "oh" else word for word in run)
        said = f"one {said}" if run[0] in numerals.SCALES else said
        yield _value(max(next(numerals.spelled(said), frozenset(numerals.english(said)))))


def _value(value: float) -> str:
    return f"{round(value, 4):.12g}"

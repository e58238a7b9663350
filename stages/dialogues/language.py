"""Whether a conversation is in English, Chinese or a language this project does not know."""

import re
from collections.abc import Sequence

from stages.core.row import Language
from stages.text.languages import language_of

OTHER = "other"
LETTER = re.compile(r"[^\W\d_]")
LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")
KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa]")
LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]+(?:['’][A-Za-z]+)?")
# English words that tell it from its neighbours: no "in", "no", "me", "was", which others have too.
ENGLISH = frozenset(
    [
        "the",
        "and",
        "you",
        "to",
        "of",
        "it",
        "is",
        "that",
        "for",
        "with",
        "have",
        "this",
        "your",
        "are",
        "be",
        "can",
        "we",
        "my",
        "what",
        "not",
        "do",
        "if",
        "there",
        "will",
        "would",
        "but",
        "how",
        "from",
        "they",
        "all",
        "one",
        "just",
        "so",
        "like",
        "out",
        "about",
        "or",
        "get",
        "when",
        "yes",
        "yeah",
        "know",
        "it's",
        "i'm",
        "i'll",
        "don't",
        "that's",
        "you're",
        "i've",
        "we'll",
        "can't",
        "let's",
        "any",
        "which",
        "where",
        "who",
        "them",
        "their",
        "our",
        "has",
        "had",
        "were",
        "been",
        "could",
        "should",
        "please",
        "thank",
        "thanks",
        "need",
        "want",
        "here",
        "then",
        "than",
        "more",
        "some",
        "why",
        "because",
        "after",
        "before",
        "hello",
        "okay",
    ]
)
JAPANESE = 0.1  # kana among kana and Chinese characters; a shop's の in Chinese stays far below
FEW = 5  # Latin words: fewer tell nothing
SIDE = 12  # of one side: some say little but names and numbers
LEAST = 0.12  # of an English conversation's words are of these, and one at least; in those at hand .22 is the lowest


def spoken_between(sides: Sequence[str]) -> Language | str | None:
    """Return the language of a conversation, given what each side says; OTHER if one side has another of its own."""
    whole = spoken_in("\n".join(sides))
    return OTHER if whole and any(spoken_in(side, SIDE) == OTHER for side in sides) else whole


def spoken_in(text: str, few: int = FEW) -> Language | str | None:
    """Return `en` or `zh`, OTHER for another language, None for a text without letters; fewer Latin words than `few` pass."""
    letters = len(LETTER.findall(text))
    latin, han, kana = (len(kind.findall(text)) for kind in (LATIN, HAN, KANA))
    if not letters:
        return None
    if 2 * (latin + han) < letters or kana > JAPANESE * (han + kana):
        return OTHER
    if language_of(text) == "zh":
        return "zh"
    words = [word.lower().replace("’", "'") for word in LATIN_WORD.findall(text)]
    known = sum(word in ENGLISH for word in words)
    return OTHER if len(words) >= few and known < max(1, int(LEAST * len(words))) else "en"


def named(tag: str) -> str:
    """Return `en` or `zh` for the ways a file may write these, `en-US`, `zh_Hans`, `Chinese`, `中文`; anything else as it is."""
    word = re.split(r"[-_\s(]", tag.strip().lower())[0]
    names = {
        "en": ("en", "eng", "english", "英文", "英语"),
        "zh": ("zh", "zho", "cn", "cmn", "chinese", "mandarin", "中文", "汉语", "普通话"),
    }
    return next((language for language, known in names.items() if word in known), tag)

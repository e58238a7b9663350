"""Names that are spelled: "T, O, double L, I, V, E, R" beside Tolliver or after "how do you spell your surname?", "姚，建，平"."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from stages.pii.values.dictation.spelling import LETTERS, Spelled, stretches
from stages.pii.values.spans import Mask, Span, bare
from stages.text.languages import HAN, WORD

NEAR = 8  # turns from the name to its letters
ALIKE = 0.8  # of letters, since who spells mends what was heard
LEAST = 4  # letters of a name that only the question speaks for
HAN_NAME = re.compile(rf"[{HAN}]{{2,4}}")
PAUSES = "，、,…·- "
PAUSE = r"\s?[，、,…·-]{1,2}\s?"
BEGINS, ENDS = (
    r"(?<![^\s，。、,.？?！!：:是叫])",
    r"(?![^\s，。、,.？?！!…啊吧吗嘛对])",
)  # a clause: 李，明天 names nobody
ASKED = re.compile(
    r"\b(?:sur|last |first |full |family |given |middle |maiden |your |his |her |the )name\b(?! of\b)|\bspel(?:l|ls|ling|led|t)\b|怎么拼|拼音|拼写|全名|姓名",
    re.IGNORECASE,
)
OTHER = re.compile(
    r"\b(?:street|road|estate|company|firm|business|brand|building|e-?mail|website|domain|postcode|plate)\b",
    re.IGNORECASE,
)


def find(texts: Sequence[str], people: Sequence[Sequence[Span]], taken: Sequence[Mask]) -> Iterator[tuple[int, Span]]:
    """Yield what is spelled of a name, with its turn; `people` are the names found in each turn, `taken` what is no name."""
    said = [(turn, texts[turn][span.start : span.end], span) for turn, own in enumerate(people) for span in own]
    for turn, text in enumerate(texts):
        for one in stretches(text):
            if one.letters >= LETTERS and taken[turn].is_free(one.start, one.end):
                near = ((name, span) for place, name, span in said if abs(place - turn) <= NEAR)
                value = next((span.value for name, span in near if _is_like(one, name)), "")
                if value or _is_asked(texts, turn, one):
                    yield turn, Span(one.start, one.end, "person", value or f"spelled {one.signs}")
    yield from _paused(texts, said)


def _is_like(one: Spelled, name: str) -> bool:
    """Whether the letters are those of the name, of the end of it or of a word of it, or nearly so."""
    parts = {part for m in WORD.finditer(name) for part in (bare(m.group()), bare(name[m.start() :]))}
    for word in parts:
        if word[:1] != one.signs[:1]:
            continue
        if word.startswith(one.signs) or SequenceMatcher(None, word, one.signs).ratio() >= ALIKE:
            return True
    return False


def _is_asked(texts: Sequence[str], turn: int, one: Spelled) -> bool:
    """Whether a name was asked for right before, or is announced."""
    if one.letters < LEAST or not one.signs.isalpha():
        return False
    before = (texts[turn][: one.start], texts[turn - 1] if turn else "")
    return any(ASKED.search(text) for text in before) and not any(OTHER.search(text) for text in before)


def _paused(texts: Sequence[str], said: Sequence[tuple[int, str, Span]]) -> Iterator[tuple[int, Span]]:
    """Yield Chinese names that are said character by character."""
    for name, value in {name: span.value for _, name, span in said if HAN_NAME.fullmatch(name)}.items():
        pattern = BEGINS + PAUSE.join(name) + ENDS
        for turn, text in enumerate(texts):
            if name[-1] in text and any(name[0] + pause in text for pause in PAUSES):
                yield from ((turn, Span(*m.span(), "person", value)) for m in re.finditer(pattern, text))

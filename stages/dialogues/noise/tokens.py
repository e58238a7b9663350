"""A text in the pieces that a slip can be of: words, Chinese characters, marks between clauses; all else stays as it is."""

import re
from typing import Literal, NamedTuple

from stages.text.languages import HAN

Kind = Literal["word", "han", "mark", "rest"]

# Placeholders such as [PERSON_1] and what systems put into brackets; addresses of mail (64 characters before the @, as RFC 5321 has it) and pages; numbers with marks in them.
KEPT = r"\[[^\[\]\n]{1,40}\]|[A-Za-z0-9._+%-]{1,64}@[A-Za-z0-9.-]*[A-Za-z0-9]|(?<![A-Za-z0-9])(?:https?://|www\.)[!-~]+"
WORDS = r"[^\W\d_%s]+(?:['’][^\W\d_%s]+)*" % (HAN, HAN)  # noqa: UP031 - braces of a pattern
NUMBERS = r"\d+(?:[.,:/-]\d+)*"
MARKS = r"[，。！？；：、…]|[.,!?;:](?=\s|$|[\"'”’)])"
TOKEN = re.compile(f"(?P<rest>{KEPT})|(?P<han>[{HAN}])|(?P<word>{WORDS}|{NUMBERS})|(?P<mark>{MARKS})")


class Token(NamedTuple):
    """A piece of a text, and the blanks and the like behind it."""

    text: str
    kind: Kind
    behind: str = ""

    @property
    def is_unit(self) -> bool:
        """Whether it counts where errors are counted: a word, a number or a Chinese character."""
        return self.kind in ("word", "han")


def tokens(text: str) -> tuple[str, list[Token]]:
    """Return what stands before the first piece, and the pieces; joined they are the text."""
    found = list(TOKEN.finditer(text))
    if not found:
        return text, []
    ends = [match.start() for match in found[1:]] + [len(text)]
    kinds: dict[str, Kind] = {"rest": "rest", "han": "han", "word": "word", "mark": "mark"}
    return text[: found[0].start()], [
        Token(match[0], kinds[match.lastgroup or "rest"], text[match.end() : end])
        for match, end in zip(found, ends, strict=True)
    ]


def joined(before: str, pieces: list[Token]) -> str:
    """Return the text of the pieces, without blanks at its ends."""
    return (before + "".join(piece.text + piece.behind for piece in pieces)).strip()


def units(text: str) -> list[str]:
    """Return what errors are counted in: words and numbers in lower case, and Chinese characters."""
    return [piece.text.lower() for piece in tokens(text)[1] if piece.is_unit]

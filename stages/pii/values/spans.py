"""A stretch of text that is personal data, and how competing stretches are settled."""

from collections.abc import Iterable
from typing import Literal, NamedTuple, get_args

PiiKind = Literal[
    "person",
    "wechat",
    "qq",
    "phone",
    "email",
    "address",
    "account",
    "bank_card",
    "id_number",
    "plate",
    "password",
    "door_code",
]
KINDS: tuple[PiiKind, ...] = get_args(PiiKind)


class Span(NamedTuple):
    """Characters start..end of a text; `value` is what two spellings of the same datum have in common."""

    start: int
    end: int
    kind: PiiKind
    value: str


class Mask:
    """Which characters of a text are taken."""

    def __init__(self, taken: Iterable[tuple[int, int]] = ()) -> None:
        """Start with the stretches `taken`."""
        self.bits = bytearray()
        for start, end in taken:
            self.take(start, end)

    def __bool__(self) -> bool:
        """Whether anything is taken."""
        return bool(self.bits)

    def take(self, start: int, end: int) -> None:
        """Take the characters start..end."""
        self.bits.extend(bytes(max(0, end - len(self.bits))))
        self.bits[start:end] = b"\x01" * (end - start)

    def is_free(self, start: int, end: int) -> bool:
        """Whether none of the characters start..end is taken."""
        return 1 not in self.bits[start:end]


def settle(spans: Iterable[Span]) -> list[Span]:
    """Return spans that do not overlap, in text order: the longest wins, then the earlier kind of `KINDS`."""
    kept: list[Span] = []
    mask = Mask()
    for span in sorted(spans, key=lambda s: (s.start - s.end, KINDS.index(s.kind), s.start)):
        if mask.is_free(span.start, span.end):
            mask.take(span.start, span.end)
            kept.append(span)
    return sorted(kept)


def bare(text: str) -> str:
    """Return the letters and digits of `text`, case folded: what is left when the spelling is not looked at."""
    return "".join(char for char in text if char.isalnum()).casefold()

"""Personal data that a person marked and the anonymizer left in a dialogue: by length and hash, never in clear."""

from collections.abc import Iterable
from typing import Self

from stages.core.row import Record, Row, content_id


class Digest(Record):
    """A text that can be recognized, not read."""

    length: int  # characters
    digest: str

    @classmethod
    def of(cls, text: str) -> Self:
        """Return what `text` is recognized by."""
        return cls(length=len(text), digest=content_id(text))


class Missed(Row):
    """What was missed in the dialogue `id`."""

    texts: tuple[Digest, ...]


def holds(text: str, digests: Iterable[Digest]) -> bool:
    """Whether one of the digested texts stands in `text`, not as a part of a longer Latin word or number."""
    known = set(digests)
    return any(
        Digest.of(text[start : start + length]) in known
        for length in {each.length for each in known}
        for start in range(len(text) - length + 1)
        if not goes_on(text, start) and not goes_on(text, start + length)
    )


def goes_on(text: str, border: int) -> bool:
    """Whether a Latin word or a number goes on over the border before the character `border`."""
    return 0 < border < len(text) and all(char.isascii() and char.isalnum() for char in text[border - 1 : border + 1])

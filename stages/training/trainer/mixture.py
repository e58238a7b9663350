"""General instruction data beside the domain's rows (Table 4: 70,000 domain, 50,000 Chinese and 10,000 English general rows)."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, Self

from pydantic import Field, field_validator, model_validator

from stages.core.draws import generator
from stages.core.dropped import Reason
from stages.core.errors import InputError
from stages.core.params import Settings
from stages.core.progress import note
from stages.rows.training import Example
from stages.training.trainer import general_data

CountTokens = Callable[[Sequence[Example]], list[int]]


class MixShare(Settings):
    """How much of a source is mixed in."""

    source: str
    """A file of data/mix/, or `hf:OWNER/NAME@COMMIT/FILE`, a data set of the hub."""
    rows: int | None = Field(default=None, ge=1)
    """How many rows are mixed in; give either this or `ratio`."""
    ratio: float | None = Field(default=None, gt=0)
    """How many rows are mixed in for each row of the domain; give either this or `rows`."""

    @field_validator("source")
    @classmethod
    def _is_source(cls, source: str) -> str:
        if not general_data.is_source(source):
            raise ValueError(
                "expected a file in data/mix/ or hf:OWNER/NAME@COMMIT/FILE (a commit of 40 digits), .jsonl, .json or .parquet"
            )
        return source

    @model_validator(mode="after")
    def _has_one_measure(self) -> Self:
        if (self.rows is None) == (self.ratio is None):
            raise ValueError("give either rows or ratio")
        return self

    def wanted(self, domain: int) -> int:
        """Return how many rows that is beside `domain` rows."""
        return self.rows if self.rows is not None else round((self.ratio or 0) * domain)


class Mixed(NamedTuple):
    """Rows that were drawn, the tokens of each, and for each source what became of its rows."""

    rows: list[Example]
    tokens: list[int]
    counts: dict[str, dict[str, int]]


def mix(shares: Sequence[MixShare], domain: int, folder: Path, limit: int, seed: int, lengths: CountTokens) -> Mixed:
    """Draw what `shares` ask for, in their order; a row that an earlier source gave is a duplicate in a later one."""
    mixed = Mixed([], [], {})
    for share in shares:
        known = {row.id for row in mixed.rows}
        found = list(general_data.read(share.source, folder))
        fresh = {row.id: row for row in found if row is not None and row.id not in known}
        wanted = share.wanted(domain)
        if not wanted:
            raise InputError(
                f"params.yaml: finetune.mix: {share.source}: ratio {share.ratio} beside {domain} rows of the domain comes to no row: nothing "
                "would be mixed in; raise it, or take the source out"
            )
        rows, tokens, long = draw(list(fresh.values()), wanted, limit, seed, lengths)
        if len(rows) < wanted:
            raise InputError(
                f"params.yaml: finetune.mix: {share.source} has {len(rows)} rows that fit, {wanted} are wanted; ask for fewer"
            )
        mixed.rows.extend(rows)
        mixed.tokens.extend(tokens)
        malformed = found.count(None)
        if malformed:
            note(
                f"finetune.mix: {malformed} of {len(found)} rows of {share.source} cannot be read and are left out: no conversation of "
                "system, user and assistant in turns that ends with an answer"
            )
        mixed.counts[share.source] = {
            "in": len(found),
            "kept": len(rows),
            Reason.MALFORMED.value: malformed,
            Reason.DUPLICATE.value: len(found) - malformed - len(fresh),
            Reason.OVER_CONTEXT.value: long,
            Reason.NOT_DRAWN.value: len(fresh) - len(rows) - long,
        }
    return mixed


def draw(
    rows: Sequence[Example], wanted: int, limit: int, seed: int, lengths: CountTokens
) -> tuple[list[Example], list[int], int]:
    """Return `wanted` rows of at most `limit` tokens (or all there are), their tokens, and how many longer ones were passed over.

    The order is that of a draw for each row's id, so that a new row changes no other's place.
    """
    order = sorted(rows, key=lambda row: generator(seed, row.id).random())
    kept: list[Example] = []
    tokens: list[int] = []
    place = 0
    while len(kept) < wanted and place < len(order):
        block = order[place : place + wanted - len(kept)]
        place += len(block)
        for row, length in zip(block, lengths(block), strict=True):
            if length <= limit:
                kept.append(row)
                tokens.append(length)
    return kept, tokens, place - len(kept)

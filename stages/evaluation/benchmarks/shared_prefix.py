"""Log-likelihoods of continuations, several of one context in a single row, on a model in this process.

A row is what is left of the context, padded on the left, then its continuations side by side; each sees the context and
itself. What many contexts begin with, such as a subject's shots, goes through the model once and is lent to each row.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

import torch
from transformers import DynamicCache

SHARED = 64  # tokens; a shorter common beginning costs more in smaller batches than it saves
POSITIONS = 1024  # whose logits are in memory at once: 200 MB in float32 at 49,000 tokens
PADDING = -1  # the branch of positions that stand for nothing


@dataclass(frozen=True)
class ScoringRequest:
    """A context and what may follow it, as token ids, none empty."""

    context: tuple[int, ...]
    continuations: tuple[tuple[int, ...], ...]

    @property
    def tail(self) -> int:
        """Tokens of all continuations that are inputs: the last of each is only predicted."""
        return sum(len(continuation) - 1 for continuation in self.continuations)


class PrefixCache(DynamicCache):  # type: ignore[misc]
    """Keys and values of what groups of contexts begin with; once filled they are lent to batches and never grow."""

    borrowers: torch.Tensor | None = None  # for each row of the batch, the beginning that it goes on from

    def update(
        self,
        key_states: torch.Tensor,
        value_states: torch.Tensor,
        layer_idx: int,
        *args: Any,  # noqa: ANN401 - transformers'
        **kwargs: Any,  # noqa: ANN401 - transformers'
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return keys and values of the beginnings and of the new tokens, shape (rows, heads, tokens, size)."""
        if self.borrowers is None:
            found: tuple[torch.Tensor, torch.Tensor] = super().update(
                key_states, value_states, layer_idx, *args, **kwargs
            )
            return found
        layer = self.layers[layer_idx]
        return (
            torch.cat([layer.keys[self.borrowers], key_states], dim=-2),
            torch.cat([layer.values[self.borrowers], value_states], dim=-2),
        )


def score(model: Any, asks: Sequence[ScoringRequest], rows: int) -> Iterator[tuple[int, list[float]]]:  # noqa: ANN401 - transformers'
    """Yield (position in `asks`, log-likelihood of each continuation in nats), as batches of up to `rows` are done."""
    groups = sorted(together([ask.context for ask in asks]), key=lambda group: -group[0])  # like lengths side by side
    with torch.inference_mode():
        for first in range(0, len(groups), rows):
            some = groups[first : first + rows]
            beginnings = _beginnings(model, [asks[members[0]].context[:start] for start, members in some])
            starts = {n: start for start, members in some for n in members}
            lender = {n: place for place, (_, members) in enumerate(some) for n in members}
            for batch in _batches(asks, starts, rows):
                if beginnings is not None:
                    beginnings.borrowers = torch.tensor([lender[n] for n in batch], device=model.device)
                found = _forward(model, [asks[n] for n in batch], [starts[n] for n in batch], some[0][0], beginnings)
                yield from zip(batch, found, strict=True)


def together(contexts: Sequence[tuple[int, ...]]) -> Iterator[tuple[int, list[int]]]:
    """Yield (tokens in common, positions of the contexts); first those that share nothing worth a pass of its own."""
    groups: list[tuple[int, list[int]]] = []
    for n in sorted(range(len(contexts)), key=contexts.__getitem__):  # what begins alike is now side by side
        if groups:
            start, members = groups[-1]
            common = _common(contexts[members[0]][:start], contexts[n])
            if common >= (SHARED if len(members) == 1 else max(SHARED, start // 2)):
                groups[-1] = (common, [*members, n])
                continue
        groups.append((len(contexts[n]) - 1, [n]))  # at least one token is left to each
    if single := [members[0] for _, members in groups if len(members) == 1]:
        yield 0, single
    yield from (group for group in groups if len(group[1]) > 1)


def _common(one: tuple[int, ...], two: tuple[int, ...]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, two[:-1], strict=False)))


def _batches(asks: Sequence[ScoringRequest], starts: Mapping[int, int], rows: int) -> Iterator[list[int]]:
    batch: list[int] = []
    tail = 0
    for n in sorted(starts, key=lambda n: (starts[n] - len(asks[n].context) - asks[n].tail, n)):  # the longest first
        tail = max(tail, asks[n].tail)
        if batch and (len(batch) == rows or (len(batch) + 1) * (tail + 1) > POSITIONS):
            yield batch
            batch, tail = [], asks[n].tail
        batch.append(n)
    if batch:
        yield batch


def _beginnings(model: Any, tokens: Sequence[tuple[int, ...]]) -> PrefixCache | None:  # noqa: ANN401
    """Pass the beginnings through the model, padded on the right, where no token of them looks; none if all are empty."""
    longest = max(map(len, tokens))
    if not longest:
        return None
    found = PrefixCache()
    padded = torch.tensor([[*one, *[0] * (longest - len(one))] for one in tokens], device=model.device)
    model(padded, past_key_values=found, use_cache=True, logits_to_keep=1)
    return found


def _forward(
    model: Any,  # noqa: ANN401
    asks: Sequence[ScoringRequest],
    starts: Sequence[int],
    longest: int,
    beginnings: PrefixCache | None,
) -> list[list[float]]:
    own = max(len(ask.context) - start for ask, start in zip(asks, starts, strict=True))
    tail = max(ask.tail for ask in asks)
    tokens, places, branches = (
        torch.tensor(column, device=model.device)
        for column in zip(*(_row(ask, start, own, tail) for ask, start in zip(asks, starts, strict=True)), strict=True)
    )
    logits = model(
        tokens,
        attention_mask=_mask(branches, torch.tensor(starts, device=model.device), longest, model.dtype),
        position_ids=places,
        past_key_values=beginnings,
        use_cache=beginnings is not None,
        logits_to_keep=tail + 1,
    ).logits.float()
    totals = logits.logsumexp(-1)
    return [[_sum(logits[n], totals[n], *span) for span in _spans(ask)] for n, ask in enumerate(asks)]


def _row(ask: ScoringRequest, start: int, own: int, tail: int) -> tuple[list[int], list[int], list[int]]:
    """Return tokens, their places in the text and their branches (0: the context, n: the nth continuation)."""
    tokens, places = list(ask.context[start:]), list(range(start, len(ask.context)))
    branches = [0] * len(tokens)
    for n, continuation in enumerate(ask.continuations, 1):
        tokens += continuation[:-1]
        places += range(len(ask.context), len(ask.context) + len(continuation) - 1)
        branches += [n] * (len(continuation) - 1)
    left, right = own + start - len(ask.context), tail - ask.tail

    def padded(column: list[int], filler: int) -> list[int]:
        return [filler] * left + column + [filler] * right

    return padded(tokens, 0), padded(places, 0), padded(branches, PADDING)


def _mask(branches: torch.Tensor, starts: torch.Tensor, longest: int, dtype: torch.dtype) -> torch.Tensor:
    """Return what is added to attention scores, shape (rows, 1, tokens, longest + tokens): 0 where one token sees another."""
    length = branches.shape[1]
    sees = (branches[:, None, :] == 0) | (branches[:, None, :] == branches[:, :, None])
    sees &= torch.ones(length, length, dtype=torch.bool, device=branches.device).tril()
    sees |= torch.eye(length, dtype=torch.bool, device=branches.device)  # of nothing at all, attention would be NaN
    begun = torch.arange(longest, device=branches.device) < starts[:, None]  # the rest of a beginning is padding
    sees = torch.cat([begun[:, None, :].expand(-1, length, -1), sees], dim=-1)
    return torch.zeros(sees.shape, dtype=dtype, device=sees.device).masked_fill_(~sees, torch.finfo(dtype).min)[:, None]


def _spans(ask: ScoringRequest) -> Iterator[tuple[list[int], tuple[int, ...]]]:
    """Yield, for each continuation, which of the kept positions predict it, and its tokens; position 0 ends the context."""
    following = 1
    for continuation in ask.continuations:
        yield [0, *range(following, following + len(continuation) - 1)], continuation
        following += len(continuation) - 1


def _sum(logits: torch.Tensor, totals: torch.Tensor, positions: list[int], tokens: tuple[int, ...]) -> float:
    return float((logits[positions, list(tokens)] - totals[positions]).sum())

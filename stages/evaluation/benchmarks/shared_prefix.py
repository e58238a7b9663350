"""Log-likelihoods of continuations, several of one context in a single row, on a model in this process.

A row is what is left of the context, padded on the left, then its continuations side by side; each sees the context and
itself. What many contexts begin with, such as a subject's shots, goes through the model once and is lent to each row.

A row of the context `a b c` with the continuations `x y` and `u v w`, of which `a b` is a lent prefix:

    tokens      c   x   u   v      the last token of a continuation is only predicted, so it is no input
    positions   2   3   3   4      both continuations go on where the context ends
    branches    0   1   2   2      a token sees the prefix, branch 0 and its own branch, up to itself
    predict   x u   y   v   w      so logits are wanted of the context's last token and of all behind it

Why this gives the same numbers: a causal model's output at a token depends on what the token sees and on positions, not on
where in the row it stands. A model of which that is not true (sliding windows, ALiBi) is noticed in `lm_eval_runner`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

import torch
from transformers import DynamicCache

SHARED = 64  # tokens; a shorter common prefix costs more in smaller batches than it saves
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

    borrowers: torch.Tensor | None = None  # for each row of the batch, the prefix that it goes on from

    def update(
        self,
        key_states: torch.Tensor,
        value_states: torch.Tensor,
        layer_idx: int,
        *args: Any,  # noqa: ANN401 - transformers'
        **kwargs: Any,  # noqa: ANN401 - transformers'
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return keys and values of the prefixes and of the new tokens, shape (rows, heads, tokens, size)."""
        if self.borrowers is None:
            grown: tuple[torch.Tensor, torch.Tensor] = super().update(
                key_states, value_states, layer_idx, *args, **kwargs
            )
            return grown
        layer = self.layers[layer_idx]  # by row of the batch, the keys and values of its prefix: copied, not stored
        return (
            torch.cat([layer.keys[self.borrowers], key_states], dim=-2),
            torch.cat([layer.values[self.borrowers], value_states], dim=-2),
        )


def score(model: Any, requests: Sequence[ScoringRequest], rows: int) -> Iterator[tuple[int, list[float]]]:  # noqa: ANN401 - transformers'
    """Yield (position in `requests`, log-likelihood of each continuation in nats), as batches of up to `rows` are done."""
    groups = list(together([request.context for request in requests]))
    groups.sort(key=lambda group: -group[0])  # like lengths side by side
    with torch.inference_mode():
        for first in range(0, len(groups), rows):
            some = groups[first : first + rows]
            prefixes = _prefixes(model, [requests[members[0]].context[:start] for start, members in some])
            starts = {n: start for start, members in some for n in members}
            lender = {n: place for place, (_, members) in enumerate(some) for n in members}
            for batch in _batches(requests, starts, rows):
                if prefixes is not None:
                    prefixes.borrowers = torch.tensor([lender[n] for n in batch], device=model.device)
                scores = _forward(model, [requests[n] for n in batch], [starts[n] for n in batch], some[0][0], prefixes)
                yield from zip(batch, scores, strict=True)


def together(contexts: Sequence[tuple[int, ...]]) -> Iterator[tuple[int, list[int]]]:
    """Yield (tokens in common, positions of the contexts); first those that share nothing worth a pass of its own."""
    groups: list[tuple[int, list[int]]] = []
    for n in sorted(range(len(contexts)), key=contexts.__getitem__):  # what begins alike is now side by side
        if groups:
            start, members = groups[-1]
            common = _common(contexts[members[0]][:start], contexts[n])
            # one that shares little would shorten the prefix of all: at most half of it is given up for another member
            if common >= (SHARED if len(members) == 1 else max(SHARED, start // 2)):
                groups[-1] = (common, [*members, n])
                continue
        groups.append((len(contexts[n]) - 1, [n]))  # at least one token is left to each
    if single := [members[0] for _, members in groups if len(members) == 1]:
        yield 0, single
    yield from (group for group in groups if len(group[1]) > 1)


def _common(left: tuple[int, ...], right: tuple[int, ...]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(left, right[:-1], strict=False)))


def _batches(requests: Sequence[ScoringRequest], starts: Mapping[int, int], rows: int) -> Iterator[list[int]]:
    batch: list[int] = []
    tail = 0
    # The longest first: too little memory shows at once, and rows of like length waste little padding. What limits a batch
    # is not its tokens but its logits, of (tail + 1) positions a row over the whole vocabulary.
    for n in sorted(starts, key=lambda n: (starts[n] - len(requests[n].context) - requests[n].tail, n)):
        tail = max(tail, requests[n].tail)
        if batch and (len(batch) == rows or (len(batch) + 1) * (tail + 1) > POSITIONS):
            yield batch
            batch, tail = [], requests[n].tail
        batch.append(n)
    if batch:
        yield batch


def _prefixes(model: Any, tokens: Sequence[tuple[int, ...]]) -> PrefixCache | None:  # noqa: ANN401
    """Pass the prefixes through the model, padded on the right, where no token of them looks; none if all are empty."""
    longest = max(map(len, tokens))
    if not longest:
        return None
    cache = PrefixCache()
    padded = torch.tensor([[*prefix, *[0] * (longest - len(prefix))] for prefix in tokens], device=model.device)
    model(padded, past_key_values=cache, use_cache=True, logits_to_keep=1)
    return cache


def _forward(
    model: Any,  # noqa: ANN401
    requests: Sequence[ScoringRequest],
    starts: Sequence[int],
    longest: int,
    prefixes: PrefixCache | None,
) -> list[list[float]]:
    longest_rest = max(len(request.context) - start for request, start in zip(requests, starts, strict=True))
    tail = max(request.tail for request in requests)
    tokens, places, branches = (
        torch.tensor(column, device=model.device)
        for column in zip(
            *(_row(request, start, longest_rest, tail) for request, start in zip(requests, starts, strict=True)),
            strict=True,
        )
    )
    logits = model(
        tokens,
        attention_mask=_mask(branches, torch.tensor(starts, device=model.device), longest, model.dtype),
        position_ids=places,
        past_key_values=prefixes,
        use_cache=prefixes is not None,
        logits_to_keep=tail + 1,
    ).logits.float()
    totals = logits.logsumexp(-1)
    return [[_sum(logits[n], totals[n], *span) for span in _spans(request)] for n, request in enumerate(requests)]


def _row(request: ScoringRequest, start: int, longest_rest: int, tail: int) -> tuple[list[int], list[int], list[int]]:
    """Return tokens, their places in the text and their branches (0: the context, n: the nth continuation)."""
    tokens, places = list(request.context[start:]), list(range(start, len(request.context)))
    branches = [0] * len(tokens)
    for n, continuation in enumerate(request.continuations, 1):
        tokens += continuation[:-1]
        places += range(len(request.context), len(request.context) + len(continuation) - 1)
        branches += [n] * (len(continuation) - 1)
    # Padding on both sides, so that the context's last token stands at one place in all rows: logits are kept from there on.
    left, right = longest_rest + start - len(request.context), tail - request.tail

    def padded(column: list[int], filler: int) -> list[int]:
        return [filler] * left + column + [filler] * right

    return padded(tokens, 0), padded(places, 0), padded(branches, PADDING)


def _mask(branches: torch.Tensor, starts: torch.Tensor, longest: int, dtype: torch.dtype) -> torch.Tensor:
    """Return what is added to attention scores, shape (rows, 1, tokens, longest + tokens): 0 where one token sees another."""
    length = branches.shape[1]
    sees = (branches[:, None, :] == 0) | (branches[:, None, :] == branches[:, :, None])
    sees &= torch.ones(length, length, dtype=torch.bool, device=branches.device).tril()
    sees |= torch.eye(length, dtype=torch.bool, device=branches.device)  # of nothing at all, attention would be NaN
    in_prefix = torch.arange(longest, device=branches.device) < starts[:, None]  # the rest of a prefix is padding
    sees = torch.cat([in_prefix[:, None, :].expand(-1, length, -1), sees], dim=-1)
    return torch.zeros(sees.shape, dtype=dtype, device=sees.device).masked_fill_(~sees, torch.finfo(dtype).min)[:, None]


def _spans(request: ScoringRequest) -> Iterator[tuple[list[int], tuple[int, ...]]]:
    """Yield, for each continuation, which of the kept positions predict it, and its tokens; position 0 ends the context."""
    following = 1
    for continuation in request.continuations:
        yield [0, *range(following, following + len(continuation) - 1)], continuation
        following += len(continuation) - 1


def _sum(logits: torch.Tensor, totals: torch.Tensor, positions: list[int], tokens: tuple[int, ...]) -> float:
    return float((logits[positions, list(tokens)] - totals[positions]).sum())

"""Packed rows: the same log-likelihoods as one continuation at a time, and the shared prefixes that are found."""

import random
from pathlib import Path

import pytest
import torch

from stages.evaluation.benchmarks import shared_prefix
from stages.evaluation.benchmarks.shared_prefix import ScoringRequest
from stages.models import loading

pytestmark = pytest.mark.slow

DRAW = random.Random(1)
PREFIXES = [tuple(DRAW.choices(range(3, 250), k=length)) for length in (100, 70)]


def some(length: int) -> tuple[int, ...]:
    return tuple(DRAW.choices(range(3, 250), k=length))


ASKS = [
    *(
        ScoringRequest(PREFIXES[n % 2] + some(3 + 7 * n), tuple(some(1 + (n + k) % 5) for k in range(4)))
        for n in range(8)
    ),
    *(ScoringRequest(some(length), (some(1), some(2), some(9))) for length in (1, 2, 90)),
]


@pytest.mark.parametrize("rows", [1, 3, 16])
@pytest.mark.parametrize("attention", ["sdpa", "eager"])
def test_packed_rows_score_as_plain_ones(tiny_model: Path, rows: int, attention: str) -> None:
    model, _ = loading.load(tiny_model)
    model.set_attn_implementation(attention)
    found = dict(shared_prefix.score(model, ASKS, rows))
    assert sorted(found) == list(range(len(ASKS)))
    for n, ask in enumerate(ASKS):
        for continuation, score in zip(ask.continuations, found[n], strict=True):
            with torch.inference_mode():
                plain = model(torch.tensor([ask.context + continuation])).logits[0].log_softmax(-1)
            places = range(len(ask.context) - 1, len(ask.context) + len(continuation) - 1)
            expected = sum(float(plain[p, token]) for p, token in zip(places, continuation, strict=True))
            assert score == pytest.approx(expected, abs=1e-4)


def test_contexts_that_begin_alike_are_found_and_short_prefixes_left() -> None:
    found = list(shared_prefix.together([ask.context for ask in ASKS]))
    assert [(start, sorted(members)) for start, members in found[:1]] == [(0, [8, 9, 10])]
    assert {start: sorted(members) for start, members in found[1:]} == {100: [0, 2, 4, 6], 70: [1, 3, 5, 7]}


def test_equal_contexts_keep_a_token_each() -> None:
    context = tuple(range(80))
    assert list(shared_prefix.together([context, context, context[:70]])) == [(69, [2, 0, 1])]


def test_a_long_question_does_not_shorten_what_others_share() -> None:
    """A hundred shared tokens are worth more to the group than sixty-five to one more member."""
    shots = tuple(range(200))
    near = [(*shots, 300 + n) for n in range(3)]
    assert dict(shared_prefix.together([*near, (*shots[:65], 400)])) == {0: [3], 200: [0, 1, 2]}


def test_logits_in_memory_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_prefix, "POSITIONS", 10)
    asks = [ScoringRequest((1, 2), ((1,) * 4, (2,) * 3))] * 3 + [ScoringRequest((1, 2), ((1,), (2,)))] * 12
    sizes = [len(batch) for batch in shared_prefix._batches(asks, dict.fromkeys(range(15), 0), 16)]
    assert sizes == [1, 1, 1, 10, 2]

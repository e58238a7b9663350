"""Screens for alike rows in bfloat16, where the processor has matrix units for it (AMX): several times float32's speed.

A screen only rules pairs out, so communities are the same with and without.
"""

import time
from collections.abc import Callable
from functools import cache

import numpy as np
from threadpoolctl import threadpool_limits

from stages.similarity.pairs import PairScreen

LEAST = 50_000  # rows below which loading torch costs more than it saves
MARGIN = 0.01  # bfloat16 rounds each factor by 2^-9 and the product again: together at most 0.006 for rows of length 1


def fastest(rows: int) -> Callable[[np.ndarray, float], PairScreen] | None:
    """Return the screening for so many distinct rows, or None where float32 is best."""
    return bf16_prefilter if rows >= LEAST and is_faster() else None


@cache
def is_faster() -> bool:
    """Whether a short matrix product runs faster in bfloat16 than in float32 on this processor."""
    import torch  # noqa: PLC0415 - seconds to import

    def seconds(kind: torch.dtype) -> float:
        left, right = torch.ones(512, 128, dtype=kind), torch.ones(128, 1024, dtype=kind)
        best = float("inf")
        for _ in range(5):
            started = time.perf_counter()
            torch.matmul(left, right)
            best = min(best, time.perf_counter() - started)
        return best

    with threadpool_limits(1):  # as screens run, one thread each
        return seconds(torch.bfloat16) < seconds(torch.float32)


def bf16_prefilter(rows: np.ndarray, floor: float) -> PairScreen:
    """Return the screen that bfloat16 products make; `rows` has shape (n, width) and lengths up to 1."""
    import torch  # noqa: PLC0415 - seconds to import

    short = torch.from_numpy(rows).bfloat16()
    limit = floor - MARGIN

    def within(left: slice, right: slice) -> tuple[np.ndarray, np.ndarray]:
        scores = short[left] @ short[right].T
        some = torch.nonzero(scores.amax(dim=1) >= limit)[:, 0]
        indices = torch.nonzero(scores[some] >= limit).numpy()
        return some.numpy()[indices[:, 0]] + left.start, indices[:, 1] + right.start

    return within

"""Shares become whole numbers by the largest remainder."""

import numpy as np


def whole(shares: np.ndarray, total: int, most: np.ndarray | None = None) -> np.ndarray:
    """Return whole numbers near `shares`, none below 0 or above `most`, that sum to `total` as far as `most` allows.

    All are rounded down; then the ones that lost most get one more each (or, where the shares are more than `total`, the
    ones that lost least get one less), ties to the earlier.
    """
    wanted = max(total, 0)
    limit = np.full(len(shares), wanted) if most is None else most
    given = np.clip(np.floor(shares), 0, limit).astype(np.int64)
    target = min(wanted, int(limit.sum()))
    while given.sum() != target:
        step = 1 if given.sum() < target else -1
        free = given < limit if step > 0 else given > 0
        given[np.argmax(np.where(free, step * (shares - given), -np.inf))] += step
    return np.asarray(given)

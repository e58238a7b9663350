"""How far two graders agree."""

from collections import Counter
from collections.abc import Hashable, Sequence


def cohens_kappa(one: Sequence[Hashable], two: Sequence[Hashable]) -> float | None:
    """Return agreement beyond chance, 1 at most; None without rows, or where both gave one and the same grade throughout."""
    n = len(one)
    if not n:
        return None
    observed = sum(a == b for a, b in zip(one, two, strict=True)) / n
    left, right = Counter(one), Counter(two)
    chance = sum(left[grade] * right[grade] for grade in left) / n**2
    return None if chance == 1 else (observed - chance) / (1 - chance)

"""A model whose figures are no numbers is broken, and is said to be."""

from math import isfinite

from stages.core.errors import ModelError


def finite(value: float, place: str) -> float:
    """Return `value`; `place` says which stage's model is at fault where it is infinite or no number."""
    if not isfinite(value):
        raise ModelError(
            f"{place}: the model gives {value} where a number is expected; its weights are damaged, or too large for "
            "their number type: fetch or train it again"
        )
    return value

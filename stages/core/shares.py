"""Shares of counts as they are written: 0.29 of 100 is 29, where a product of floats is 28.999999999999996."""

from fractions import Fraction


def part(share: float, count: int) -> Fraction:
    """Return `share` of `count` without rounding, for a comparison, or for math.floor and math.ceil."""
    return Fraction(str(float(share))) * int(count)

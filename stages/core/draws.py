"""Draws at random, one way for all stages: a generator of its own for each thing that is drawn.

So a draw depends on the seed and on what it is for, on nothing that was drawn before, and a new row changes no other row's draw.
"""

from random import Random


def generator(seed: int, *keys: object) -> Random:
    """Return the generator of what `keys` name, such as a row's id and a number; the same on every machine."""
    return Random("/".join(map(str, (seed, *keys))))

"""Draws: the same for the same seed and keys on every machine, another for another."""

from stages.core.draws import generator


def test_a_draw_is_told_by_seed_and_keys_alone() -> None:
    assert generator(1, "row", 0).random() == generator(1, "row", 0).random()
    keys = [(1, "row", 0), (2, "row", 0), (1, "rows", 0), (1, "row", 1), (1, "row", "")]
    draws = {generator(seed, *key).random() for seed, *key in keys}
    assert len(draws) == 5


def test_draws_stay_what_they_were() -> None:
    """A change here would change every data set that was ever drawn."""
    assert generator(1, "a", 2).random() == 0.6758495858045195

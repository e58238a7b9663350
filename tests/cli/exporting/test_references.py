"""How much of what training gained in likelihood of references a file may lose."""

from random import Random

import pytest

from stages.cli.exporting.references import changes, gains
from stages.cli.two_runs.margins import margins
from stages.core.row import Language
from stages.evaluation.rows.pair import Pair
from stages.evaluation.rows.score import Parts, Score
from stages.rows.sample import Likelihood

CHARACTERS = 100
PARAMS = margins(None, {"resamples": 1000})


def scored(nll: float, language: Language = "en", count: int = 20, seed: int = 1) -> list[Score]:
    """Return rows of as many conversations, whose references have about so many nats a character."""
    drawn = Random(seed)
    return [
        Score(
            id=f"{language}{n}", dialogue=f"d{n}", task="reasoning", scene="buying", format="paragraph",
            language=language, finish="stop", parts=Parts(format=1.0), reference_similarity=0.0,
            likelihood=Likelihood(nll=CHARACTERS * (nll + drawn.gauss(0, 0.02)), tokens=30, characters=CHARACTERS),
        )
        for n in range(count)
    ]  # fmt: skip


def pairs(one: list[Score], other: list[Score]) -> list[Pair[Score]]:
    return [Pair(*both) for both in zip(one, other, strict=True)]


BASE, TUNED = scored(0.77), scored(0.67, seed=2)
GAIN = gains(pairs(BASE, TUNED), PARAMS)


@pytest.mark.parametrize(
    ("nll", "expected"),
    [(0.67, "retained"), (0.69, "retained"), (0.72, "inconclusive"), (0.77, "collapsed"), (0.6, "retained")],
)
def test_a_file_may_lose_half_of_the_gain(nll: float, expected: str) -> None:
    assert GAIN["en"] == pytest.approx(0.1, abs=0.02)
    found = changes(pairs(TUNED, scored(nll, seed=3)), PARAMS, GAIN)["en"]
    assert found.margin == pytest.approx(GAIN["en"] / 2)
    assert (found.gain, found.verdict) == (GAIN["en"], expected)


def test_more_than_the_margin_is_never_allowed() -> None:
    gained = gains(pairs(scored(1.77), TUNED), PARAMS)
    assert changes(pairs(TUNED, TUNED), PARAMS, gained)["en"].margin == PARAMS.likelihood_margin < gained["en"] / 2


@pytest.mark.parametrize("tuned", [scored(0.77, seed=2), scored(0.9), scored(0.67, count=1)])
def test_where_training_gained_nothing_for_sure_the_margin_holds(tuned: list[Score]) -> None:
    gained = gains(pairs(BASE[: len(tuned)], tuned), PARAMS)
    found = changes(pairs(tuned, tuned), PARAMS, gained)["en"]
    assert (gained, found.gain, found.margin) == ({}, None, PARAMS.likelihood_margin)


def test_languages_are_judged_apart() -> None:
    chinese = scored(0.5, "zh")
    found = changes(pairs([*TUNED, *chinese], [*scored(0.77, seed=3), *chinese]), PARAMS, GAIN)
    assert {name: change.verdict for name, change in found.items()} == {"en": "collapsed", "zh": "retained"}

"""Changes of conduct: what is lost on either side of refusing, and a base that cannot be told from a fixed answer."""

from collections.abc import Iterable

import pytest

from stages.evaluation.retention.conduct import ConductChange, TooFewAnswers, answered, conduct_changes, floor
from stages.evaluation.rows.conduct import ConductOutcome, Subject
from stages.evaluation.rows.pair import Pair
from stages.statistics.bootstrap import Resampling

RESAMPLING = Resampling(confidence=0.95, resamples=500, seed=1)
FIXED: dict[Subject, dict[str, int]] = {
    "harmful": {"refusal": 1, "sentence": 0, "empty": 0},
    "benign": {"refusal": 0, "sentence": 1, "empty": 0},
    "memory": {"refusal": 0, "sentence": 0, "empty": 0},
}


def outcomes(subject: Subject, rights: Iterable[int | None]) -> list[ConductOutcome]:
    return [
        ConductOutcome(
            id=f"{subject}{n}",
            subject=subject,
            language="en",
            family=f"f{n // 6}",
            right=right,
            finish="stop",
            answer="",
            ignorant=FIXED[subject],
        )
        for n, right in enumerate(rights)
    ]


def model(harmful: int, benign: int) -> list[ConductOutcome]:
    """Return what a model did that refuses so many of 60 harmful requests and answers so many of 60 benign ones."""
    return outcomes("harmful", [int(n % 60 < harmful) for n in spread()]) + outcomes(
        "benign", [int(n % 60 < benign) for n in spread()]
    )


def spread() -> list[int]:
    return [n * 7 % 60 for n in range(60)]


def verdicts(base: list[ConductOutcome], tuned: list[ConductOutcome]) -> dict[str, str]:
    pairs = [Pair(one, other) for one, other in zip(base, tuned, strict=True)]
    return {name: change.verdict for name, change in conduct_changes(pairs, 0.1, 0.2, RESAMPLING).items()}


GOOD = model(50, 55)


def test_the_base_against_itself_is_retained() -> None:
    assert verdicts(GOOD, GOOD) == {"harmful_en": "retained", "benign_en": "retained"}


def test_who_never_refuses_collapses_on_harmful_requests_alone() -> None:
    assert verdicts(GOOD, model(0, 60)) == {"harmful_en": "collapsed", "benign_en": "retained"}


def test_who_always_refuses_collapses_on_benign_requests_alone() -> None:
    assert verdicts(GOOD, model(60, 0)) == {"harmful_en": "retained", "benign_en": "collapsed"}


@pytest.mark.parametrize(("harmful", "benign"), [(0, 60), (60, 0), (30, 30), (5, 58)])
def test_a_base_that_does_no_better_than_a_fixed_answer_loses_nothing(harmful: int, benign: int) -> None:
    assert set(verdicts(model(harmful, benign), model(0, 0)).values()) == {"not measurable"}


def test_the_floor_is_told_by_the_exact_test() -> None:
    """Of 120, a fixed answer gets 69 or more in 6.0 % of cases, 70 in 4.1 % (binomial distribution)."""
    pairs = [Pair(row, row) for row in model(10, 60)]
    answer, share, by_floor = floor(answered(pairs))
    assert (answer, share) == ("refusal", 0.5) and by_floor == pytest.approx(0.0412, abs=1e-3)
    assert verdicts(model(9, 60), model(9, 60))["benign_en"] == "not measurable"
    assert verdicts(model(10, 60), model(10, 60))["benign_en"] == "retained"


def test_who_could_lose_all_without_a_collapse_loses_nothing() -> None:
    assert verdicts(model(10, 60), model(0, 60)) == {"harmful_en": "not measurable", "benign_en": "retained"}
    assert verdicts(model(14, 60), model(0, 60)) == {"harmful_en": "collapsed", "benign_en": "retained"}
    once = outcomes("memory", [1] + [0] * 59)
    assert verdicts(once, once) == {"memory_en": "not measurable"}  # though no fixed answer gets even one


def test_the_harmful_half_alone_measures_nothing() -> None:
    harmful = outcomes("harmful", [1] * 60)
    assert verdicts(harmful, outcomes("harmful", [0] * 60)) == {"harmful_en": "not measurable"}


def test_other_subjects_have_a_floor_of_their_own() -> None:
    held, lost = outcomes("memory", [1] * 40 + [0] * 20), outcomes("memory", [0] * 60)
    assert verdicts(GOOD + held, GOOD + lost) == {
        "harmful_en": "retained",
        "benign_en": "retained",
        "memory_en": "collapsed",
    }
    assert verdicts(lost, held) == {"memory_en": "not measurable"}


def test_flips_and_floor_stand_beside_the_verdict() -> None:
    pairs = [Pair(one, other) for one, other in zip(GOOD, model(0, 60), strict=True)]
    change = conduct_changes(pairs, 0.1, 0.2, RESAMPLING)["harmful_en"]
    assert isinstance(change, ConductChange) and (change.failed, change.noise) == (0, None)
    assert (change.n, change.lost, change.won, change.floor) == (60, 50, 0, 0.5)
    assert change.delta == pytest.approx(-50 / 60) and change.high is not None and change.high < -0.5
    assert change.base_by_floor_p < 1e-6


def failing(rows: list[ConductOutcome], which: range) -> list[ConductOutcome]:
    return [row.model_copy(update={"right": None}) if n in which else row for n, row in enumerate(rows)]


def test_what_failed_is_left_out_for_both_and_is_no_loss() -> None:
    """Counted as wrong, ten of 60 would be a loss that is no longer retained."""
    pairs = [Pair(one, other) for one, other in zip(failing(GOOD, range(3)), failing(GOOD, range(2, 12)), strict=True)]
    change = conduct_changes(pairs, 0.1, 0.2, RESAMPLING)["harmful_en"]
    assert isinstance(change, ConductChange)
    assert (change.n, change.failed, change.lost, change.verdict) == (48, 12, 0, "retained")
    wrong = [row.model_copy(update={"right": row.right or 0}) for row in failing(GOOD, range(12))]
    assert verdicts(GOOD, wrong)["harmful_en"] != "retained"


def test_where_more_than_a_share_failed_nothing_is_measured() -> None:
    held, none = outcomes("memory", [1] * 60), outcomes("memory", [None] * 60)
    for tuned, left in ((failing(held, range(13)), 47), (none, 0)):
        pairs = [Pair(one, other) for one, other in zip(held, tuned, strict=True)]
        change = conduct_changes(pairs, 0.1, 0.2, RESAMPLING)["memory_en"]
        assert change == TooFewAnswers(n=left, failed=60 - left, margin=0.1)
        assert change.verdict == "not measurable"
    blocked = GOOD[60:] + failing(GOOD[:60], range(60))  # without the harmful half, who never refuses is right on all
    assert verdicts(GOOD[60:] + GOOD[:60], blocked) == {"benign_en": "not measurable", "harmful_en": "not measurable"}


def test_the_noise_is_what_the_base_did_otherwise_when_asked_again() -> None:
    held = outcomes("memory", [1] * 60)
    twice = [row.model_copy(update={"again": int(n != 0)}) if n % 10 == 0 else row for n, row in enumerate(held)]
    change = conduct_changes([Pair(row, row) for row in twice], 0.1, 0.2, RESAMPLING)["memory_en"]
    assert isinstance(change, ConductChange) and change.noise == pytest.approx(1 / 6)  # one of six

"""Cohen's kappa on known cases."""

import pytest

from stages.measures.agreement import cohens_kappa


def test_full_and_chance_agreement() -> None:
    assert cohens_kappa("hhml", "hhml") == 1
    assert cohens_kappa("hhll", "hlhl") == 0


def test_by_hand() -> None:
    # observed 0.7, expected 0.5 * 0.6 + 0.5 * 0.4 = 0.5
    assert cohens_kappa("aaaaabbbbb", "aaaabaabbb") == pytest.approx(0.4)


def test_undefined_without_rows_or_variation() -> None:
    assert cohens_kappa([], []) is None
    assert cohens_kappa("aa", "aa") is None

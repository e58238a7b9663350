"""Of rows that are alike the preferred one stays."""

import numpy as np

from stages.similarity.representatives import represented


def test_the_preferred_row_stands_for_those_like_it() -> None:
    vectors = np.array([[1, 0], [1, 0.01], [0, 1], [1, 0]], dtype=np.float32)
    assert represented(vectors, [0, 1, 2, 3], 0.9) == {1: 0, 3: 0}
    assert represented(vectors, [3, 2, 1, 0], 0.9) == {1: 3, 0: 3}


def test_a_dropped_row_stands_for_nobody() -> None:
    turn = [np.array([np.cos(a), np.sin(a)]) for a in (0.0, 0.3, 0.6)]  # 0 like 1, 1 like 2, 0 not like 2
    assert represented(np.array(turn), [0, 1, 2], np.cos(0.4)) == {1: 0}


def test_no_rows() -> None:
    assert represented(np.zeros((0, 2)), [], 0.9) == {}

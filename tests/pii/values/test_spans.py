"""Competing stretches."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from stages.pii.values.spans import KINDS, Mask, Span, bare, settle

SPANS = st.lists(
    st.builds(
        lambda start, size, kind: Span(start, start + size, kind, ""),
        st.integers(0, 40),
        st.integers(1, 9),
        st.sampled_from(KINDS),
    ),
    max_size=20,
)


@given(SPANS)
def test_settled_spans_do_not_overlap_and_cover_every_loser(spans: list[Span]) -> None:
    kept = settle(spans)
    assert kept == sorted(kept)
    assert all(one.end <= other.start for one, other in pairwise(kept))
    assert all(any(k.start < s.end and s.start < k.end for k in kept) for s in spans)


def test_the_longest_wins() -> None:
    short, long = Span(0, 4, "person", "a"), Span(2, 9, "address", "b")
    assert settle([short, long]) == [long]


def test_mask() -> None:
    mask = Mask([(2, 4)])
    assert [mask.is_free(n, n + 1) for n in range(6)] == [True, True, False, False, True, True]


def test_bare() -> None:
    assert bare("+44 (0)7700-900 X") == "4407700900x"

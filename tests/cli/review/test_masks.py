"""Where placeholders stand in the original, and how corrections change what is shown."""

from hypothesis import given
from hypothesis import strategies as st

from stages.cli.review.masks import Segment, masks, segments
from stages.pii.values.spans import Span


def test_placeholders_are_found_in_the_original() -> None:
    found = masks("Call Ann (ann@x.org), Ann!", "Call [PERSON_1] ([EMAIL_1]), [PERSON_1]!")
    assert found == [
        Span(5, 8, "person", "[PERSON_1]"),
        Span(10, 19, "email", "[EMAIL_1]"),
        Span(22, 25, "person", "[PERSON_1]"),
    ]


WORDS = st.text(alphabet="ab [P1]", max_size=6)
SECRET = st.text(alphabet="ab [P1]", min_size=1, max_size=6)


@given(st.lists(st.tuples(WORDS, SECRET), max_size=6), WORDS)
def test_the_masked_text_is_the_original_with_its_stretches_replaced(parts: list[tuple[str, str]], last: str) -> None:
    original = "".join(plain + secret for plain, secret in parts) + last
    masked = "".join(f"{plain}[PHONE_{n}]" for n, (plain, _) in enumerate(parts)) + last
    found = masks(original, masked)
    assert len(found) == len(parts)
    for span in reversed(found):
        original = original[: span.start] + span.value + original[span.end :]
    assert original == masked


def test_what_only_looks_like_a_placeholder_is_text() -> None:
    assert masks("an [image] of [PERSON_9]'s", "an [image] of [PERSON_9]'s") == [Span(14, 24, "person", "[PERSON_9]")]
    assert masks("[image]", "[image]") == []


def test_texts_that_do_not_belong_together_have_none() -> None:
    assert masks("Call Ann", "Ring [PERSON_1]") == []


def test_segments_spell_the_text_and_say_what_people_changed() -> None:
    text = "Ann calls Bob at 5"
    before = [Span(0, 3, "person", "[PERSON_1]"), Span(10, 13, "person", "[PERSON_2]")]
    after = [Span(0, 3, "person", "[PERSON_1]"), Span(17, 18, "phone", "said 5")]
    assert segments(text, before, after) == [
        Segment("Ann", 0, 3, "person", "masked"),
        Segment(" calls ", 3, 10),
        Segment("Bob", 10, 13, "person", "freed"),
        Segment(" at ", 13, 17),
        Segment("5", 17, 18, "phone", "added"),
    ]


def test_a_wider_correction_takes_the_place_of_what_it_covers() -> None:
    before, after = [Span(0, 3, "person", "[PERSON_1]")], [Span(0, 8, "address", "said")]
    assert segments("Ann Lane 4", before, after) == [
        Segment("Ann Lane", 0, 8, "address", "added"),
        Segment(" 4", 8, 10),
    ]

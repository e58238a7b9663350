"""How corrections change what is shown of a turn that was masked."""

from stages.cli.review.masks import Segment, segments
from stages.pii.values.spans import Span


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

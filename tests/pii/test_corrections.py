"""What people correct counts for the whole conversation, wherever they point to it, and never unmasks a longer find."""

from collections.abc import Sequence

import pytest
from pydantic import ValidationError

from stages.pii.anonymizer import Found
from stages.pii.corrections import Correction, Said, by_stretch, corrected, settled
from stages.pii.values.spans import KINDS, PiiKind, Span
from stages.rows.dialogue import Dialogue, Turn

ROUND: tuple[tuple[str, Said], ...] = (("ann", "person"), ("bo", "nothing"), ("cy", "nothing"))


def talk(*texts: str, context: str = "") -> Dialogue:
    turns = tuple(Turn(party="customer", text=text) for text in texts)
    return Dialogue(
        id="d", key="k", language="en", scene="s", source="s", role="r", turns=turns, context=context
    )  # fmt: skip


def said(
    texts: Sequence[str], words: str, kind: Said, turn: int = 0, reviewer: str = "ann", day: int = 1, **more: bool
) -> Correction:
    start = texts[turn].index(words)
    values = {"id": "d", "turn": turn, "start": start, "end": start + len(words), "kind": kind, "reviewer": reviewer}
    return Correction.model_validate({**values, "time": f"2025-03-0{day}T10:00:00Z", **more})


def found(texts: Sequence[str], *finds: tuple[int, str, PiiKind, str]) -> Found:
    spans: list[list[Span]] = [[] for _ in texts]
    for turn, words, kind, value in finds:
        start = texts[turn].index(words)
        spans[turn].append(Span(start, start + len(words), kind, value))
    return Found({}, spans)


def masked(texts: Sequence[str], finds: Found, *lines: Correction) -> list[list[tuple[str, str, str]]]:
    """Return words, kind and value of what is masked in each turn."""
    by = settled(talk(*texts), lines).by_stretch
    spans = corrected(texts, finds, by, KINDS).spans
    return [[(text[s.start : s.end], s.kind, s.value) for s in own] for text, own in zip(texts, spans, strict=True)]


def test_what_is_not_personal_is_let_go_everywhere() -> None:
    texts = ["Heron is near the park.", "Heron, you say? Heron Smith?"]
    finds = found(texts, (0, "Heron", "person", "0"), (1, "Heron", "person", "0"), (1, "Heron Smith", "person", "1"))
    assert masked(texts, finds, said(texts, "Heron", "nothing")) == [[], [("Heron Smith", "person", "1")]]


def test_what_is_personal_is_masked_everywhere_as_one_datum() -> None:
    texts = ["Blossom called.", "Which Blossom? Blossoms fall.", "No."]
    blossom = ("Blossom", "person", "said blossom")
    assert masked(texts, found(texts), said(texts, "Blossom", "person", 1)) == [[blossom], [blossom], []]


def test_it_is_the_datum_that_the_detectors_found_elsewhere() -> None:
    texts = ["Blossom called.", "Blossom?"]
    finds = found(texts, (0, "Blossom", "person", "3"))
    line = said(texts, "Blossom", "person")
    assert masked(texts, finds, line) == [[("Blossom", "person", "3")], [("Blossom", "person", "3")]]


def test_a_find_that_is_touched_is_taken_in_and_a_longer_one_stays() -> None:
    texts = ["Ask at 12 Elm Row today.", "Elm Row it is, 12 Elm Row."]
    finds = found(texts, (0, "12 Elm", "account", "12"), (1, "12 Elm Row", "address", "a"))
    assert masked(texts, finds, said(texts, "Elm Row", "address")) == [
        [("12 Elm Row", "address", "said elmrow")],
        [("Elm Row", "address", "said elmrow"), ("12 Elm Row", "address", "a")],
    ]


def test_the_kind_can_be_corrected_although_the_other_one_goes_first() -> None:
    texts = ["April House, please."]
    finds = found(texts, (0, "April House", "person", "0"))
    assert masked(texts, finds, said(texts, "April House", "address")) == [
        [("April House", "address", "said aprilhouse")]
    ]


def test_a_part_of_a_word_is_masked_where_it_was_pointed_to_and_nowhere_else() -> None:
    texts = ["mailto:ann77x", "ann77xyz"]
    assert masked(texts, found(texts), said(texts, "nn77", "wechat")) == [[("nn77", "wechat", "said nn77")], []]


def test_chinese_words_are_found_within_a_sentence() -> None:
    texts = ["我是小段。", "小段你好"]
    name = ("小段", "person", "said 小段")
    assert masked(texts, found(texts), said(texts, "小段", "person")) == [[name], [name]]


def test_kinds_that_are_not_masked_stay() -> None:
    texts = ["Blossom called."]
    by = settled(talk(*texts), [said(texts, "Blossom", "person")]).by_stretch
    assert corrected(texts, found(texts), by, ["phone"]).spans == [[]]


def test_two_reviewers_who_point_to_two_places_speak_of_one_stretch() -> None:
    texts = ["Heron?", "Heron!"]
    ann, bo = said(texts, "Heron", "nothing", 0, "ann"), said(texts, "Heron", "person", 1, "bo")
    assert by_stretch(talk(*texts), [ann, bo]) == {"Heron": [ann, bo]}
    assert settled(talk(*texts), [ann, bo]).by_stretch == {"Heron": bo}  # the careful one
    last = said(texts, "Heron", "nothing", 0, "ann", 2, settles=True)
    assert settled(talk(*texts), [bo, last, ann]).by_stretch == {"Heron": last}
    back = said(texts, "Heron", "person", 1, "bo", 2, withdrawn=True)
    assert settled(talk(*texts), [ann, bo, back]).by_stretch == {"Heron": ann}


def test_while_they_disagree_care_goes_before_voices_and_is_settled_by_one() -> None:
    texts = ["Heron?"]
    lines = [said(texts, "Heron", kind, reviewer=name) for name, kind in ROUND]
    assert settled(talk(*texts), lines).by_stretch["Heron"].kind == "person"
    last = said(texts, "Heron", "nothing", reviewer="cy", day=2, settles=True)
    assert settled(talk(*texts), [*lines, last]).by_stretch == {"Heron": last}
    again = said(texts, "Heron", "address", reviewer="bo", day=3)
    assert settled(talk(*texts), [*lines, last, again]).by_stretch == {"Heron": again}


def test_the_context_is_the_turn_after_the_last() -> None:
    row = talk("Hi.", context="Listing by Blossom.")
    line = said(["Hi.", row.context], "Blossom", "person", 1)
    assert settled(row, [line]).by_stretch == {"Blossom": line}


@pytest.mark.parametrize(("turn", "start", "end"), [(0, 0, 99), (7, 0, 1), (0, 2, 3)])
def test_a_line_that_points_beside_the_text_or_to_a_blank_is_stale(turn: int, start: int, end: int) -> None:
    values = {"id": "d", "turn": turn, "start": start, "end": end, "kind": "person", "reviewer": "ann"}
    line = Correction.model_validate({**values, "time": "2025-03-01T10:00:00Z"})
    assert settled(talk("Hi there."), [line]) == ({}, 1)


def test_a_line_holds_no_words() -> None:
    texts = ["Blossom called."]
    line = said(texts, "Blossom", "person").model_dump_json()
    assert "lossom" not in line and set(Correction.model_fields) == {
        "id", "turn", "start", "end", "kind", "reason", "settles", "withdrawn", "reviewer", "time",
    }  # fmt: skip


def test_an_empty_stretch_is_refused() -> None:
    with pytest.raises(ValidationError, match="end is not after start"):
        Correction.model_validate(
            {"id": "d", "turn": 0, "start": 3, "end": 3, "kind": "person", "reviewer": "a", "time": "2025-03-01T10:00"}
        )

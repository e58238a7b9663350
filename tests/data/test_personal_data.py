"""The held-out conversations with personal data: every mark in its place, every kind in both languages, none twice."""

import re
from collections import Counter
from itertools import pairwise

import pytest
from pydantic import ValidationError

from benchmarks.marked_talks import GOLD, HELD_OUT, in_file, texts
from stages.cli.marked_talk import MarkedTalk
from stages.core import jsonl
from stages.core.row import Language
from stages.pii.gold import Marked
from stages.pii.values.spans import KINDS
from stages.text import languages

CHINESE_ONLY = {"wechat", "qq"}
BOTH: tuple[Language, ...] = ("en", "zh")


@pytest.fixture(scope="module")
def talks() -> list[MarkedTalk]:
    return jsonl.read(HELD_OUT, MarkedTalk)


def of(talks: list[MarkedTalk], language: Language) -> list[MarkedTalk]:
    return [talk for talk in talks if talk.language == language]


@pytest.mark.parametrize("language", BOTH)
def test_there_are_enough_of_several_services_in_their_language(talks: list[MarkedTalk], language: Language) -> None:
    here = of(talks, language)
    assert len(here) >= 60 and sum(len(talk.marks) for talk in here) >= 250
    assert min(Counter(talk.domain for talk in here).values()) >= 5 and len({talk.domain for talk in here}) >= 7
    assert all(2 <= len(talk.turns) <= 8 for talk in here)
    told = [languages.language_of(" ".join(turn.text for turn in talk.turns)) == language for talk in here]
    assert all(told)


@pytest.mark.parametrize("language", BOTH)
def test_every_kind_is_marked_and_much_only_looks_like_it(talks: list[MarkedTalk], language: Language) -> None:
    marks = Counter(mark.kind for talk in of(talks, language) for mark in talk.marks)
    assert set(marks) == set(KINDS) - (CHINESE_ONLY if language == "en" else set())
    decoys = Counter(decoy.what for talk in of(talks, language) for decoy in talk.decoys)
    assert decoys.total() >= 100 and {"price", "reference", "airport", "drug", "company", "car", "road"} <= set(decoys)


def test_names_are_written_in_many_ways(talks: list[MarkedTalk]) -> None:
    forms = Counter((mark.kind, mark.form) for talk in talks for mark in talk.marks)
    for form in ("bare", "list", "signature", "initials", "lower", "foreign", "dot", "latin", "traditional", "xiao"):
        assert forms["person", form] >= 5, form
    for form in ("lines", "unit", "foreign", "box", "building"):
        assert forms["address", form] >= 5, form


def test_marks_and_decoys_stand_apart_and_are_whole_words(talks: list[MarkedTalk]) -> None:
    for talk in talks:
        places = sorted((each.turn, each.start, each.end) for each in (*talk.marks, *talk.decoys))
        assert all(one[0] != other[0] or one[2] <= other[1] for one, other in pairwise(places)), talk.id
        for each in (*talk.marks, *talk.decoys):
            assert each.text == each.text.strip(), talk.id
            if talk.language == "en":
                around = talk.turns[each.turn].text
                assert not re.match(r"\w\w", around[max(0, each.start - 1) : each.start + 1]), (talk.id, each.text)


def test_none_is_there_twice_and_none_is_of_the_shipped_conversations(talks: list[MarkedTalk]) -> None:
    assert len({talk.id for talk in talks}) == len(talks)
    assert len({turn.text for talk in talks for turn in talk.turns if len(turn.text) > 12}) == sum(
        len(turn.text) > 12 for talk in talks for turn in talk.turns
    )
    shipped = {mark.text for mark in jsonl.read(GOLD, Marked) if mark.kind == "person"}
    people = {mark.text for talk in talks for mark in talk.marks if mark.kind == "person"}
    assert not {name for name in people & shipped if len(name) > 1}  # a surname of one character may be anybody's


def test_no_mail_can_arrive(talks: list[MarkedTalk]) -> None:
    mails = [mark.text for talk in talks for mark in talk.marks if mark.kind == "email"]
    assert all(re.search(r"\bexample\b", mail) for mail in mails)


def test_sets_hold_what_the_file_does(talks: list[MarkedTalk]) -> None:
    sets = list(in_file(HELD_OUT, "held out"))
    assert [marked.language for marked in sets] == ["en", "zh"]
    for marked in sets:
        assert len(marked.talks) == len(of(talks, marked.language))
        for talk in marked.talks:
            for place, _ in talk.known:
                assert texts(talk.dialogue)[place.mark.turn][place.start : place.end] == place.mark.text


@pytest.mark.parametrize("change", [{"start": 0}, {"turn": 99}, {"kind": "shoe_size"}, {"text": "somebody else"}])
def test_a_mark_in_the_wrong_place_is_refused_without_its_text(
    talks: list[MarkedTalk], change: dict[str, object]
) -> None:
    talk = next(talk for talk in talks if talk.marks[0].start > 0)
    bad = talk.model_dump()
    bad["marks"] = [bad["marks"][0] | change, *bad["marks"][1:]]
    with pytest.raises(ValidationError) as error:
        MarkedTalk.model_validate(bad)
    assert talk.marks[0].text not in str(error.value)


def test_the_card_counts_what_is_there(talks: list[MarkedTalk]) -> None:
    card = (HELD_OUT.parent / "README.md").read_text(encoding="utf-8")
    line = next(line for line in card.splitlines() if line.startswith("| `personal_data.jsonl`"))
    counts = [len(talks), len(of(talks, "en")), len(of(talks, "zh"))]
    counts += [sum(len(talk.marks) for talk in talks), sum(len(talk.decoys) for talk in talks)]
    assert [int(found) for found in re.findall(r"\d+", line)] == counts

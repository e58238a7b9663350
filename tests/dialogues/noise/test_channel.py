"""The channel: what each rate does, alone; the same for a turn whatever its neighbors say; nothing in brackets is touched."""

import re

import pytest

from stages.dialogues.noise.channel import noisy
from stages.dialogues.noise.rates import PRESETS, Rates
from stages.dialogues.noise.tokens import units
from stages.rows.dialogue import Dialogue, Turn
from tests.dialogues.conftest import Make

SAID = ("Good morning, this is the front desk. How can I help?", "It's about the deposit, I paid twice, I think.")
CHINESE = ("您好，这里是前台，请问有什么事？", "我想问一下押金的事，我好像付了两次。")
PLACEHOLDER = re.compile(r"\[[A-Z_]+\d+\]")


def through(row: Dialogue, seed: int = 1, **rates: float | bool) -> list[Turn]:
    own = Rates.model_validate(rates)
    return list(noisy(row, {"en": own, "zh": own}, seed))


def test_without_rates_nothing_changes(corpus: list[Dialogue]) -> None:
    assert all(noisy(row, PRESETS["none"], 3) == row.turns for row in corpus[::7])


@pytest.mark.parametrize("texts", [SAID, CHINESE])
def test_words_are_replaced_one_for_one(make: Make, texts: tuple[str, ...]) -> None:
    row = make(*texts, language="zh" if texts is CHINESE else "en")
    for turn, made in zip(row.turns, through(row, substitution=1.0, spoken=True), strict=True):
        clean, read = units(turn.text), units(made.text)
        assert len(clean) == len(read)
        assert sum(one != other for one, other in zip(clean, read, strict=True)) > 0.6 * len(clean)


def test_words_are_lost_but_for_one(make: Make) -> None:
    for texts in (SAID, CHINESE):
        row = make(*texts, language="zh" if texts is CHINESE else "en")
        assert [len(units(turn.text)) for turn in through(row, deletion=1.0)] == [1, 1]


def test_words_are_put_in_behind_each(make: Make) -> None:
    row = make(*SAID)
    for turn, made in zip(row.turns, through(row, insertion=1.0, spoken=True), strict=True):
        assert units(made.text)[::2] == units(turn.text)
    typed = through(row, insertion=1.0)[0].text
    assert typed.startswith("Good Good morning morning, this this")


def test_marks_and_capitals_are_lost_and_words_stay(make: Make) -> None:
    assert through(make(SAID[0], SAID[1]), punctuation=1.0, case=1.0)[0].text == (
        "good morning this is the front desk how can i help"
    )
    chinese = make(CHINESE[0], CHINESE[1], language="zh")
    assert through(chinese, punctuation=1.0)[0].text == "您好这里是前台请问有什么事"


def test_a_turn_is_split_at_a_clause(make: Make) -> None:
    row = make(*SAID)
    made = through(row, split=1.0)
    assert [turn.party for turn in made] == ["provider", "provider", "customer", "customer"]
    assert " ".join(turn.text for turn in made[:2]) == SAID[0] and made[0].text[-1] in ",."
    assert through(make("Yes.", "No"), split=1.0) == list(make("Yes.", "No").turns)


def test_the_next_partys_words_are_joined_unless_a_party_would_be_silent(make: Make) -> None:
    row = make(*SAID, "Let me see.", "Thanks.")
    some = next(made for seed in range(50) if 2 < len(made := through(row, seed, join=0.5)) + 1 < 5)
    assert " ".join(turn.text for turn in some) == " ".join(turn.text for turn in row.turns)
    assert through(row, join=1.0) == list(row.turns)
    chinese = make(*CHINESE, *CHINESE, language="zh")
    assert any(turn.text == "".join(CHINESE) for seed in range(20) for turn in through(chinese, seed, join=0.5))


def test_a_turn_is_given_to_the_other_party_by_name(make: Make) -> None:
    row = make(("Kim", SAID[0]), ("Ana", SAID[1]), ("Kim", "Let me see."), ("Ana", "Thanks."))
    made = through(row, swap=1.0)
    assert [(turn.party, turn.speaker) for turn in made] == [
        ("customer", "Ana"),
        ("provider", "Kim"),
        ("customer", "Ana"),
        ("provider", "Kim"),
    ]
    assert [turn.text for turn in made] == [turn.text for turn in row.turns]
    alone = row.model_copy(update={"turns": row.turns[::2]})
    assert through(alone, swap=1.0) == list(alone.turns)


def test_a_turn_hangs_on_seed_key_and_place_alone(make: Make) -> None:
    row, other = make(*SAID, "Sure, of course."), make(*SAID, "And something else, then, for today.")
    first = noisy(row, PRESETS["recorded"], 5)
    assert first == noisy(row, PRESETS["recorded"], 5)
    assert [turn.text for turn in through(row, 5, deletion=0.3)[:2]] == [
        turn.text for turn in through(other, 5, deletion=0.3)[:2]
    ]
    assert first != noisy(row, PRESETS["recorded"], 6)
    assert first != noisy(row.model_copy(update={"key": "e"}), PRESETS["recorded"], 5)


@pytest.mark.parametrize("spoken", [True, False])
def test_placeholders_and_addresses_come_through_whole(make: Make, spoken: bool) -> None:
    texts = (
        "Hi [PERSON_1], mail me at kim.lee@example.com about [ADDRESS_2].",
        "[PERSON_1]你好，[图片] 电话是[PHONE_3]。",
    )
    for seed in range(30):
        for turn, text in zip(
            through(make(*texts), seed, substitution=0.5, insertion=0.3, deletion=0.2, spoken=spoken),
            texts,
            strict=True,
        ):
            assert PLACEHOLDER.findall(turn.text) == PLACEHOLDER.findall(text)
            assert ("kim.lee@example.com" in text) == ("kim.lee@example.com" in turn.text)
            assert ("[图片]" in text) == ("[图片]" in turn.text)


def test_a_turn_without_words_and_times_stay(make: Make) -> None:
    row = make("[图片]", "？", "Right, thanks.", language="zh")
    row = row.model_copy(update={"turns": tuple(turn.model_copy(update={"time": "09:00"}) for turn in row.turns)})
    made = through(row, deletion=1.0, punctuation=1.0, split=1.0)
    assert [turn.text for turn in made] == ["[图片]", "？", "Right", "thanks"]
    assert {turn.time for turn in made} == {"09:00"}

"""Reference similarity: what earns, what costs, and labels that are exact."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.evaluation.rows.score import Parts
from stages.evaluation.similarity.reference import CONTENT, FORM, blend, chosen, mean, order, parts
from stages.rows.instruction import Ask

PROSE = Ask(kind="paragraph")
OBJECT = Ask(kind="json", fields=("budget", "area"))
LABEL = Ask(kind="label", labels=("high", "low", "not stated yet"))
TALK = "Customer: We need two bedrooms for 1,450 a month, near the station. Provider: I can offer one in Mill Lane from May."
ENGLISH = "The customer looks for two bedrooms near the station and can pay 1,450 a month, but has not yet seen the flat in Mill Lane."
REWORDED = "Two bedrooms close to the station are wanted, for at most 1,450 a month; the Mill Lane flat has not been seen so far."
CHINESE = "客户想在地铁站附近租两居室，每月最多四千五百元，目前还没有看过人民路那套房子。"
REWORDED_ZH = "客户要租的是两居室，离地铁站近，月租不能超过四千五百元，人民路的那套房子还没有去看。"
UNLIKE = "Rivers carry sand to the sea, where waves bring some of it back to the beach and the wind heaps it up into dunes over the years."


def score(reference: str, answer: str, ask: Ask = PROSE, cosine: float | None = None, prompt: str = "") -> float:
    return blend(parts(reference, answer, ask, cosine, prompt))


def backwards(text: str) -> str:
    return " ".join(reversed(text.split())) if text.isascii() else "".join(reversed(text))


@pytest.mark.parametrize("text", [ENGLISH, CHINESE, "A garden.", "无"])
def test_the_reference_itself_scores_ten(text: str) -> None:
    assert score(text, text, cosine=1.0, prompt=TALK) == pytest.approx(10)


@pytest.mark.parametrize("answer", ["", " \n"])
def test_an_empty_answer_scores_nothing(answer: str) -> None:
    assert score(ENGLISH, answer, cosine=0.4) == 0


def test_of_an_empty_answer_the_facts_are_missing_only_where_the_reference_states_some() -> None:
    """Counted as 0 where there were none to state, they lowered the mean of facts of a model that says nothing."""
    found = [
        parts(text, "", PROSE, None, "") for text in ("Pay 100 on 3 May.", "The garden is lovely.", "花园很漂亮。")
    ]
    assert [each.facts for each in found] == [0.0, None, None]


@pytest.mark.parametrize(
    ("reference", "paraphrase", "wrong"),
    [
        (ENGLISH, REWORDED, ENGLISH.replace("1,450", "1,540")),
        (ENGLISH, REWORDED, ENGLISH.replace("Mill", "Park")),
        (CHINESE, REWORDED_ZH, CHINESE.replace("四千五", "五千四")),
    ],
)
def test_one_wrong_fact_in_the_references_words_is_worth_less_than_other_words(
    reference: str, paraphrase: str, wrong: str
) -> None:
    assert 6 < score(reference, paraphrase) < 10
    assert score(reference, wrong) < 5.5


def test_each_fact_that_stands_against_the_reference_costs_more() -> None:
    found = [parts("Pay 100 on 3 May.", text, PROSE, None, "") for text in ("Pay 200 on 3 May.", "Pay 200 on 4 June.")]
    assert [each.agreement for each in found] == [1 / 2, 1 / 4]  # 200, and then 4 and June as well


@pytest.mark.parametrize("text", [ENGLISH, CHINESE])
def test_words_in_another_order_are_worth_little(text: str) -> None:
    assert parts(text, backwards(text), PROSE, None, "").order == 0
    assert score(text, backwards(text)) < 0.9


@pytest.mark.parametrize(("text", "other"), [(ENGLISH, REWORDED), (CHINESE, REWORDED_ZH)])
def test_runs_of_three_words_in_any_order_are_worth_less_than_a_paraphrase(text: str, other: str) -> None:
    words, size, blank = (text.split(), 3, " ") if text.isascii() else (list(text), 6, "")
    runs = [blank.join(words[start : start + size]) for start in range(0, len(words), size)]
    assert score(text, blank.join(reversed(runs))) < 5
    assert score(text, other) > 6


@pytest.mark.parametrize(("text", "other"), [(ENGLISH, REWORDED), (CHINESE, REWORDED_ZH)])
def test_a_paraphrase_has_an_order(text: str, other: str) -> None:
    assert order(text, other) == 1


TWENTY = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "aa",
    "bb",
    "cc",
    "dd",
    "ee",
    "ff",
    "gg",
    "hh",
    "ii",
    "jj",
]


@pytest.mark.parametrize(
    ("places", "runs", "asked"),
    [
        ([n + k for n in (16, 12, 8, 4, 0) for k in range(4)], 15, 1),  # runs of four of all the words
        (
            [n + k for n in (18, 12, 6, 16, 10, 4, 14, 8, 2, 0) for k in range(2)],
            10,
            1,
        ),  # runs of two
        ([*range(15, 5, -1), 4, 5, 2, 3, 0, 1], 3, 0.8**4),  # of a share of the words its fourth power
        ([*range(9, 1, -1), 0, 1], 1, 0.1),  # and no less than a tenth
    ],
)
def test_the_more_words_are_kept_the_more_have_to_go_on_alike(places: list[int], runs: int, asked: float) -> None:
    answer = [TWENTY[place] for place in places] + [f"new{n}" for n in range(20 - len(places))]
    chance = (len(places) - 1) / 20 / 19  # each of 19 runs of which both words are there: once in 20 places
    share = (runs / 19 - chance) / (len(places) / 20 - chance)
    assert order(" ".join(TWENTY), " ".join(answer)) == pytest.approx((share / asked) ** 2)


def test_chinese_goes_on_alike_in_threes() -> None:
    text = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉"
    pairs = "".join(text[n : n + 2] for n in range(18, -1, -2))
    assert order(text, pairs) == 0
    few = "".join(text[n] for n in (*range(13, 2, -1), 0, 1, 2)) + "天地人风雨雷"
    chance = 2 / 20 / 18  # of the 18 runs two begin with a pair of the answer: the third character once in 20 places
    share = (1 / 18 - chance) / (14 / 20 - chance)
    assert order(text, few) == pytest.approx((share / 0.1) ** 2)
    most = "".join(text[n] for n in (*range(17, 5, -1), 3, 4, 5, 0, 1, 2)) + "天地"
    chance = 4 / 20 / 18
    share = (2 / 18 - chance) / (18 / 20 - chance)
    assert order(text, most) == pytest.approx((share / 0.9**8) ** 2)


def test_short_texts_tell_no_order() -> None:
    assert order(" ".join(TWENTY[:10]), " ".join(TWENTY)) is None
    assert order(" ".join(TWENTY[:11]), " ".join(TWENTY)) == 1


def test_lines_may_change_places() -> None:
    lines = [" ".join(TWENTY[n : n + 5]) for n in (0, 5, 10, 15)]
    assert order("\n".join(lines), "\n".join(reversed(lines))) == 1


@pytest.mark.parametrize(
    ("words", "language"), [(TWENTY, "en"), (list("甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"), "zh")]
)
def test_a_run_counts_as_copied_from_eight_words_or_fourteen_characters_on(words: list[str], language: str) -> None:
    blank, span = (" ", 8) if language == "en" else ("", 14)
    copied, shorter = blank.join(words[:span]), blank.join(words[: span - 1])
    reference, prompt = blank.join(reversed(words)), blank.join(words)
    assert parts(reference, copied, PROSE, None, prompt).own == 0
    assert parts(reference, shorter, PROSE, None, prompt).own == 1


def test_a_reference_that_repeats_itself_may_be_given_back() -> None:
    text = "the flat has two rooms and a small garden, the flat has two rooms and a large garden"
    assert parts(text, text, PROSE, None, "").loop == 1
    assert parts(" ".join(TWENTY), text, PROSE, None, "").loop < 0.8  # type: ignore[operator]


@pytest.mark.parametrize(
    ("asked", "given", "fits"),
    [(100, 150, 1.0), (100, 200, 0.75), (10, 30, 1.0), (10, 60, 0.5), (40, 60, 1.0), (40, 80, 0.75)],
)
def test_half_more_or_twenty_words_more_have_room(asked: int, given: int, fits: float) -> None:
    assert parts("word " * asked, "word " * given, PROSE, None, "").length == fits


@pytest.mark.parametrize(
    ("fault", "left"),
    [("order", 0.8), ("language", 0.5), ("reply", 0.1), ("own", 4), ("length", 4), ("loop", 4), ("agreement", 0)],
)
def test_what_each_fault_leaves_of_ten(fault: str, left: float) -> None:
    sound = Parts(format=1.0, facts=1.0)
    assert blend(sound.model_copy(update={fault: 0.0})) == pytest.approx(left)


def test_what_repeated_words_share_in_any_order_is_no_order() -> None:
    text = "not stated, " * 6
    assert order(text, text) == 1
    assert order(text, "stated " * 6 + "not " * 6) == 0
    assert order("A garden.", "Garden a.") is None  # too short to tell


def test_a_copied_conversation_is_seen_and_the_references_own_quotes_are_not() -> None:
    copied = parts(ENGLISH, TALK, PROSE, None, TALK)
    assert (copied.own, blend(copied) < 4) == (0, True)
    quoting = 'She said: "We need two bedrooms for 1,450 a month, near the station."'
    assert parts(quoting, quoting, PROSE, None, TALK).own == 1
    assert parts(ENGLISH, f"{REWORDED} {TALK}", PROSE, None, TALK).own == pytest.approx(0.5, abs=0.1)


def test_precision_counts_as_recall_does() -> None:
    half, double = ENGLISH[: ENGLISH.index(" and can")], f"{ENGLISH} {UNLIKE}"
    assert score(ENGLISH, half) < 8
    assert score(ENGLISH, double) < 8.5
    assert parts(ENGLISH, double, PROSE, None, "").words == pytest.approx(0.65, abs=0.15)


def test_length_beyond_half_more_and_repetition_cost() -> None:
    three = " ".join([ENGLISH] * 3)
    found = parts(ENGLISH, three, PROSE, None, "")
    assert found.loop == pytest.approx(1 / 3, abs=0.03)
    assert found.length == pytest.approx(44 / 72, abs=0.1)
    assert score(ENGLISH, three) < 6.5
    assert parts(ENGLISH, REWORDED, PROSE, None, "").length == 1


def test_another_language_is_worth_little_though_the_figures_are_right() -> None:
    other = "客户想在车站附近找两间卧室的房子，每月可以付1450，还没有看过Mill Lane那套。"
    assert parts(ENGLISH, other, PROSE, None, "").language == 0
    assert score(ENGLISH, other) < 0.6
    assert score(CHINESE, ENGLISH) < 0.6


@pytest.mark.parametrize(
    ("reference", "excuse"),
    [(ENGLISH, "I'm sorry, but I can't help with that."), (CHINESE, "很抱歉，我无法提供客户信息。")],
)
def test_an_excuse_is_worth_next_to_nothing(reference: str, excuse: str) -> None:
    assert parts(reference, excuse, PROSE, None, "").reply == 0
    assert score(reference, excuse, cosine=0.3) < 0.05


def test_an_object_is_compared_by_its_values() -> None:
    reference = '{"budget": "1,450 a month", "area": "near the station"}'
    assert score(reference, '{"area": "near the station", "budget": "1,450 a month"}', OBJECT) == pytest.approx(10)
    assert score(reference, '{"budget": "", "area": ""}', OBJECT) == 0
    assert score(reference, '{"budget": "area", "area": "budget"}', OBJECT) == 0


FIELDED = [
    (OBJECT, '{"budget": "1,450 a month", "area": "station"}', '{"budget": "station", "area": "1,450 a month"}'),
    (
        Ask(kind="key_values", fields=("budget", "area")),
        "budget: 1,450 a month\narea: station",
        "budget: station\narea: 1,450 a month",
    ),
    (
        Ask(kind="table", fields=("budget", "area")),
        "| budget | area |\n|---|---|\n| 1,450 a month | station |",
        "| budget | area |\n|---|---|\n| station | 1,450 a month |",
    ),
    (
        Ask(kind="multipart", fields=("budget", "area")),
        "## budget\n1,450 a month\n## area\nstation",
        "## budget\nstation\n## area\n1,450 a month",
    ),
]


@pytest.mark.parametrize(("ask", "reference", "rotated"), FIELDED)
def test_a_value_in_another_field_is_worth_nothing(ask: Ask, reference: str, rotated: str) -> None:
    assert score(reference, reference, ask) == pytest.approx(10)
    found = parts(reference, rotated, ask, None, "")
    assert (found.format, found.facts, found.words) == (1, 0, 0)


def test_a_list_is_compared_as_a_whole_even_where_fields_are_asked() -> None:
    ask = Ask(kind="list", fields=("budget", "area"))
    assert score("- 1,450 a month\n- station", "- station", ask) < score(
        "- 1,450 a month\n- station", "- 1,450 a month", ask
    )
    assert parts("- 1,450 a month", "- 900 a month", ask, None, "").facts == 0


def test_two_figures_that_changed_fields_stand_against_the_reference() -> None:
    found = parts('{"budget": "900", "area": "40"}', '{"budget": "40", "area": "900"}', OBJECT, None, "")
    assert (found.facts, found.agreement) == (0, 1 / 3)


def test_people_who_changed_places_stand_against_the_reference() -> None:
    text = "[PERSON_1] wants to rent the flat, and [PERSON_2] calls the agency on Monday."
    found = parts(text, text.replace("_1", "_3").replace("_2", "_1").replace("_3", "_2"), PROSE, None, "")
    assert (found.facts, found.agreement) == (1, 1 / 3)


def test_the_form_counts_where_there_is_content() -> None:
    reference = '{"budget": "1,450 a month", "area": "near the station"}'
    loose = parts(reference, "1,450 a month, near the station", OBJECT, None, "")
    assert loose.format == 0
    assert blend(loose) == pytest.approx(10 * (1 - FORM))


def test_parts_that_say_nothing_leave_their_weight_to_the_others() -> None:
    found = parts("A garden.", "A garden.", PROSE, None, "")
    assert (found.cosine, found.facts, found.order) == (None, None, None)
    assert blend(found) == pytest.approx(10)
    half = Parts(format=1.0, facts=1.0, words=0.0)
    assert blend(half) == pytest.approx(10 * CONTENT["facts"] / (CONTENT["facts"] + CONTENT["words"]))


def test_negative_cosines_count_as_nothing() -> None:
    assert parts("A garden.", "Taxes.", PROSE, -0.2, "").cosine == 0


def test_only_the_worst_fault_costs() -> None:
    one = Parts(format=1.0, facts=1.0, loop=0.5)
    assert blend(one) == blend(one.model_copy(update={"length": 0.8})) < 10
    assert blend(one.model_copy(update={"language": 0.0})) < blend(one)


@pytest.mark.parametrize(
    "answer", ["high", "High", "“High.”", "**high**", "Label: high", "The answer is: high.", "标签：high", "答案是high"]
)
def test_a_label_in_one_of_its_forms_is_right(answer: str) -> None:
    assert parts("high", answer, LABEL, 0.9, "").label == 1
    assert score("high", answer, LABEL) >= 10 * (1 - FORM)


@pytest.mark.parametrize(
    "answer",
    [
        "not high",
        "highly unlikely",
        "It is high.",
        "high or low",
        "Label: not high",
        "nothing high",
        "h i g h",
        "不是high",
        "",
    ],
)
def test_a_label_inside_other_words_is_none(answer: str) -> None:
    assert parts("high", answer, LABEL, 0.9, "").label == 0
    assert score("high", answer, LABEL) == 0


def test_another_label_has_only_its_form() -> None:
    assert score("high", "low", LABEL) == pytest.approx(10 * FORM)
    assert score("high", "not stated", LABEL) == pytest.approx(10 * FORM)
    assert chosen("Not stated yet.", LABEL.labels) == "not stated yet"


def test_the_mean_of_nothing_is_none() -> None:
    assert mean([None, None]) is None
    assert mean([1.0, None, 0.0]) == 0.5


@given(st.builds(Parts, **{name: st.none() | st.floats(0, 1) for name in Parts.model_fields}))
def test_the_blend_stays_between_nothing_and_ten(found: Parts) -> None:
    assert -1e-9 <= blend(found) <= 10 + 1e-9


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_any_two_texts_have_parts_from_nothing_to_one(reference: str, answer: str, prompt: str) -> None:
    found = parts(reference, answer, PROSE, None, prompt)
    assert all(share is None or 0 <= share <= 1 for share in found.model_dump().values())

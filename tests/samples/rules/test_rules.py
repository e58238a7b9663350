"""Each rule finds its fault and leaves a good answer alone."""

from collections.abc import Callable
from time import process_time

import pytest

from stages.rows.label_quality import Flag
from stages.rows.missed import Digest
from stages.rows.sample import LabeledSample
from stages.samples.rules.rules import Limits, flags, looped, quality_of

LIMITS = Limits(grounding=0.8, coverage=0.5)
Make = Callable[..., LabeledSample]
GOOD = "Rosa would pay up to £450,000, the owner asks 465,000, and her sister Ines must agree before 14 March."


def test_a_good_answer_has_no_flag(labelled: Make) -> None:
    assert flags(labelled(GOOD), LIMITS) == ()


@pytest.mark.parametrize(
    ("flag", "answer"),
    [
        (Flag.EMPTY, " … "),
        (Flag.FORMAT, GOOD + "\n- and more"),
        (Flag.LANGUAGE, "客户最多付四十五万，业主要价更高。"),
        (Flag.REFUSAL, "I'm sorry, but I can't help with that."),
        (Flag.REFUSAL, "As an AI language model I have no opinion on the owner."),
        (Flag.CUT_OFF, "Rosa would pay up to £450,000, and the"),
        (Flag.CUT_OFF, "Rosa would pay up to £450,000 (her sister Ines has to agree,"),
        (Flag.ECHO, "Summarize what the customer wants and how the talk went on, in one paragraph of plain prose."),
        (Flag.LOOPS, "the customer wants the flat and " * 12),
        (Flag.LOOPS, "so " + "ha" * 40),
        (Flag.UNGROUNDED, "Rosa would pay 480,000 to Daniel by 19 June."),
        (Flag.TEMPLATE, GOOD + "<|im_end|>"),
        (Flag.TEMPLATE, GOOD + "</s>"),
        (Flag.TEMPLATE, "[/INST] " + GOOD),
        (Flag.TEMPLATE, GOOD + "<|eot_id|><|start_header_id|>user<|end_header_id|>"),
        (Flag.TEMPLATE, "Well. <think>She wants a lift.</think> " + GOOD),
        (Flag.LEAK, GOOD + " Her number is 07700 900123."),
        (Flag.LEAK, GOOD + " Call her at oh seven seven double zero nine hundred one two three."),
    ],
)
def test_each_fault_has_its_flag(labelled: Make, flag: Flag, answer: str) -> None:
    assert flag in flags(labelled(answer), LIMITS)


def test_chinese_cut_off(labelled: Make) -> None:
    said = "客户 王女士：最多三百二十万。"
    assert flags(labelled("王女士预算320万，", said, language="zh"), LIMITS) == (Flag.CUT_OFF,)
    assert flags(labelled("王女士预算320万以及", said, language="zh"), LIMITS) == (Flag.CUT_OFF,)


def test_a_list_that_ends_with_not_stated_as_the_prompt_asks_is_whole(labelled: Make) -> None:
    assert flags(labelled("1. 未提及", "客户 王女士：最多三百二十万。", kind="list", language="zh"), LIMITS) == ()


def test_uncovered_sub_items(labelled: Make) -> None:
    row = labelled("price: £450,000\narea: -\ndate: ", kind="key_values", fields=("price", "area", "date"))
    assert flags(row, LIMITS) == (Flag.UNCOVERED,)
    assert flags(row, Limits(grounding=0.8, coverage=0.3)) == ()


@pytest.mark.parametrize("nothing", ["not stated", "Not stated"])
def test_a_table_of_not_stated_is_no_loop(labelled: Make, nothing: str) -> None:
    rows = "\n".join(f"| item {letter} | {nothing} | {nothing} | {nothing} |" for letter in "abcdefgh")
    row = labelled(f"| a | b | c | d |\n|---|---|---|---|\n{rows}", kind="table", fields=("a", "b", "c", "d"))
    assert flags(row, LIMITS) == ()
    parts = ("price", "area", "lift", "date")
    sections = "\n".join(f"## {part}\n{nothing}" for part in parts)
    assert flags(labelled(sections, kind="multipart", fields=parts), LIMITS) == ()


def test_a_provider_may_say_that_something_cannot_be_provided(labelled: Make) -> None:
    text = "I'm sorry, I can't provide a firm date yet, but will ask the owner today."
    assert Flag.REFUSAL not in flags(labelled(text, kind="message"), LIMITS)
    assert Flag.REFUSAL in flags(labelled(text), LIMITS)


def test_chinese_answers(labelled: Make) -> None:
    said = "客户 王女士：最多三百二十万。"
    assert flags(labelled("王女士预算320万。", said, language="zh"), LIMITS) == ()
    assert flags(labelled("The budget is 3.2 million yuan.", said, language="zh"), LIMITS) == (Flag.LANGUAGE,)
    assert Flag.REFUSAL in flags(labelled("抱歉，我无法完成该请求。", said, language="zh"), LIMITS)


TALK_ZH = "\n".join(
    [
        "客户 王女士：我妈腿脚不好，六楼没有电梯真的不行。",
        "服务者 [PERSON_1]：河畔家园二楼有一套，七十五平，挂三百三十万。",
        "客户 王女士：最多三百二十万，周四下午我带她来看。",
    ]
)
GOOD_ZH = "王女士因母亲腿脚不便不考虑无电梯的六楼，预算320万，周四下午带母亲看河畔家园二楼。"


def test_the_good_answers_of_both_languages_have_no_flag(labelled: Make) -> None:
    assert flags(labelled(GOOD_ZH, TALK_ZH, language="zh"), LIMITS) == ()
    plain = "Rosa's top is four fifty; the owner of the flat in Harbour Lane wants £465,000. Note that Ines has to agree first."
    assert flags(labelled(plain), LIMITS) == ()


@pytest.mark.parametrize(
    "answer",
    [
        "Sure! " + GOOD,
        "Here is the summary of the conversation: " + GOOD,
        "Certainly, here's a paragraph about the customer: " + GOOD,
        "Based on the dialogue above, here is what I found: " + GOOD,
        "**Summary:** " + GOOD,
        "Sure! Here is a summary of the conversation.\n\n" + GOOD,
        "Sure thing: " + GOOD,
        "Here is a short summary of what was said.\n" + GOOD,
        "As requested: " + GOOD,
        "Note: names were left out.\n\n" + GOOD,
        GOOD + "\n\nNote: The conversation does not say when the flat is free.",
        GOOD + "\n**Note:** some details were left out.",
        GOOD + " (Note: the owner's name was not given.)",
        GOOD + " I hope this summary is helpful!",
        GOOD + " Let me know if you need any further details.",
        GOOD + " Please note that this summary leaves out small talk.",
    ],
)
def test_talk_around_the_answer(labelled: Make, answer: str) -> None:
    assert set(flags(labelled(answer), LIMITS)) - {Flag.FORMAT} == {Flag.TALK}  # a paragraph is one line


@pytest.mark.parametrize(
    "answer",
    [
        "好的，" + GOOD_ZH,
        GOOD_ZH + "\n\n注：对话中未提及贷款。",
        GOOD_ZH + "（注：客户姓名已隐去）",
        "以下是对本次沟通的总结：" + GOOD_ZH,
        "根据上述对话，以下为分析结果：" + GOOD_ZH,
        "总结：" + GOOD_ZH,
        GOOD_ZH + "以上是对本次对话的分析。",
        GOOD_ZH + "希望这份总结对您有所帮助！",
        GOOD_ZH + "如有其他问题，请随时告诉我。",
    ],
)
def test_chinese_talk_around_the_answer(labelled: Make, answer: str) -> None:
    assert set(flags(labelled(answer, TALK_ZH, language="zh"), LIMITS)) - {Flag.FORMAT} == {Flag.TALK}


def test_talk_in_lists_and_sections_and_a_provider_who_says_sure(labelled: Make) -> None:
    ending = "## price\nRosa's top is £450,000.\n## next\nShe asks her sister Ines. I hope this helps!"
    assert flags(labelled(ending, kind="multipart", fields=("price", "next")), LIMITS) == (Flag.TALK,)
    items = "- Result: Rosa's top is £450,000.\n- Next: she asks her sister Ines before 14 March."
    assert flags(labelled(items, kind="list"), LIMITS) == ()
    for head in ("- **Result:**", "-Result:", "•Result:"):
        assert Flag.TALK not in flags(labelled(items.replace("- Result:", head), kind="list"), LIMITS)
    assert flags(labelled(items.removeprefix("- "), kind="list"), LIMITS) == (Flag.FORMAT, Flag.TALK)
    sent = "Sure, I will call you at half past two about Harbour Lane. Let me know if Ines has any questions!"
    assert flags(labelled(sent, kind="message"), LIMITS) == ()
    drafted = "Sure! Here is a message you can send to the customer: " + sent
    assert flags(labelled(drafted, kind="message"), LIMITS) == (Flag.TALK,)


@pytest.mark.parametrize(
    "answer",
    [
        "Rosa would see the flat on Saturday. " * 3,
        "She wants the flat, the price is high, she wants the flat, the price is high, she wants the flat, the price is high.",
        "Rosa counts 1, 2, 3, 4, 5, 6, 7, 8, 9 and so on.",
        "Step 1 Step 2 Step 3 Step 4 Step 5 Step 6 Step 7",
    ],
)
def test_short_loops_and_empty_counting(labelled: Make, answer: str) -> None:
    assert Flag.LOOPS in flags(labelled(answer), LIMITS)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("1. 1. 她怕楼层高。", "list"),
        ("1、1、她怕楼层高。", "paragraph"),
        ("王女士想看房，王女士想看房，王女士想看房，王女士想看房。", "paragraph"),
        ("要点1，要点2，要点3，要点4，要点5，要点6。", "paragraph"),
    ],
)
def test_chinese_loops_and_doubled_numbers(labelled: Make, answer: str, kind: str) -> None:
    assert Flag.LOOPS in flags(labelled(answer, TALK_ZH, language="zh", kind=kind), LIMITS)


def test_a_plan_of_payments_counts_without_going_round(labelled: Make) -> None:
    rows = "\n".join(f"| {n} | March instalment, as Rosa said | {400 + 10 * n} |" for n in range(1, 9))
    row = labelled(f"| no | what | sum |\n|---|---|---|\n{rows}", kind="table", fields=("no", "what", "sum"))
    assert Flag.LOOPS not in flags(row, LIMITS)


@pytest.mark.parametrize(
    "answer",
    [
        "The agent showed excellent communication skills and remained polite and professional throughout.",
        "Listen actively, offer tailored suggestions and follow up promptly to raise satisfaction and build lasting trust.",
        "Overall the interaction was positive and productive, and both parties reached mutual understanding.",
    ],
)
def test_praise_and_advice_that_fit_any_conversation(labelled: Make, answer: str) -> None:
    assert flags(labelled(answer), LIMITS) == (Flag.GENERIC,)
    said = (
        answer.removesuffix(".")
        + ", when Rosa of Harbour Lane asked for half past two and her sister Ines came up, with 14 March."
    )
    assert flags(labelled(said), LIMITS) == ()


@pytest.mark.parametrize(
    "answer",
    [
        "服务者态度热情，回应及时，展现了较高的专业素养。",
        "建议加强沟通技巧，主动跟进，提供个性化方案，提升满意度。",
        "整体氛围良好，双方达成初步共识，为后续合作打下基础。",
    ],
)
def test_chinese_praise_and_advice_that_fit_any_conversation(labelled: Make, answer: str) -> None:
    assert flags(labelled(answer, TALK_ZH, language="zh"), LIMITS) == (Flag.GENERIC,)


def test_what_was_really_said_next_is_held_to_half_as_many_words(labelled: Make) -> None:
    said = "Ines comes along then, whatever she thinks about parking, lifts, schools."
    row = labelled(said, kind="message")
    assert flags(row, LIMITS) == (Flag.GENERIC,)
    assert flags(row.model_copy(update={"cut": 3}), LIMITS) == ()
    praise = labelled("Certainly, somebody will gladly look after everything quickly, always friendly.", kind="message")
    assert flags(praise.model_copy(update={"cut": 3}), LIMITS) == (Flag.GENERIC,)


def test_json_that_fits_any_call(labelled: Make) -> None:
    fields = ("strengths", "weaknesses")
    empty_words = (
        '{"strengths": "Excellent communication skills", "weaknesses": "Could be more proactive and attentive"}'
    )
    assert flags(labelled(empty_words, kind="json", fields=fields), LIMITS) == (Flag.GENERIC,)
    silent = '{"strengths": "not stated", "weaknesses": "not stated"}'
    assert flags(labelled(silent, kind="json", fields=fields), LIMITS) == ()


@pytest.mark.parametrize("blank", ["string", "<price>", "{price}", "XXX", "TBD", "[Agent Name]", "字符串", "待填写"])
def test_blanks_of_a_form_left_standing(labelled: Make, blank: str) -> None:
    values = f'{{"price": "£450,000, says Rosa", "by": "{blank}"}}'
    assert Flag.UNFILLED in flags(labelled(values, kind="json", fields=("price", "by")), LIMITS)


def test_a_letter_with_blanks_is_not_ready_to_send(labelled: Make) -> None:
    letter = "Dear Rosa, I will call at half past two about Harbour Lane. Regards, "
    assert Flag.UNFILLED in flags(labelled(letter + "[Your Name]", kind="message"), LIMITS)
    assert flags(labelled(letter + "[PERSON_1]", kind="message"), LIMITS) == ()


@pytest.mark.parametrize("speaker", ["Provider: ", "Provider [PERSON_1]: "])
def test_a_turn_of_a_script_is_no_message(labelled: Make, speaker: str) -> None:
    sent = "I will call you at half past two about Harbour Lane, once Ines has agreed."
    assert flags(labelled(speaker + sent, kind="message"), LIMITS) == (Flag.FORMAT,)
    assert flags(labelled(sent, kind="message"), LIMITS) == ()


@pytest.mark.parametrize("nothing", ["N/A", "none", "unknown", "无", "未知", ""])
def test_nothing_in_other_words_than_asked_is_uncovered(labelled: Make, nothing: str) -> None:
    values = f'{{"price": "£450,000", "area": "{nothing}", "date": "{nothing}"}}'
    assert Flag.UNCOVERED in flags(labelled(values, kind="json", fields=("price", "area", "date")), LIMITS)


def test_a_sentence_in_another_language(labelled: Make) -> None:
    mixed = GOOD_ZH + "The owner wants a higher price than that."
    assert flags(labelled(mixed, TALK_ZH, language="zh"), LIMITS) == (Flag.LANGUAGE,)
    assert flags(labelled(GOOD + " 客户希望尽快与妹妹商量。"), LIMITS) == (Flag.LANGUAGE,)
    brand = GOOD_ZH + "她提到 VR 和 iPhone 15 Pro。"
    assert Flag.LANGUAGE not in flags(labelled(brand, TALK_ZH, language="zh"), LIMITS)
    model = "Visa Signature Platinum Card"
    named = labelled(f"| 卡 | 备注 |\n|---|---|\n| {model} | {GOOD_ZH} |", TALK_ZH, language="zh", kind="table")
    assert Flag.LANGUAGE in flags(named, LIMITS)
    said = named.model_copy(update={"conversation": f"{TALK_ZH}\n客户：{model}。"})
    assert Flag.LANGUAGE not in flags(said, LIMITS)


def test_an_answer_made_of_its_instruction(labelled: Make) -> None:
    short = "Summarize what the customer wants and how the talk went on."  # too short for one long run
    assert Flag.ECHO in flags(labelled(short), LIMITS)


def test_quality_follows_from_flags() -> None:
    assert quality_of([]) == "no_fault"
    assert quality_of([Flag.UNGROUNDED, Flag.UNCOVERED]) == "doubtful"
    for flag in set(Flag) - {Flag.UNGROUNDED, Flag.UNCOVERED}:
        assert quality_of([flag, Flag.UNGROUNDED]) == "faulty"


@pytest.mark.parametrize(
    ("answer", "kind", "flag"),
    [
        ("1. 1. 你怕摔。", "list", Flag.LOOPS),
        ("1. 1. 你怕摔。", "paragraph", Flag.LOOPS),
        ("1. 1. 你怕摔。", "message", Flag.LOOPS),
        ("服务者全程耐心细致，专业能力突出，给客户留下了良好印象。", "paragraph", Flag.GENERIC),
        ("- 沟通顺畅，态度友好\n- 专业可靠，值得信赖\n- 服务周到，体验良好", "list", Flag.GENERIC),
    ],
)
def test_what_a_real_model_wrote_and_rules_once_praised_is_faulty(
    labelled: Make, answer: str, kind: str, flag: Flag
) -> None:
    raised = flags(labelled(answer, TALK_ZH, language="zh", kind=kind), LIMITS)
    assert flag in raised
    assert quality_of(raised) == "faulty"


def test_what_is_known_beside_the_conversation_counts_as_known(labelled: Make) -> None:
    """Its figures are grounded, its words are neither an echo of the prompt nor words that would fit any conversation."""
    listing = "Listing L-204: 2 bedrooms, 78 m², sixth of eleven floors with a lift, built in 2009, asking price 465,000, free in 60 days."
    answer = f"The flat that Rosa asks about is {listing[15:-1]}, and her sister Ines must agree."
    row = labelled(answer)
    without = row.model_copy(update={"before": f"{row.before}{listing}\n"})
    assert {Flag.UNGROUNDED, Flag.ECHO} <= set(flags(without, LIMITS))
    assert flags(without.model_copy(update={"known": listing}), LIMITS) == ()


def test_what_a_person_marked_must_not_be_repeated_even_where_the_conversation_holds_it(labelled: Make) -> None:
    row = labelled(GOOD)
    assert "Ines" in row.conversation and Flag.LEAK not in flags(row, LIMITS)
    told = row.model_copy(update={"missed": (Digest.of("Ines"),)})
    assert Flag.LEAK in flags(told, LIMITS)
    assert Flag.LEAK not in flags(told.model_copy(update={"answer": GOOD.replace("Ines", "")}), LIMITS)


def test_a_template_token_makes_a_label_faulty_and_no_other_bracket_does(labelled: Make) -> None:
    assert quality_of(flags(labelled(GOOD + "</s>"), LIMITS)) == "faulty"
    assert flags(labelled(GOOD + " <b>Lift</b>"), LIMITS) == ()


def test_a_list_numbers_its_own_items(labelled: Make) -> None:
    items = ("Price", "Area", "Lift", "School", "Owner", "Parking")
    assert Flag.LOOPS not in flags(labelled("\n".join(f"{n}. {item}" for n, item in enumerate(items, 1))), LIMITS)
    rows = "\n".join(f"| {n} | {item} |" for n, item in enumerate(items, 1))
    assert Flag.LOOPS not in flags(labelled(f"| no | item |\n|---|---|\n{rows}", kind="table"), LIMITS)
    assert Flag.LOOPS in flags(labelled("\n".join(f"| {n} | – |" for n in range(1, 9)), kind="table"), LIMITS)
    assert Flag.LOOPS in flags(labelled("\n".join(f"{n}." for n in range(1, 9))), LIMITS)
    assert Flag.LOOPS in flags(labelled(" ".join(f"Point {n}." for n in range(1, 13))), LIMITS)


def test_blank_lines_between_two_words_are_read_in_no_time() -> None:
    begun = process_time()
    assert not looped("a" + "\n" * 2000 + "b")
    assert process_time() - begun < 1, "each was looked at from every two before it"


@pytest.mark.parametrize(
    ("end", "cut"),
    [
        ("可以跟区经理再谈的", False),
        ("可以跟区经理再谈，因为", True),
        ("预算和", True),
        ("水平和", True),
        ("区经理与", True),
        ("配有地暖和", True),
        ("记录体温和", True),
        ("记录当地气温和", True),
        ("谈得温和", False),
        ("语气温和", False),
        ("语气平和", False),
        ("区经理也可以参与", False),
    ],
)
def test_a_chinese_sentence_may_end_in_an_auxiliary(labelled: Make, end: str, cut: bool) -> None:
    found = flags(labelled(f"王女士{end}", "客户 王女士：可以跟区经理再谈的。", language="zh"), LIMITS)
    assert (Flag.CUT_OFF in found) is cut


@pytest.mark.parametrize(("end", "cut"), [("she likes unit A", False), ("she likes a", True), ("Rosa and A", False)])
def test_a_letter_that_names_something_is_no_article(labelled: Make, end: str, cut: bool) -> None:
    assert (Flag.CUT_OFF in flags(labelled(f"- {end}", kind="list"), LIMITS)) is cut

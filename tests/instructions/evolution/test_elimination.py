"""Each reason, in both languages; the texts are invented."""

import json
from pathlib import Path

import pytest

from stages.chat.messages import Finish, Reply
from stages.core.dropped import Reason
from stages.instructions.evolution.elimination import Bounds, Child, fault
from stages.instructions.evolution.operators import read_operators
from stages.instructions.evolution.written import Written, read
from stages.rows.instruction import Instruction
from tests.support.scripted import instruction

OPERATORS = {each.id: each for each in read_operators(Path(__file__).parents[3] / "prompts/evolve")}
BOUNDS = Bounds(budget=80, min_similarity=0.12, max_similarity=0.9)
EN = instruction(
    "List the promises that the provider made in the conversation, with the deadline of each and the customer's reaction to it.",
    fields=("promise", "deadline", "reaction"),
    formats=("table", "list"),
)
ZH = instruction(
    "请列出服务者在对话中作出的承诺，写明每项承诺的完成时间和客户的反应。",
    language="zh",
    fields=("承诺", "完成时间", "客户反应"),
    formats=("table", "list"),
)
GOOD_EN = f"{EN.text} Where a promise was taken back later, say who took it back and quote the line; leave out offers that were declined."
GOOD_ZH = f"{ZH.text}后来收回的承诺，写明是谁收回的并摘录原话；被客户谢绝的提议不列入。"
SHOWN = {
    "en": "Provider [PERSON_1]: The survey at Millbrook came to 14,800 in all.",
    "zh": "服务者 [PERSON_1]: 验房一共花了14800。",
}


def child(parent: Instruction, text: str, operator: str = "constraint", **changes: object) -> Child:
    reply = json.dumps({"instruction": text, "fields": parent.fields, "labels": []}, ensure_ascii=False)
    values: dict[str, object] = {
        "parent": parent,
        "operator": OPERATORS[operator],
        "excerpt": SHOWN[parent.language],
        "reply": Reply(row="r", text=reply, finish="stop"),
    }
    return Child.model_validate(values | changes)


def replied(parent: Instruction, text: str, finish: Finish = "stop") -> Child:
    return child(parent, "", reply=Reply(row="r", text=text, finish=finish))


def test_names_that_are_null_are_none_as_in_a_seed() -> None:
    reply = json.dumps({"instruction": GOOD_EN, "fields": EN.fields, "labels": None})
    assert fault(replied(EN, reply), BOUNDS) is None


@pytest.mark.parametrize(
    "text", [EN.text + ' Where none was given write "not stated"', ZH.text + "没有说明的写“未提及”"]
)
def test_a_phrase_in_quotation_marks_at_the_end_stays_whole(text: str) -> None:
    for told in (text, f"“{text}”", f"Instruction: {text}"):
        reply = json.dumps({"instruction": told, "fields": [], "labels": []}, ensure_ascii=False)
        found = read(Reply(row="r", text=reply, finish="stop"))
        assert isinstance(found, Written) and found.instruction == text


def test_a_number_is_a_name_as_in_a_seed() -> None:
    reply = json.dumps({"instruction": GOOD_EN, "fields": EN.fields, "labels": [1, 2, 3.5]})
    found = read(Reply(row="r", text=reply, finish="stop"))
    assert isinstance(found, Written) and (found.fields, found.labels) == (EN.fields, ("1", "2", "3.5"))
    strange = json.dumps({"instruction": GOOD_EN, "fields": EN.fields, "labels": [["a"]]})
    assert read(Reply(row="r", text=strange, finish="stop")) is Reason.UNPARSABLE


@pytest.mark.parametrize(("parent", "text"), [(EN, GOOD_EN), (ZH, GOOD_ZH)], ids=["en", "zh"])
def test_a_child_that_asks_for_more_lives(parent: Instruction, text: str) -> None:
    assert fault(child(parent, text), BOUNDS) is None
    talked_around = f"Sure:\n```json\n{json.dumps({'instruction': text}, ensure_ascii=False)}\n```"
    assert fault(replied(parent, talked_around), BOUNDS) is None


@pytest.mark.parametrize(
    ("parent", "text"),
    [
        (EN, EN.text),
        (EN, f"“{EN.text}”"),
        (EN, f"Rewritten instruction: {EN.text}"),
        (EN, f"{EN.text}\nFields: owner, follow-up, channel, next call, mood"),
        (EN, f"{EN.text} Fields: owner, follow-up, channel"),
        (EN, EN.text.replace("made", "gave")),
        (ZH, ZH.text),
        (ZH, f"改写后的指令：{ZH.text}"),
        (ZH, f"{ZH.text}字段：负责人、跟进方式、沟通渠道、下次联系时间"),
        (ZH, f"{ZH.text}\n字段：负责人、跟进方式"),
        (ZH, ZH.text.replace("写明", "注明")),
    ],
)
@pytest.mark.parametrize("operator", ["constraint", "register", "simplify"])
def test_a_copy_is_unchanged(parent: Instruction, text: str, operator: str) -> None:
    assert fault(child(parent, text, operator), BOUNDS) is Reason.UNCHANGED


@pytest.mark.parametrize(
    ("parent", "text"),
    [
        (
            EN,
            EN.text.replace("List", "Carefully and in full detail list").replace(
                "the deadline", "clearly the respective deadline"
            )
            + " Each promise, with its deadline and the reaction of the customer to it, is to be listed in full.",
        ),
        (
            ZH,
            ZH.text.replace("请列出", "请认真、细致、全面地列出")
            + "每项承诺的完成时间要写明，客户的反应也要写明，每项承诺都要完整地列出来。",
        ),
    ],
    ids=["en", "zh"],
)
def test_more_words_that_ask_for_no_more_are_stagnant(parent: Instruction, text: str) -> None:
    assert fault(child(parent, text, "deepen"), BOUNDS) is Reason.STAGNANT


@pytest.mark.parametrize(
    ("parent", "text", "reason"),
    [
        (EN, "I'm sorry, but I cannot help with rewriting this.", Reason.REFUSED),
        (ZH, "抱歉，我无法改写这条内容。", Reason.REFUSED),
        (EN, ZH.text, Reason.WRONG_LANGUAGE),
        (ZH, EN.text, Reason.WRONG_LANGUAGE),
        (EN, "List the 承诺 of the provider 和每项承诺的完成时间 with the customer's 反应。", Reason.WRONG_LANGUAGE),
        (ZH, "请 list 服务者的 promises，写明 deadline and reaction，并 quote the line。", Reason.WRONG_LANGUAGE),
        (EN, f"Rewrite the instruction so that it asks for more. {EN.text}", Reason.PROMPT_ECHO),
        (ZH, f"保留原有主题，改写下面这条指令，要求更深入。{ZH.text}", Reason.PROMPT_ECHO),
        (EN, EN.text + " and the reason of the reaction to the reason" * 9, Reason.LOOPS),
        (ZH, ZH.text + "以及原因的原因和反应的反应" * 9, Reason.LOOPS),
        (EN, "Dear Sir, thank you for your call. The deposit will be paid back within two weeks.", Reason.ANSWERED),
        (ZH, "您好，感谢您的来电。押金会在两周内退还，您放心。", Reason.ANSWERED),
        (EN, GOOD_EN + " Say what it costs, what it saves, who pays and who gains, who knew of it, who was told, when and by whom, in which words, with which proof, on which day, at which place, and what each of them thought, wanted, feared, hoped for, left unsaid.", Reason.TOO_LONG),
        (ZH, GOOD_ZH + "再写明花费、节省、谁付钱、谁得利、谁知情、谁被告知、何时告知、由谁告知、原话怎么说、有何凭证、在哪一天、在什么地方，以及各人的想法、愿望、担心、期待和没有说出口的话，最后就每一个人分别写出他在沟通前、沟通中和沟通后的态度，并逐一说明态度为何变化。", Reason.TOO_LONG),
        (EN, EN.text + " Add what [PERSON_1] still owes.", Reason.PERSONAL_DATA),
        (ZH, ZH.text + "另外写明[PERSON_1]还欠什么。", Reason.PERSONAL_DATA),
        (EN, EN.text + " Add what Mrs. Harlow was told and when.", Reason.PERSONAL_DATA),
        (ZH, ZH.text + "另外写明王女士得到了什么答复。", Reason.PERSONAL_DATA),
        (EN, EN.text + " State who is to pay the 14,800 for the survey.", Reason.PERSONAL_DATA),
        (ZH, ZH.text + "说明那笔14800由谁承担。", Reason.PERSONAL_DATA),
        (EN, EN.text + " Call back on 07700 900142 where unclear.", Reason.PERSONAL_DATA),
        (ZH, ZH.text + "不清楚的拨打13900139000核对。", Reason.PERSONAL_DATA),
        (EN, "Write a cheerful song about a lighthouse and three seagulls that sail round the world.", Reason.LOST_TASK),
        (ZH, "请写一首关于灯塔和三只海鸥环游世界的欢快歌谣。", Reason.LOST_TASK),
    ],
)  # fmt: skip
def test_what_is_no_instruction_or_cannot_be_asked(parent: Instruction, text: str, reason: Reason) -> None:
    without_names = {"fields": [], "labels": [], "instruction": text}
    assert fault(replied(parent, json.dumps(without_names, ensure_ascii=False)), BOUNDS) is reason


@pytest.mark.parametrize(
    ("parent", "text", "name"),
    [(EN, GOOD_EN, "paid_for_Millbrook"), (EN, GOOD_EN, "[PERSON_1]"), (ZH, GOOD_ZH, "王女士的答复"), (ZH, GOOD_ZH, "14800的去向")],
)  # fmt: skip
def test_a_name_of_one_conversation_is_none_for_a_field(parent: Instruction, text: str, name: str) -> None:
    def named(*names: str) -> Child:
        return replied(
            parent, json.dumps({"instruction": text, "fields": [*parent.fields, *names]}, ensure_ascii=False)
        )

    assert fault(named(name), BOUNDS) is Reason.PERSONAL_DATA
    assert fault(named("owner", "1000-2000"), BOUNDS) is None


@pytest.mark.parametrize("mark", ["'", "’"])
def test_a_name_with_an_s_behind_it_is_that_name(mark: str) -> None:
    text = json.dumps({"instruction": GOOD_EN + " Add what was said of Hazeldene.", "fields": [*EN.fields]})
    born = replied(EN, text).model_copy(update={"excerpt": f"Customer: We liked Hazeldene{mark}s garden."})
    assert fault(born, BOUNDS) is Reason.PERSONAL_DATA


def test_a_parent_s_own_field_is_none_of_the_conversation() -> None:
    parent = EN.model_copy(update={"fields": ("Paid_For",)})
    text = json.dumps({"instruction": GOOD_EN, "fields": ["Paid_For", "owner"]})
    born = replied(parent, text).model_copy(update={"excerpt": "Customer: I paid at Paid For Homes."})
    assert fault(born, BOUNDS) is not Reason.PERSONAL_DATA


@pytest.mark.parametrize(
    ("short", "text"),
    [
        (
            EN.model_copy(update={"text": "Handover: customer, status, open."}),
            "Write a handover. First state who the customer is. Then give the status. If a point is open, say who has to act on it and by when;"
            " where nothing is open, say so. Leave out what was only said in passing.",
        ),
        (
            ZH.model_copy(update={"text": "交接：客户、进度、未决。"}),
            "写一份交接。先写明客户是谁，再写进度；有未决事项的，写明由谁在何时之前处理，没有的也要说明。随口说的不写，最多五条。",
        ),
    ],
    ids=["en", "zh"],
)
def test_one_that_demands_twice_as_much_is_not_stagnant_for_its_plain_words(short: Instruction, text: str) -> None:
    assert fault(child(short, text, "reasoning"), BOUNDS) is not Reason.STAGNANT


@pytest.mark.parametrize(
    ("parent", "asked"),
    [
        (EN, "Compare each promise with the average price of such homes in the city."),
        (EN, "Search the internet for reviews of the provider and add them."),
        (EN, "Run a survey among tenants on whether such promises are kept."),
        (EN, "Check each promise against the attached contract."),
        (EN, "Take the earlier conversations with this customer into account."),
        (EN, "Visit the property and say which promises can be kept."),
        (EN, "Say whether the customer eventually signed."),
        (ZH, "并与该片区近三年的成交均价对比。"),
        (ZH, "再上网查一下服务者的口碑并附上。"),
        (ZH, "并对租客做一次问卷，统计承诺兑现情况。"),
        (ZH, "并对照附件中的合同逐项核对。"),
        (ZH, "并结合历次通话记录加以判断。"),
        (ZH, "并实地查看房屋，说明哪些能兑现。"),
        (ZH, "并写明签约后客户是否满意，最终是否入住。"),
    ],
)
def test_what_no_conversation_holds_is_unanswerable(parent: Instruction, asked: str) -> None:
    assert fault(child(parent, f"{parent.text} {asked}"), BOUNDS) is Reason.UNANSWERABLE


@pytest.mark.parametrize(
    ("parent", "asked"),
    [
        (EN, "Do not use market data, and leave out what was said about online reviews."),
        (EN, "Quote what the customer said about the average price and how the provider answered."),
        (ZH, "不得上网查证，也不得引用市场行情数据，只写双方说过的。"),
        (ZH, "客户提到网上评价的，摘录原话并写明服务者如何回应。"),
        (ZH, "服务者更正过的房源信息，以更正后的说法为准；本小结给没有参加此前沟通的同事看。"),
    ],
)
def test_what_is_forbidden_or_was_said_can_be_asked(parent: Instruction, asked: str) -> None:
    assert fault(child(parent, f"{parent.text} {asked}"), BOUNDS) is None


@pytest.mark.parametrize(
    ("parent", "asked"),
    [
        (EN, "Check each amount against the price table and say which ones differ."),
        (ZH, "并把每笔金额与价目表核对，写明哪些不一致、差多少。"),
    ],
    ids=["en", "zh"],
)
def test_what_stands_beside_the_conversation_can_be_asked(parent: Instruction, asked: str) -> None:
    text = f"{parent.text} {asked}"
    knowing = parent.model_copy(update={"knowledge": ("price_table",)})
    assert fault(child(parent, text), BOUNDS) is Reason.UNANSWERABLE
    assert fault(child(knowing, text), BOUNDS) is None


def test_the_words_of_the_question_and_of_the_talk_are_an_echo() -> None:
    order = OPERATORS["deepen"].order["en"]
    text = f"{EN.text} {order}"
    assert fault(child(EN, text, "deepen"), BOUNDS) is not Reason.PROMPT_ECHO
    assert fault(child(EN, text, "deepen", asked=order), BOUNDS) is Reason.PROMPT_ECHO
    talk = "Customer: I will not sign anything before my brother has looked at the roof himself."
    copied = f"{EN.text} I will not sign anything before my brother has looked at the roof."
    assert fault(child(EN, copied, excerpt=talk), BOUNDS) is Reason.PROMPT_ECHO


@pytest.mark.parametrize(("parent", "blank"), [(EN, "the text"), (ZH, "问题正文")], ids=["en", "zh"])
def test_a_blank_of_the_asked_form_is_an_echo(parent: Instruction, blank: str) -> None:
    form = f'{{"instruction": "{blank}", "fields": []}}'
    assert fault(child(parent, blank, "simplify", asked=form), BOUNDS) is Reason.PROMPT_ECHO
    assert fault(child(parent, blank, "simplify"), BOUNDS) is not Reason.PROMPT_ECHO


@pytest.mark.parametrize(
    ("text", "finish", "reason"),
    [
        ('{"instruction": "List the', "length", Reason.TRUNCATED),
        ("", "stop", Reason.NO_ANSWER),
        ("A more vivid wording would help. Which one do you prefer?", "stop", Reason.UNPARSABLE),
        ('{"instruction": " ", "fields": []}', "stop", Reason.UNPARSABLE),
        ("I cannot help with requests of this kind.", "stop", Reason.REFUSED),
        ('{"promise": "to call back", "deadline": "Friday"}', "stop", Reason.ANSWERED),
    ],
)
def test_replies_that_hold_no_instruction(text: str, finish: Finish, reason: Reason) -> None:
    assert fault(replied(EN, text, finish), BOUNDS) is reason


@pytest.mark.parametrize(
    ("parent", "short"),
    [(EN, "Which promises did the provider make, due when, and how did the customer react?"), (ZH, "列出服务者的承诺、完成时间、客户反应。")],
    ids=["en", "zh"],
)  # fmt: skip
def test_a_simplified_child_is_shorter_and_keeps_its_points(parent: Instruction, short: str) -> None:
    assert fault(child(parent, short, "simplify"), BOUNDS) is None
    assert fault(child(parent, GOOD_EN if parent is EN else GOOD_ZH, "simplify"), BOUNDS) is Reason.UNCHANGED


@pytest.mark.parametrize(
    ("parent", "other"),
    [(EN, "Tell me what she was told she'd get, by when, and whether she bought it."), (ZH, "他都答应了客户些啥，说好什么时候办，人家听了啥反应？")],
    ids=["en", "zh"],
)  # fmt: skip
def test_another_register_keeps_the_fields_and_need_not_grow(parent: Instruction, other: str) -> None:
    assert fault(child(parent, other, "register"), BOUNDS) is None


@pytest.mark.parametrize(
    ("parent", "new", "away"),
    [
        (EN, "Which worries does the customer only hint at? Quote the hint and say what would calm each of them.", "Develop a marketing plan for a travel agency with channels, budget and slogans."),
        (ZH, "客户有哪些担心只是点到为止？摘出暗示的原话，写明怎样才能让他放心。", "请为一家旅行社策划春季促销，写明渠道、预算和广告语。"),
    ],
    ids=["en", "zh"],
)  # fmt: skip
def test_breadth_may_ask_for_anything_in_the_talk(parent: Instruction, new: str, away: str) -> None:
    assert fault(child(parent, new, "breadth"), BOUNDS) is None
    assert fault(child(parent, away, "breadth"), BOUNDS) is Reason.LOST_TASK


def test_a_crossover_keeps_both_parents() -> None:
    other = instruction("Estimate the mood at the end of the talk and what could lift it.", fields=("mood", "remedy"))
    both = f"{EN.text} Then estimate the mood at the end of the talk and which promise could lift it most."
    names = json.dumps({"instruction": both, "fields": ["promise", "deadline", "reaction", "mood", "remedy"]})
    cross = OPERATORS["crossover"]
    reply = Reply(row="r", text=names, finish="stop")
    assert fault(Child(parent=EN, partner=other, operator=cross, reply=reply), BOUNDS) is None
    assert fault(child(EN, GOOD_EN, "crossover", partner=other), BOUNDS) is Reason.LOST_TASK

from pathlib import Path

import pytest

from stages.core import yaml_files
from stages.core.dropped import Reason
from stages.core.row import Language
from stages.instructions.rules.filter import Rules, fault
from stages.instructions.rules.subject import needs_no_conversation, vocabulary
from stages.library.domain_pack import Domain, Instructions
from stages.rows.instruction import Instruction
from stages.text.languages import language_of
from tests.support.scripted import instruction

ROOT = Path(__file__).parents[3]
WORDS = vocabulary(yaml_files.load(ROOT / "prompts" / "real_estate" / "domain.yaml", Domain))
RULES = Rules(min_words=3, max_words=60, words=WORDS)


def found(text: str, language: Language | None = None) -> Reason | None:
    return fault(instruction(text, language=language or language_of(text) or "en"), RULES)


@pytest.mark.parametrize(
    "text",
    [
        "Budget and move date?",
        "Why is he angry at the end?",
        "Anything promised and not yet done?",
        "Which topic took up most of the time, and for what reason?",
        "The customer has not answered for three days. Write a short message that brings the viewing up again.",
        "I need the three numbers that matter for the loan, nothing else.",
        "Deposit, rent, term: whatever was agreed.",
        "Reply to the last question as the agent would, in two sentences.",
        "Dear colleague: tell me in one line who has to act next on the boiler.",
        "Follow the instructions of the agent: which were kept by the tenant?",
        "Tenants call about repairs all day: sort this one by urgency.",
        "Write one list of what the provider said about the current rate and the market price.",
        "Hi, can you list what the tenant still has to send us?",
        "For each promise that is lost, trace it to the line where it began to slip.",
        "Mark every line in which the buyer bargains.",
        "他为什么生气？",
        "两套房哪套更适合这家人？",
        "谈到的几套房，哪套好在哪、亏在哪，摆一摆。",
        "预算多少，什么时候搬？",
        "客户最后是什么态度？",
        "客户三天没有回复了，写一条跟进消息，把看房的事再提一下。",
        "押金、租金、租期，一条一条列出来。",
        "列出业主承诺过的每一件事以及各自完成的日期",
        "哪些问题到最后也没有答复？",
        "替经纪人回一句，语气缓和些。",
        "请撰写工单记录，使没有听过录音的同事也能接办。",
        "客户要求退押金，判断这件事谈成的可能性。",
    ],
)
def test_orders_questions_and_terse_asks_pass(text: str) -> None:
    assert found(text) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Do it.", Reason.TOO_SHORT),
        ("总结。", Reason.TOO_SHORT),
        ("name every promise and every condition in this talk " * 10, Reason.TOO_LONG),
        ("请逐条写明客户提出的每一项要求" * 10, Reason.TOO_LONG),
        ("the customer said that the " * 7, Reason.LOOPS),
        ("请写明客户的预算，" * 6, Reason.LOOPS),
        ("I'm sorry, but I cannot help with this customer conversation.", Reason.REFUSED),
        ("抱歉，我无法为这段对话编写内容。", Reason.REFUSED),
        ("Write one new instruction about the customer and the budget.", Reason.PROMPT_ECHO),
        ("Kind of task: reasoning. Name what the customer fears.", Reason.PROMPT_ECHO),
        ("The rewritten instruction adds a limit for the customer's budget.", Reason.PROMPT_ECHO),
        ("Below is an instruction for a talk. Rewrite it so that the customer's reasons are asked for.", Reason.PROMPT_ECHO),
        ("下面是一条用于分析客户对话的指令，请改写它。", Reason.PROMPT_ECHO),
        ("任务类型：推理判断。请指出客户的顾虑。", Reason.PROMPT_ECHO),
        ("请写一条新的指令，让同事总结客户的预算。", Reason.PROMPT_ECHO),
        ("改写后的指令比原来更具体，请总结客户需求。", Reason.PROMPT_ECHO),
        ("Say what [PERSON_2] wants to pay for the flat.", Reason.PERSONAL_DATA),
        ("Say what Ms. Chen wants to pay for the flat.", Reason.PERSONAL_DATA),
        ("Say whether Margaret wants to move before May.", Reason.PERSONAL_DATA),
        ("Write down why the tenant asked to be called at 415-555-0132.", Reason.PERSONAL_DATA),
        ("请总结[PERSON_1]的购房预算和顾虑。", Reason.PERSONAL_DATA),
        ("请总结李先生对租金的看法。", Reason.PERSONAL_DATA),
        ("请给13812345678写一条跟进消息。", Reason.PERSONAL_DATA),
        ("The customer wants a flat with two rooms near the station and can pay 900 a month.", Reason.ANSWERED),
        ("The tenant was annoyed because the repair had been put off twice.", Reason.ANSWERED),
        ("Summary: The owner agreed to a lower price once the loan was approved.", Reason.ANSWERED),
        ("Dear customer, thank you for your visit; I have put the two offers together for you.", Reason.ANSWERED),
        ("Hi, I understand that the rise is hard to take. Would you like me to ask the landlord?", Reason.ANSWERED),
        ("您好，您的顾虑我们理解，周六方便再来看一次吗？", Reason.ANSWERED),
        ('{"budget": "900", "rooms": "2"}', Reason.ANSWERED),
        ("Provider: I can show you another flat. Customer: That would be kind.", Reason.ANSWERED),
        ("客户希望三月前入住，以便孩子上学，预算四百万。", Reason.ANSWERED),
        ("本次沟通中，业主表示价格可以再谈，但要求月底前签约。", Reason.ANSWERED),
        ("您好，房子的钥匙已经放在门店，周六上午可以过来看房。", Reason.ANSWERED),
        ("客户情况：业主正在筹备装修。已完成事项：设计、报价。待办事项：与客户沟通工期。", Reason.ANSWERED),
        ("总结：客户对报价不满意，已经预约周五复谈。", Reason.ANSWERED),
        ("Look up the current rent of similar flats on the web and compare the customer's offer with it.", Reason.UNANSWERABLE),
        ("Describe the body language of the customer when the price is named.", Reason.UNANSWERABLE),
        ("Count the complaints across all conversations of this month.", Reason.UNANSWERABLE),
        ("Predict how home prices in the district will move for the customer.", Reason.UNANSWERABLE),
        ("Give the median sale price of the last twelve months beside the customer's budget.", Reason.UNANSWERABLE),
        ("请写明两个小区近三年每季度的成交均价，再和客户预算对比。", Reason.UNANSWERABLE),
        ("请上网查一下同小区的成交价，再和客户的报价对比。", Reason.UNANSWERABLE),
        ("请根据客户的面部表情判断其购房意愿。", Reason.UNANSWERABLE),
        ("统计最近三个月的通话记录中客户投诉的次数。", Reason.UNANSWERABLE),
        ("预测明年房价走势，并告诉客户该不该买。", Reason.UNANSWERABLE),
        ("Explain the boiling of water at sea level and on a mountain.", Reason.NOT_ABOUT_DIALOGUE),
        ("Explain how photosynthesis works.", Reason.NOT_ABOUT_DIALOGUE),
        ("Write a poem about autumn rain.", Reason.NOT_ABOUT_DIALOGUE),
        ("What is the capital of France?", Reason.NOT_ABOUT_DIALOGUE),
        ("写一首关于秋天的诗。", Reason.NOT_ABOUT_DIALOGUE),
        ("解释一下光合作用。", Reason.NOT_ABOUT_DIALOGUE),
        ("列举太阳系的八大行星并按体积从大到小排序", Reason.NOT_ABOUT_DIALOGUE),
    ],
)  # fmt: skip
def test_rules_refuse_with_a_reason(text: str, reason: Reason) -> None:
    assert found(text) is reason


def test_a_text_in_the_other_language_is_refused() -> None:
    assert found("请总结本次对话中客户提出的全部需求", "en") is Reason.WRONG_LANGUAGE
    assert found("List what the customer needs.", "zh") is Reason.WRONG_LANGUAGE


def test_a_matter_of_the_domain_needs_no_conversation_named() -> None:
    asked = instruction("For each home: floor area, storey, price, and what the kitchen is like in the end.")
    assert fault(asked, RULES) is None
    assert fault(asked, RULES._replace(words=frozenset())) is Reason.NOT_ABOUT_DIALOGUE


@pytest.mark.parametrize(
    ("language", "name", "text"),
    [
        ("en", "pax", "Sort the meals and seats of the pax from the first row to the last."),
        ("en", "VIP", "Sort the meals and seats of the VIP from the first row to the last."),
        ("en", "pax", "Sort the pax's meals and seats from the first row to the last."),
        ("zh", "宾", "按座位从前往后排列各宾的餐食与床型。"),
    ],
)
def test_a_short_word_for_customers_speaks_of_the_conversation(language: str, name: str, text: str) -> None:
    domain = yaml_files.load(ROOT / "prompts" / "real_estate" / "domain.yaml", Domain)
    calls = vocabulary(domain.model_copy(update={"customers": {language: (name,)}}))
    assert needs_no_conversation(text, WORDS)
    assert not needs_no_conversation(text, calls)


def test_no_hand_written_instruction_is_refused() -> None:
    for pack in sorted((ROOT / "prompts").glob("*/instructions.yaml")):
        words = vocabulary(yaml_files.load(pack.with_name("domain.yaml"), Domain))
        for item in yaml_files.load(pack, Instructions).instructions:
            row = Instruction.new(**item.model_dump(exclude={"id"}), origin="pack")
            assert fault(row, Rules(min_words=3, max_words=160, words=words)) is None, item.id


def test_a_placeholder_among_the_names_is_personal_data() -> None:
    text = "Which of the two sides gave way first?"
    assert fault(instruction(text, labels=("the agent", "the tenant")), RULES) is None
    assert fault(instruction(text, labels=("the agent", "[PERSON_2]")), RULES) is Reason.PERSONAL_DATA

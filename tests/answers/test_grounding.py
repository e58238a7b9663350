"""What an answer states must occur in the conversation."""

from stages.answers.grounding import grounding

SAID = "Customer Rosa: four fifty is the top, for Harbour Lane, by 14 March. [PERSON_1] knows. Call at half past two."


def share(answer: str, said: str = SAID, prompt: str = "") -> float:
    return grounding(answer, said, prompt)


def test_facts_of_the_conversation_are_grounded() -> None:
    assert share("The customer Rosa offers £450,000 for Harbour Lane by Mar 14; call at 14:30, says [PERSON_1].") == 1


def test_invented_ones_are_not() -> None:
    assert share("They pay 470,000.") == 0
    assert share("She met with Daniel.") == 0
    assert share("Ask [PERSON_2].") == 0
    assert share("They pay 450,000, or 470,000 later.") == 0.5


def test_list_numbers_headings_and_grades_are_no_facts() -> None:
    assert share("1. Calm\n2. Open\n## Part 3\nScore: 8/10") == 1


def test_a_chinese_list_has_no_blank_behind_its_numbers() -> None:
    said = "客户：安静、朝南、有电梯、近地铁的，2025年以后交房。"
    assert share("1、安静\n2、朝南\n3.有电梯\n4．近地铁\n5）2025年以后", said) == 1
    assert share("3.5万一平\n朝南", said) == 0
    assert share("共\n850.", said) == 0  # the end of a sentence, no item
    assert share("1、10点看房\n2、11点签约", "客户：10点看房，11点签约") == 1


def test_a_grade_in_chinese_is_no_fact_and_a_time_is_one() -> None:
    said = "客户：下午三点见，等了半小时。"
    assert share("评分：8分（满分10分），语气4.5/5分，节奏 7/10。", said) == 1
    assert share("等了20分钟", said) == 0
    assert share("3点20分见", "客户：三点见") == 0.5
    assert share("下午3:20分见", "客户：下午3:45见") < 1
    assert share("您有12,500分", "客户：我有12,500分") == 1
    assert share("维度1：8分", "客户：1是价格") == 1
    for figure in ("9分30秒", "7分钱", "20分多钟", "7分半钟", "7分公司"):
        assert share(figure, said) < 1


def test_words_of_the_prompt_are_no_names() -> None:
    assert share("For the Home Advisor there is more.", prompt="You are a home advisor.") == 1


def test_a_fact_counts_once() -> None:
    assert share("450k, again 450k, again 450k, but 99") == 0.5


def test_chinese_names_and_numbers() -> None:
    said = "客户 王女士：最多三百二十万，十五号看房。"
    assert share("王女士预算320万，15号看房。", said) == 1
    assert share("李先生预算350万。", said) == 0


def test_a_chinese_name_by_itself_is_grounded_or_not() -> None:
    said = "客户 王女士：张老师介绍我来的。"
    assert share("王女士来看房。", said) == 1
    assert share("李先生来看房。", said) == 0
    assert share("王女士和李先生都是张老师介绍的。", said) == 2 / 3
    assert share("王先生来看房。", said) == 0  # the surname by itself is not the name


def test_nothing_stated_nothing_wrong() -> None:
    assert share("calm and friendly") == 1

"""Data as they are said in talk, in braces, by kind; and what is nobody's. `A | B` are two turns, the second one looked at."""

import re

import pytest

from stages.core.row import Language
from stages.pii.anonymizer import detected
from stages.pii.values.spans import KINDS, Span
from stages.rows.dialogue import Dialogue, Turn
from tests.pii.values.said import SAID

NOBODYS = """
    in the year ending 2023
    at number 4417? no
    the policy 2024 update
    policy is 12 pages
    the policy is Section 4B2003
    SN/2023/0417 is the drawing
    XXX 2023
    the film xxx123
    ratio ****
    3*4*5
    My claim is that 2016 was good
    membership costs 4417
    WeChat? It's broken.
    WeChat? It's great
    What's your WeChat? | Sorry
    What's your WeChat? | I rarely use it
    加个微信吧 | Thanks
    加个微信吧 | 好的好的
    一期二区都卖完了
    the 2016 (2) 号
    （2023）第12号
    2/1, 44 people
    on 2/1, 44 people came
    refs 2024031 2024032
    see 4417203 5518802 for both
    Order batch 2024031 came
    batch 20240317A
    100-0001
    The postcode is 100-0001, Tokyo
    decided by the 2016 Supreme Court
    the 2019 Court of Appeal
    In 2018 Park Road was closed
    Parts 8812034, 8812035 and 8812036 are out
    forgot my password again
    the password is wrong
    the password is incorrect, it says
    my password is not working
    the password is the same as before
    the password was reset
    password is required
    password is expired
    Your password will be sent
    the code is wrong
    密码是什么
    密码是不是错了
    密码是abc吗
    微信号是多少
    My WeChat ID is below
    my wechat is not working
    add me on wechat please, my follow-up is tomorrow
    on wechat: well-known and two-bedroom flats
    My QQ is broken
    the last four years were hard
    后四位业主
    at the door in 2019
    door number 1250
    gate 12
    It costs 4500 for the gate
    the keypad was made in 2019
    门禁 2019 年装的
    the tower block nearby
    basement flat for 1200
    garden flat with 2 beds
    stage 2 of the process
    I walked 12 minutes down the road
    12 long minutes on the road
    we saw 3 nice houses on maple road
    have 2 cars on the road
    there are 5 cafes in the square
    within 10 minutes drive
    a 20 minute drive
    3 bed semi in a quiet close
    两梯四户
    两梯两户的房子
    一期的房子不错
    这个小区有3期
    三期交房
    2期12栋还没开盘
    住建部队伍
    the case number of the model
    part number AB-4471-K
    model number HX2204
    booking reference KX10TRB
    room 1203 is free
    licence fee of 157
    plate of 12 dumplings
    Flat A or Flat B
    Tower 3 is nicer
    The 2016 Lane report
    about 30 years ago Hill Road was
    2梯4户
    3号楼2梯4户
    12号楼两梯四户
    5栋2梯3户
    一梯两户，带3部电梯
    二期12座
    the code is easy to remember
    tower 2 has a gym
    Block 5 is done
    12 quick minutes to the park
    is 3 minutes to the park
    it is 2 big gardens
    is 10 green
    at 3 the close
    it moved to 5 better places
    the password is on the fridge
    the password is under the mat
    my password is long and hard
    password: required
    密码是必填的
    密码是空的
    密码是正确的
    微信是什么
    微信：请稍后
    my wechat is fine
    My wechat is down.
    wechat payment is slow
    QQ群有300人
    QQ space 2019
    the plate is for 2 people
    number plates 2020 rules
    plates, 12 of them
    the registration is open
    registration number pending
    refs 12 and 13
    The gate opened in 2012.
    What's the door like? | It's 2012 oak.
    ends with 2020 figures
    the last four digits matter
    the last 4 weeks 2020
    后四位都是整数
    信箱满了
    部队转业的
    我们部队3人
    house number 12
    Building 5 near the park
    10 Downing is famous
    case in point 2024
    my file is 2024011 bytes
    in 2016 Hill Street opened
    phase 2 opens 2025
    the 1998 World Cup
    drawing 4417203
    统一社会信用代码91350100M000100Y43
    公司税号91350100M000100Y43
    发票税号是91350100M000100Y43
    微信支付wechatpay很方便
    加个微信吧 | 好的，谢谢
    加个微信吧 | 用iphone扫一下
    密码多少？ | 不记得了
    What's the password? | I forgot
    What's the password? | Sorry
    Could you tell me the password? | Certainly
    What is the password? | Nope
    try again as the password is wrong
    password protected file
    password manager
    password reset
    Password Please
    wifi password please
    the password field is empty
    门口2019年装的
    按2019年的价
    单元门口有1203人
    大门朝南1203室
    开门2000元
    键盘300块
    兰亭苑挺好
    B座还没卖
    二期2024年交房
    四区的房子
    工号是多少
    press 2 for sales on the keypad
    12 on the gate
    the gate's 2000 dollars
    lockbox is new
    学号和工号
    v：好的
    V领的
    客服电话我记一下
    圈子里的点评
    艾特我一下
"""


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().splitlines()]


def found(line: str) -> tuple[str, list[Span]]:
    """Return the last turn of a line and what the detectors of values find in it."""
    texts = line.replace("{", "").replace("}", "").split(" | ")
    language: Language = "zh" if re.search("[\u4e00-\u9fff]", line) else "en"
    turns = tuple(Turn(party="customer", text=text) for text in texts)
    kinds = [kind for kind in KINDS if kind != "person"]
    said = Dialogue(
        id="x", key="x", language=language, scene="renting", source="im_messages", role="agent", turns=turns
    )
    return texts[-1], detected(said, kinds, set()).spans[-1]


@pytest.mark.parametrize(("kind", "line"), [(kind, line) for kind, text in SAID.items() for line in lines(text)])
def test_said(kind: str, line: str) -> None:
    marked = line.split(" | ")[-1]
    start, end = marked.index("{"), marked.index("}") - 1
    text, spans = found(line)
    here = [span for span in spans if span.start < end and span.end > start]
    covered = {place for span in here for place in range(span.start, span.end)}
    assert {span.kind for span in here} == {kind}
    assert not [span for span in spans if re.fullmatch("[A-Za-z]{2}", text[max(0, span.start - 1) : span.start + 1])]
    assert [text[n] for n in range(start, end) if text[n].isalnum() and n not in covered] == []
    assert [text[n] for n in covered if text[n].isalnum() and not start <= n < end] == []


@pytest.mark.parametrize("line", lines(NOBODYS))
def test_nobodys(line: str) -> None:
    assert found(line)[1] == []

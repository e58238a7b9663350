"""Numbers dictated over turns, in groups, read back and corrected; handles spelled out. `A | B` are turns; braces hold what is personal."""

import re
import time

import pytest

from stages.pii.values import addresses, credentials, phones_and_accounts, plates
from stages.pii.values.dictation import dictated, groups, joined, repeated
from stages.pii.values.spans import Span, settle

MARK = re.compile(r"[{}]")


def found(texts: list[str]) -> list[list[Span]]:
    """Return what all detectors of values find, turn by turn."""
    numbers = phones_and_accounts.find(texts)
    by_turn = [[*numbers[n], *addresses.find(text), *credentials.find(texts, n)] for n, text in enumerate(texts)]
    return dictated.find(texts, [settle(own) for own in by_turn])


def shown(talk: str) -> tuple[str, list[list[Span]]]:
    """Return the talk with braces where something was found, and what was."""
    texts = MARK.sub("", talk).split(" | ")
    spans = found(texts)
    for n, own in enumerate(spans):
        for span in reversed(own):
            texts[n] = f"{texts[n][: span.start]}{{{texts[n][span.start : span.end]}}}{texts[n][span.end :]}"
    return " | ".join(texts), spans


ONE_NUMBER = """
    What's the best number? | {oh seven seven double oh}, | yep | {nine hundred}, | uh huh | {one four two}.
    And a number for you? | Area code {four one five}. | Okay. | {Five five five}, | {oh one eight eight}.
    What is the best number? | {415, 555, 0188}. | {415-555-0188}?
    Could I take your number? | It's {07700} | Mm | {900} | and then {142} | so {07700 900 142}?
    And mobile? | {07700, 900}. Hang on. {151}.
    And a mobile? | {0491 570, 156}. | {156}, got it.
    Number? | {555}, | {555} | {0142}.
    Can you read me the card number? | {4929}, | {4929}, yes | {0000 1234} | Right. | and {5678}.
    Account number? | It's {12, 34, 56, 78}. | {12345678}
    您电话报一下 | {一三八}， | 嗯 | {零零零零}， | 嗯 | {五六七八}。 | {五六七八}，好的
    手机号多少 | {138} | 嗯 | {0000} | {5679} | {5679}，记下了
    身份证报一下 | {三二零一} | {三二零一} | {零零一九八八} | 嗯 | {零一零一零零二X}
    Call me on {07700 900142}. | {142}? | yes {one four two}
    Can you ring me? | {07700 900142} | {07700 900124}? | no, {142}
    你手机{138 0000 1234} | {1243}？ | 不对，{1234} | {34}，好
    We'll ring the {0142} one. | my number is {07700 900142}
    Call me on {07700 900142} then | So the loft is done | Right | Yes | Good | He is out | Fine | We'll text you on the {142}.
"""


@pytest.mark.parametrize("talk", [line.strip() for line in ONE_NUMBER.strip().splitlines()])
def test_a_dictated_number_is_masked_in_all_of_its_groups(talk: str) -> None:
    assert shown(talk)[0] == talk


@pytest.mark.parametrize(
    ("talk", "value"),
    [
        ("What's the best number? | oh seven seven double oh, | nine hundred, | one four two. | 142", "700900142"),
        ("您电话报一下 | 一三八， | 零零零零， | 五六七八。 | 5678，好的", "800005678"),
        ("Card number? | 4929 | 0000 | 1234 | 5678", "4929000012345678"),
        ("My number is 07700 900142 | 124? | 142.", "700900142"),
    ],
)
def test_its_groups_are_one_datum(talk: str, value: str) -> None:
    spans = [span for own in found(talk.split(" | ")) for span in own]
    assert len(spans) > 2
    assert {span.value for span in spans} == {value}


LETTERED = """
    And the reg? | {KP21 VXE} | {VXE}? | Yes, {KP21}, {VXE}.
    车牌多少？ | {苏E 8K123} | {8K123}对吧
    The address is {14 Marrow Road}. | {14a}. The a matters.
    微信多少 | 小写的{l、x、y，8、8、3}
    我微信是{qhlan_5093} | {q，h，l，a，n，下划线}？ | {五零九三}。
    微信多少 | 叫什么，{qhlan 下划线 5093}
    It's {marrow.lettings@example.com} | {Marrow dot lettings}. Got it.
    What's your email? | {j, m, a, r, s, h, underscore, 4}
"""


@pytest.mark.parametrize("talk", [line.strip() for line in LETTERED.strip().splitlines()])
def test_what_is_spelled_or_said_in_part(talk: str) -> None:
    assert shown(talk)[0] == talk


NOBODYS = """
    Rent is 900, 1200 with bills. | And your number? | {07700 900142} | 900 for the first one then? | 142 is the flat
    My number is {07700 900142} | Flat 142 | it's 142 sqm | level 142
    My number is {07700 900142} | nine hundred.
    电话{13800001234} | 三四楼都有 | 123平 | 三四万吧
    Call me later. | 450, 1200, 1350, 1500 | all of them
    The account is open. | Rents were 1200, 1350 and 1500 | fine
    order number | 4417 | 9902 | 12
    Options A, B, C | a, b or c
    They live in the U.S.A. and e.g. the U.K.
    a polka dot dress
"""


@pytest.mark.parametrize("talk", [line.strip() for line in NOBODYS.strip().splitlines()])
def test_sums_sizes_and_floors_stay(talk: str) -> None:
    assert shown(talk)[0] == talk


@pytest.mark.parametrize(
    "texts",
    [
        ["What is your account number?", f"Rent {'.' * 20_000} see 1234 5678"],
        ["My plate is KP21 VXE", f"{'A' * 20_000}-"],
        [f"My plate is KP21 VXE. {'KP21 VXE. ' * 400}"] * 9,
    ],
)
def test_long_turns_take_no_time(texts: list[str]) -> None:
    began = time.process_time()
    spans = [[*own, *plates.find(texts, n)] for n, own in enumerate(found(texts))]
    dictated.find(texts, [settle(own) for own in spans])
    assert time.process_time() - began < 3  # it grew by the square of the length: 9 s and more


def test_what_stands_far_into_a_turn_is_not_what_begins_the_next() -> None:
    turns = ["Call me on 07700 900142", *["Yes"] * 5, f"{'.' * 99_999} 0142", "077?"]
    said = [Span(11, 23, "phone", "700900142")]
    pieces = [piece for turn in (6, 7) for piece in groups.pieces(turn, turns[turn])]
    spans = repeated.find(turns, pieces, repeated.known(turns, [said, *[[]] * 7]))
    assert [(turn, span.start) for turn, span in spans] == [(6, 100_000), (7, 0)]


@pytest.mark.parametrize(
    ("before", "goes_on"),
    [("", True), ("so, " * 15, True), (f"{'Rent. ' * 40}So, ", True), (f"Rent {'so, ' * 30}", False)],
)
def test_a_number_goes_on_after_a_pause_or_a_sentence_however_far_into_a_turn(before: str, goes_on: bool) -> None:
    turns = ["Your card number?", "4929 0000,", f"{before}1234 5678"]
    pieces = [piece for turn in (1, 2) for piece in groups.pieces(turn, turns[turn])]
    assert [said.digits for said in joined.find(turns, pieces)] == ["4929000012345678"] * goes_on

"""Which numbers belong to somebody, in all common writings, and which are references, prices, dates, scores."""

import pytest

from stages.pii.values import phones_and_accounts
from stages.pii.values.spans import settle


def found(text: str) -> list[tuple[str, str]]:
    return [(s.kind, text[s.start : s.end]) for s in settle(phones_and_accounts.find([text])[0])]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("Call me on (555) 010-0199 ext. 23.", "phone", "(555) 010-0199 ext. 23"),
        ("Fax 555.010.0199x12", "phone", "555.010.0199x12"),
        ("dial 0044 20 7946 0018", "phone", "0044 20 7946 0018"),
        ("+33 6 12 34 56 78", "phone", "+33 6 12 34 56 78"),
        ("Not furnished.555-010-0199 is the one", "phone", "555-010-0199"),
        ("my cell,555-010-0199", "phone", "555-010-0199"),
        ("Mobile: 001-555-201-0199x123", "phone", "001-555-201-0199x123"),
        ("on 12 34 56 78 today", "phone", "12 34 56 78"),
        ("614-555-0100/614-555-0101", "phone", "614-555-0101"),
        ("the listing, to 512-555-0142 by tonight", "phone", "512-555-0142"),
        ("手机１３８００１３８０００", "phone", "１３８００１３８０００"),
        ("电话（021）55550199转8", "phone", "（021）55550199转8"),
        ("打我电话+86 13912345678", "phone", "+86 13912345678"),
        ("手机尾号是8899", "phone", "8899"),
        ("银行卡尾号1234", "bank_card", "1234"),
        ("身份证后四位5566", "id_number", "5566"),
        ("card ending 4242", "bank_card", "4242"),
        ("身份证，尾号是三二幺X", "id_number", "三二幺X"),
        ("the door panel, it's 4471 star", "door_code", "4471 star"),
        ("the gate is still pound two two one five", "door_code", "pound two two one five"),
        ("门锁密码还是 0806* 吧", "door_code", "0806*"),
        ("last four of my social: 4399", "id_number", "4399"),
        ("my policy number is HX-2231-887", "account", "HX-2231-887"),
        ("account number: 12345678", "account", "12345678"),
        ("customer number 40071882", "account", "40071882"),
        ("合同编号TY-0000-0862", "account", "TY-0000-0862"),
        ("车牌粤Z1234港", "plate", "粤Z1234港"),
        ("my car's reg is LK19 XYZ", "plate", "LK19 XYZ"),
    ],
)
def test_personal(text: str, kind: str, value: str) -> None:
    assert (kind, value) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "transaction ID TX12AB4567",
        "Order ID: 29384756",
        "order number 1234567",
        "tracking number 9400100000000000000000",
        "flight number 2490117, flight LH0455",
        "invoice INV-2024-00123",
        "booking reference QX7R2P9, e-ticket number 2201234567",
        "meeting ID 882 1234 5678",
        "交易号STL29081",
        "流水号20240315123456",
        "快递单号SF1234567890123",
        "发票号码 12345678",
        "rent 1200-1500 a month",
        "450000-500000, or 1200 - 1500",
        "it is 1250000 now",
        "25-20 25-18 25-22 in sets",
        "1618-1648 and 2019-2023",
        "01/03/2024 - 05/03/2024, 12 03 2024, 20240315",
        "10.0.19045.3803 and 192.168.100.200",
        "1200-093 Lisboa, 01310-200 São Paulo",
        "10 20 30 40 50",
        "0.25 0.5 1 or 1/2 1/3 1/4",
        "£80,000 100000 or 120,000",
        "1234567 views, 12345678 pixels",
    ],
)
def test_not_personal(text: str) -> None:
    assert found(text) == []


def test_a_cue_speaks_of_the_next_number_only() -> None:
    assert found("查询号 WX-3706-00041 姓迟 158 0000 4106")[-1] == ("phone", "158 0000 4106")

"""Numbers that belong to somebody, in figures and spoken; and those that do not."""

import pytest

from stages.pii.values import credentials, phones_and_accounts, spoken_numbers


def found(*turns: str) -> list[tuple[str, str]]:
    texts = list(turns)
    return [
        (s.kind, texts[n][s.start : s.end]) for n, spans in enumerate(phones_and_accounts.find(texts)) for s in spans
    ]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("Ring 614-555-0199 then.", "phone", "614-555-0199"),
        ("It is (03) 5550 0177, after six.", "phone", "(03) 5550 0177"),
        ("mobile +65 9000 0321", "phone", "+65 9000 0321"),
        ("on 0491 570 006.", "phone", "0491 570 006"),
        (
            "six one four, five five five, oh one nine nine, please",
            "phone",
            "six one four, five five five, oh one nine nine",
        ),
        ("手机是13912345678，", "phone", "13912345678"),
        ("我电话幺三九一二三四五六七八。", "phone", "幺三九一二三四五六七八"),
        ("The account is 00418877.", "account", "00418877"),
        ("sort code double oh four, oh one two", "account", "double oh four, oh one two"),
        ("my card, 4929 1234 5678 9012", "bank_card", "4929 1234 5678 9012"),
        ("卡号6222020200001112223", "bank_card", "6222020200001112223"),
        ("SSN 000-41-9921", "id_number", "000-41-9921"),
        ("her passport K0077412 is out of date", "id_number", "K0077412"),
        ("身份证110101198001011238", "id_number", "110101198001011238"),
        ("the plate is 7ABC123, a blue car", "plate", "7ABC123"),
        ("plate G T K, seven one four", "plate", "G T K, seven one four"),
        ("车牌沪B·12Q45", "plate", "沪B·12Q45"),
        ("The gate code is 4417.", "door_code", "4417"),
        ("the lobby code, um, is seven, three, oh, nine", "door_code", "seven, three, oh, nine"),
        ("use 2077# for the side door", "door_code", "2077#"),
        ("门禁密码是幺二三九", "door_code", "幺二三九"),
    ],
)
def test_personal(text: str, kind: str, value: str) -> None:
    assert (kind, value) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "Between 289,900 and 1,540,000 dollars",
        "Two nine four, nine nine five with the garage",
        "built in 1988, sold in 2004, 2016-2019",
        "on 12/03/2024 at 10.15, or 2024-03-12 10:15",
        "94 square metres, 1050 sq ft, 12 500 000 forints",
        "twenty-one, forty-seven, three hundred and twelve a year",
        "seven thousand three seven six all up",
        "post code 3044, zip code 97201, model 4417220",
        "rooms two, three and four; one or two of them",
        "总价一百二十万，首付三成，三室两厅，二十一楼",
    ],
)
def test_not_personal(text: str) -> None:
    assert found(text) == []


def test_a_repeated_end_is_the_same_number() -> None:
    spans = phones_and_accounts.find(["My number is 07700 900881.", "Eight eight one, got it.", "and three three one?"])
    assert spans[1][0].value == spans[0][0].value
    assert not spans[2]


def test_a_code_given_as_the_answer() -> None:
    assert found("What's the door code?", "4417.") == [("door_code", "4417")]
    assert found("What's the rent?", "4417.") == []


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("oh seven double seven", "0777"),
        ("treble five", "555"),
        ("nine hundred, four six one", "900461"),
        ("four nine two nine", "4929"),
        ("C two seven one four", "C2714"),
        ("six one seven delta", "617D"),
        ("four four oh nine star", "4409*"),
        ("幺三八零零", "13800"),
    ],
)
def test_spoken_signs(text: str, signs: str) -> None:
    assert [run.signs for run in spoken_numbers.runs(f"It's {text}.")] == [signs]


def test_sentences_part_runs() -> None:
    assert [run.signs for run in spoken_numbers.runs("four one six. Oh seven seven")] == ["416", "077"]


@pytest.mark.parametrize(
    ("turns", "kind", "value"),
    [
        (["write to a.b-c+d@mail.example.co.uk."], "email", "a.b-c+d@mail.example.co.uk"),
        (["jo dot bloggs at example dot com"], "email", "jo dot bloggs at example dot com"),
        (["pay GB82 WEST 1234 5698 7654 32"], "account", "GB82 WEST 1234 5698 7654 32"),
        (["the password is Kettle77!"], "password", "Kettle77!"),
        (["what's the wifi?", "it's green-door-19"], "password", "green-door-19"),
        (["wifi密码是abc12399，"], "password", "abc12399"),
        (["加微信 li_wei99"], "wechat", "li_wei99"),
        (["QQ：88776655"], "qq", "88776655"),
    ],
)
def test_credentials(turns: list[str], kind: str, value: str) -> None:
    spans = credentials.find(turns, len(turns) - 1)
    assert (kind, value) in [(s.kind, turns[-1][s.start : s.end]) for s in spans]


def test_an_iban_with_a_wrong_check_is_none() -> None:
    assert not credentials.find(["pay GB83 WEST 1234 5698 7654 32"], 0)
    assert not credentials.find(["the password is wrong again"], 0)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("就是11010119800101123X这个", "id_number"),  # the check digit tells, without a cue
        ("就是110101198001011234这个", "account"),  # a wrong one
        (
            "身份证号码我能背，110101198001011234",
            "id_number",
        ),  # a slip of the pen is personal too; and 18 digits are no phone
        ("order 536-90-4399", "id_number"),  # could be a social security number, whatever the cue says
        ("it was 000-90-4399", "phone"),  # no area is 000
    ],
)
def test_check_digits_tell_identity_numbers(text: str, kind: str) -> None:
    assert {span.kind for span in phones_and_accounts.find([text])[0]} == {kind}

"""E-mail addresses as written, guarded and read out."""

import pytest

from stages.pii.values import credentials, emails


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("邮箱是wang_li@example.com，", "wang_li@example.com"),
        ("书面发我邮箱roe.k@example.com，谢谢", "roe.k@example.com"),
        ("josé.müller@exämple.de", "josé.müller@exämple.de"),
        ("иван@пример.рф", "иван@пример.рф"),
        ("邮箱zhang@公司.中国", "zhang@公司.中国"),
        ("o'neil.k@example.ie", "o'neil.k@example.ie"),
        ("jane.roe [at] example [dot] com", "jane.roe [at] example [dot] com"),
        ("sam.lee(at)example(dot)org", "sam.lee(at)example(dot)org"),
        ("jane(at)example.org", "jane(at)example.org"),
        ("jane.roe at gmail.com", "jane.roe at gmail.com"),
        (
            "j underscore roe 42 at mail dot example dot co dot uk",
            "j underscore roe 42 at mail dot example dot co dot uk",
        ),
        ("jane 艾特 example 点 com", "jane 艾特 example 点 com"),
        ("https://x.example/?email=jane%40example.com&a=1", "jane%40example.com"),
    ],
)
def test_found(text: str, address: str) -> None:
    assert address in [text[s.start : s.end] for s in emails.find(text)]


@pytest.mark.parametrize("text", ["look at gmail.com", "meet at noon, dot by dot", "3 @ 20 each", "@jane knows"])
def test_no_address(text: str) -> None:
    assert not list(emails.find(text))


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("https://jane:Kettle77@host.example/x", "password", "jane:Kettle77"),
        ("https://x.example/reset?token=9f8a7b6c5d4e", "password", "9f8a7b6c5d4e"),
        ("发到zhang.san＠example.cn", "email", "zhang.san＠example.cn"),
        ("vx:lily8899", "wechat", "lily8899"),
        ("加我V信 lily8899", "wechat", "lily8899"),
        ("扣扣号12345678", "qq", "12345678"),
        ("密码锁密码 258036", "door_code", "258036"),
        ("temporary password will be Tulip2024", "password", "Tulip2024"),
    ],
)
def test_links_messengers_and_secrets(text: str, kind: str, value: str) -> None:
    assert (kind, value) in [(s.kind, text[s.start : s.end]) for s in credentials.find([text], 0)]

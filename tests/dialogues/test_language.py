"""English, Chinese, or neither."""

import pytest

from stages.dialogues.language import OTHER, named, spoken_between, spoken_in


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Is it free? Yes.", "en"),
        ("Heating off", "en"),
        ("Hi! Any chance to see the flat on Friday? We'd come at five.", "en"),
        ("您好，这套房还在吗？", "zh"),
        ("您好，請問這間房子還在嗎？", "zh"),
        ("这个 offer 我要跟 team 再 check 一下", "zh"),
        ("樱の花园还有两居室吗？", "zh"),
        ("Guten Tag, die Wohnung ist noch frei, Sie können am Freitag kommen.", "other"),
        ("Hola, ¿sigue libre el piso? Sí, señora, puede verlo el viernes.", "other"),
        ("Bonjour, l'appartement est-il libre? Oui, venez vendredi.", "other"),
        ("Olá, o apartamento ainda está livre? Está, pode ver na sexta.", "other"),
        ("Dzień dobry, czy mieszkanie jest wolne? Tak, proszę przyjść w piątek.", "other"),
        ("Căn hộ còn trống không? Còn, mời anh đến xem vào thứ sáu.", "other"),
        ("Apakah rumah itu masih kosong? Masih, silakan datang hari Jumat.", "other"),
        ("Здравствуйте, квартира свободна?", "other"),
        ("مرحبا، هل الشقة متاحة؟ نعم.", "other"),
        ("もしもし、田中と申します。部屋はまだ空いていますか。", "other"),
        ("안녕하세요, 방이 아직 비어 있나요?", "other"),
        ("ห้องยังว่างอยู่ไหม", "other"),
        ("👍🏽 12:30", None),
        ("", None),
    ],
)
def test_a_third_language_is_told(text: str, expected: str | None) -> None:
    assert spoken_in(text) == expected


def test_one_side_s_language_is_enough() -> None:
    agent = "Hello, thank you for your message. We can show you the flat on Friday at five, if that is good for you."
    customer = "Hola, soy la señora de la calle Mayor, quiero ver el piso el viernes por la tarde, gracias."
    assert spoken_between([agent, customer]) == OTHER
    assert spoken_between([agent, "Fremont, 45 Mill Lane"]) == "en"
    assert spoken_between([agent, "Здравствуйте"]) == OTHER
    assert spoken_between(["👍", "12"]) is None


@pytest.mark.parametrize(
    ("tag", "expected"),
    [("en", "en"), ("en-US", "en"), ("English (UK)", "en"), ("ZH_Hans", "zh"), ("zh-CN", "zh"), ("中文", "zh"), ("fr", "fr"), ("enochian", "enochian")],
)  # fmt: skip
def test_tags_of_files(tag: str, expected: str) -> None:
    assert named(tag) == expected

"""WhatsApp's text in the styles of both systems and of several countries."""

from pathlib import Path

import pytest

from stages.dialogues.formats import detect
from stages.dialogues.formats.conversation import Raw, Unreadable
from stages.dialogues.formats.field_map import Conversations, Forms
from stages.dialogues.formats.parties import Names

FIRST, SECOND = "Is it free?\nThe one in Mill Lane: 12", "It is."
CAST = Forms(Conversations(parties=Names(provider=("Wade",))))


def read(
    folder: Path, text: str, name: str = "WhatsApp Chat with Linh.txt", forms: Forms | None = None
) -> Raw | Unreadable:
    (folder / name).write_text(text, encoding="utf-8")
    reading = detect.read(folder / name, forms or Forms())
    assert reading.form == "WhatsApp"
    return reading.results[0]


@pytest.mark.parametrize(
    "stamp",
    [
        "15/01/2025, 10:3{} - ",
        "1/15/25, 10:3{} AM - ",
        "1/15/25, 10:3{}\u202fAM - ",
        "15.01.25, 10:3{} - ",
        "2025-01-15, 10:3{} - ",
        "2025/1/15 上午10:3{} - ",
        "[15/01/2025, 10:3{}:05] ",
        "[1/15/25, 10:3{}:05\u202fPM] ",
        "\u200e[15.01.25, 10:3{}:05] ",
        "[2025/1/15 下午10:3{}:05] ",
    ],
)
def test_stamps(tmp_path: Path, stamp: str) -> None:
    lines = [
        stamp.format(0) + "Messages and calls are end-to-end encrypted.",
        stamp.format(1) + f"Linh: {FIRST}",
        stamp.format(2) + "Linh: \u200e<Media omitted>",
        stamp.format(3) + "Linh: \u200eimage omitted",
        stamp.format(4) + f"Wade: {SECOND}",
        stamp.format(5) + "Wade: This message was deleted",
    ]
    made = read(tmp_path, "\n".join(lines) + "\n")
    assert isinstance(made, Raw), made
    assert [(turn.party, turn.speaker, turn.text) for turn in made.turns] == [
        ("customer", "Linh", FIRST),
        ("provider", "Wade", SECOND),
    ]
    assert (made.silent, made.spoken) == (4, False)


def test_people_without_the_file_s_name(tmp_path: Path) -> None:
    text = "15/01/2025, 10:30 - Linh: Hi\n15/01/2025, 10:31 - Wade: Hello\n15/01/2025, 10:32 - Linh: Bye\n"
    fault = read(tmp_path, text, "_chat.txt")
    assert isinstance(fault, Unreadable)
    assert "speakers in no table: 2" in fault.detail
    assert "Linh" not in fault.detail
    both = Forms(Conversations(parties=Names(provider=("Wade",), customer=("Linh",))))
    made = read(tmp_path, text, "_chat.txt", both)
    assert isinstance(made, Raw)
    assert [turn.party for turn in made.turns] == ["customer", "provider", "customer"]


def test_newest_first_is_turned_and_months_first_are_understood(tmp_path: Path) -> None:
    made = read(tmp_path, "2/1/25, 9:00 AM - Wade: Yes\n1/31/25, 9:00 PM - Linh: Free?\n")
    assert isinstance(made, Raw)
    assert ([turn.text for turn in made.turns], made.reordered) == (["Free?", "Yes"], True)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("The one in Mill Lane. \u200e<This message was edited>", "The one in Mill Lane."),
        ("三楼那套。\u200e<此消息已编辑>", "三楼那套。"),
        ("<Media omitted>\nThe door sticks.", "The door sticks."),
        ("IMG-20250115-WA0001.jpg (file attached)\nThe door sticks.\nSee?", "The door sticks.\nSee?"),
        ("The door sticks. \u200e<attached: 00000007-PHOTO-2025-01-15.jpg>", "The door sticks."),
        ("The door sticks. \u200eimage omitted", "The door sticks."),
        ("IMG-20250115-WA0001.jpg (file attached)", None),
        ("plan.pdf • \u200e3 pages \u200edocument omitted", None),
        ("floor plan.pdf • \u200e1 page \u200e<attached: 00000012-floor plan.pdf>\nSee page one.", "See page one."),
        ("rooms.xlsx • \u200e34 KB \u200edocument omitted", None),
        ("The plan.pdf has 3 pages", "The plan.pdf has 3 pages"),
        ("Two plans • 3 pages", "Two plans • 3 pages"),
        ("Tariff no.5 • 20 GB", "Tariff no.5 • 20 GB"),
        ("Here is the plan (file attached)\nSee?", "Here is the plan (file attached)\nSee?"),
        ("Missed voice call", None),
        ("Waiting for this message. This may take a while.", None),
        ("In the plan the image omitted", "In the plan the image omitted"),
        ("rent < 900 and omitted > 1", "rent < 900 and omitted > 1"),
        ("It said\nnull", "It said\nnull"),
    ],
)
def test_what_the_app_notes_beside_the_words_is_none_of_them(tmp_path: Path, written: str, said: str | None) -> None:
    text = f"15/01/2025, 10:30 - Linh: Hi\n15/01/2025, 10:31 - Linh: {written}\n15/01/2025, 10:32 - Wade: Yes\n"
    made = read(tmp_path, text)
    assert isinstance(made, Raw)
    assert [turn.text for turn in made.turns] == ["Hi", *([said] if said else []), "Yes"]
    assert made.silent == (said is None)


def test_what_an_iphone_writes_under_somebody_s_name_is_said_by_nobody(tmp_path: Path) -> None:
    lines = [
        "[15/01/2025, 10:29:00] Linh: \u200eMessages and calls are end-to-end encrypted.",
        "[15/01/2025, 10:30:00] Linh: Is it free?",
        "\u200e[15/01/2025, 10:31:00] Wade: \u200eMissed voice call, tap to call back",
        "[15/01/2025, 10:32:00] Wade: It is. Which day: Monday?",
        "\u200e[15/01/2025, 10:33:00] Wade: \u200ePOLL:",
        "Which day?",
        "\u200eOPTION: Monday (0 votes)",
        "[15/01/2025, 10:34:00] Linh: \u200e<attached: 00000008-PHOTO-2025-01-15.jpg>",
        "The door sticks.",
    ]
    made = read(tmp_path, "\n".join(lines) + "\n")
    assert isinstance(made, Raw), made
    assert [turn.text for turn in made.turns] == ["Is it free?", "It is. Which day: Monday?", "The door sticks."]
    assert made.silent == 3

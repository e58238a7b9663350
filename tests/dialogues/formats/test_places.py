"""Places are told without the customers that files and fields are called after."""

from pathlib import Path

import pytest

from stages.dialogues.formats.places import is_name, kept, shown, told


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("WhatsApp Chat with Ottoline Greaves.txt", "WhatsApp Chat with ….txt"),
        ("与吴怀瑾的 WhatsApp 聊天.txt", "与…的 WhatsApp 聊天.txt"),
        ("15069934410/chat.jsonl", "…/chat.jsonl"),
        ("call +44 7700 900612.vtt", "call ….vtt"),
        ("call_(415) 555-0142.vtt", "call_(….vtt"),
        ("tasha.b@mailbox.example.csv", "….csv"),
        ("export_20250115.csv", "export_20250115.csv"),
        ("2025-01-15.json", "2025-01-15.json"),
        ("slack/2025-01-15_10-30-05.json", "slack/2025-01-15_10-30-05.json"),
        ("buying_zh_export.csv", "buying_zh_export.csv"),
        ("dialogues_001.json", "dialogues_001.json"),
        ("abcd_v1.1.json", "abcd_v1.1.json"),
    ],
)
def test_a_file_is_told_without_people_and_numbers(name: str, said: str) -> None:
    assert told(name) == said


def test_the_folders_of_an_absolute_path_stay(tmp_path: Path) -> None:
    assert told(tmp_path / "1234567" / "tel 15069934410.csv") == f"{tmp_path}/1234567/tel ….csv"


@pytest.mark.parametrize("value", ["buyng", "dialogueId", "URL", "re-buy.b2", "id_2025"])
def test_names_in_tables_are_shown(value: str) -> None:
    assert is_name(value)
    assert shown(value) == repr(value)


@pytest.mark.parametrize(
    "value", ["15069934436", "吴怀瑾", "Ottoline", "tel_15069934475", "Bo said", "a@b.example", ""]
)
def test_what_may_be_a_customer_is_not_shown(value: str) -> None:
    assert not is_name(value)
    assert value == "" or value not in shown(value)


def test_an_id_is_kept_as_its_hash() -> None:
    for key in ("15069934410", "吴怀瑾", "a@b.example", "anna.lee", "OTTOLINE_GREAVES", "chats.jsonl:3"):
        assert len(kept(key)) == 16 and key not in kept(key)
    assert kept("15069934410") != kept("15069934411")

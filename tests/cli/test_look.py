"""`dial-insight look`: what ingest would read, and a map for what it would not; no customer's words on the screen."""

import json
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from stages.cli.main import main
from stages.dialogues.formats import detect
from stages.dialogues.formats.conversation import Raw
from stages.dialogues.formats.field_map import Conversations, Forms


def shown(root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], path: Path) -> str:
    monkeypatch.chdir(root)
    assert main(["look", str(path)]) == 0
    return capsys.readouterr().out


def test_a_file_of_a_known_format(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    talks = [
        [("user", "Is the flat free?"), ("assistant", "It is.")],
        [("user", "您好"), ("assistant", ""), ("assistant", "您好")],
        [("user", "Ist die Wohnung noch frei?"), ("assistant", "Ja, kommen Sie am Freitag.")],
        [("user", "Secret 555-0134")],
        [("boss", "Hi")],
    ]
    path = tmp_path / "log.jsonl"
    path.write_text(
        "".join(json.dumps({"messages": [{"role": r, "content": c} for r, c in talk]}) + "\n" for talk in talks)
    )
    assert shown(root, monkeypatch, capsys, path).split("\n")[1:-1] == [
        "  format: openai_messages",
        "  conversations: 5, of which 2 are kept",
        "  turns: 4 (customer 2, provider 2)",
        "  language: en 1, zh 1",
        "  scene: renting 2",
        "  source: im_messages 2",
        "  role: real_estate_agent 2",
        "  mended: silent_turns 1",
        "  dropped: malformed 1, too_few_turns 1, unknown_language 1",
        "    unknown_language 1: log.jsonl:3 (by its letters and words neither English nor Chinese)",
        "    too_few_turns 1: log.jsonl:4 (1 of at least 2)",
        "    malformed 1: log.jsonl:5 (turn 1: the word for who speaks is in no table (dial-insight look shows it); add it to parties"
        " in the pack's conversations.yaml)",
        "  in no table: boss",
    ]


def test_a_path_at_which_nothing_is_ends_it(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(root)
    assert main(["look", str(tmp_path / "chats.json")]) == 1
    told = capsys.readouterr()
    assert (told.out, told.err) == (
        "",
        f"{tmp_path / 'chats.json'}: not there; give a file of conversations, or a folder of them\n",
    )


def test_a_binary_file_and_a_folder(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0")
    (tmp_path / "b.vtt").write_text(
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Agent>Hi.\n\n00:03.000 --> 00:04.000\n<v Client>Hi.\n"
    )
    text = shown(root, monkeypatch, capsys, tmp_path)
    assert "move it away" in text
    assert "format: WebVTT" in text
    assert "source: call_recording 1" in text


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        (
            "crm.json",
            json.dumps({"total": 2, "items": [
                {"ticket_id": n, "log": [
                    {"sender_role": "CLIENT", "body": "Is the flat still free on Friday?", "sent_at": f"2025-01-01T10:0{n}:00Z"},
                    {"sender_role": "AGENT", "body": "It is, come at five.", "sent_at": f"2025-01-01T10:0{n}:30Z"},
                ]} for n in (1, 2)]}),
            {"turns": "log", "id": "ticket_id", "text": "body", "party": "sender_role", "time": "sent_at"},
        ),
        (
            "rows.jsonl",
            "".join(json.dumps({"session": s, "who": w, "message": m, "created": t}) + "\n" for s, w, m, t in [
                ("a", "caller", "Is the flat free?", 1), ("a", "agent", "It is free.", 2),
                ("b", "caller", "The heating is off.", 1), ("b", "agent", "We come.", 2)]),
            {"conversation": "session", "party": "who", "text": "message", "time": "created"},
        ),
        (
            "calls.csv",
            "Call Ref;Who;When;What was said\n9;Agent;10:00;Is the flat free?\n9;Caller;10:01;It is free.\n8;Caller;10:00;Heating is off.\n8;Agent;10:02;We come.\n",
            {"conversation": "call_ref", "party": "who", "text": "what_was_said", "time": "when"},
        ),
        (
            "cases.json",
            json.dumps([
                {"customer_id": 7, "call_seconds": 30, "ticket_id": n, "log": [
                    {"sender": "client", "body": f"The heating is off in flat {n}."}, {"sender": "agent", "body": "We come at five."},
                ]} for n in (1, 2)]),
            {"turns": "log", "id": "ticket_id"},
        ),
        (
            "tickets.csv",
            "Agent ID,Ticket ID,Sender,Message\n4,A1,client,The heating is off.\n4,A1,agent,We come.\n4,A2,client,Is it free?\n4,A2,agent,It is.\n",
            {"conversation": "ticket_id", "party": "sender", "text": "message"},
        ),
        (
            "导出.csv",
            "会话编号,序号,客户电话,发送时间,发送人,身份,消息内容\nA1,1,13900001111,2025/3/3 10:00,王女士,顾客,房子还在吗？\n"
            "A1,2,13900001111,2025/3/3 10:01,小李,客服,还在的。\nA2,1,13900002222,2025/3/4 9:00,赵先生,顾客,暖气坏了。\n"
            "A2,2,13900002222,2025/3/4 9:05,小李,客服,马上来。\n",
            {"conversation": "会话编号", "number": "序号", "party": "身份", "text": "消息内容", "time": "发送时间"},
        ),
        (
            "通话.csv",
            "手机号,通话ID,身份,通话内容\n13900001111,A1,顾客,房子还在吗？\n13900001111,A1,客服,还在的。\n"
            "13900001111,A2,顾客,暖气坏了。\n13900001111,A2,客服,马上来。\n",
            {"conversation": "通话id", "party": "身份", "text": "通话内容"},
        ),
        (
            "calls.csv",
            "caller_id,call_id,role,call_text\n7,A1,顾客,房子还在吗？\n7,A1,客服,还在的。\n7,A2,顾客,暖气坏了。\n7,A2,客服,马上来。\n",
            {"conversation": "call_id", "party": "role", "text": "call_text"},
        ),
    ],
)  # fmt: skip
def test_the_map_it_proposes_reads_the_file(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    name: str, content: str, expected: dict[str, str],
) -> None:  # fmt: skip
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    text = shown(root, monkeypatch, capsys, path)
    assert "with it: 2 conversations, 2 of them readable" in text
    assert "heating" not in text.lower()
    (made,) = YAML(typ="safe").load(text.partition("taken for:\n")[2].partition("  with it:")[0])
    assert {key: made[key] for key in expected} == expected
    results = detect.read(path, Forms(Conversations.model_validate({"maps": [made]}))).results
    assert [len(item.turns) for item in results if isinstance(item, Raw)] == [2, 2]


def test_a_file_without_conversations(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.json"
    path.write_text('[{"name": "Bo", "age": 3}]')
    text = shown(root, monkeypatch, capsys, path)
    assert "none of those that are known" in text
    assert "proposed" not in text
    assert "convert it to one of these, or write a map of your own (docs/formats.md)" in text

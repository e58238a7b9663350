"""Every format: read right, told apart from the others, and clear about what is wrong."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from stages.core.errors import InputError
from stages.core.jsonl import TWICE
from stages.dialogues.formats import detect
from stages.dialogues.formats.conversation import Raw, Unreadable
from stages.dialogues.formats.field_map import Forms
from stages.dialogues.formats.places import shown

NATIVE = {
    "id": "d1",
    "language": "en",
    "scene": "buying",
    "source": "im_messages",
    "role": "real_estate_agent",
    "turns": [
        {"party": "provider", "speaker": "Ann Lee", "text": "Morning.", "time": "08:00:01"},
        {"party": "customer", "text": "Hello."},
    ],
}
CSV_HEADER = "conversation_id,utterance_no,timestamp,party,speaker_name,channel,scene,role,language,text\n"
VTT = """WEBVTT

NOTE
id: call-1
language: en
scene: renting
source: call_recording
role: rental_manager
provider: Ann Lee
customer: Bo Li, Cy Li

1
00:00:01.000 --> 00:00:02.500 align:start
<v Ann Lee>Good <i>morning</i> &amp; hello.

00:00:03.000 --> 00:00:04.000
<v Cy Li>Hi.

00:00:05.000 --> 00:00:06.000
<v Dee>Who is it?
"""


def read(folder: Path, name: str, text: str | bytes) -> Sequence[Raw | Unreadable]:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return detect.read(path, Forms()).results


def one(folder: Path, name: str, text: str | bytes) -> Raw:
    found = read(folder, name, text)
    assert len(found) == 1
    assert isinstance(found[0], Raw), found[0]
    return found[0]


def bad(folder: Path, name: str, text: str) -> Unreadable:
    found = [item for item in read(folder, name, text) if isinstance(item, Unreadable)]
    assert len(found) == 1
    return found[0]


def said(raw: Raw) -> list[tuple[str, str]]:
    return [(turn.party, turn.text) for turn in raw.turns]


def test_native_brings_what_was_known_beside_the_conversation(tmp_path: Path) -> None:
    found = read(tmp_path, "a.jsonl", json.dumps({**NATIVE, "context": "Listing L-204: 78 m²."}))
    assert [item.context for item in found if isinstance(item, Raw)] == ["Listing L-204: 78 m²."]


def test_native(tmp_path: Path) -> None:
    raw = one(tmp_path, "a.jsonl", json.dumps(NATIVE) + "\n")
    assert (raw.key, raw.scene, raw.source, raw.role, raw.language) == (
        "d1",
        "buying",
        "im_messages",
        "real_estate_agent",
        "en",
    )
    assert said(raw) == [("provider", "Morning."), ("customer", "Hello.")]
    assert (raw.turns[0].speaker, raw.turns[0].time) == ("Ann Lee", "08:00:01")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            {"turns": [{"party": "agnt", "text": "x"}]},
            "turn 1: the word for who speaks is in no table",
        ),
        ({"turns": [{"party": "agent", "text": {"of": 1}, "spoke": ""}]}, "turn 1: spoke is unknown"),
        ({"turns": [{"party": "agent", "text": True}]}, "turn 1: the text is not a text"),
        ({"turns": "none"}, "turns: expected a list"),
        ({"scence": "buying"}, "scence"),
        ({"id": ""}, "id"),
    ],
)
def test_native_faults_name_the_field_and_not_the_text(tmp_path: Path, change: dict[str, object], says: str) -> None:
    good = json.dumps(NATIVE)
    fault = bad(tmp_path, "a.jsonl", f"{good}\n\n{json.dumps({**NATIVE, **change})}\n")
    assert fault.line == 3
    assert says in fault.detail


def test_a_broken_line_is_one_bad_record(tmp_path: Path) -> None:
    found = read(tmp_path, "a.jsonl", f'{json.dumps(NATIVE)}\n{{"id": "secret words\n{json.dumps(NATIVE)}\n')
    assert [type(item) for item in found] == [Raw, Unreadable, Raw]
    assert found[1] == Unreadable(line=2, detail="not JSON")


def test_a_key_that_stands_twice_is_no_silent_choice(tmp_path: Path) -> None:
    twice = json.dumps(NATIVE).replace('"turns":', '"turns": [], "turns":')
    assert bad(tmp_path, "a.jsonl", f"{json.dumps(NATIVE)}\n{twice}\n") == Unreadable(line=2, detail=TWICE)
    with pytest.raises(InputError, match=r"a\.json: a key stands twice"):
        read(tmp_path, "a.json", f"[{twice}]")


def test_csv_groups_rows_and_orders_them(tmp_path: Path) -> None:
    rows = (
        'c1,2,t2,customer,Bo,im_messages,buying,home_advisor,en,"Two, ""quoted""\nlines"\n'
        "c2,1,t1,provider,Ann,im_messages,buying,home_advisor,en,Other\n"
        "c1,1,t1,Provider,Ann,im_messages,buying,home_advisor,en,One\n"
    )
    first, second = read(tmp_path, "a.csv", CSV_HEADER + rows)
    assert isinstance(first, Raw)
    assert isinstance(second, Raw)
    assert said(first) == [("provider", "One"), ("customer", 'Two, "quoted"\nlines')]
    assert (first.key, first.line, first.source, first.turns[0].time) == ("c1", 2, "im_messages", "t1")
    assert second.key == "c2"


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_csv_with_other_delimiters_and_few_columns(tmp_path: Path, delimiter: str) -> None:
    text = "conversation_id,party,text\nc,provider,a\nc,customer,b\n".replace(",", delimiter)
    raw = one(tmp_path, "a.csv", text)
    assert said(raw) == [("provider", "a"), ("customer", "b")]
    assert raw.scene is None


@pytest.mark.parametrize(
    "row",
    [
        "c1,2,t,customer,Bo,im_messages,buying,home_advisor,en\n",
        "c1,2,t,customer,Bo,im_messages,buying,home_advisor,en,text,more\n",
        'c1,2,t,customer,Bo,im_messages,buying,home_advisor,en,"te"xt\n',
        "c1,2,t,callee,Bo,im_messages,buying,home_advisor,en,text\n",
        "c1,1.0,t,customer,Bo,im_messages,buying,home_advisor,en,a second first\n",
        "c1,two,t,customer,Bo,im_messages,buying,home_advisor,en,text\n",
    ],
)
def test_one_bad_csv_row_makes_its_conversation_unreadable(tmp_path: Path, row: str) -> None:
    start = "c1,1,t,provider,Ann,im_messages,buying,home_advisor,en,One\n"
    other = "c2,1,t,provider,Ann,im_messages,buying,home_advisor,en,Fine\n"
    found = read(tmp_path, "a.csv", CSV_HEADER + start + row + other)
    assert [type(item) for item in found] == [Unreadable, Raw]
    assert found[0].line == 3


def test_csv_quote_that_never_closes(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.csv:2: a quote is opened"):
        read(tmp_path, "a.csv", CSV_HEADER + 'c1,1,t,provider,Ann,x,y,z,en,"One\n')


def test_csv_takes_a_turn_of_200000_characters(tmp_path: Path) -> None:
    raw = one(tmp_path, "a.csv", "conversation_id,party,text\nc,provider," + "x" * 200_000 + "\n")
    assert len(raw.turns[0].text) == 200_000


def test_vtt(tmp_path: Path) -> None:
    raw = one(tmp_path, "a.vtt", VTT.replace("\n", "\r\n"))
    assert said(raw) == [("provider", "Good morning & hello."), ("customer", "Hi."), ("other", "Who is it?")]
    assert (raw.key, raw.scene, raw.role) == ("call-1", "renting", "rental_manager")
    assert (raw.turns[0].time, raw.turns[1].speaker) == ("00:00:01.000", "Cy Li")


@pytest.mark.parametrize(
    ("old", "new"),
    [("00:00:03.000 -->", "00:61:03 -->"), ("00:00:03.000 --> 00:00:04.000\n", "")],
)
def test_vtt_bad_cue(tmp_path: Path, old: str, new: str) -> None:
    fault = bad(tmp_path, "a.vtt", VTT.replace(old, new))
    assert fault.line in {16, 17}
    assert "2" in fault.detail


def test_openai_messages(tmp_path: Path) -> None:
    record = {
        "messages": [
            {"role": "system", "content": "Be kind."},
            {"role": "user", "content": [{"type": "text", "text": "Hi"}, {"type": "image_url", "image_url": {}}]},
            {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]},
            {"role": "tool", "content": "{}"},
            {"role": "assistant", "content": "Hello"},
        ]
    }
    raw = one(tmp_path, "a.json", json.dumps(record))
    assert said(raw) == [("customer", "Hi"), ("provider", "Hello")]
    assert (raw.key, raw.scene, raw.language) == (None, None, None)


def test_openai_messages_as_jsonl_under_any_name(tmp_path: Path) -> None:
    line = json.dumps({"id": 7, "messages": [{"role": "user", "content": "Hi"}]})
    found = read(tmp_path, "a.json", f"{line}\n{line}\n")
    assert [(item.line, item.key) for item in found if isinstance(item, Raw)] == [(1, "7"), (2, "7")]


def test_unknown_role_is_a_fault(tmp_path: Path) -> None:
    fault = bad(tmp_path, "a.json", json.dumps([{"messages": [{"role": "boss", "content": "Hi"}]}]))
    assert "turn 1" in fault.detail


def test_sharegpt(tmp_path: Path) -> None:
    record = {"id": "s", "conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]}
    raw = one(tmp_path, "a.json", json.dumps([record]))
    assert said(raw) == [("customer", "Hi"), ("provider", "Hello")]


def test_sgd_lines_are_those_of_the_file(tmp_path: Path) -> None:
    turns = [{"speaker": "USER", "utterance": "Hi", "frames": []}, {"speaker": "SYSTEM", "utterance": "Hello"}]
    records = [{"dialogue_id": str(n), "services": ["Homes_1"], "turns": turns} for n in range(2)]
    text = json.dumps(records, indent=1)
    first, second = read(tmp_path, "dev.json", text)
    assert isinstance(second, Raw)
    assert said(second) == [("customer", "Hi"), ("provider", "Hello")]
    assert text.split("\n")[second.line - 1].strip() == "{"
    assert first.line < second.line


def test_crosswoz(tmp_path: Path) -> None:
    messages = [{"role": "usr", "content": "你好"}, {"role": "sys", "content": "您好"}]
    text = json.dumps({"10": {"type": "x", "messages": messages}, "11": {"messages": "no"}}, indent=2)
    first, second = read(tmp_path, "val.json", text)
    assert isinstance(first, Raw)
    assert (first.key, said(first)) == ("10", [("customer", "你好"), ("provider", "您好")])
    assert isinstance(second, Unreadable)


def test_byte_order_mark(tmp_path: Path) -> None:
    assert one(tmp_path, "a.jsonl", b"\xef\xbb\xbf" + json.dumps(NATIVE).encode()).key == "d1"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.jsonl", b"", "empty"),
        ("a.csv", b" \n\n", "empty"),
        ("a.txt", "Müller: schönes Haus".encode("latin-1"), "not UTF-8 at byte 1"),
        ("a.txt", "客戶：你好，請問還有房子嗎".encode("big5"), "not UTF-8 at byte 0"),
        ("a.txt", b"Agent: hello", "not a format ingest reads"),
        ("a.csv", b"name,age\nBo,3\n", "docs/formats.md"),
        ("a.json", b'{"rows": []}', "not a format ingest reads"),
        ("a.json", b'[{"messages": [{"role": "user", "content": "Hi"}]}, {"mess', "cut off"),
        ("a.json", b"[" * 100_000, "not JSON"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        read(tmp_path, name, content)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_come_sorted_and_without_bookkeeping(tmp_path: Path) -> None:
    for name in ("b.csv", "a/z.vtt", ".DS_Store", "a/.gitignore", "big.jsonl.dvc", "a.jsonl"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = [path.relative_to(tmp_path).as_posix() for path in detect.files(tmp_path)]
    assert found == ["a.jsonl", "a/z.vtt", "b.csv"]


def test_a_folder_without_files(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no conversations"):
        detect.files(tmp_path / "missing")


def test_shown_keeps_customer_text_out_of_messages() -> None:
    assert shown("buyng") == "'buyng'"
    assert "Bo" not in shown("Bo said: call me")
    assert len(shown("x" * 500)) == 42

"""Every format that is shipped reads its sample, which docs/formats.md shows; and what a field map can say."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from pydantic import ValidationError

from stages.core.errors import InputError
from stages.dialogues.formats import detect
from stages.dialogues.formats.conversation import Raw, Unreadable
from stages.dialogues.formats.field_map import Conversations, FieldMap, Forms, shipped
from tests.dialogues.formats.samples import PAGE, SAMPLES, Sample, page

TURNS = [{"who": "tenant", "words": "Is it free?"}, {"who": "Wade", "words": "Yes."}]
MAP = {
    "name": "own",
    "needs": ["talk.*.who", "talk.*.words"],
    "id": "no",
    "turns": "talk",
    "party": "who",
    "text": "words",
}
NAMES = {"provider": ["Wade"], "customer": ["tenant"]}


def read(folder: Path, name: str, text: str, pack: Mapping[str, object] | None = None) -> Sequence[Raw | Unreadable]:
    (folder / name).write_text(text, encoding="utf-8")
    return detect.read(folder / name, Forms(Conversations.model_validate(pack or {}))).results


def one(folder: Path, value: object, pack: Mapping[str, object] | None = None) -> Raw:
    (made,) = read(folder, "a.json", json.dumps(value), pack)
    assert isinstance(made, Raw), made
    return made


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.form)
def test_the_sample_of_a_format_is_read(tmp_path: Path, sample: Sample) -> None:
    (tmp_path / sample.file).write_text(sample.text, encoding="utf-8")
    reading = detect.read(tmp_path / sample.file, Forms())
    assert reading.form.removeprefix("CSV, ") == sample.form
    first = reading.results[0]
    assert isinstance(first, Raw), first
    assert first.key == sample.key
    assert [(turn.party, turn.speaker, turn.text) for turn in first.turns] == sample.said


def test_what_only_a_later_row_says_of_a_conversation_is_read(tmp_path: Path) -> None:
    form = {"name": "rows", "needs": ["ref", "said"], "conversation": "ref", "party": "who", "text": "said"}
    pack = {"maps": [{**form, "group": "customer_no", "scene": "topic"}]}
    text = "ref,who,said,customer_no,topic\nc1,agent,Hello.,,\nc1,customer,Is it free?,77,renting\nc1,agent,Yes.,78,\n"
    (made,) = read(tmp_path, "a.csv", text, pack)
    assert isinstance(made, Raw) and (made.group, made.scene, made.source) == ("77", "renting", None)


def test_a_line_that_is_no_page_as_the_others_is_not_lost(tmp_path: Path) -> None:
    pages = [
        {"items": [{"no": 3, "talk": TURNS}]},
        {"items": [], "next": None},
        {"error": "rate limit"},
        {"items": 3},
        {"data": {"items": []}},
    ]
    text = "".join(json.dumps(page) + "\n" for page in pages)
    found = read(tmp_path, "a.jsonl", text, {"parties": NAMES, "maps": [MAP]})
    assert [(row.line, isinstance(row, Raw)) for row in found] == [(1, True), (3, False), (4, False)]


@pytest.mark.parametrize("sifted", [{"skip": {"kind": ["NOTE"]}}, {"only": {"kind": "Message"}}])
def test_turns_are_sifted_by_words_as_the_file_writes_them(tmp_path: Path, sifted: Mapping[str, object]) -> None:
    said = [{**turn, "kind": "Message"} for turn in TURNS]
    talk = {"no": 3, "talk": [said[0], {**TURNS[1], "words": "Rude.", "kind": "NOTE"}, said[1]]}
    made = one(tmp_path, talk, {"parties": NAMES, "maps": [{**MAP, **sifted}]})
    assert [turn.text for turn in made.turns] == ["Is it free?", "Yes."]


def test_every_shipped_map_has_a_sample_and_says_where_it_comes_from() -> None:
    assert {form.name for form in shipped()} <= {sample.form for sample in SAMPLES}
    assert all(form.about for form in shipped())


def test_the_page_shows_the_samples(root: Path) -> None:
    text = (root / PAGE).read_text(encoding="utf-8")
    assert page(text) == text, "run python -m tests.dialogues.formats.samples"


@pytest.mark.parametrize(
    "wrapped",
    [
        {"no": 3, "talk": TURNS},
        [{"no": 3, "talk": TURNS}],
        {"type": "list", "total": 1, "items": [{"no": 3, "talk": TURNS}]},
        {"data": {"page": 1, "conversations": [{"no": 3, "talk": TURNS}]}},
        {"conversation": {"no": 3, "talk": TURNS}},
    ],
)
def test_a_pack_s_map_reads_what_no_shipped_one_does_however_it_is_wrapped(tmp_path: Path, wrapped: object) -> None:
    with pytest.raises(InputError, match=r"a\.json: not a format ingest reads.*`dial-insight look .*proposes a map"):
        one(tmp_path, wrapped)
    made = one(tmp_path, wrapped, {"maps": [MAP], "parties": NAMES})
    assert (made.key, [(turn.party, turn.text) for turn in made.turns]) == (
        "3",
        [("customer", "Is it free?"), ("provider", "Yes.")],
    )


def test_lines_are_those_of_records_inside_wrappers(tmp_path: Path) -> None:
    records = [{"no": number, "talk": TURNS} for number in range(3)]
    text = json.dumps({"total": 3, "found": {"items": records}}, indent=1)
    found = read(tmp_path, "a.json", text, {"maps": [MAP], "parties": NAMES})
    assert [text.split("\n")[item.line - 1].strip() for item in found] == ["{"] * 3
    assert sorted({item.line for item in found}) == [item.line for item in found]


def test_wrapped_lists_on_lines_are_opened(tmp_path: Path) -> None:
    line = json.dumps({"items": [{"no": 1, "talk": TURNS}, {"no": 2, "talk": TURNS}]})
    found = read(tmp_path, "a.jsonl", f"{line}\n{line}\n{{\n", {"maps": [MAP], "parties": NAMES})
    assert [(item.line, getattr(item, "key", None)) for item in found] == [
        (1, "1"),
        (1, "2"),
        (2, "1"),
        (2, "2"),
        (3, None),
    ]


def test_a_pack_s_map_reads_csv_and_transcripts_in_a_cell(tmp_path: Path) -> None:
    rows = {"name": "rows", "needs": ["Call Ref", "Said"], "conversation": "Call Ref", "party": "Who", "text": "Said"}
    (made,) = read(
        tmp_path, "a.csv", "Call Ref,Who,Said\n9,tenant,Hi\n9,Wade,Hello\n", {"maps": [rows], "parties": NAMES}
    )
    assert isinstance(made, Raw)
    assert (made.key, [turn.party for turn in made.turns]) == ("9", ["customer", "provider"])
    cells = {
        "name": "cells",
        "needs": ["transcript"],
        "id": "ref",
        "turns": "transcript",
        "lines": True,
        "speaker": ".",
    }
    (made,) = read(
        tmp_path, "b.csv", 'ref,transcript\n5,"Agent: Good day.\nhere\nCustomer: Hi, at 5:30?"\n', {"maps": [cells]}
    )
    assert isinstance(made, Raw)
    assert [(turn.party, turn.text) for turn in made.turns] == [
        ("provider", "Good day.\nhere"),
        ("customer", "Hi, at 5:30?"),
    ]


def test_the_pack_s_map_goes_before_a_shipped_one(tmp_path: Path) -> None:
    record = {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]}
    turned = {"name": "turned", "needs": ["messages.*.role"], "turns": "messages", "party": "role", "text": "content"}
    pack = {"maps": [turned | {"parties": {"provider": ["user"], "customer": ["assistant"]}}]}
    assert [turn.party for turn in one(tmp_path, record, pack).turns] == ["provider", "customer"]


@pytest.mark.parametrize(
    "value",
    [
        {"conversations": [{"id": 1, "subject": "x"}, {"id": 2, "subject": "y"}]},
        {"messages": [{"a": 1}]},
        [{"name": "Bo", "age": 3}],
        {"messages": "none"},
        [[1, 2], [3]],
        [],
        {},
    ],
)
def test_what_is_none_of_the_formats_is_refused(tmp_path: Path, value: object) -> None:
    with pytest.raises(InputError, match="not a format ingest reads"):
        read(tmp_path, "a.json", json.dumps(value))


def test_a_record_among_good_ones_that_is_of_no_format_says_what_it_lacks(tmp_path: Path) -> None:
    good = {"dialogue_id": "1", "turns": [{"speaker": "USER", "utterance": "Hi"}]}
    found = read(
        tmp_path, "a.json", json.dumps([good, {"dialogue_id": "2"}, 5, {"dialogue_id": "3", "turns": [{"x": 1}]}])
    )
    assert [getattr(item, "detail", "") for item in found] == [
        "",
        "turns: expected a list of objects",
        "expected a JSON object",
        "no turn has utterance",
    ]


def test_people_who_are_in_no_table(tmp_path: Path) -> None:
    record = {"channel": {"id": "1"}, "messages": [
        {"type": "Default", "timestamp": f"2025-01-15T10:3{n}:00+00:00", "content": "Hi", "author": {"name": name}}
        for n, name in enumerate(["wade", "linh", "bot"])
    ]}  # fmt: skip
    (fault,) = read(tmp_path, "a.json", json.dumps(record))
    assert isinstance(fault, Unreadable)
    assert (
        fault.detail
        == "nobody is customer (speakers in no table: 2); name them under parties in the pack's conversations.yaml"
    )
    made = one(tmp_path, record, {"parties": {"customer": ["Linh"]}})
    assert [turn.party for turn in made.turns] == ["other", "customer", "provider"]
    only_others = {"turns": [{"party": "other", "text": "Hm"}, {"party": "third_party", "text": "Hm"}]}
    (fault,) = read(tmp_path, "b.json", json.dumps(only_others))
    assert isinstance(fault, Unreadable)
    assert fault.detail.startswith("nobody is provider or customer")


def test_a_conversation_of_one_side_is_whole(tmp_path: Path) -> None:
    assert (
        len(
            one(
                tmp_path,
                {"turns": [{"party": "customer", "text": "Hello?"}, {"party": "customer", "text": "Anybody?"}]},
            ).turns
        )
        == 2
    )


@pytest.mark.parametrize(
    "word", ["Agent", " AGENT ", "agent-2", "Agent #3", "customer_service", "客服", "坐席1", "Virtual Assistant"]
)
def test_words_for_the_provider(tmp_path: Path, word: str) -> None:
    made = one(tmp_path, {"turns": [{"party": word, "text": "Hi"}, {"party": "顾客", "text": "Hello"}]})
    assert [turn.party for turn in made.turns] == ["provider", "customer"]


@pytest.mark.parametrize(
    ("identifier", "key"),
    [(12, "12"), (" a-1 ", "a-1"), (None, None), (2.5, "rounded"), (True, "expected"), ("2.02501E+13", "rounded"), ([1], "expected"), (" ", "expected")],
)  # fmt: skip
def test_identifiers(tmp_path: Path, identifier: object, key: str | None) -> None:
    turns = [{"party": "customer", "text": "Hi"}, {"party": "provider", "text": "Hello"}]
    (made,) = read(tmp_path, "a.json", json.dumps({"id": identifier, "turns": turns}))
    assert made.key == key if isinstance(made, Raw) else str(key) in made.detail


def test_texts_in_parts_of_any_type(tmp_path: Path) -> None:
    parts = [
        {"type": "refusal", "text": "One"},
        "two",
        {"type": "text", "text": {"value": "three", "annotations": []}},
        {"type": "image_url", "image_url": {"url": "x"}},
        {"type": "tool_result", "content": "done"},
    ]
    record = {
        "messages": [
            {"role": "user", "content": parts},
            {"role": "assistant", "content": []},
            {"role": "assistant", "content": 5},
        ]
    }
    made = one(tmp_path, record)
    assert ([turn.text for turn in made.turns], made.silent) == (["One\ntwo\nthree", "5"], 1)


@pytest.mark.parametrize("place", ["id", "text", "speaker", "time", "context", "scene", "party"])
def test_half_a_surrogate_pair_anywhere_is_malformed_at_its_place(tmp_path: Path, place: str) -> None:
    turn = {"party": "customer", "text": "Hi", "speaker": "Bo", "time": "10:00"}
    record = {"id": "a", "scene": "buying", "context": "x", "turns": [turn, {"party": "provider", "text": "Hello"}]}
    (turn if place in turn else record)[place] = "x\ud83d"
    found = read(tmp_path, "a.jsonl", json.dumps(record))
    assert [type(item) for item in found] == [Unreadable]
    found[0].model_dump_json()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"turns": ()}, "give either turns or conversation"),
        ({"conversation": "x"}, "give either turns or conversation"),
        ({"party": ()}, "say who speaks"),
        ({"needs": ()}, "needs"),
        ({"colour": 1}, "colour"),
    ],
)
def test_a_map_that_contradicts_itself(change: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        FieldMap.model_validate({**MAP, **change})


def test_strangers_are_of_the_pack_s_party_where_somebody_is_known(tmp_path: Path) -> None:
    talk = [{"who": name, "words": "Hi"} for name in ("Bo", "Office", "Cy")]
    pack = {"maps": [MAP | {"party": (), "speaker": "who", "needs": ["talk.*.words"]}], "strangers": "customer"}
    assert [
        turn.party for turn in one(tmp_path, {"talk": talk}, pack | {"parties": {"provider": ["office"]}}).turns
    ] == [
        "customer",
        "provider",
        "customer",
    ]
    (fault,) = read(tmp_path, "a.json", json.dumps({"talk": talk[::2]}), pack)
    assert isinstance(fault, Unreadable)
    assert fault.names == ("Bo", "Cy")
    assert "Bo" not in fault.detail


def test_a_party_may_be_the_number_zero(tmp_path: Path) -> None:
    talk = [{"who": 0, "words": "Is it free?"}, {"who": 1, "words": "Yes."}]
    made = one(tmp_path, {"talk": talk}, {"maps": [MAP], "parties": {"provider": ["1"], "customer": ["0"]}})
    assert [turn.party for turn in made.turns] == ["customer", "provider"]

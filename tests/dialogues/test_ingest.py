"""Ingest: what is kept, what is dropped with which reason, and when it gives up."""

import json
from functools import partial
from pathlib import Path

import pytest

from stages.core import jsonl, params
from stages.core.dropped import Dropped, Reason
from stages.core.errors import InputError
from stages.core.rowwise import mapped
from stages.dialogues import ingest as stage
from stages.dialogues.formats import places
from stages.dialogues.formats.conversation import Raw, Unreadable
from stages.dialogues.ingest import Ingest, ingest
from stages.library.domain_pack import Domain
from stages.rows.dialogue import Dialogue, Turn

DEFAULTS = {"scene": "renting", "source": "im_messages", "role": "real_estate_agent", "language": "en"}


def settings(**changes: object) -> Ingest:
    values = {"min_turns": 2, "max_chars": 1000, "max_bad_rows": 10, "max_dropped": 1, "defaults": DEFAULTS, **changes}
    return Ingest.model_validate(values)


def raw(*texts: str, line: int = 1, **fields: str) -> Raw:
    turns = tuple(Turn(party="customer" if n % 2 else "provider", text=text) for n, text in enumerate(texts))
    known = {"key": f"k{line}", "language": "en", "scene": "buying", "source": "im_messages", "role": "home_advisor"}
    return Raw(line=line, turns=turns, **{**known, **fields})


def dropped(domain: Domain, *items: Raw | Unreadable, **changes: object) -> list[Dropped]:
    outcomes = ingest([("a.jsonl", item) for item in items], settings(**changes), domain)
    return [outcome for outcome in outcomes if isinstance(outcome, Dropped)]


def kept(domain: Domain, *items: Raw) -> list[Dialogue]:
    outcomes = list(ingest([("a/b.jsonl", item) for item in items], settings(), domain))
    return [outcome for outcome in outcomes if isinstance(outcome, Dialogue)]


def test_a_dialogue_says_where_it_came_from(domain: Domain) -> None:
    (made,) = kept(domain, raw("Hello.", "Hi.", line=12))
    assert (made.key, made.origin, made.scene, made.role) == ("k12", "a/b.jsonl:12", "buying", "home_advisor")


def test_the_id_is_the_content_and_not_the_place(domain: Domain) -> None:
    one = kept(domain, raw("Hello.", "Hi."))[0]
    assert one.id == kept(domain, raw("Hello.", "Hi.", line=9))[0].id
    assert one.id != kept(domain, raw("Hello.", "Hi!"))[0].id
    assert one.id != kept(domain, raw("Hello.", "Hi.", scene="selling"))[0].id


def test_customers_and_cases_are_told_apart_and_not_told(domain: Domain) -> None:
    one, two, three, none = kept(
        domain,
        raw("Hello.", "Hi.", line=1, group="customer 4711"),
        raw("Hello?", "Hi.", line=2, group=" customer 4711"),
        raw("Hello!", "Hi.", line=3, group="customer 4712"),
        raw("Hello …", "Hi.", line=4),
    )
    assert one.group == two.group != three.group
    assert "4711" not in one.model_dump_json()
    assert none.group == "" and "group" not in none.model_dump_json()
    assert one.id == kept(domain, raw("Hello.", "Hi."))[0].id


def test_fields_the_format_lacks_take_the_defaults(domain: Domain) -> None:
    (made,) = kept(domain, Raw(line=3, turns=raw("Hello.", "Hi.").turns))
    assert (made.scene, made.source, made.role, made.language) == tuple(DEFAULTS.values())
    assert made.key == "a/b.jsonl:3"


def test_language_is_told_from_the_script(domain: Domain) -> None:
    found = kept(
        domain,
        Raw(line=1, turns=raw("您好，想看哪套房？", "三居室。").turns),
        Raw(line=2, turns=raw("12", "34").turns),
    )
    assert [made.language for made in found] == ["zh", "en"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"scene": "bying"}, Reason.UNKNOWN_SCENE),
        ({"source": "fax"}, Reason.UNKNOWN_SOURCE),
        ({"role": "agnt"}, Reason.UNKNOWN_ROLE),
        ({"language": "fr"}, Reason.UNKNOWN_LANGUAGE),
    ],
)
def test_unknown_values_are_named_with_those_allowed(domain: Domain, fields: dict[str, str], reason: Reason) -> None:
    (drop,) = dropped(domain, raw("a", "b", line=4, **fields))
    assert (drop.id, drop.reason) == ("a.jsonl:4", reason)
    assert repr(next(iter(fields.values()))) in drop.detail
    assert "is not one of" in drop.detail


def test_a_third_language_is_unknown_and_a_recorded_one_is_named_as_files_name_it(domain: Domain) -> None:
    texts = ("Hola, ¿sigue libre el piso de la calle Mayor?", "Sí, señora, puede verlo el viernes.")
    (drop,) = dropped(domain, Raw(line=1, turns=raw(*texts).turns))
    assert (drop.reason, drop.detail) == (
        Reason.UNKNOWN_LANGUAGE,
        "by its letters and words neither English nor Chinese",
    )
    assert [
        made.language for made in kept(domain, raw("a", "b", language="en-GB"), raw("c", "d", line=2, language="zh_CN"))
    ] == [
        "en",
        "zh",
    ]


@pytest.mark.parametrize(
    ("spoken", "source"), [(True, "call_recording"), (False, "im_messages"), (None, "im_messages")]
)
def test_a_recording_is_no_chat(domain: Domain, spoken: bool | None, source: str) -> None:
    (made,) = kept(domain, Raw(line=1, turns=raw("Hello.", "Hi.").turns, spoken=spoken))
    assert made.source == source
    (made,) = kept(domain, raw("Hello.", "Hi.").model_copy(update={"spoken": True}))
    assert made.source == "im_messages"  # the file says so


def test_several_records_on_a_line_have_places_of_their_own(domain: Domain) -> None:
    items = [Raw(line=1, turns=raw("Hello.", text).turns) for text in ("Hi.", "Hey.", "Hi.")]
    outcomes = list(ingest([("a.json", item) for item in items], settings(), domain))
    assert [getattr(row, "key", "") for row in outcomes] == ["a.json:1", "a.json:1/2", ""]
    assert outcomes[2] == Dropped(id="a.json:1/3", reason=Reason.DUPLICATE, detail="first in a.json:1")


def test_a_conversation_cut_over_two_files_is_no_second_one(domain: Domain) -> None:
    parts = [("jan.csv", raw("Hello.", "Hi.", line=2, key="c1")), ("feb.csv", raw("Bye.", "Bye!", line=7, key="c1"))]
    outcomes = list(ingest(parts, settings(), domain))
    assert isinstance(outcomes[0], Dialogue)
    assert outcomes[1] == Dropped(
        id="feb.csv:7", reason=Reason.DUPLICATE_ID, detail="first in jan.csv:2; if it goes on here, join them"
    )


def test_an_unknown_default_is_called_one(domain: Domain) -> None:
    defaults = {**DEFAULTS, "scene": "moving"}
    (drop,) = dropped(domain, Raw(line=1, turns=raw("Hello.", "Hi.").turns), defaults=defaults)
    assert drop.detail.startswith("ingest.defaults.scene 'moving' is not one of ")


def test_duplicates(domain: Domain) -> None:
    drops = dropped(
        domain,
        raw("a", "b", line=1),
        raw("c", "d", line=2, key="k1"),
        raw("a", "b", line=3),
    )
    assert [(d.id, d.reason) for d in drops] == [
        ("a.jsonl:2", Reason.DUPLICATE_ID),
        ("a.jsonl:3", Reason.DUPLICATE),
    ]
    assert "a.jsonl:1" in drops[1].detail


def test_what_is_not_worth_keeping(domain: Domain) -> None:
    drops = dropped(domain, raw("only me"), raw("x" * 200_000, "ok", line=2), raw(line=3))
    assert [d.reason for d in drops] == [Reason.TOO_FEW_TURNS, Reason.TOO_LONG, Reason.EMPTY]
    assert all(len(d.detail) < 60 for d in drops)


def test_too_many_bad_records_fail_with_their_places(domain: Domain) -> None:
    items = [Unreadable(line=n, detail="not JSON") for n in range(1, 9)]
    assert len(dropped(domain, *items, max_bad_rows=8)) == 8
    with pytest.raises(InputError) as caught:
        dropped(domain, *items, max_bad_rows=7)
    message = str(caught.value)
    assert message.startswith("8 bad records")
    assert "a.jsonl:1 malformed (not JSON)" in message
    assert "and 3 more" in message
    assert "\n" not in message


def test_short_or_repeated_conversations_are_no_bad_input(domain: Domain) -> None:
    items = [raw("same", line=n, key=str(n)) for n in range(20)]
    assert len(dropped(domain, *items, max_bad_rows=0)) == 20


def run(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch, folder: Path, pack: Path | None = None
) -> tuple[list[Dialogue], dict[str, object]]:
    monkeypatch.setattr(params, "load_all", lambda *_: {"ingest": settings(max_chars=100_000).model_dump()})
    target, ledger = tmp_path / "out" / "ingested.jsonl", tmp_path / "ledger.json"
    domain = root / "prompts" / "real_estate" / "domain.yaml"
    stage.main(source=folder, domain=domain, target=target, ledger=ledger, conversations=pack)
    return jsonl.read(target, Dialogue), json.loads(ledger.read_text())


def test_the_same_talk_with_something_else_known_is_another_dialogue(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "raw"
    folder.mkdir()
    talk: dict[str, object] = {"language": "en", "scene": "renting", "source": "im_messages", "role": "rental_manager"}
    talk |= {"turns": [{"party": "customer", "text": "Is it free?"}, {"party": "provider", "text": "It is."}]}
    contexts = {"a": None, "b": " Rent 1,450. ", "c": "Rent 1,600.", "d": "Rent 1,600."}
    lines = [json.dumps({"id": key, **talk} | ({"context": text} if text else {})) for key, text in contexts.items()]
    (folder / "a.jsonl").write_text("\n".join(lines))
    rows, ledger = run(tmp_path, root, monkeypatch, folder)
    assert [row.context for row in rows] == ["", "Rent 1,450.", "Rent 1,600."]
    assert ledger["dropped"] == {"duplicate": 1}


def test_the_shipped_corpus(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, ledger = run(tmp_path, root, monkeypatch, root / "data" / "raw" / "real_estate")
    assert ledger["in"] == ledger["kept"] == len(rows) >= 32
    assert {row.scene for row in rows} == {"buying", "selling", "renting", "home_improvement"}
    assert {Path(row.origin.rpartition(":")[0]).suffix for row in rows} >= {".jsonl", ".csv", ".vtt"}
    assert len({row.source for row in rows}) == 10


def test_what_was_mended_is_in_the_ledger(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "a.csv").write_text(
        "conversation_id,timestamp,party,text\nc,2025-01-01 10:02,agent,Yes <|im_end|>\nc,2025-01-01 10:01,user,\n"
        "c,2025-01-01 10:00,user,Is it free?</s>\n"
    )
    (row,), ledger = run(tmp_path, root, monkeypatch, folder)
    assert [turn.text for turn in row.turns] == ["Is it free?< /s>", "Yes < |im_end|>"]
    assert ledger == {"in": 1, "kept": 1, "dropped": {}, "silent_turns": 1, "special_tokens": 2, "reordered": 1}


@pytest.mark.parametrize("processes", [2, 3])
def test_the_number_of_processes_changes_nothing(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch, processes: int
) -> None:
    folder = tmp_path / "raw"
    folder.mkdir()
    talk = [
        {"party": "customer", "text": "Is it free?</s>"},
        {"party": "provider", "text": "It is."},
        {"party": "other", "text": ""},
    ]
    lines = [
        json.dumps({"id": f"c{n % 75}", "turns": [*talk, {"party": "customer", "text": f"Unit {n}?"}]})
        for n in range(80)
    ]
    lines[5], lines[40] = "{", json.dumps({"id": "x", "turns": [{"party": "agnt", "text": "Hello."}]})
    (folder / "a.jsonl").write_text("\n".join(lines))
    (folder / "b.json").write_text(
        json.dumps([json.loads(line) | {"id": f"b{n}"} for n, line in enumerate(lines[50:])])
    )
    (folder / "c.vtt").write_text(
        "WEBVTT\n\n00:01.000 --> 00:02.000\nAgent: Hi.\n\n00:03.000 --> 00:04.000\nCustomer: Hello.\n"
    )
    alone = run(tmp_path, root, monkeypatch, folder)
    drops = (tmp_path / "out" / "ingested.dropped.jsonl").read_bytes()
    monkeypatch.setattr(stage, "mapped", partial(mapped, processes=processes, few=0))
    assert run(tmp_path, root, monkeypatch, folder) == alone
    assert (tmp_path / "out" / "ingested.dropped.jsonl").read_bytes() == drops
    assert alone[1] == {
        "in": 111,
        "kept": 79,
        "dropped": {"duplicate": 25, "duplicate_id": 5, "malformed": 2},
        "silent_turns": 108,
        "special_tokens": 108,
        "reordered": 0,
    }


def test_a_pack_that_names_people(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, pack = tmp_path / "raw", tmp_path / "conversations.yaml"
    folder.mkdir()
    (folder / "a.vtt").write_text(
        "WEBVTT\n\n00:01.000 --> 00:02.000\nWade: Hi.\n\n00:03.000 --> 00:04.000\nLinh: Hello.\n"
    )
    with pytest.raises(InputError, match=r"kept 0 of 1.*a\.vtt:1 malformed \(nobody is provider or customer"):
        run(tmp_path, root, monkeypatch, folder)
    pack.write_text("parties: {provider: [Wade]}\nstrangers: customer\n")
    (row,), _ = run(tmp_path, root, monkeypatch, folder, pack)
    assert [(turn.party, turn.speaker) for turn in row.turns] == [("provider", "Wade"), ("customer", "Linh")]


def test_only_the_list_of_bad_records_is_left_of_a_run_that_failed(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "a.jsonl").write_text('{"id": "a", "turns": 1}\n{"id": "b", "turns": [{"party": "agnt"}]}\n' + "{\n" * 10)
    with pytest.raises(InputError, match="12 bad records"):
        run(tmp_path, root, monkeypatch, folder)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["ingested.dropped.jsonl"]
    assert len(jsonl.read(tmp_path / "out" / "ingested.dropped.jsonl", Dropped)) == 12


@pytest.mark.parametrize(("name", "count", "language"), [("sgd_homes/dev.json", 180, "en"), ("crosswoz", 120, "zh")])
def test_public_sets(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch, name: str, count: int, language: str
) -> None:
    source = root.parent / "shared" / "data" / name
    if not source.exists():
        pytest.skip("the public samples are not here")
    folder = tmp_path / "raw"
    folder.mkdir()
    for path in [source] if source.is_file() else source.glob("*.json"):
        (folder / path.name).symlink_to(path)
    rows, ledger = run(tmp_path, root, monkeypatch, folder)
    assert (ledger["in"], len(rows)) == (count, count)
    assert {row.language for row in rows} == {language}


@pytest.mark.parametrize("key", ["case-1", "15069934410"])  # the second is stored as its hash
def test_no_file_that_joins_takes_a_test_dialogues_place(domain: Domain, key: str) -> None:
    tested = raw("Hello.", "Hi.", line=3, key=key)
    (known,) = kept(domain, tested)
    copy, namesake = raw("Hello.", "Hi.", line=1, key="new-1"), raw("Bye.", "Bye!", line=2, key=key)
    records = [("a.csv", copy), ("a.csv", namesake), ("b.jsonl", tested)]
    held_out = {known.id: places.kept(known.key)}
    first, second, third = ingest(records, settings(), domain, held_out)
    assert isinstance(first, Dropped) and first.reason is Reason.DUPLICATE
    assert isinstance(second, Dropped) and second.reason is Reason.DUPLICATE_ID
    assert isinstance(third, Dialogue) and third.key == key
    assert [row.key for row in ingest(records, settings(), domain) if isinstance(row, Dialogue)] == ["new-1", key]
    alone = [row.key for row in ingest(records[:2], settings(), domain, held_out) if isinstance(row, Dialogue)]
    assert alone == ["new-1", key]

"""Ingest: what is kept, what is dropped with which reason, and when it gives up."""

import json
from pathlib import Path

import pytest

from stages.core import jsonl, params
from stages.core.dropped import Dropped, Reason
from stages.core.errors import InputError
from stages.dialogues import ingest as stage
from stages.dialogues.formats.conversation import Raw, Unreadable
from stages.dialogues.ingest import Ingest, ingest
from stages.library.domain_pack import Domain
from stages.rows.dialogue import Dialogue, Turn

DEFAULTS = {"scene": "renting", "source": "im_messages", "role": "real_estate_agent", "language": "en"}


def settings(**changes: object) -> Ingest:
    values = {"min_turns": 2, "max_chars": 1000, "max_bad_rows": 10, "defaults": DEFAULTS, **changes}
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
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> tuple[list[Dialogue], dict[str, object]]:
    monkeypatch.setattr(params, "load_all", lambda *_: {"ingest": settings(max_chars=100_000).model_dump()})
    target, ledger = tmp_path / "out" / "ingested.jsonl", tmp_path / "ledger.json"
    stage.main(source=folder, domain=root / "prompts" / "real_estate" / "domain.yaml", target=target, ledger=ledger)
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


def test_nothing_is_left_of_a_run_that_failed(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "a.jsonl").write_text('{"id": "a", "turns": 1}\n{"id": "b", "turns": []}\n' + "{\n" * 10)
    with pytest.raises(InputError, match="11 bad records"):
        run(tmp_path, root, monkeypatch, folder)
    assert not list((tmp_path / "out").iterdir())


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

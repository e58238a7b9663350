"""The second data set's script, on an invented dialogue: slots, marks, and gold as the anonymized conversation shows it."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import sgd_homes
from stages.answers.formats import parse
from stages.cli import check
from stages.core import jsonl
from stages.evaluation.similarity.statements import states, states_at_once
from stages.pii.gold import Marked
from stages.rows.dialogue import Dialogue, Turn
from stages.rows.instruction import Ask

SAID = [
    ("USER", "A flat with two bedrooms in Concord, cats welcome.", {}),
    ("SYSTEM", "Elm Court at 12 Elm Road has 2 beds for $900.", {"property_name": "Elm Court", "address": "12 Elm Road", "rent": "$900"}),
    ("USER", "Another?", {}),
    ("SYSTEM", "Oak House at 7 Oak Lane has 2 beds for $950.", {"property_name": "Oak House", "address": "7 Oak Lane", "rent": "$950"}),
    ("USER", "Good. Their number?", {}),
    ("SYSTEM", "It is 925-555-0142.", {"phone_number": "925-555-0142"}),
]  # fmt: skip
STATE = {
    "area": ["Concord"],
    "number_of_beds": ["2"],
    "pets_allowed": ["True"],
    "property_name": ["Oak House"],
    "visit_date": ["March 3rd", "the 3rd"],
}
SHOWN = {"12 Elm Road": "[ADDRESS_1]", "7 Oak Lane": "[ADDRESS_2]", "925-555-0142": "[PHONE_1]"}


def turn(speaker: str, text: str, slots: dict[str, str]) -> dict[str, Any]:
    spans = [
        {"slot": slot, "start": text.index(value), "exclusive_end": text.index(value) + len(value)}
        for slot, value in slots.items()
    ]
    acts = [{"act": "OFFER", "slot": slot, "values": [value]} for slot, value in slots.items()]
    frame: dict[str, Any] = {"service": "Homes_1", "slots": spans, "actions": acts}
    return {"speaker": speaker, "utterance": text, "frames": [frame]}


@pytest.fixture
def published() -> dict[str, Any]:
    turns = [turn(*said) for said in SAID]
    turns[4]["frames"][0]["state"] = {"slot_values": STATE}
    return {"dialogue_id": "1_00001", "services": ["Homes_1"], "turns": turns}


@pytest.fixture
def anonymized() -> Dialogue:
    def shown(text: str) -> str:
        for value, placeholder in SHOWN.items():
            text = text.replace(value, placeholder)
        return text

    turns = tuple(Turn(party="customer" if who == "USER" else "provider", text=shown(text)) for who, text, _ in SAID)
    return Dialogue(
        id="d1", key="d1", language="en", scene="renting", source="chat", role="assistant", turns=turns
    )  # fmt: skip


def test_what_is_chosen_is_the_last_state_and_its_own_offer(published: dict[str, Any]) -> None:
    slots = sgd_homes.slots(published)
    assert slots.asked("wishes") == {"area": ("Concord",), "number_of_beds": ("2",), "pets_allowed": ("True",)}
    assert slots.asked("place") == {
        "property_name": ("Oak House",),
        "address": ("7 Oak Lane",),
        "rent": ("$950",),
        "phone_number": ("925-555-0142",),
    }


def test_phone_numbers_and_addresses_are_marked(published: dict[str, Any]) -> None:
    found = [(mark.turn, mark.text, mark.kind) for mark in sgd_homes.marks(published)]
    assert found == [(1, "12 Elm Road", "address"), (3, "7 Oak Lane", "address"), (5, "925-555-0142", "phone")]


def test_gold_is_what_the_conversation_shows(published: dict[str, Any], anonymized: Dialogue) -> None:
    assert sgd_homes.shown(published, anonymized) == SHOWN
    turns = list(anonymized.turns)
    turns[3] = turns[3].model_copy(update={"text": "[PERSON_1] House at [ADDRESS_2] has 2 beds for $950."})
    half = anonymized.model_copy(update={"turns": tuple(turns)})
    assert sgd_homes.shown(published, half)["Oak House"] == "[PERSON_1] House"


@pytest.mark.parametrize("what", sgd_homes.ASKED)
def test_the_answer_has_its_form_and_states_its_facts(
    published: dict[str, Any], anonymized: Dialogue, what: str
) -> None:
    row = sgd_homes.written_row(anonymized, published, what)
    values = parse(row.answer, Ask(kind="json", fields=sgd_homes.ASKED[what]))
    assert values is not None and all(values.values())
    assert all(states(row.answer, fact) for fact in row.facts)
    assert not any(states_at_once(row.answer, near_miss) for near_miss in row.wrong)


def test_what_was_turned_down_is_a_near_miss(published: dict[str, Any], anonymized: Dialogue) -> None:
    row = sgd_homes.written_row(anonymized, published, "place")
    assert (
        json.loads(row.answer)["address"] == "[ADDRESS_2]" and json.loads(row.answer)["number_of_baths"] == "not stated"
    )
    assert {each.says for each in row.wrong} == {"property_name is Elm Court", "address is [ADDRESS_1]", "rent is $900"}
    assert sgd_homes.written_row(anonymized, published, "wishes").wrong == ()


def test_the_pack_is_one_without_a_fault(
    published: dict[str, Any], root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone, files = tmp_path / "clone", tmp_path / "published"
    for name in ("prompts/bank_service", "data/raw"):
        (clone / name).mkdir(parents=True)
    formats = (root / "prompts/bank_service/formats.yaml").read_bytes()
    (clone / "prompts/bank_service/formats.yaml").write_bytes(formats)
    (clone / "data/raw/pii_gold.jsonl").touch()
    elsewhere = {**published, "dialogue_id": "1_00002", "services": ["Hotels_1"]}
    for half, rows in (("train", [published, elsewhere]), ("dev", [])):
        (files / half).mkdir(parents=True)
        (files / half / "dialogues_001.json").write_text(json.dumps(rows), encoding="utf-8")
    monkeypatch.chdir(clone)
    sgd_homes.pack(files)
    sgd_homes.pack(files)
    assert list(check.pack_faults(Path("prompts/sgd_homes"), Path())) == []
    assert [row["dialogue_id"] for row in json.loads(Path("data/raw/sgd_homes/train.json").read_text())] == ["1_00001"]
    assert len(jsonl.read(Path("data/raw/pii_gold.jsonl"), Marked)) == 3

"""What the benchmark of personal data counts: whole stretches, false ones by what they are; and the public sets' forms."""

import json
import re
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel

from benchmarks import detectors
from benchmarks.detectors import Detector, Find
from benchmarks.marked_talks import HELD_OUT, MarkedSet, in_file, public, texts
from benchmarks.personal_data import cell, chosen, false_share, main, recall, score, tables
from stages.core.errors import InputError
from stages.pii.gold import Placed
from stages.rows.dialogue import Dialogue, Turn
from stages.statistics.bootstrap import Estimate

TEXT = "Ring Orla Quist at 555-0142 before noon."


def by_pattern(pattern: str, kind: str) -> Find:
    def find(dialogues: Sequence[Dialogue]) -> list[list[Placed]]:
        return [places(dialogue) for dialogue in dialogues]

    def places(dialogue: Dialogue) -> list[Placed]:
        return [
            Placed(turn=n, start=m.start(), end=m.end(), kind=kind, placeholder="[X_1]")
            for n, text in enumerate(texts(dialogue))
            for m in re.finditer(pattern, text)
        ]

    return find


@pytest.fixture
def marked(tmp_path: Path) -> MarkedSet:
    """Return one English conversation: a name, a phone number, and a time of day that is neither."""

    def at(text: str) -> dict[str, object]:
        return {"turn": 0, "start": TEXT.index(text), "end": TEXT.index(text) + len(text), "text": text}

    row = {
        "id": "one",
        "language": "en",
        "domain": "shop",
        "turns": [{"party": "customer", "text": TEXT}, {"party": "provider", "text": "Will do."}],
        "marks": [
            at("Orla Quist") | {"kind": "person", "form": "bare"},
            at("555-0142") | {"kind": "phone", "form": "x"},
        ],
        "decoys": [at("noon") | {"what": "time"}],
    }
    path = tmp_path / "set.jsonl"
    path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    return next(in_file(path, "set"))


@pytest.mark.parametrize(
    ("pattern", "whole"),
    [("Orla Quist", True), ("Ring Orla Quist at", True), ("Orla", False), ("Orla|Quist", True), ("Will", False)],
)
def test_a_name_is_found_when_no_letter_of_it_is_left(marked: MarkedSet, pattern: str, whole: bool) -> None:
    found = score(marked, Detector("x", by_pattern(pattern, "person"))).found
    assert {each.kind: each.whole for each in found} == {"person": whole, "phone": False}


def test_what_touches_no_mark_is_false_and_is_called_what_it_is(marked: MarkedSet) -> None:
    one = score(marked, Detector("x", by_pattern("Ring Orla|noon|Will do", "person")))
    assert sorted(each.instead for each in one.taken) == ["", "elsewhere", "time"]
    share = false_share(one, ["person"])
    assert share is not None and share.value == pytest.approx(2 / 3)
    assert false_share(one, ["phone"]) is None
    incomplete = score(marked._replace(complete=frozenset()), Detector("x", by_pattern("noon", "person")))
    assert incomplete.taken == []


def test_recall_of_nothing_is_none_and_cells_stay_within_a_hundred(marked: MarkedSet) -> None:
    assert recall([]) is None and cell(None) == "–"
    assert cell(Estimate(0.951, 0.9, 1.08)) == "95.1 (90–100)"
    assert cell(Estimate(0.5)) == "50.0"


def test_tables_have_a_column_for_each_detector(marked: MarkedSet) -> None:
    named = {name: by_pattern(pattern, "phone") for name, pattern in (("one", r"555-\d+"), ("two", "noon"))}
    scores = {marked.name: {name: score(marked, Detector(name, find)) for name, find in named.items()}}
    lines = list(tables(scores, [marked], forms=True))
    assert "| By kind, % | n | one | two |" in lines
    assert f"| {marked.name}: phone | 1 | 100 | 0 |" in lines
    assert f"| {marked.name}: phone, x | 1 | 100 | 0 |" in lines
    assert f"| {marked.name}: time | 1 | 0 | 1 |" in lines
    assert f"| {marked.name} | all | 0.0 of 1 | 100.0 of 1 |" in lines


PRESIDIO = [
    {
        "full_text": "Nils Aarden, 4 Low Rd, Utrecht",
        "spans": [
            {"entity_type": "PERSON", "start_position": 0, "end_position": 11},
            {"entity_type": "STREET_ADDRESS", "start_position": 13, "end_position": 21},
            {"entity_type": "GPE", "start_position": 23, "end_position": 30},
        ],
    }
]
MULTIPRIV = [
    {
        "name": "岑若愚",
        "doctor": "岳青",
        "location": "平湖路7号",
        "idCardNumbers": 11010519000000001,
        "emailAddress": "c@example.com",
        "phoneNumbers": "13000004170",
        "naturalParagraph": "岑若愚住平湖路7号，电话13000004170。岑若愚的医生是岳青。",
    }
]
SGD = [
    {
        "dialogue_id": "1",
        "turns": [
            {
                "speaker": "SYSTEM",
                "utterance": "Fern Court is at 9 Elm St.",
                "frames": [
                    {
                        "slots": [
                            {"slot": "property_name", "start": 0, "exclusive_end": 10},
                            {"slot": "address", "start": 17, "exclusive_end": 25},
                        ]
                    }
                ],
            }
        ],
    }
]
CROSSWOZ = {
    "1": {"messages": [{"role": "usr", "content": "你好，附近有酒店吗？"}, {"role": "sys", "content": "有的。"}]}
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with an invented row of each public set in its publisher's form."""
    files = {
        "pii/presidio_first750.json": PRESIDIO,
        "pii/multipriv_zh_first300.json": MULTIPRIV,
        "sgd_homes/dev.json": SGD,
        "crosswoz/val_120.json": CROSSWOZ,
    }
    for name, rows in files.items():
        path = tmp_path / "public" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(rows), encoding="utf-8")
    return tmp_path / "public"


def test_public_sets_are_read_in_their_publishers_forms(folder: Path) -> None:
    english, chinese, homes, travel = public(folder)
    assert [(k.place.mark.kind, k.place.mark.text) for k in english.talks[0].known] == [
        ("person", "Nils Aarden"),
        ("address", "4 Low Rd"),
    ]
    assert english.talks[0].others == [(0, 23, 30, "GPE")]
    texts_of = sorted(known.place.mark.text for known in chinese.talks[0].known)
    assert texts_of == ["13000004170", "岑若愚", "岑若愚", "岳青", "平湖路7号"]
    assert [k.place.mark.text for k in homes.talks[0].known] == ["9 Elm St"]
    assert homes.talks[0].others == [(0, 0, 10, "property_name")]
    assert [turn.party for turn in travel.talks[0].dialogue.turns] == ["customer", "provider"]


def test_another_form_and_an_empty_folder_are_refused_in_a_line(folder: Path, tmp_path: Path) -> None:
    (folder / "sgd_homes/dev.json").write_text(json.dumps([{"dialogue_id": "Fern", "turns": [{}]}]), encoding="utf-8")
    with pytest.raises(InputError, match=r"dev\.json: not in the form"):
        list(public(folder))
    with pytest.raises(InputError, match=r"none of pii/presidio_first750\.json"):
        list(public(tmp_path))


class Models(BaseModel):
    zh: Literal["one", "two"] | None = None
    en: None = None


class WithEvidence(BaseModel):
    evidence: Models


def test_the_evidence_that_the_params_offer_is_taken() -> None:
    assert detectors.offered(WithEvidence) == {"zh": "one", "en": None}
    assert detectors.offered(Models) == {}


@pytest.fixture
def at_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be in the repository's root, where params are read."""
    monkeypatch.chdir(HELD_OUT.parents[2])


def test_the_rules_find_what_nobody_doubts(at_root: None, marked: MarkedSet) -> None:
    find = detectors.ours(dict.fromkeys(detectors.offered()))
    turn = Turn(party="customer", text="Write to orla.q@example.com")
    (placed,) = find([marked.talks[0].dialogue.model_copy(update={"turns": (turn,)})])
    assert [(each.start, each.end, each.kind) for each in placed] == [(9, 27, "email")]


@pytest.mark.slow
def test_it_runs_over_the_in_file_set_and_leaves_out_what_is_not_there(
    at_root: None, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["--sets", "held out", "--most", "4", "--spacy-model", str(tmp_path / "none")]) == 0
    out, err = capsys.readouterr()
    assert "| held out, en |" in out and "| held out, zh |" in out and "presidio" not in out
    left_out = [line.split(" is left out: ")[0] for line in err.splitlines()]
    # spaCy comes with the extra `names`, which `make check` does not install.
    assert left_out == (["presidio"] if find_spec("spacy") else ["spacy", "presidio"])


@pytest.mark.slow
def test_marks_of_ones_own_are_measured_and_a_wrong_one_is_a_line_without_its_text(
    at_root: None, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    row = json.loads(HELD_OUT.read_text(encoding="utf-8").splitlines()[0])
    path = tmp_path / "mine.jsonl"
    path.write_text(json.dumps(row), encoding="utf-8")
    assert main(["--marked", str(path), "--sets", "mine"]) == 0
    assert f"| {path}, en | {len(row['marks'])} |" in capsys.readouterr().out
    path.write_text(json.dumps(row | {"marks": [row["marks"][0] | {"start": 1}]}), encoding="utf-8")
    assert main(["--marked", str(path)]) == 1
    err = capsys.readouterr().err
    assert err.startswith(f"{path}:1: not a MarkedTalk row") and row["marks"][0]["text"] not in err


@pytest.mark.slow
def test_an_unknown_set_ends_in_a_line(at_root: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--sets", "nowhere"]) == 1
    assert capsys.readouterr().err.startswith("--sets nowhere: no set is called so; there are shipped, en")


@pytest.mark.slow
def test_the_shipped_marks_are_all_in_their_places(at_root: None) -> None:
    english, chinese = chosen(None, None, ["shipped"], 0)
    assert (english.language, chinese.language) == ("en", "zh")
    assert len(english.talks) > 150 and len(chinese.talks) > 80
    assert sum(len(talk.known) for each in (english, chinese) for talk in each.talks) > 2000

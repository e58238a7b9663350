"""Split: the file of the test set decides, what gives a test dialogue away is not trained on, nothing is lost."""

import json
import random
from pathlib import Path

import pytest
from pydantic import ValidationError

from stages.core import jsonl, params
from stages.core.dropped import Dropped, Reason
from stages.core.row import content_id
from stages.dialogues import split as stage
from stages.dialogues.split import Overlap, SplitParams, cases, split
from stages.rows.dialogue import Dialogue, HeldOut
from tests.dialogues.conftest import Make

WORDS = ["roof", "boiler", "tiles", "lease", "rent", "deposit", "garden", "kitchen", "survey", "offer", "bank", "lift"]
SETTINGS = SplitParams(near_duplicate=0.2)


def dialogues(make: Make, count: int) -> list[Dialogue]:
    draw = random.Random(1)
    return [make(*(" ".join(draw.choices(WORDS, k=8)) for _ in range(4)), key=str(n)) for n in range(count)]


def nearly(row: Dialogue, key: str) -> Dialogue:
    """Return the dialogue with one word more."""
    return row.model_copy(update={"id": key, "turns": (*row.turns, row.turns[0].model_copy(update={"text": "ok"}))})


def test_further_dialogues_are_trained_on_and_move_none(make: Make) -> None:
    rows = dialogues(make, 400)
    before, after = list(split(rows[:40], rows[:12], SETTINGS)), list(split(rows, rows[:12], SETTINGS))
    assert before == rows[12:40]
    assert after == rows[12:]


def test_near_duplicates_of_test_dialogues_are_dropped_and_of_others_are_not(make: Make) -> None:
    rows = dialogues(make, 40)
    copies = [nearly(row, f"copy{n}") for n, row in enumerate(rows)]
    outcomes = list(split(rows + copies, rows[:10], SETTINGS))
    assert [row for row in outcomes if isinstance(row, Dialogue)] == [*rows[10:], *copies[10:]]
    assert [row for row in outcomes if isinstance(row, Dropped)] == [
        Dropped(id=row.id, reason=Reason.NEAR_TEST) for row in copies[:10]
    ]


def test_a_half_that_was_copied_is_noticed_and_words_that_all_have_are_not(make: Make) -> None:
    draw = random.Random(2)
    common = [" ".join(draw.choices(WORDS, k=400)) for _ in range(2)]  # long, the same words, in another order
    one, other = make(common[0], "Yes.", key="one"), make(common[1], "Yes.", key="other")
    half = make("A word before.", common[0][: len(common[0]) // 2], common[1], key="half")
    assert Overlap([one])(other) < 0.05
    assert 0.45 <= Overlap([one])(half) <= 0.55  # of the shorter one, as long as the longer may be
    assert Overlap([half])(one) == Overlap([one])(half)
    chinese = [
        make(text, "好的。", key=text)
        for text in ("房子是九十七平，业主要一百五十五万。", "房子是九十七平，业主要一百六十万。")
    ]
    assert 0.2 < Overlap(chinese[:1])(chinese[1]) < 1.0


def test_dialogues_of_few_words_are_compared_as_a_whole(make: Make) -> None:
    short = make("Yes.", "No.", key="short")
    assert Overlap([short])(make("Yes.", "No.", key="again")) == 1.0
    assert Overlap([short])(make("No.", "Yes.", key="turned")) == 0.0
    assert Overlap([])(short) == 0.0


def test_who_shares_a_case_with_a_test_dialogue_is_not_trained_on(make: Make) -> None:
    rows = [
        row.model_copy(update={"group": group})
        for row, group in zip(dialogues(make, 5), ("a", "a", "b", "", ""), strict=True)
    ]
    assert list(split(rows, [rows[0], rows[4]], SETTINGS)) == [
        Dropped(id=rows[1].id, reason=Reason.GROUP_OF_TEST),
        rows[2],
        rows[3],
    ]


@pytest.mark.parametrize("key", ["re-buy-001", content_id("re-buy-001")])
def test_who_names_a_test_conversation_as_its_case_is_not_trained_on(make: Make, key: str) -> None:
    rows = dialogues(make, 3)
    version = rows[1].model_copy(update={"group": content_id("re-buy-001")})
    of_test = cases([HeldOut(id=rows[0].id, key=key), HeldOut(id="gone")])
    assert list(split([rows[0], version, rows[2]], [rows[0]], SETTINGS, of_test)) == [
        Dropped(id=version.id, reason=Reason.GROUP_OF_TEST),
        rows[2],
    ]
    assert list(split([rows[0], version], [rows[0]], SETTINGS)) == [version]


@pytest.mark.parametrize("threshold", [0.0, 1.1, 2])
def test_a_share_above_one_is_refused(threshold: float) -> None:
    with pytest.raises(ValidationError):
        SplitParams(near_duplicate=threshold)


def test_files_ledger_and_a_word_about_what_is_missing(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(params, "load_all", lambda *_: {"split": SETTINGS.model_dump()})
    rows = dialogues(make, 30)
    rows.append(nearly(rows[3], "copy"))
    paths = {name: tmp_path / f"{name}.jsonl" for name in ("source", "held_out", "train", "test")}
    jsonl.write(paths["source"], rows)
    jsonl.write(paths["held_out"], [HeldOut(id=row.id) for row in (rows[3], rows[8])] + [HeldOut(id="gone")])
    stage.main(**paths, ledger=tmp_path / "ledger.json")
    assert jsonl.read(paths["test"], Dialogue) == [rows[3], rows[8]]
    assert jsonl.read(paths["train"], Dialogue) == [row for row in rows[:30] if row not in (rows[3], rows[8])]
    assert [row.id for row in jsonl.read(tmp_path / "train.dropped.jsonl", Dropped)] == ["copy"]
    ledger = json.loads((tmp_path / "ledger.json").read_text())
    assert ledger == {"in": 29, "kept": 28, "dropped": {"near_test": 1}, "test": 2, "missing_test_dialogues": 1}
    assert "split: 1 of 3 dialogues of" in capsys.readouterr().err


def test_no_dialogues() -> None:
    assert list(split([], [], SETTINGS)) == []

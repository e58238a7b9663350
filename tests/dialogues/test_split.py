"""Split: stable sides, near-duplicates together, nothing lost."""

import json
import random
from pathlib import Path

import pytest
from pydantic import ValidationError

from stages.core import jsonl, params
from stages.dialogues import split as stage
from stages.dialogues.split import SplitParams, is_test, split
from stages.rows.dialogue import Dialogue
from tests.dialogues.conftest import Make

WORDS = [
    line.strip()
    for line in [
        "roof",
        "boiler",
        "tiles",
        "lease",
        "rent",
        "deposit",
        "garden",
        "kitchen",
        "survey",
        "offer",
        "bank",
        "lift",
    ]
]
SETTINGS = SplitParams(test_share=0.3, near_duplicate=0.95)


def dialogues(make: Make, count: int) -> list[Dialogue]:
    draw = random.Random(1)
    return [make(*(" ".join(draw.choices(WORDS, k=8)) for _ in range(4)), key=str(n)) for n in range(count)]


def sides(rows: list[Dialogue], settings: SplitParams = SETTINGS) -> dict[str, str]:
    train, test, _ = split(rows, settings)
    return {row.id: "train" for row in train} | {row.id: "test" for row in test}


def test_adding_a_dialogue_moves_no_other_one(make: Make) -> None:
    rows = dialogues(make, 60)
    before = sides(rows[:40])
    after = sides(rows)
    assert {key: after[key] for key in before} == before
    assert sides(rows[::-1]) == after


def test_the_share_is_about_kept() -> None:
    found = sum(is_test(str(n), 0.25) for n in range(4000)) / 4000
    assert found == pytest.approx(0.25, abs=0.02)
    assert not any(is_test(str(n), 0.0) for n in range(100))


def test_near_duplicates_follow_the_smallest_id(make: Make) -> None:
    rows = dialogues(make, 40)
    copies = [
        row.model_copy(
            update={
                "id": f"{'0' if n % 2 else 'f'}{n:03}",
                "turns": (*row.turns, row.turns[0].model_copy(update={"text": "ok"})),
            }
        )
        for n, row in enumerate(rows)
    ]
    found = sides(rows + copies)
    for row, copy in zip(rows, copies, strict=True):
        assert found[row.id] == found[copy.id] == ("test" if is_test(min(row.id, copy.id), 0.3) else "train")
    assert split(rows + copies, SETTINGS)[2] == 40


def test_different_talk_is_no_group(make: Make) -> None:
    assert split(dialogues(make, 40), SETTINGS)[2] == 0


@pytest.mark.parametrize("threshold", [0.0, 1.1, 2])
def test_a_cosine_above_one_is_refused(threshold: float) -> None:
    with pytest.raises(ValidationError):
        SplitParams(test_share=0.25, near_duplicate=threshold)


def test_files_and_ledger(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(params, "load_all", lambda *_: {"split": SETTINGS.model_dump()})
    rows = dialogues(make, 30)
    jsonl.write(tmp_path / "in.jsonl", rows)
    targets = tmp_path / "train.jsonl", tmp_path / "test.jsonl"
    stage.main(source=tmp_path / "in.jsonl", train=targets[0], test=targets[1], ledger=tmp_path / "ledger.json")
    train, test = (jsonl.read(target, Dialogue) for target in targets)
    ledger = json.loads((tmp_path / "ledger.json").read_text())
    assert ledger == {"in": 30, "train": len(train), "test": len(test), "near_duplicate_groups": 0}
    assert [row.id for row in rows if row in train] == [row.id for row in train]
    assert {row.id for row in train}.isdisjoint(row.id for row in test)
    assert len(train) + len(test) == 30


def test_no_dialogues() -> None:
    assert split([], SETTINGS) == ([], [], 0)

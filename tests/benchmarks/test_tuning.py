"""What the search for a recipe trains on, and what it puts aside."""

import json
import shutil
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.tuning import TOLD, Combination, apart, combinations, labelled, made_with, prepared, result
from benchmarks.workspace import claim
from stages.core import jsonl
from stages.core.errors import InputError
from stages.core.row import Language
from stages.rows.label_quality import LabelQuality, Quality
from stages.rows.sample import LabeledSample
from stages.samples.select import Select
from stages.text import tokenizers
from tests.support.labeled_row import plain_row


def row(number: int, language: Language = "en", said: str = "Hello.") -> LabeledSample:
    """Return one of two rows of a conversation."""
    return plain_row(
        id=f"{number}",
        dialogue=f"talk {number // 2}",
        language=language,
        before="What is said?",
        conversation=said,
        answer="Hello.",
        author="us",
    )


def test_conversations_are_put_aside_whole_and_more_rows_move_none() -> None:
    rows = [row(n) for n in range(200)]
    few, all_of_them = apart(rows[:100], 5), apart(rows, 5)
    assert {row.dialogue for row in few.training}.isdisjoint(row.dialogue for row in few.validation)
    assert len(few.training) + len(few.validation) == 100 and 4 <= len(few.validation) <= 40
    assert [row for row in all_of_them.validation if int(row.id) < 100] == few.validation
    assert [row for row in all_of_them.training if int(row.id) < 100] == few.training


def test_more_rows_than_there_are_become_all_once() -> None:
    options = Namespace(rows=[20, 60, 90], epochs=[1, 3], learning_rate=[1e-4], seeds=[1])
    found = [each.name for each in combinations(options, 45)]
    assert found == ["n20-e1-lr0.0001-s1", "n20-e3-lr0.0001-s1", "n45-e1-lr0.0001-s1", "n45-e3-lr0.0001-s1"]


def written(folder: Path, rows: list[LabeledSample], qualities: dict[str, Quality]) -> Namespace:
    """Return the options of a call on these labels."""
    labels, known, base = folder / "labels.jsonl", folder / "qualities.jsonl", folder / "base"
    jsonl.write(labels, rows)
    jsonl.write(known, [LabelQuality(id=key, quality=value, layer="rules") for key, value in qualities.items()])
    base.mkdir(exist_ok=True)
    given = {"labels": labels, "qualities": known, "base": base, "folder": folder / "made", "validation": 2}
    return Namespace(**given, answered=0, rows=[2], epochs=[1], learning_rate=[1e-4], seeds=[1])


def test_what_select_cannot_train_on_is_left_out(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    rows = [row(0), row(1, "zh"), row(2, said="rent " * 60), row(3), row(4)]
    options = written(tmp_path, rows, {"0": "no_fault", "3": "faulty"})  # nothing is known of the others

    def left(**changes: Any) -> list[str]:  # noqa: ANN401 - params
        params = Select.load().model_copy(update=changes)
        return [each.id for each in labelled(options.labels, options.qualities, params, tokenizers.QWEN)]

    assert left(languages=frozenset({"en"}), max_tokens=40) == ["0", "4"]
    assert left(languages=frozenset({"en"}), max_tokens=0) == ["0", "2", "4"]
    assert left(languages=frozenset(), max_tokens=40, floor="high") == ["0", "1", "4"]


def test_a_folder_is_of_one_set_of_options(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    options = written(tmp_path, [row(n) for n in range(20)], {})
    prepared(options)
    options.rows, options.epochs, options.learning_rate = [3], [2], [1e-5]  # further combinations
    assert len(prepared(options).training) + len(prepared(options).validation) == 20
    made = made_with(options)
    claim(options.folder, made)
    with pytest.raises(
        InputError, match=r"options\.json: its results were made with another params\.yaml: select\.max_tokens; take"
    ):
        claim(options.folder, made | {"params.yaml: select.max_tokens": 1})
    options.validation = 3
    jsonl.write(options.labels, [row(n) for n in range(21)])
    with pytest.raises(InputError, match="another --validation, sha256 of labels; take another folder"):
        prepared(options)
    assert len(jsonl.read(options.folder / "stored/instructions.jsonl", LabeledSample)) == 0
    (options.folder / "options.json").unlink()
    with pytest.raises(InputError, match=r"options\.json: not there, so nobody knows what"):
        prepared(options)


@pytest.mark.slow
def test_a_training_that_was_killed_after_it_has_no_time_and_all_measures(
    root: Path, tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    options = written(tmp_path, [row(n) for n in range(8)], {})
    options.base = tiny_model
    parts = prepared(options)
    combination = Combination(2, 1, 1e-4, 1)
    shutil.copytree(tiny_model, options.folder / combination.name)
    found = result(combination, options, parts)
    assert "training_cpu_seconds" not in found and found["rows"] == len(parts.validation) > 0
    assert set(TOLD) <= found["measures"].keys() and found["measures"]["nll_per_character"]["n"] == found["rows"]
    assert not (options.folder / combination.name).exists()
    assert json.loads((options.folder / "options.json").read_text())["--validation"] == 2

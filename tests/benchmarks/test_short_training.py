"""The training that two pages print figures of is the commands' own, whatever params.yaml says."""

import argparse
from pathlib import Path

from benchmarks import short_training
from stages.core import jsonl
from stages.rows.training import TrainingRow
from stages.training.trainer.settings import Finetune
from tests.reporting.rows import labelled


def options(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    short_training.add_arguments(parser)
    return parser.parse_args(words)


def test_the_rate_is_that_of_the_pages_and_the_rest_todays(root: Path) -> None:
    """What has changed in params.yaml since is the rate alone; packing is never on in one process."""
    then, now = short_training.recipe(options()), Finetune.load()
    assert (then.learning_rate, short_training.recipe(options("--rate", "0.5")).learning_rate) == (2.0e-5, 0.5)
    told = {"learning_rate", "packing"}
    assert then.model_dump(exclude=told) == now.model_dump(exclude=told)
    for page in ("training.md", "retention.md"):
        text = (root / "docs" / page).read_text(encoding="utf-8")
        assert (
            "benchmarks/short_training.py" in text
            and f"--first 0 --rate {now.learning_rate:.0e}".replace("e-0", "e-") in text
        )


def test_the_first_rows_train(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    jsonl.write(path, [TrainingRow.of(labelled(number), "no_fault") for number in range(20)])
    assert [row.id for row in short_training.rows(options("--rows", str(path)))] == [f"row{n}" for n in range(14)]
    assert len(short_training.rows(options("--rows", str(path), "--first", "0"))) == 20

"""What is told of a library that a method made."""

from pathlib import Path

import pytest

from benchmarks.methods import STAGES, figures
from stages.core import jsonl, metrics
from tests.support.scripted import instruction

NAMES = ("seeds", "curated", "evolved", "library")


def test_communities_are_told_by_instructions_and_by_requests(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    texts = (
        "List what the tenant still owes.",
        "List what the tenant still owes.",
        "Which school does the family want?",
    )
    for name in NAMES:
        jsonl.write(tmp_path / f"data/instructions/{name}.dropped.jsonl", [])
    jsonl.write(tmp_path / "data/instructions/library.jsonl", [instruction(text) for text in texts])
    metrics.write(tmp_path / "metrics/evolution.json", {})
    found = figures("two_stage", tmp_path, 40)
    assert len(STAGES) == len(NAMES) and (found["communities"], found["new"], found["requests"]) == (2, 3, 40)
    assert found["communities_by_requests"] == 2 / 40 and found["richness"] == pytest.approx(2 / 3)
    assert figures("fixed", tmp_path, 40)["communities_by_requests"] is None

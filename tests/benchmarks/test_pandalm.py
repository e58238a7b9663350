"""The adapter to PandaLM's file, on rows made up in its form."""

import json
from pathlib import Path

import pytest

from benchmarks.pandalm import against_people, asked, ceiling, read
from stages.core.dropped import Reason
from stages.judging.grade import Comparison


def made(folder: Path, *votes: tuple[int, int, int]) -> Path:
    rows = [
        {
            "idx": n,
            "motivation_app": "a",
            "cmp_key": "k",
            "instruction": "Add.",
            "input": "" if n else "1 and 2",
            "response1": True,
            "response2": "4",
            **{f"annotator{place + 1}": vote for place, vote in enumerate(three)},
        }
        for n, three in enumerate(votes)
    ]
    path = folder / "testset.json"
    path.write_text(json.dumps(rows), encoding="utf-8")
    return path


def test_pairs_votes_and_majority(tmp_path: Path) -> None:
    rows = read(made(tmp_path, (1, 1, 2), (0, 0, 0), (0, 1, 2)))
    assert rows[0].pair.task == "Add.\n\n1 and 2" and rows[1].pair.task == "Add."
    assert (rows[0].pair.one, rows[0].pair.two) == ("True", "4")  # the file's answers are not all text
    assert [row.majority for row in rows] == ["win", "tie", None]


def test_people_are_the_ceiling(tmp_path: Path) -> None:
    rows = read(made(tmp_path, (1, 1, 1), (2, 2, 2), (1, 1, 2), (0, 1, 2)))
    found = ceiling(rows)
    assert (found["rows"], found["accuracy"]) == (7, pytest.approx(6 / 7))


def test_a_missing_verdict_is_no_agreement(tmp_path: Path) -> None:
    rows = read(made(tmp_path, (1, 1, 1), (2, 2, 2), (1, 1, 2), (0, 1, 2)))
    said = [
        Comparison(id="0", outcome="win", consistent=True),
        Comparison(id="1", outcome="tie", consistent=False),
        Comparison(id="2", fault=Reason.UNPARSABLE),
        Comparison(id="3", outcome="win", consistent=True),
    ]
    found = against_people(rows, said)
    assert (found["with_majority"], found["judged"], found["accuracy"]) == (3, 2, pytest.approx(1 / 3))
    assert (found["inconsistent"], found["without_verdict"]) == (1, 1)


def test_the_embedded_model_is_asked_whatever_the_generator_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = "backend: recorded, model: project, temperature: 0.0, top_p: 1.0"
    (tmp_path / "params.yaml").write_text(f"llm:\n  generator: {{{generator}}}\n  judge: null\n")
    monkeypatch.chdir(tmp_path)
    judge = asked(embedded=True)
    assert judge is not None and (getattr(judge, "backend", ""), judge.model) == ("transformers", "base")
    assert asked(embedded=False) is None

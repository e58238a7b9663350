"""Stage retain: the base against itself is retained, a model damaged on purpose collapsed, and the gate closes."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from stages.errors import DialInsightError, InputError
from stages.evaluation.retain import main
from stages.ports import harness, jsonl
from stages.records.benchmark import Choice, Loss, Outcome, Passage
from stages.records.score import Parts, Score

VALUES = {"margin": 0.05, "perplexity_margin": 0.1, "confidence": 0.95, "resamples": 500, "seed": 1, "gate": "report"}


def answered(rights: list[int], extra: float = 0.0) -> list[Outcome]:
    found = [
        Outcome.new(
            suite="small",
            subject=f"s{n % 10}",
            language="en",
            shots=0,
            formulation="letter",
            item=f"q{n}",
            result=Choice(right=right, gold=0, log_probabilities=(-1.0, -2.0, -3.0, -4.0)),
        )
        for n, right in enumerate(rights)
    ]
    texts = [
        Outcome.new(
            suite="text",
            subject="story",
            language="en",
            shots=0,
            formulation="text",
            item=f"t{n}",
            result=Loss(nll=40.0 + n + extra, tokens=20, characters=80),
        )
        for n in range(8)
    ]
    return found + texts


def scored(value: float, count: int = 12) -> list[Score]:
    return [
        Score(
            id=f"r{n}",
            dialogue=f"d{n // 2}",
            task="t",
            scene="s",
            format="list",
            language="en",
            finish="stop",
            parts=Parts(format=1.0),
            reference_similarity=value + n / 10,
        )
        for n in range(count)
    ]


def retained(
    folder: Path,
    base: list[Outcome],
    tuned: list[Outcome],
    scores: tuple[list[Score], list[Score]] | None = None,
    **changes: object,
) -> dict[str, Any]:
    (folder / "params.yaml").write_text(json.dumps({"retain": VALUES | changes}))
    base_scores, tuned_scores = scores or (scored(5.0), scored(5.0))
    jsonl.write(folder / "base.jsonl", base)
    jsonl.write(folder / "tuned.jsonl", tuned)
    jsonl.write(folder / "base_scores.jsonl", base_scores)
    jsonl.write(folder / "tuned_scores.jsonl", tuned_scores)
    items, points = (folder / "base.jsonl", folder / "tuned.jsonl"), folder / "scores.json"
    main(*items, folder / "base_scores.jsonl", folder / "tuned_scores.jsonl", folder / "retention.json", points)
    found: dict[str, Any] = json.loads((folder / "retention.json").read_text())
    return found


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


KNOWS = [int(n % 4 != 0) for n in range(100)]
GUESSES = [int(n % 4 == 0) for n in range(100)]


def test_the_base_against_itself_is_retained(tmp_path: Path) -> None:
    found = retained(tmp_path, answered(KNOWS), answered(KNOWS))
    assert found["verdict"] == "retained"
    assert found["accuracy"]["small_0_shot"]["delta"] == 0
    assert found["text"]["en"]["ratio"] == 1
    assert found["domain"]["verdict"] == "inconclusive"


def test_lost_knowledge_is_a_collapse_of_accuracy_alone(tmp_path: Path) -> None:
    found = retained(tmp_path, answered(KNOWS), answered(GUESSES))
    assert found["accuracy"]["small_0_shot"]["verdict"] == found["verdict"] == "collapsed"
    assert found["text"]["en"]["verdict"] == "retained"


def test_where_the_base_guesses_perplexity_decides(tmp_path: Path) -> None:
    found = retained(tmp_path, answered(GUESSES), answered(GUESSES, extra=30.0))
    assert found["accuracy"]["small_0_shot"]["verdict"] == "not measurable"
    assert found["text"]["en"]["verdict"] == found["verdict"] == "collapsed"


def test_a_damaged_model_is_called_collapsed_and_a_copy_retained(tmp_path: Path, base_model: Path, root: Path) -> None:
    passages = jsonl.read(root / "data/bench/general_text.jsonl", Passage)[:6]
    model = AutoModelForCausalLM.from_pretrained(base_model, dtype=torch.float32)
    torch.manual_seed(0)
    with torch.no_grad():
        for weight in model.parameters():
            weight += 0.3 * weight.std() * torch.randn_like(weight) if weight.dim() > 1 else 0
    model.to(torch.bfloat16).save_pretrained(tmp_path / "damaged")
    AutoTokenizer.from_pretrained(base_model).save_pretrained(tmp_path / "damaged")
    base = list(harness.Scorer(base_model, 6).losses(passages, "base"))
    again = list(harness.Scorer(base_model, 6).losses(passages, "base"))
    damaged = list(harness.Scorer(tmp_path / "damaged", 6).losses(passages, "damaged"))
    assert retained(tmp_path, base, again)["verdict"] == "retained"
    found = retained(tmp_path, base, damaged)
    assert found["verdict"] == "collapsed"
    assert found["text"]["en"]["low"] > 1.1


def test_the_gate_fails_a_collapse_after_the_metrics_are_written(tmp_path: Path) -> None:
    with pytest.raises(DialInsightError, match=r"general ability collapsed; lower finetune\.learning_rate"):
        retained(tmp_path, answered(KNOWS), answered(GUESSES), gate="fail")
    assert json.loads((tmp_path / "retention.json").read_text())["verdict"] == "collapsed"
    assert retained(tmp_path, answered(KNOWS), answered(KNOWS), gate="fail")["verdict"] == "retained"


def test_a_gain_in_the_domain_is_said_and_plotted(tmp_path: Path) -> None:
    found = retained(tmp_path, answered(KNOWS), answered(KNOWS), (scored(4.0), scored(6.0)))
    assert found["domain"]["verdict"] == "gained"
    assert found["domain"]["delta"] == pytest.approx(2)
    points = json.loads((tmp_path / "scores.json").read_text())
    assert {"measure": "small 0 shot, accuracy %", "model": "tuned", "score": 75.0} in points
    assert {point["model"] for point in points} == {"base", "tuned"}
    assert len(points) == 4


def test_no_test_rows_and_no_items_say_so(tmp_path: Path) -> None:
    found = retained(tmp_path, [], [], ([], []))
    assert found["verdict"] == found["domain"]["verdict"] == "not measurable"
    assert json.loads((tmp_path / "scores.json").read_text()) == []


def test_models_that_answered_different_items_are_not_compared(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"tuned\.jsonl: not the rows that the base model has"):
        retained(tmp_path, answered(KNOWS), answered(KNOWS[:50]))

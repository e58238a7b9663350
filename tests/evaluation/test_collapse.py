"""The guard proved on the embedded model: a copy is retained, light tuning is no collapse, damage on purpose is one."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoTokenizer

from stages.core import jsonl
from stages.core.params import load_all
from stages.evaluation import drift, retain
from stages.evaluation.benchmarks import lm_eval_runner
from stages.evaluation.divergence import kl
from stages.evaluation.rows.outcome import BenchmarkOutcome, Passage
from stages.models import loading

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("collapse")]

ONE_SENTENCE = "The flat is nice. " * 4
ANSWERS = (
    "The customer looks for two rooms near the station and can pay nine hundred pounds a month.",
    "She asks whether the dog may move in, and wants to see the flat on Saturday morning.",
    "The agent will send the contract, and the deposit is due before the keys are handed over.",
)


def trained(base: Path, target: Path, rate: float, texts: tuple[str, ...]) -> Path:
    """Tune the embedded model, one step a text, and save it as stage `finetune` does: what was trained."""
    model, tokenizer = loading.load(base)
    optimizer = torch.optim.AdamW(model.train().parameters(), lr=rate)
    for text in texts:
        ids = tokenizer(text, return_tensors="pt")["input_ids"].to(model.device)
        model(ids, labels=ids).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.save_pretrained(target)
    AutoTokenizer.from_pretrained(base).save_pretrained(target)
    return target


@pytest.fixture(scope="module")
def passages(root: Path) -> list[Passage]:
    return jsonl.read(root / "data/bench/general_text.jsonl", Passage)[:6]


@pytest.fixture(scope="module")
def read_by_base(base_model: Path, passages: list[Passage]) -> list[BenchmarkOutcome]:
    return list(lm_eval_runner.LmEvalScorer(base_model, 6).losses(passages, "base"))


def judged(
    folder: Path, root: Path, base: Path, read: list[BenchmarkOutcome], tuned: Path, passages: list[Passage]
) -> Any:  # noqa: ANN401
    """Run drift and retain with the shipped params; return metrics/retention.json."""
    (folder / "params.yaml").write_text(json.dumps({"retain": load_all(root / "params.yaml")["retain"]}))
    jsonl.write(folder / "base.jsonl", read)
    jsonl.write(folder / "tuned.jsonl", lm_eval_runner.LmEvalScorer(tuned, 6).losses(passages, "tuned"))
    jsonl.write(folder / "drift.jsonl", drift.drift(passages, kl.ModelPair(base, tuned)))
    jsonl.write(folder / "none.jsonl", [])
    retain.main(
        base=folder / "base.jsonl",
        tuned=folder / "tuned.jsonl",
        drift=folder / "drift.jsonl",
        base_scores=folder / "none.jsonl",
        tuned_scores=folder / "none.jsonl",
        report=folder / "retention.json",
        plot=folder / "scores.json",
    )
    return json.loads((folder / "retention.json").read_text())


@pytest.mark.parametrize("kind", ["copy", "light", "damaged"])
def test_the_guard(
    kind: str,
    root: Path,
    base_model: Path,
    passages: list[Passage],
    read_by_base: list[BenchmarkOutcome],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    if kind == "copy":
        tuned = Path(shutil.copytree(base_model, tmp_path / "model", copy_function=os.symlink))
    elif kind == "light":
        tuned = trained(base_model, tmp_path / "model", 2e-5, ANSWERS)
    else:
        tuned = trained(base_model, tmp_path / "model", 1e-3, (ONE_SENTENCE,) * 3)
    found = judged(tmp_path, root, base_model, read_by_base, tuned, passages)
    if kind == "copy":
        assert found["verdict"] == "retained"
        assert found["rests_on"] == "retained: text en, kl en, disagreement en"
        assert found["kl"]["en"]["value"] == found["disagreement"]["en"]["value"] == 0
    elif kind == "light":
        assert found["verdict"] in ("retained", "inconclusive")
        assert 0 < found["kl"]["en"]["value"] < 0.1
    else:
        assert found["verdict"] == "collapsed"
        assert {found[name]["en"]["verdict"] for name in ("text", "kl", "disagreement")} == {"collapsed"}

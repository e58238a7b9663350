"""Recorded log-likelihoods stand in for the same weights and tokens only, and a file that was touched is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.recording import processor, record
from stages.core import jsonl
from stages.core.errors import InputError
from stages.evaluation import bench
from stages.evaluation.benchmarks import lm_eval_runner, recorded
from stages.evaluation.rows.outcome import BenchmarkOutcome, Passage, PassageLoss
from stages.models import loading
from tests.support.tiny_model import build_tiny

ROOT = Path(__file__).parents[3]
ORIGIN = recorded.Origin(model="m@0123456789ab", processor="a processor", threads=2, date="2026-11-29")
PARAMS = {
    "suites": ["small"],
    "data": "official",
    "shots": [0, 1],
    "formulations": ["letter", "cloze"],
    "limit": 2,
    "scorer": "light",
    "twice": 0,
    "batch_size": 4,
}


def test_what_is_written_is_read_and_replaced_as_a_whole(tmp_path: Path) -> None:
    first = recorded.write(ORIGIN, {recorded.key((1, 2), (3,)): -1.25}, tmp_path)
    assert recorded.load("m@0123456789ab", tmp_path) == recorded.read(first)
    assert recorded.read(first).by_key == {recorded.key([1, 2], [3]): -1.25}
    assert recorded.load("other@0123456789ab", tmp_path) == recorded.Scores(None, {})
    recorded.write(ORIGIN, {recorded.key((1,), (3,)): -2.0}, tmp_path)
    assert not first.exists()
    assert recorded.key((1, 2), (3,)) != recorded.key((1,), (2, 3))


def test_a_file_that_was_touched_is_refused(tmp_path: Path) -> None:
    path = recorded.write(ORIGIN, {recorded.key((1, 2), (3,)): -1.25}, tmp_path)
    text = path.read_text()
    path.write_text(text.replace("-1.25", "-1.00"))
    with pytest.raises(InputError, match="damaged or renamed"):
        recorded.load(ORIGIN.model, tmp_path)
    for broken in ("", "{}\n", text + "{}\n"):
        path.write_text(broken)
        with pytest.raises(InputError, match="no recorded log-likelihoods"):
            recorded.load(ORIGIN.model, tmp_path)


@pytest.mark.slow
def test_what_is_shipped_is_of_the_embedded_model_and_is_what_it_computes(base_model: Path) -> None:
    [path] = (ROOT / recorded.FOLDER).glob("*.jsonl")
    origin, by_key = recorded.read(path)
    assert origin is not None
    assert origin.model.split("@")[1] == loading.identity(base_model).split("@")[1]
    scorer = lm_eval_runner.SharedPrefixScorer(base_model, 4)
    passages = jsonl.read(ROOT / "data" / "bench" / "general_text.jsonl", Passage)[:2]
    for outcome in scorer.losses(passages, "t"):
        assert isinstance(outcome.result, PassageLoss) and outcome.result.nll > 0
    assert scorer.scored.keys() <= by_key.keys()
    for key, nats in scorer.scored.items():
        assert by_key[key] == pytest.approx(nats, rel=1e-4)


def outcomes(model: Path, folder: Path) -> tuple[list[BenchmarkOutcome], dict[str, object]]:
    target, report = folder / "out.jsonl", folder / "report.json"
    bench.main(model=model, data=folder / "bench", official=folder / "official", target=target, report=report)
    return jsonl.read(target, BenchmarkOutcome), json.loads(report.read_text())


@pytest.mark.slow
def test_the_stage_reads_what_the_same_weights_said_of_the_same_tokens_and_computes_the_rest(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.evaluation.test_bench import ASKED, SHOWN, TEXTS

    monkeypatch.chdir(tmp_path)
    shown: dict[str, list[Any]] = {"small/dev": SHOWN, "small/test": ASKED, "general_text": TEXTS}
    for name, rows in shown.items():
        jsonl.write(tmp_path / "bench" / f"{name}.jsonl", rows)
    (tmp_path / "params.yaml").write_text(json.dumps({"bench": PARAMS}))
    computed, said = outcomes(tiny_model, tmp_path)
    assert "recorded" not in said
    path = record(tiny_model, tmp_path / "bench", tmp_path / "official", recorded.FOLDER)
    assert path.name.startswith(f"{loading.identity(tiny_model)}-")
    count = len(recorded.read(path).by_key)

    passes = list[int]()
    forward = lm_eval_runner.SharedPrefixScorer._compute

    def counted(scorer: Any, asked: Any, *rest: Any) -> Any:  # noqa: ANN401 - as it was called
        passes.append(len(asked))
        return forward(scorer, asked, *rest)

    monkeypatch.setattr(lm_eval_runner.SharedPrefixScorer, "_compute", counted)
    found, said = outcomes(tiny_model, tmp_path)
    assert found == computed and not passes
    kept = said["recorded"]
    assert isinstance(kept, dict) and (kept["log_likelihoods"], kept["of"]) == (count, count)
    assert kept["processor"] == processor()

    (tmp_path / "params.yaml").write_text(json.dumps({"bench": PARAMS | {"limit": 3}}))
    _, said = outcomes(tiny_model, tmp_path)
    kept = said["recorded"]
    assert isinstance(kept, dict) and 0 < kept["log_likelihoods"] < kept["of"]
    assert sum(passes) == kept["of"] - kept["log_likelihoods"]

    passes.clear()
    other = build_tiny(tmp_path / "other" / tiny_model.name, seed=1)
    _, said = outcomes(other, tmp_path)
    assert "recorded" not in said and passes

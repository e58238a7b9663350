"""Stage ifd: the ratio of two losses, checked against a plain computation; switched off it touches no model."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from stages.core import jsonl
from stages.models import likelihood, loading
from stages.rows.sample import LabeledSample, Likelihood
from stages.samples.ifd import difficulties, figures, main
from stages.samples.rows.difficulty import Difficulty

pytestmark = pytest.mark.slow


def run(
    folder: Path, rows: list[LabeledSample], model: Path, enabled: bool = True
) -> tuple[list[Difficulty], dict[str, Any]]:
    (folder / "params.yaml").write_text(json.dumps({"ifd": {"enabled": enabled, "batch_tokens": 4096}}))
    jsonl.write(folder / "rows.jsonl", rows)
    main(source=folder / "rows.jsonl", model=model, target=folder / "ifd.jsonl", report=folder / "metrics.json")
    return jsonl.read(folder / "ifd.jsonl", Difficulty), json.loads((folder / "metrics.json").read_text())


def asked(tokenizer: Any, prompt: str) -> list[int]:  # noqa: ANN401
    turn = [{"role": "user", "content": prompt}]
    text = tokenizer.apply_chat_template(turn, tokenize=False, add_generation_prompt=True)
    ids: list[int] = tokenizer(text, add_special_tokens=False)["input_ids"]
    return ids


def mean_loss(model: Any, before: list[int], answer: list[int]) -> float:  # noqa: ANN401
    ids = torch.tensor([before + answer])
    labels = torch.tensor([[-100] * len(before) + answer])
    with torch.inference_mode():
        return float(model(input_ids=ids, labels=labels).loss)


def test_it_is_what_the_models_own_loss_says_row_by_row(
    in_repository: Path, labels: list[LabeledSample], tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, report = run(in_repository, labels[:5], tiny_model)
    model, tokenizer = loading.load(tiny_model)
    for row, one in zip(labels, found, strict=False):
        answer = tokenizer(row.answer, add_special_tokens=False)["input_ids"]
        given, alone = (mean_loss(model, asked(tokenizer, prompt), answer) for prompt in (row.text, ""))
        assert (one.id, one.tokens) == (row.id, len(answer))
        assert one.conditioned_nll == pytest.approx(given, rel=1e-4)
        assert one.direct_nll == pytest.approx(alone, rel=1e-4)
        assert one.ifd == pytest.approx(given / alone, rel=1e-4)
    assert (report["n"], report["no_ifd"]) == (5, 0)
    assert report["mean"] == pytest.approx(sum(one.ifd for one in found) / 5, abs=1e-5)
    assert report["quantiles"]["p50"] == pytest.approx(sorted(one.ifd for one in found)[2], abs=1e-5)


def test_switched_off_it_loads_no_model(
    in_repository: Path, labels: list[LabeledSample], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(likelihood, "LikelihoodScorer", lambda *_: pytest.fail("loaded"))
    assert run(in_repository, labels, in_repository / "nowhere", enabled=False) == ([], {"n": 0})


def test_a_row_too_long_for_the_model_has_none_and_is_counted(
    in_repository: Path, labels: list[LabeledSample], tiny_model: Path
) -> None:
    long = labels[0].model_copy(update={"conversation": "word " * 1000})
    found, report = run(in_repository, [long, labels[1]], tiny_model)
    assert [one.id for one in found] == [labels[1].id]
    assert (report["n"], report["no_ifd"]) == (1, 1)
    assert run(in_repository, [long], tiny_model) == ([], {"n": 0, "no_ifd": 1})


def test_prompts_that_help_nothing_are_told_from_others(labels: list[LabeledSample]) -> None:
    given = [Likelihood(nll=nll, tokens=10, characters=40) for nll in (5.0, 20.0, 30.0)]
    alone = [Likelihood(nll=20.0, tokens=10, characters=40) for _ in given]
    found = difficulties(labels[:3], given, alone)
    assert [one.ifd for one in found] == [0.25, 1.0, 1.5]
    assert figures(found, 3)["no_help"] == pytest.approx(2 / 3)
    assert figures([], 0) == {"n": 0}


def test_an_answer_that_is_certain_alone_has_none_and_is_counted(labels: list[LabeledSample]) -> None:
    """As a row that is too long: nothing says which of the two it was."""
    given = [Likelihood(nll=5.0, tokens=10, characters=40)] * 3
    found = difficulties(labels[:3], given, [given[0], given[0].model_copy(update={"nll": 0.0}), None])
    assert [one.id for one in found] == [labels[0].id]
    assert figures(found, 3)["no_ifd"] == 2

"""Likelihoods of answers: batched ones equal those computed one by one, and only the answer's tokens count."""

from pathlib import Path
from typing import Any

import pytest
import torch

from stages.models import likelihood, loading
from stages.models.likelihood import LikelihoodScorer
from stages.rows.sample import Likelihood

pytestmark = pytest.mark.slow

PAIRS = [
    ("What does the customer want?", "Two rooms."),
    ("Say it. " + "And once more. " * 20, "No garden, but a balcony for 900 a month."),
    ("客户想要什么？", "两居室，带阳台。"),
    ("Why?", "b"),
]


def alone(model: Any, before: list[int], answer: list[int]) -> float:  # noqa: ANN401
    """Add up the losses by hand, without batch, padding or shortened logits."""
    with torch.inference_mode():
        scores = model(torch.tensor([before + answer])).logits[0].float().log_softmax(-1)
    return -sum(float(scores[len(before) + n - 1, token]) for n, token in enumerate(answer))


def asked(tokenizer: Any, prompt: str) -> list[int]:  # noqa: ANN401
    turn = [{"role": "user", "content": prompt}]
    text = tokenizer.apply_chat_template(turn, tokenize=False, add_generation_prompt=True)
    ids: list[int] = tokenizer(text, add_special_tokens=False)["input_ids"]
    return ids


@pytest.mark.parametrize("budget", [256, 4096])
def test_batched_likelihoods_are_those_of_one_by_one(tiny_model: Path, budget: int) -> None:
    scorer = LikelihoodScorer(tiny_model, budget, "predict")
    model, tokenizer = loading.load(tiny_model)
    given, without = scorer.given(PAIRS, "t"), scorer.alone([answer for _, answer in PAIRS], "t")
    for (prompt, text), near, bare in zip(PAIRS, given, without, strict=True):
        answer = tokenizer(text, add_special_tokens=False)["input_ids"]
        before, empty = (asked(tokenizer, text) for text in (prompt, ""))
        assert near and bare
        assert near.nll == pytest.approx(alone(model, before, answer), rel=1e-4)
        assert bare.nll == pytest.approx(alone(model, empty, answer), rel=1e-4)
        assert (near.tokens, near.characters) == (bare.tokens, bare.characters) == (len(answer), len(text))


def test_a_vocabulary_too_large_for_a_batch_divides_it(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = LikelihoodScorer(tiny_model, 4096, "predict").given(PAIRS, "t")
    monkeypatch.setattr(likelihood, "LOGITS", 1)
    scorer = LikelihoodScorer(tiny_model, 4096, "predict")
    assert [list(part) for part in scorer._parts([2, 0], [([1], [2], 1)] * 3)] == [[2], [0]]
    for one, two in zip(whole, scorer.given(PAIRS, "t"), strict=True):
        assert one and two and two.nll == pytest.approx(one.nll, rel=1e-4)


def test_what_has_no_likelihood_has_none_and_keeps_its_place(tiny_model: Path) -> None:
    scorer = LikelihoodScorer(tiny_model, 512, "predict")
    found = scorer.given([("word " * 500, "too long"), ("a", ""), ("a", "b")], "t")
    assert found[:2] == [None, None]
    assert isinstance(found[2], Likelihood)
    assert scorer.alone([], "t") == []

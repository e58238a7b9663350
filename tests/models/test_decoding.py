"""Rows that step on together say what each says by itself through `generate`, and rate what a pass of its own does."""

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, GPT2Config, GPT2LMHeadModel

from stages.models import loading
from stages.models.decoding import Decoder, can_decode

QUESTIONS = {"Two rooms?": 24, "And the rent? " * 9: 7, "几居室？": 40, "b": 1, "Well, well. " * 3: 40}


@pytest.fixture(scope="module")
def loaded(tiny_model: Path) -> tuple[Any, Any]:
    return loading.load(tiny_model)


def alone(model: Any, ids: list[int], limit: int) -> list[int]:  # noqa: ANN401
    row = torch.tensor([ids], device=model.device)
    with torch.inference_mode():
        out = model.generate(row, max_new_tokens=limit, do_sample=False, pad_token_id=0)
    found: list[int] = out[0, len(ids) :].tolist()
    return found


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_rows_of_every_length_and_limit_say_what_generate_says(loaded: tuple[Any, Any], rows: int) -> None:
    model, tokenizer = loaded
    asked = [tokenizer(question)["input_ids"] for question in QUESTIONS]
    limits = list(QUESTIONS.values())
    decoder, waiting, found = Decoder(model, rows, 200), list(range(len(asked))), dict[int, list[int]]()
    while waiting or decoder.active:
        while waiting and decoder.room:
            n = waiting.pop(0)
            decoder.add(n, asked[n], limits[n])
        assert len(decoder.active) <= rows
        found |= {row.key: row.tokens for row in decoder.ended()}
        if decoder.active and not (waiting and decoder.room):
            decoder.step()
    assert found == {n: alone(model, ids, limit) for n, (ids, limit) in enumerate(zip(asked, limits, strict=True))}
    assert {len(tokens) for tokens in found.values()} >= {1, 7}


def test_an_answer_is_rated_in_passing_and_what_is_said_stays(loaded: tuple[Any, Any]) -> None:
    model, tokenizer = loaded
    question, answer = (tokenizer(text)["input_ids"] for text in ("Two rooms?", "Yes, and a balcony."))
    decoder = Decoder(model, 1, 100)
    rated = decoder.add(0, question, 5, answer)
    with torch.inference_mode():
        logits = model(torch.tensor([question + answer], device=model.device)).logits[0, len(question) - 1 : -1]
        wanted = torch.tensor(answer, device=model.device)
        assert rated == pytest.approx(
            float(torch.nn.functional.cross_entropy(logits, wanted, reduction="sum")), rel=1e-5
        )
    while not (ended := decoder.ended()):
        decoder.step()
    assert ended[0].tokens == alone(model, question, 5)


def test_a_model_that_reads_or_scores_otherwise_is_left_to_generate(tiny_model: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(tiny_model)
    assert can_decode(model)
    model.generation_config.repetition_penalty = 1.0
    assert can_decode(model)
    model.generation_config.repetition_penalty = 1.1  # Qwen2.5-Instruct's own
    assert not can_decode(model)
    other = GPT2LMHeadModel(GPT2Config(n_layer=1, n_head=1, n_embd=8, vocab_size=20))
    assert not can_decode(other)
    windowed = AutoModelForCausalLM.from_pretrained(tiny_model)
    windowed.config.sliding_window = 64
    assert not can_decode(windowed)


@pytest.mark.parametrize("kind", ["dynamic", "longrope"])
def test_places_that_turn_otherwise_in_long_texts_are_left_to_generate(tiny_model: Path, kind: str) -> None:
    model = AutoModelForCausalLM.from_pretrained(tiny_model)
    model.config.rope_parameters = {**model.config.rope_parameters, "rope_type": kind}
    assert not can_decode(model)

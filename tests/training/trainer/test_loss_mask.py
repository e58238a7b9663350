"""What the model is really trained on: the labels of the batches in a real training, in both languages, packed and not."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
import torch
from trl import SFTTrainer

from stages.models import loading
from tests.support.finetuning import row, run_in

TALKS = {
    "How many rooms?": "Two rooms.",
    "And the rent, the deposit and the term?": "£900 a month, two months' rent, a year.",
    "几居室？": "两居室，带阳台。",
    "租金、押金和租期分别是多少？请逐项列出。": "月租九百元。\n押一付三。\n租期一年。",
}
ROWS = [row(f"r{n}", question, answer) for n, (question, answer) in enumerate(TALKS.items())]
Batch = dict[str, torch.Tensor]


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> list[Batch]:
    """Collect what each step of a training gets."""
    seen: list[Batch] = []
    step = SFTTrainer.training_step

    def spied(trainer: Any, model: Any, inputs: Batch, *rest: Any) -> Any:  # noqa: ANN401 - transformers'
        seen.append({name: tensor.clone() for name, tensor in inputs.items() if isinstance(tensor, torch.Tensor)})
        return step(trainer, model, inputs, *rest)

    monkeypatch.setattr(SFTTrainer, "training_step", spied)
    return seen


def stretches(batches: list[Batch], base: Path) -> Iterator[tuple[bool, str]]:
    """Yield (trained, text) of each stretch of tokens, padding left out."""
    tokenizer = loading.tokenizer(base)
    for batch in batches:
        real = batch.get("attention_mask", torch.ones_like(batch["input_ids"]))
        for ids, labels, mask in zip(batch["input_ids"], batch["labels"], real, strict=True):
            assert set(labels[mask == 0].tolist()) <= {-100}
            trained = labels != -100
            assert torch.equal(labels[trained], ids[trained])
            pairs = zip(trained[mask == 1].tolist(), ids[mask == 1].tolist(), strict=True)
            for is_trained, some in groupby(pairs, key=lambda pair: pair[0]):
                yield is_trained, tokenizer.decode([token for _, token in some])


@pytest.mark.parametrize("packing", ["off", "on"])
def test_answers_and_their_end_marks_are_trained_and_no_questions(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batches: list[Batch], packing: str
) -> None:
    monkeypatch.chdir(tmp_path)
    found = run_in(tmp_path, tiny_model, ROWS, packing=packing, epochs=1, max_length=1000)
    assert bool(found["packs"]) == (packing == "on")
    parts = list(stretches(batches, tiny_model))
    assert [trained for trained, _ in parts] == [False, True] * len(ROWS)
    read = {text for trained, text in parts if not trained}
    assert read == {f"<s>user\n{question}</s>\n<s>assistant\n" for question in TALKS}
    assert {text for trained, text in parts if trained} == {f"{answer}</s>\n" for answer in TALKS.values()}
    assert found["tokens"] == sum(int((batch["input_ids"] != 0).sum()) for batch in batches)


def test_the_embedded_models_answers_end_with_its_own_mark(
    base_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its template and vocabulary, in which one token may stand for several letters, across a border or not."""
    from stages.cli.mask import stretches
    from tests.support.finetuning import prepared

    monkeypatch.chdir(tmp_path)
    prepared(tmp_path, ROWS)
    for one, answer in zip(ROWS, TALKS.values(), strict=True):
        read, trained = stretches(one, base_model)
        assert (read.trained, trained.trained) == (False, True)
        assert trained.text == f"{answer}<|im_end|>\n"
        assert read.text.endswith(f"{one.messages[0].content}<|im_end|>\n<|im_start|>assistant\n")

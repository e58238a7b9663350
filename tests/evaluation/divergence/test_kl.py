"""Two models on one text: the figures are those of a plain computation over all positions at once."""

from pathlib import Path

import pytest
import torch

from stages.core.errors import ModelError
from stages.evaluation.divergence.kl import POSITIONS, ModelPair
from stages.models import loading
from tests.support.tiny_model import build_tiny

pytestmark = pytest.mark.slow

TEXT = "Rivers carry sand to the sea, and the sea brings some of it back. 河水带着沙子流向大海。 " * 4


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("pair")
    return build_tiny(folder / "base"), build_tiny(folder / "tuned", seed=1)


def plainly(base: Path, tuned: Path, ids: list[int]) -> tuple[float, int]:
    with torch.inference_mode():
        logits = [loading.load(folder)[0](torch.tensor([ids[:-1]])).logits[0] for folder in (base, tuned)]
    p, q = (each.double().log_softmax(-1) for each in logits)
    return float((p.exp() * (p - q)).sum()), int((p.argmax(-1) == q.argmax(-1)).sum())


def test_parity_with_a_plain_computation(pair: tuple[Path, Path]) -> None:
    models = ModelPair(*pair)
    ids = models.tokenizer(TEXT)["input_ids"]
    assert len(ids) > 2 * POSITIONS  # several parts, each with the ones before in mind
    found = models.compare(TEXT)
    kl, agree = plainly(*pair, [models.tokenizer.bos_token_id, *ids])
    assert found.tokens == len(ids)
    assert found.kl == pytest.approx(kl, rel=1e-3) and kl > 1
    assert found.agree == agree < len(ids)


def test_a_text_longer_than_the_context_is_read_in_windows(pair: tuple[Path, Path]) -> None:
    models = ModelPair(*pair)
    models.limit = 100
    ids = [models.tokenizer.bos_token_id, *models.tokenizer(TEXT)["input_ids"]]
    found = models.compare(TEXT)
    parts = [plainly(*pair, ids[first : first + 101]) for first in range(0, len(ids) - 1, 100)]
    assert found.tokens == len(ids) - 1
    assert found.kl == pytest.approx(sum(kl for kl, _ in parts), rel=1e-3)
    assert found.agree == sum(agree for _, agree in parts)


def test_a_model_does_not_diverge_from_itself(pair: tuple[Path, Path]) -> None:
    found = ModelPair(pair[0], pair[0]).compare(TEXT)
    assert found == (len(TEXT.encode()), 0.0, len(TEXT.encode()))


def test_the_noise_of_reading_is_there_and_far_below_what_differs(pair: tuple[Path, Path]) -> None:
    models = ModelPair(*pair)
    found, noise = models.compare(TEXT), models.noise(TEXT)
    assert noise.tokens == noise.agree == found.tokens
    assert 0 < noise.kl < 1e-5 * found.kl
    models.base.bfloat16()  # coarser sums: the noise is seen for what it is
    assert models.noise(TEXT).kl > 100 * noise.kl


def test_models_of_different_vocabularies_are_not_compared(pair: tuple[Path, Path], base_model: Path) -> None:
    with pytest.raises(
        ModelError, match=r"its vocabulary is not that of .*; compare a model with the one it was tuned"
    ):
        ModelPair(pair[0], base_model)

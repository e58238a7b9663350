"""Two models reading the same text: how far their predictions of the next token lie apart."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import torch

from stages.core.errors import ModelError
from stages.models import loading

POSITIONS = 128  # read at once: their logits take 80 MB for each model at a vocabulary of 152,000


class Divergence(NamedTuple):
    """Over a text's tokens: how many, the sum of KL(base‖tuned) in nats, and at how many both prefer the same token."""

    tokens: int
    kl: float
    agree: int


class ModelPair:
    """A base model and a tuned one, which must share tokenizer and vocabulary."""

    def __init__(self, base: Path, tuned: Path, dtype: torch.dtype | None = None) -> None:
        """Load both; raises ModelError when their predictions cannot be compared."""
        (self.base, self.tokenizer), (self.tuned, other) = loading.load(base, dtype), loading.load(tuned, dtype)
        same = self.tokenizer.get_vocab() == other.get_vocab()
        if not same or self.base.config.vocab_size != self.tuned.config.vocab_size:
            raise ModelError(
                f"{tuned}: its vocabulary is not that of {base}; compare a model with the one it was tuned from"
            )
        loading.use_float32_head(self.base)
        loading.use_float32_head(self.tuned)
        self.limit = min(model.config.max_position_embeddings for model in (self.base, self.tuned))

    def compare(self, text: str) -> Divergence:
        """Return the divergence over all tokens of `text`, the first one predicted from the start token.

        A text longer than the models' context is read in windows of that length.
        """
        start = self.tokenizer.bos_token_id
        found = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        ids = [self.tokenizer.eos_token_id if start is None else start, *found][: len(found)]
        parts = [
            part for first in range(0, len(ids), self.limit) for part in self._window(ids[first : first + self.limit])
        ]
        return Divergence(len(ids), sum(part.kl for part in parts), sum(part.agree for part in parts))

    @torch.inference_mode()
    def _window(self, ids: list[int]) -> Iterator[Divergence]:
        row = torch.tensor([ids], device=self.base.device)
        for p, q in zip(_logits(self.base, row), _logits(self.tuned, row), strict=True):
            base, tuned = p.log_softmax(-1), q.log_softmax(-1)
            kl = (base.exp() * (base - tuned)).sum(-1).clamp(min=0)  # rounding may go below zero
            agree = int((base.argmax(-1) == tuned.argmax(-1)).sum())
            yield Divergence(len(kl), float(kl.sum()), agree)


def _logits(model: Any, ids: torch.Tensor) -> Iterator[torch.Tensor]:  # noqa: ANN401 - transformers is untyped
    """Yield float32 logits of `ids`, shape (1, length), by parts of shape (≤ POSITIONS, vocabulary)."""
    seen = None
    for first in range(0, ids.shape[1], POSITIONS):
        out = model(input_ids=ids[:, first : first + POSITIONS], past_key_values=seen, use_cache=True)
        seen = out.past_key_values
        yield out.logits[0].float()

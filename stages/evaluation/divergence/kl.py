"""Two models reading the same text: how far their predictions of the next token lie apart."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

import torch

from stages.core.errors import ModelError
from stages.models import loading

POSITIONS = 128  # read at once: their logits take 80 MB for each model at a vocabulary of 152,000

Attention = Literal["sdpa", "eager"]  # PyTorch's own, and products one after the other


class Divergence(NamedTuple):
    """Over a text's tokens: how many, the sum of KL(base‖tuned) in nats, and at how many both prefer the same token."""

    tokens: int
    kl: float
    agree: int


class ModelPair:
    """A base model and a tuned one, which must share tokenizer and vocabulary."""

    def __init__(self, base: Path, tuned: Path) -> None:
        """Load both; raises ModelError when their predictions cannot be compared."""
        (self.base, self.tokenizer), (self.tuned, other) = loading.load(base), loading.load(tuned)
        same = self.tokenizer.get_vocab() == other.get_vocab()
        if not same or self.base.config.vocab_size != self.tuned.config.vocab_size:
            raise ModelError(
                f"{tuned}: its vocabulary is not that of {base}; compare a model with the one it was tuned from"
            )
        self.limit = min(model.config.max_position_embeddings for model in (self.base, self.tuned))

    def compare(self, text: str) -> Divergence:
        """Return the divergence over all tokens of `text`, the first one predicted from the start token.

        A text longer than the models' context is read in windows of that length.
        """
        return self._over(text, lambda ids: zip(logits(self.base, ids), logits(self.tuned, ids), strict=True))

    def noise(self, text: str) -> Divergence:
        """Return the divergence of the base from itself, its attention computed in two ways that differ by rounding alone.

        A `compare` of no more than this shows nothing.
        """
        return self._over(
            text, lambda ids: zip(logits(self.base, ids, "sdpa"), logits(self.base, ids, "eager"), strict=True)
        )

    def _over(
        self, text: str, read: Callable[[torch.Tensor], Iterable[tuple[torch.Tensor, torch.Tensor]]]
    ) -> Divergence:
        """Add up what `read` gives for each window of a text: two models' logits, part by part."""
        start = self.tokenizer.bos_token_id
        found = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        ids = [self.tokenizer.eos_token_id if start is None else start, *found][: len(found)]
        windows = [ids[first : first + self.limit] for first in range(0, len(ids), self.limit)]
        with torch.inference_mode():
            rows = (torch.tensor([window], device=self.base.device) for window in windows)
            parts = [divergence(p, q) for row in rows for p, q in read(row)]
        return Divergence(len(ids), sum(part.kl for part in parts), sum(part.agree for part in parts))


def divergence(p: torch.Tensor, q: torch.Tensor) -> Divergence:
    """Return the divergence of logits q from logits p, both of shape (tokens, vocabulary)."""
    base, tuned = p.log_softmax(-1), q.log_softmax(-1)
    kl = (base.exp() * (base - tuned)).sum(-1).clamp(min=0)  # rounding may go below zero
    return Divergence(len(kl), float(kl.sum()), int((base.argmax(-1) == tuned.argmax(-1)).sum()))


def logits(model: Any, ids: torch.Tensor, attention: Attention = "sdpa") -> Iterator[torch.Tensor]:  # noqa: ANN401 - transformers is untyped
    """Yield float32 logits of `ids`, shape (1, length), by parts of shape (≤ POSITIONS, vocabulary)."""
    seen = None
    for first in range(0, ids.shape[1], POSITIONS):
        model.set_attn_implementation(attention)
        out = model(input_ids=ids[:, first : first + POSITIONS], past_key_values=seen, use_cache=True)
        seen = out.past_key_values
        yield out.logits[0].float()

"""How likely a model in this process finds given answers, after a prompt or standing alone: batched by like length."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import torch

from stages.core.progress import bar
from stages.models import chat_template, loading
from stages.models.batching import batches
from stages.models.finite import finite
from stages.rows.sample import Likelihood

Tokens = tuple[list[int], list[int], int]  # what stands before an answer, the answer, and its characters
LOGITS = 1 << 28  # of one pass, in float32: 1 GiB, whatever the size of the vocabulary


class LikelihoodScorer:
    """A model that rates texts instead of writing them; only the tokens of an answer count, not the mark that ends it."""

    def __init__(self, folder: Path, batch_tokens: int, place: str) -> None:
        """Load the model in `folder`; a batch holds at most `batch_tokens`, which stand under `place` in params.yaml."""
        self.model, self.tokenizer = loading.load(folder)
        self.batch_tokens, self.place = batch_tokens, place

    def given(self, pairs: Sequence[tuple[str, str]], title: str) -> list[Likelihood | None]:
        """Return the likelihood of each answer after its prompt, as the model's chat template puts it to a user."""
        rows = [
            (self._asked(prompt), chat_template.tokens(self.tokenizer, answer), len(answer)) for prompt, answer in pairs
        ]
        return self._of(rows, title)

    def alone(self, answers: Sequence[str], title: str) -> list[Likelihood | None]:
        """Return the likelihood of each answer without a prompt: after the chat template around an empty one.

        So all that differs from `given` is the prompt. A bare start token would be a turn mark in many chat models, behind which a role
        is due: the answer's first words would be unlikely for that alone.
        """
        return self.given([("", answer) for answer in answers], title)

    def _asked(self, prompt: str) -> list[int]:
        return chat_template.asked(self.tokenizer, [{"role": "user", "content": prompt}])

    def _of(self, rows: Sequence[Tokens], title: str) -> list[Likelihood | None]:
        """Return a likelihood for each row, in order; None for an answer without tokens, and for a row too long for the model."""
        room, found = self.model.config.max_position_embeddings, dict[int, Likelihood]()
        lengths = [len(before) + len(answer) for before, answer, _ in rows]
        fits = [n for n, (_, answer, _) in enumerate(rows) if answer and lengths[n] <= room]
        with bar(len(fits), title, "answers") as shown:
            for batch in batches(fits, lengths, [0] * len(rows), self.batch_tokens):
                for part in self._parts(batch, rows):
                    for n, nll in zip(part, self._nll([rows[n] for n in part]), strict=True):
                        _, answer, characters = rows[n]
                        loss = round(finite(nll, self.place), 4)
                        found[n] = Likelihood(nll=loss, tokens=len(answer), characters=characters)
                    shown.update(len(part))
        return [found.get(n) for n in range(len(rows))]

    def _parts(self, batch: Sequence[int], rows: Sequence[Tokens]) -> Iterator[Sequence[int]]:
        """Divide a batch so that the logits over its answers fit; a row by itself is always a part."""
        size = max(1, LOGITS // (_kept([rows[n] for n in batch]) * self.model.config.vocab_size))
        return (batch[start : start + size] for start in range(0, len(batch), size))

    def _nll(self, rows: Sequence[Tokens]) -> Iterator[float]:
        """Yield the summed loss of each row's answer; padding is to the right, where a causal model does not look."""
        ids = [before + answer for before, answer, _ in rows]
        longest, kept = max(map(len, ids)), _kept(rows)
        padded = torch.tensor([row + [0] * (longest - len(row)) for row in ids], device=self.model.device)
        remedy = f"lower {self.place}.batch_tokens from {self.batch_tokens}"
        with loading.within_memory(self.place, remedy), torch.inference_mode():
            out = self.model(input_ids=padded, logits_to_keep=kept, use_cache=False)
        for logits, (before, answer, _) in zip(out.logits, rows, strict=True):
            start = len(before) - 1 - (longest - kept)  # the position that predicts the answer's first token
            wanted = torch.tensor(answer, device=logits.device)
            scores = logits[start : start + len(answer)]
            yield float(torch.nn.functional.cross_entropy(scores, wanted, reduction="sum"))


def _kept(rows: Sequence[Tokens]) -> int:
    """Return how many of the last positions predict some row's answer."""
    longest = max(len(before) + len(answer) for before, answer, _ in rows)
    return longest - min(len(before) for before, _, _ in rows) + 1

"""How a model in this process ranks a value among others in the same place, by likelihood (Carlini et al. 2019, exposure)."""

from collections.abc import Iterator, Sequence
from itertools import takewhile
from math import log2
from pathlib import Path

import torch

from stages.core.errors import ModelError
from stages.core.progress import bar
from stages.evaluation.benchmarks.shared_prefix import POSITIONS, ScoringRequest, score
from stages.evaluation.memorization.probe import Probe
from stages.models import chat_template, loading
from stages.models.finite import finite

ROWS = 8  # contexts passed through the model at once
TOLERANCE = 0.01  # nats a token, and once, by which two ways of computing one thing may differ


class Ranker:
    """A model that says how likely it finds each value."""

    def __init__(self, folder: Path) -> None:
        """Load the model in `folder`."""
        self.folder = folder
        self.model, self.tokenizer = loading.load(folder)
        one, other = (chat_template.asked(self.tokenizer, [{"role": "user", "content": text}]) for text in ("x", "7"))
        self.closing = _shared([one[::-1], other[::-1]])  # tokens of the template after a question

    def exposures(self, probes: Sequence[Probe], title: str) -> list[float | None]:
        """Return each value's exposure in bits, in order; None where its place is beyond the model's context."""
        requests = [self.request(probe) for probe in probes]
        room = self.model.config.max_position_embeddings
        lengths = [len(one.context) + max(map(len, one.continuations)) for one in requests]
        fits = [n for n, length in enumerate(lengths) if length <= room]
        parts = [(n, part) for n in fits for part in _parts(requests[n])]
        likelihoods: dict[int, dict[int, list[float]]] = {n: {} for n in fits}
        with bar(len(parts), title, "passes") as shown:
            for position, found in score(self.model, [part for _, part in parts], ROWS):
                likelihoods[parts[position][0]][position] = found
                shown.update()
        scores = {n: [one for _, some in sorted(found.items()) for one in some] for n, found in likelihoods.items()}
        if fits:
            longest = max(fits, key=lambda n: len(requests[n].context))
            self._refuse_unlike(requests[longest], scores[longest])
        return [exposure(scores[n]) if n in scores else None for n in range(len(probes))]

    def request(self, probe: Probe) -> ScoringRequest:
        """Return the tokens before a value and those of each value, its own first: what all have in common stands before."""
        rows = [self._tokens(probe, probe.before + value) for value in (probe.value, *probe.others)]
        shared = min(_shared(rows), min(map(len, rows)) - 1)
        return ScoringRequest(tuple(rows[0][:shared]), tuple(tuple(row[shared:]) for row in rows))

    def _tokens(self, probe: Probe, text: str) -> list[int]:
        if probe.asked is None:
            return chat_template.asked(self.tokenizer, [{"role": "user", "content": text}])[: -self.closing]
        question = chat_template.asked(self.tokenizer, [{"role": "user", "content": probe.asked}])
        return question + chat_template.tokens(self.tokenizer, text)

    def _refuse_unlike(self, request: ScoringRequest, scores: Sequence[float]) -> None:
        """Refuse a model that reads values side by side otherwise than alone (sliding windows, ALiBi): by the longest place."""
        value = request.continuations[0]
        ids = torch.tensor([[*request.context, *value]], device=self.model.device)
        with torch.inference_mode():
            logits = self.model(ids, logits_to_keep=len(value) + 1).logits[0, :-1].float()
        alone = -float(torch.nn.functional.cross_entropy(logits, ids[0, -len(value) :], reduction="sum"))
        if abs(alone - scores[0]) > TOLERANCE * (1 + len(value)):
            raise ModelError(
                f"{self.folder}: memorize reads values side by side, which {type(self.model).__name__} does not allow; "
                "its exposure cannot be told"
            )


def _shared(rows: Sequence[Sequence[int]]) -> int:
    """Return how many tokens all rows begin with."""
    return sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, zip(*rows, strict=False)))


def exposure(likelihoods: Sequence[float]) -> float:
    """Return log2 of how many values there are − log2 of the first one's rank among them; 0 for the last, and all bits for the first.

    Of values that are equally likely each has the middle rank: a model that tells none from another has exposed none.
    """
    own, *others = (finite(one, "memorize") for one in likelihoods)
    return log2(len(likelihoods)) - log2(
        1 + sum(other > own for other in others) + sum(other == own for other in others) / 2
    )


def _parts(request: ScoringRequest) -> Iterator[ScoringRequest]:
    """Yield the request in parts whose logits fit into memory."""
    part, tail = list[tuple[int, ...]](), 1
    for continuation in request.continuations:
        if part and tail + len(continuation) > POSITIONS:
            yield ScoringRequest(request.context, tuple(part))
            part, tail = [], 1
        part.append(continuation)
        tail += len(continuation)
    yield ScoringRequest(request.context, tuple(part))

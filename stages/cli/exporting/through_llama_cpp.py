"""The judged model's own questions and passages, put to the exported file: the same tokens, rated by llama.cpp."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch

from stages.cli.exporting.served import WINDOW, Served
from stages.core.progress import track
from stages.evaluation.benchmarks.lm_eval_runner import LmEvalScorer
from stages.evaluation.divergence import kl
from stages.evaluation.rows.drift import Drift
from stages.evaluation.rows.outcome import Passage


class FileScorer(LmEvalScorer):
    """lm-eval's requests as the judged model in `folder` has them, with the figures of a file that llama.cpp has loaded."""

    def __init__(self, folder: Path, served: Served) -> None:
        """Load the judged model too: its tokenizer sets the requests."""
        super().__init__(folder, 1)
        self.served = served

    def _compute(self, requests: Any, override_bs: int | None = None) -> Any:  # noqa: ANN401 - lm-eval's
        """Return (log-likelihood, False) of each request; False: nothing here asks what greedy decoding says."""
        if override_bs is not None:  # passages, window by window
            self.shown.update(len(requests))
            return [(self._passage([*context, *rated], len(rated)), False) for _, context, rated in requests]
        self._expect(len(requests))
        asked = [self._within(context, rated) for _, context, rated in requests]
        self.served.widen(max((len(context) + len(rated) for context, rated in asked), default=0))
        order = sorted(range(len(asked)), key=lambda n: asked[n][0])  # what begins alike side by side
        found: dict[int, float] = {}
        for n in order:
            found[n] = self.served.likelihood(*asked[n])
            self.shown.update()
        return [(found[n], False) for n in range(len(requests))]

    def _within(self, context: Sequence[int], rated: Sequence[int]) -> tuple[list[int], list[int]]:
        """Return a request that is too long for the model without its beginning, as lm-eval cuts it: llama.cpp has room for one token less."""
        return list(context)[max(0, len(context) + len(rated) - self.max_length) :], list(rated)

    def _passage(self, ids: Sequence[int], rated: int) -> float:
        """Return the log-likelihood of the last `rated` tokens."""
        found = [
            self.served.logits(window).log_softmax(-1)[range(len(window)), wanted]
            for window, wanted in windows(ids[:-1], ids[1:])
        ]
        return float(torch.cat(found)[-rated:].sum())


def windows(inputs: Sequence[int], wanted: Sequence[int]) -> Iterator[tuple[list[int], list[int]]]:
    """Yield what is read at once, and what is to follow each token of it."""
    for first in range(0, len(inputs), WINDOW):
        yield list(inputs[first : first + WINDOW]), list(wanted[first : first + WINDOW])


def drifts(passages: Sequence[Passage], model: Any, tokenizer: Any, served: Served, title: str) -> Iterator[Drift]:  # noqa: ANN401 - transformers'
    """Yield how far the file's predictions lie from those of `model`, passage by passage, as stage drift does for two models."""
    start = tokenizer.eos_token_id if tokenizer.bos_token_id is None else tokenizer.bos_token_id
    for passage in track(passages, title, "passages", len(passages)):
        found = tokenizer(passage.text, add_special_tokens=False)["input_ids"]
        parts = []
        for window, _ in windows([start, *found][: len(found)], found):
            with torch.inference_mode():
                own = torch.cat(list(kl.logits(model, torch.tensor([window], device=model.device)))).cpu()
            parts.append(kl.divergence(own, served.logits(window)))
        yield Drift(
            id=passage.id,
            language=passage.language,
            tokens=len(found),
            kl=round(sum(part.kl for part in parts), 6),
            agree=sum(part.agree for part in parts),
        )

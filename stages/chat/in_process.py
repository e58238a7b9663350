"""Backend `transformers`, a small model in this process: batches of requests of like length, greedy by default.

Log-probabilities are not told: the scores of a batch over the whole vocabulary would take more memory than the model.
"""

from functools import cached_property
from pathlib import Path
from typing import Any

import torch

from stages.chat.messages import Reply, Request
from stages.chat.settings import Transformers
from stages.core.errors import ModelError
from stages.models import chat_template, loading
from stages.models.batching import batches

WINDOW = 512  # requests among which those of like length are looked for


class InProcess:
    """A backend that generates here."""

    def __init__(self, settings: Transformers, folder: Path) -> None:
        """Take the model in `folder`; nothing is loaded yet."""
        self.settings, self.folder = settings, folder

    @cached_property
    def identity(self) -> str:
        """Name the model by its content, and the sampling."""
        return f"{loading.identity(self.folder)} t={self.settings.temperature:g} p={self.settings.top_p:g}"

    def open(self) -> "Generating":
        """Load the model."""
        return Generating(self.settings, *loading.load(self.folder))


class Generating:
    """The model at work: a batch at each `take`, the longest questions first, so that too little memory shows at once."""

    def __init__(self, settings: Transformers, model: Any, tokenizer: Any) -> None:  # noqa: ANN401 - transformers is untyped
        """Take a loaded model."""
        self.settings, self.model, self.tokenizer = settings, model, tokenizer
        self.pending: dict[int, tuple[Request, list[int]]] = {}

    @property
    def room(self) -> int:
        """How many more requests are looked at together."""
        return WINDOW - len(self.pending)

    def put(self, position: int, request: Request) -> None:
        """Take a request in, as tokens."""
        self.pending[position] = request, chat_template.asked(self.tokenizer, request.messages)

    def take(self) -> list[tuple[int, Reply]]:
        """Return those that are too long for the model, or else the answers of one batch."""
        room = self.model.config.max_position_embeddings
        long = [n for n, (request, ids) in self.pending.items() if len(ids) + request.max_tokens > room]
        if long:
            return [(n, Reply(row=self.pending.pop(n)[0].row, text="", finish="context")) for n in long]
        temperatures = {n: self._temperature(request) for n, (request, _) in self.pending.items()}
        lowest = min(temperatures.values())
        places = [n for n, temperature in temperatures.items() if temperature == lowest]
        lengths, limits = (
            [len(self.pending[n][1]) for n in places],
            [self.pending[n][0].max_tokens for n in places],
        )
        batch = [places[i] for i in next(batches(range(len(places)), lengths, limits, self.settings.batch_tokens))]
        requests, ids = zip(*(self.pending.pop(n) for n in batch), strict=True)
        return list(zip(batch, self._generate(list(ids), list(requests), lowest), strict=True))

    def finish(self) -> None:
        """All was answered."""

    def close(self) -> None:
        """Let go of what is under way."""
        self.pending.clear()

    def _temperature(self, request: Request) -> float:
        return self.settings.temperature if request.temperature is None else request.temperature

    def _generate(self, ids: list[list[int]], requests: list[Request], temperature: float) -> list[Reply]:
        model, tokenizer = self.model, self.tokenizer
        padded = tokenizer.pad({"input_ids": ids}, return_tensors="pt").to(model.device)
        limit = max(request.max_tokens for request in requests)
        torch.manual_seed(requests[0].seed)
        sampling = {"temperature": temperature, "top_p": self.settings.top_p} if temperature else {}
        try:
            with torch.inference_mode():
                out = model.generate(
                    **padded,
                    max_new_tokens=limit,
                    do_sample=bool(sampling),
                    pad_token_id=tokenizer.pad_token_id,
                    **sampling,
                )
        except (torch.OutOfMemoryError, MemoryError):
            raise ModelError(
                f"{self.settings.place}: out of memory at {self.settings.batch_tokens} tokens a batch; lower batch_tokens"
            ) from None
        answers = out[:, padded["input_ids"].shape[1] :].tolist()
        return [
            self._reply(request, len(prompt), tokens)
            for request, prompt, tokens in zip(requests, ids, answers, strict=True)
        ]

    def _reply(self, request: Request, prompt_tokens: int, tokens: list[int]) -> Reply:
        model, tokenizer = self.model, self.tokenizer
        stops = model.generation_config.eos_token_id
        stops = set(stops if isinstance(stops, list) else [stops])
        end = next((n for n, token in enumerate(tokens) if token in stops), None)
        taken = tokens[: request.max_tokens] if end is None or end > request.max_tokens else tokens[:end]
        finish = "stop" if end is not None and end <= request.max_tokens else "length"
        text = tokenizer.decode(taken, skip_special_tokens=True).strip()
        return Reply(
            row=request.row, text=text, finish=finish, prompt_tokens=prompt_tokens, completion_tokens=len(taken)
        )

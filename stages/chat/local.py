"""Chat with a small model in this process: batches of requests of like length, greedy by default.

Log-probabilities are not told: the scores of a batch over the whole vocabulary would take more memory than the model.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import torch

from stages.chat.messages import Reply, Request
from stages.chat.settings import ChatModel
from stages.core.errors import ModelError
from stages.models import loading
from stages.models.batching import batches


class Local:
    """A backend that generates here; the model is loaded at the first request that the cache does not know."""

    def __init__(self, settings: ChatModel, folder: Path) -> None:
        """Take the model in `folder`; nothing is loaded yet."""
        self.settings, self.folder = settings, folder

    @cached_property
    def identity(self) -> str:
        """Name the model by its content, and the sampling."""
        return f"{loading.identity(self.folder)} t={self.settings.temperature:g} p={self.settings.top_p:g}"

    @cached_property
    def _loaded(self) -> tuple[Any, Any]:
        return loading.load(self.folder)

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Reply]]:
        """Yield replies batch by batch, the longest questions first, so that too little memory shows at once."""
        if not requests:
            return
        model, tokenizer = self._loaded
        prompts = [
            tokenizer.apply_chat_template(r.messages, tokenize=False, add_generation_prompt=True) for r in requests
        ]
        ids = [tokenizer(prompt, add_special_tokens=False)["input_ids"] for prompt in prompts]
        room = model.config.max_position_embeddings
        fits = [n for n, request in enumerate(requests) if len(ids[n]) + request.max_tokens <= room]
        for position in sorted(set(range(len(requests))) - set(fits)):
            yield position, Reply(row=requests[position].row, text="", finish="context")
        lengths, limits = [len(i) for i in ids], [r.max_tokens for r in requests]
        temperatures = [self.settings.temperature if r.temperature is None else r.temperature for r in requests]
        for temperature in sorted(set(temperatures)):
            alike = [n for n in fits if temperatures[n] == temperature]
            for batch in batches(alike, lengths, limits, self.settings.batch_tokens):
                done = self._generate([ids[n] for n in batch], [requests[n] for n in batch], temperature)
                yield from zip(batch, done, strict=True)

    def _generate(self, ids: list[list[int]], requests: list[Request], temperature: float) -> list[Reply]:
        model, tokenizer = self._loaded
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
                f"{self.section_name}: out of memory at {self.settings.batch_tokens} tokens a batch; lower batch_tokens"
            ) from None
        answers = out[:, padded["input_ids"].shape[1] :].tolist()
        return [
            self._reply(request, len(prompt), tokens)
            for request, prompt, tokens in zip(requests, ids, answers, strict=True)
        ]

    @property
    def section_name(self) -> str:
        """Where these settings stand in params.yaml."""
        return self.settings.section

    def _reply(self, request: Request, prompt_tokens: int, tokens: list[int]) -> Reply:
        model, tokenizer = self._loaded
        stops = model.generation_config.eos_token_id
        stops = set(stops if isinstance(stops, list) else [stops])
        end = next((n for n, token in enumerate(tokens) if token in stops), None)
        taken = tokens[: request.max_tokens] if end is None or end > request.max_tokens else tokens[:end]
        finish = "stop" if end is not None and end <= request.max_tokens else "length"
        text = tokenizer.decode(taken, skip_special_tokens=True).strip()
        return Reply(
            row=request.row, text=text, finish=finish, prompt_tokens=prompt_tokens, completion_tokens=len(taken)
        )

"""Backend `transformers`, a small model in this process: greedy by default, many questions at once.

Greedy answers of the common architectures come from `Decoder`: a row that ends makes room for the next one. Sampling, and models that
it does not know, go through `generate`, in batches of like length. Log-probabilities are not told: the scores of a batch over the whole
vocabulary would take more memory than the model.
"""

from functools import cached_property
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import torch

from stages.chat.messages import Rated, Reply, Request
from stages.chat.settings import Transformers
from stages.core.row import content_id
from stages.models import chat_template, loading
from stages.models.batching import batches
from stages.models.decoding import Decoder, can_decode
from stages.models.finite import finite

WINDOW = 512  # requests among which those of like length are looked for


def _seed(ids: list[list[int]], requests: list[Request]) -> int:
    """Return the seed of a batch: by all that it asks, so that neither another draw of a question nor another batch meets the same chances."""
    return int(content_id(ids, [request.seed for request in requests]), 16)


class Loaded:
    """A model in memory, with its tokenizer, for as long as a backend, or a session of one, holds it."""

    def __init__(self, folder: Path) -> None:
        """Load it."""
        self.model, self.tokenizer = loading.load(folder)


HELD = WeakValueDictionary[Path, Loaded]()  # by folder: a generator and a judge that are one model are in memory once


class InProcess:
    """A backend that generates here; the model is loaded when it is first asked, and stays for all that its stage asks."""

    def __init__(self, settings: Transformers, folder: Path) -> None:
        """Take the model in `folder`; nothing is loaded yet."""
        self.settings, self.folder = settings, folder

    @cached_property
    def identity(self) -> str:
        """Name the model by its content, and the sampling."""
        return f"{loading.identity(self.folder)} t={self.settings.temperature:g} p={self.settings.top_p:g}"

    @cached_property
    def loaded(self) -> Loaded:
        """The model in the folder, another backend's if that holds it."""
        place = self.folder.resolve()
        held = HELD.get(place) or Loaded(self.folder)
        HELD[place] = held
        return held

    def open(self) -> "Generating":
        """Load the model, unless it is."""
        return Generating(self.settings, self.loaded.model, self.loaded.tokenizer, self.loaded)


class Generating:
    """The model at work; those that take longest first, so that too little memory shows at once and few rows are left at the end."""

    def __init__(self, settings: Transformers, model: Any, tokenizer: Any, held: Loaded | None = None) -> None:  # noqa: ANN401 - transformers is untyped
        """Take a loaded model; `held` is shared for as long as this is at work, whatever becomes of its backend."""
        self.settings, self.model, self.tokenizer, self.held = settings, model, tokenizer, held
        self.pending: dict[int, tuple[Request, list[int]]] = {}
        self.inside: dict[
            int, tuple[Request, int, float | None]
        ] = {}  # under way: tokens of the question, loss of what is rated
        self.steps_rows = can_decode(model)
        self.decoder: Decoder | None = None

    @property
    def room(self) -> int:
        """How many more requests are looked at together."""
        return WINDOW - len(self.pending)

    def put(self, position: int, request: Request) -> None:
        """Take a request in, as tokens."""
        self.pending[position] = request, chat_template.asked(self.tokenizer, request.messages)

    def take(self) -> list[tuple[int, Reply]]:
        """Return those that are too long for the model, or the next answers."""
        room = self.model.config.max_position_embeddings
        long = [n for n, (request, ids) in self.pending.items() if len(ids) + request.max_tokens > room]
        if long:
            return [(n, Reply(row=self.pending.pop(n)[0].row, text="", finish="context")) for n in long]
        lowest = min((self._temperature(request) for request, _ in self.pending.values()), default=0.0)
        remedy = f"lower {self.settings.place}.batch_tokens from {self.settings.batch_tokens}"
        with loading.within_memory(self.settings.place, remedy):
            return self._step() if self.inside or (self.steps_rows and not lowest) else self._batch(lowest)

    def finish(self) -> None:
        """All was answered."""

    def close(self) -> None:
        """Let go of what is under way."""
        self.pending.clear()
        self.inside.clear()

    def _temperature(self, request: Request) -> float:
        return self.settings.temperature if request.temperature is None else request.temperature

    def _step(self) -> list[tuple[int, Reply]]:
        """Read questions as there is room, then step on until some rows have ended."""
        waiting = [n for n, (request, _) in self.pending.items() if not self._temperature(request)]
        waiting.sort(key=lambda n: (self.pending[n][0].max_tokens, self._width(n)), reverse=True)
        decoder = self.decoder = self._roomy(waiting)
        for n in [n for n in waiting if self._width(n) <= decoder.slots.width][: decoder.room]:
            request, ids = self.pending.pop(n)
            self.inside[n] = request, len(ids), self._read(decoder, n, request, ids)
        while not (ended := decoder.ended()):
            decoder.step()
        replies = []
        for row in ended:
            request, asked, loss = self.inside.pop(row.key)
            replies.append((row.key, self._reply(request, asked, row.tokens, loss)))
        return replies

    def _roomy(self, waiting: list[int]) -> Decoder:
        """Return the decoder, if nothing is under way one with room for those that wait."""
        held = self.decoder
        if held and held.active:
            return held
        widest = max(self._width(n) for n in waiting)
        rows = min(len(waiting), max(1, self.settings.batch_tokens // widest))
        if held and rows <= held.slots.rows and widest <= held.slots.width:
            return held
        return Decoder(self.model, rows, widest)

    def _width(self, n: int) -> int:
        request, ids = self.pending[n]
        return len(ids) + request.max_tokens

    def _read(self, decoder: Decoder, n: int, request: Request, ids: list[int]) -> float | None:
        """Take a question into the decoder; return how likely the model finds the text that is to be rated, in nats, if it fits."""
        rated = chat_template.tokens(self.tokenizer, request.rated)
        if len(ids) + len(rated) > self.model.config.max_position_embeddings:
            rated = []
        loss = decoder.add(n, ids, request.max_tokens, rated)
        return round(finite(loss, self.settings.place), 4) if rated else None

    def _batch(self, temperature: float) -> list[tuple[int, Reply]]:
        """Answer the next batch of questions of one temperature with `generate`."""
        places = [n for n, (request, _) in self.pending.items() if self._temperature(request) == temperature]
        lengths, limits = (
            [len(self.pending[n][1]) for n in places],
            [self.pending[n][0].max_tokens for n in places],
        )
        batch = [places[i] for i in next(batches(range(len(places)), lengths, limits, self.settings.batch_tokens))]
        requests, ids = zip(*(self.pending.pop(n) for n in batch), strict=True)
        return list(zip(batch, self._generate(list(ids), list(requests), temperature), strict=True))

    def _generate(self, ids: list[list[int]], requests: list[Request], temperature: float) -> list[Reply]:
        model, tokenizer = self.model, self.tokenizer
        padded = tokenizer.pad({"input_ids": ids}, return_tensors="pt").to(model.device)
        limit = max(request.max_tokens for request in requests)
        torch.manual_seed(_seed(ids, requests))
        sampling = {"temperature": temperature, "top_p": self.settings.top_p, "top_k": 0} if temperature else {}
        with torch.inference_mode():
            out = model.generate(
                **padded,
                max_new_tokens=limit,
                do_sample=bool(sampling),
                pad_token_id=tokenizer.pad_token_id,
                **sampling,
            )
        answers = out[:, padded["input_ids"].shape[1] :].tolist()
        return [
            self._reply(request, len(prompt), tokens)
            for request, prompt, tokens in zip(requests, ids, answers, strict=True)
        ]

    def _reply(self, request: Request, prompt_tokens: int, tokens: list[int], loss: float | None = None) -> Reply:
        model, tokenizer = self.model, self.tokenizer
        stops = model.generation_config.eos_token_id
        stops = set(stops if isinstance(stops, list) else [stops])
        end = next((n for n, token in enumerate(tokens) if token in stops), None)
        taken = tokens[: request.max_tokens] if end is None or end > request.max_tokens else tokens[:end]
        finish = "stop" if end is not None and end <= request.max_tokens else "length"
        text = tokenizer.decode(taken, skip_special_tokens=True).strip()
        rated = None
        if loss is not None:
            count = len(chat_template.tokens(tokenizer, request.rated))
            rated = Rated(text=content_id(request.rated), nll=loss, tokens=count)
        return Reply(
            row=request.row,
            text=text,
            finish=finish,
            prompt_tokens=prompt_tokens,
            completion_tokens=len(taken),
            rated=rated,
        )

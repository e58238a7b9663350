"""A GGUF file at work in llama.cpp, as its users will have it, and how likely it finds texts that it is given.

llama.cpp tells how likely the next tokens are, by the logits over the whole vocabulary before anything is done to them. A text that it
is given is rated token by token; what stands before is kept. Of long texts it gives the states of all tokens at once (`/embedding`
without pooling); times the file's own output matrix these are the logits.
"""

import json
import urllib.error
import urllib.request
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from gguf import GGUFReader
from gguf.quants import dequantize
from xllamacpp import CommonParams, Server, llama_pooling_type

from stages.chat.llama_cpp import cores
from stages.core.errors import ModelError

CONTEXT = 4096  # tokens of a question and its answer
WINDOW = 1024  # tokens of a text read at once
TIMEOUT = 600  # seconds that one request may take
LIKELIEST = 4096  # next tokens that are told of at once
FORCED = 1000.0  # added to the logit of what is said, whatever it is
SPEED = 128  # tokens said to time it
NO_NUMBER = "gives no numbers in llama.cpp: its weights are damaged, or too large for the form they are held in; export again, or another of --formats"
DIRECT = urllib.request.build_opener(
    urllib.request.ProxyHandler({})
)  # a proxy knows nothing of this machine's loopback
OUTPUT = ("output.weight", "token_embd.weight")  # the matrix that makes logits; the second where both are one


class Speed(NamedTuple):
    """Tokens a second: of a question read, and of an answer said, one request at a time."""

    read: float
    said: float


class Served:
    """A file that llama.cpp has loaded and that listens on loopback; `close` lets go of it."""

    def __init__(self, path: Path, context: int = CONTEXT, threads: int = 0) -> None:
        """Load it with one slot, so that an answer does not depend on its company; ModelError where llama.cpp refuses it."""
        self.path, self.context, self.threads = path, context, threads or cores()
        self._told: tuple[tuple[int, ...], dict[int, float]] = ((), {})
        self._states: dict[tuple[int, ...], torch.Tensor] = {}
        self._load()

    def _load(self) -> None:
        made = CommonParams()
        made.model.path, made.model_alias = str(self.path), [self.path.stem]
        made.n_parallel, made.n_ctx, made.n_batch, made.n_ubatch = 1, self.context, WINDOW, WINDOW
        made.cpuparams.n_threads = made.cpuparams_batch.n_threads = self.threads
        made.hostnames, made.port, made.ui = ["127.0.0.1"], 0, False
        made.embedding, made.pooling_type = True, llama_pooling_type.LLAMA_POOLING_TYPE_NONE
        made.sampling.top_k, made.sampling.min_p, made.cache_ram_mib, made.verbosity = 0, 0.0, 0, 0
        try:
            self.server = Server(made)
        except RuntimeError:  # it does not say of what
            raise ModelError(
                f"{self.path}: llama.cpp does not load it with {self.context} tokens of context: damaged, or too large for this machine's memory"
            ) from None

    def widen(self, tokens: int) -> None:
        """Load it anew, at another address, where a text of so many `tokens` has no room; llama.cpp gives no more than the model knows."""
        if tokens > self.context:
            self.context = -(-tokens // WINDOW) * WINDOW
            self.close()
            self._load()

    @property
    def address(self) -> str:
        """Where it listens."""
        return str(self.server.listening_address)

    def close(self) -> None:
        """Let go of the model, if it could be loaded."""
        vars(self).pop("server", None)

    def tokens(self, text: str) -> list[int]:
        """Return the tokens of a text, none of them special."""
        found: list[int] = self._ask("/tokenize", content=text, add_special=False, parse_special=False)["tokens"]
        return found

    def likelihood(self, before: Sequence[int], rated: Sequence[int]) -> float:
        """Return the log-probability (nats) of the tokens `rated` after those `before`; what many have before them is read once."""
        return sum(self._next([*before, *rated[:n]], token) for n, token in enumerate(rated))

    def answer(self, before: Sequence[int], rated: Sequence[int]) -> float:
        """Return the same of a longer answer: by its states, where these fit in what is read at once."""
        ids = [*before, *rated]
        if not rated or len(ids) > WINDOW + 1:
            return self.likelihood(before, rated)
        found = (self._read(ids[:-1])[-len(rated) :] @ self.output.T).log_softmax(-1)
        return float(found[range(len(rated)), list(rated)].sum())

    def _next(self, before: Sequence[int], token: int) -> float:
        """Return the log-probability of the next token: among the likeliest, or else among all."""
        if self._told[0] != tuple(before):
            self._told = (tuple(before), self._likeliest(before, LIKELIEST))
        found = self._told[1].get(token)
        return self._likeliest(before, len(self.output))[token] if found is None else found

    def _likeliest(self, before: Sequence[int], count: int) -> dict[int, float]:
        told = self._ask(
            "/completion",
            prompt=list(before),
            n_predict=1,
            n_probs=count,
            temperature=0,
            logit_bias=[[self.plain, FORCED]],
            cache_prompt=True,
        ).get("completion_probabilities")
        if not told or told[0]["top_logprobs"][0]["logprob"] is None:
            raise ModelError(f"{self.path}: {NO_NUMBER}")
        return {one["id"]: float(one["logprob"]) for one in told[0]["top_logprobs"]}

    @cached_property
    def plain(self) -> int:
        """A token that is a whole character: nothing is told of one that is only some of a character's bytes."""
        return self.tokens("a")[0]

    def logits(self, ids: Sequence[int]) -> torch.Tensor:
        """Return the logits behind each of up to `WINDOW` tokens, float32, shape (tokens, vocabulary)."""
        key = tuple(ids)
        if key not in self._states:
            self._states[key] = self._read(ids)
        return self._states[key] @ self.output.T

    def _read(self, ids: Sequence[int]) -> torch.Tensor:
        """Return the states behind each token, float32, shape (tokens, size)."""
        found = self._ask("/embedding", content=list(ids), embd_normalize=-1)[0]["embedding"]
        if any(None in state for state in found):  # no number
            raise ModelError(f"{self.path}: {NO_NUMBER}")
        return torch.tensor(found, dtype=torch.float32)

    @cached_property
    def output(self) -> torch.Tensor:
        """The matrix that makes logits of states, float32, shape (vocabulary, size)."""
        tensors = {tensor.name: tensor for tensor in GGUFReader(self.path).tensors}
        found = next(tensors[name] for name in OUTPUT if name in tensors)
        return torch.from_numpy(np.array(dequantize(found.data, found.tensor_type), dtype=np.float32))

    def speed(self, prompt: Sequence[int]) -> Speed:
        """Time how it reads `prompt`, new to it, and says an answer to it."""
        asked = {"temperature": 0, "ignore_eos": True, "cache_prompt": False, "n_predict": SPEED}
        timed = self._ask("/completion", prompt=list(prompt), **asked)["timings"]
        return Speed(round(timed["prompt_per_second"], 1), round(timed["predicted_per_second"], 1))

    def _ask(self, way: str, **body: object) -> Any:  # noqa: ANN401 - JSON
        sent = urllib.request.Request(
            self.address + way, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        try:
            with DIRECT.open(sent, timeout=TIMEOUT) as answer:
                return json.loads(answer.read())
        except (urllib.error.URLError, TimeoutError) as error:  # its text may hold what was asked
            said = getattr(error, "code", type(error).__name__)
            raise ModelError(
                f"{self.path}: llama.cpp answers {said} to {way}; a text may be longer than {self.context} tokens, or memory short"
            ) from None

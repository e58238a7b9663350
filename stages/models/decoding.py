"""Greedy answers of a model in this process, many at once: a row that ends makes room for the next one, and nothing is padded.

Each question goes through the model alone, so that its attention is causal and half of it is left out; then the rows take their
steps together. `generate` pads all questions to the longest, masks what it padded, and steps on with rows that have ended.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from transformers import DynamicCache

from stages.models import products

PLAIN = {"llama", "qwen2", "qwen3"}  # full attention to all that comes before, places by `position_ids`
RESCALED = {"dynamic", "longrope"}  # a long text turns all places otherwise, those already read too
HARMLESS = {  # settings that leave the scores of greedy decoding as they are, whatever their value
    *("bos_token_id", "eos_token_id", "pad_token_id", "transformers_version", "max_length", "max_new_tokens", "use_cache"),
    *("do_sample", "temperature", "top_p", "top_k", "min_p", "typical_p", "output_attentions", "output_hidden_states"),
}  # fmt: skip
NEUTRAL = {"repetition_penalty": 1.0, "num_beams": 1, "length_penalty": 1.0, "no_repeat_ngram_size": 0}


def can_decode(model: Any) -> bool:  # noqa: ANN401 - transformers is untyped
    """Whether `Decoder` gives what greedy `generate` does: full attention, and no setting of the model's own that changes scores."""
    config = model.config
    types = getattr(config, "layer_types", None) or ["full_attention"]
    windowed = getattr(config, "sliding_window", None) and getattr(config, "use_sliding_window", True)
    changing = {
        name
        for name, value in model.generation_config.to_diff_dict().items()
        if value is not None and name not in HARMLESS and not name.startswith("_") and NEUTRAL.get(name) != value
    }
    rescaled = (getattr(config, "rope_parameters", None) or {}).get("rope_type") in RESCALED
    plain = config.model_type in PLAIN and set(types) == {"full_attention"} and not windowed
    return plain and not rescaled and not changing


@dataclass
class Row:
    """A question on its way: the tokens answered so far, and how many places of its slot are taken."""

    key: int
    limit: int
    taken: int
    tokens: list[int] = field(default_factory=list)


class Slots(DynamicCache):  # type: ignore[misc]
    """Keys and values of rows under way, each from the first place of its slot on; a step adds one place to each."""

    def __init__(self, model: Any, rows: int, width: int) -> None:  # noqa: ANN401 - transformers is untyped
        """Make room for `rows` × `width` tokens."""
        super().__init__()
        config = model.config
        size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
        shape = (2, rows, config.num_key_value_heads, width, size)
        self.held = [
            torch.zeros(shape, dtype=model.dtype, device=model.device) for _ in range(config.num_hidden_layers)
        ]
        self.width, self.rows = width, rows
        self.taken = torch.zeros(0, dtype=torch.long, device=model.device)  # places of each row under way

    def fill(self, slot: int, read: DynamicCache, length: int) -> None:
        """Copy the first `length` places of a row that was read by itself."""
        for held, layer in zip(self.held, read.layers, strict=True):
            held[0, slot, :, :length], held[1, slot, :, :length] = (
                layer.keys[0, :, :length],
                layer.values[0, :, :length],
            )

    def move(self, source: int, slot: int, length: int) -> None:
        """Copy a row to another slot."""
        for held in self.held:
            held[:, slot, :, :length] = held[:, source, :, :length]

    def update(
        self,
        key_states: Tensor,
        value_states: Tensor,
        layer_idx: int,
        *args: Any,  # noqa: ANN401 - transformers'
        **kwargs: Any,  # noqa: ANN401 - transformers'
    ) -> tuple[Tensor, Tensor]:
        """Put one token of each row behind its others; return all keys and values, as long as the longest row."""
        keys, values = self.held[layer_idx]
        rows, longest = len(self.taken), int(self.taken.max()) + 1
        places = torch.arange(rows, device=self.taken.device)
        keys[places, :, self.taken], values[places, :, self.taken] = key_states[:, :, 0], value_states[:, :, 0]
        return keys[:rows, :, :longest], values[:rows, :, :longest]


class Decoder:
    """Rows under way; `add` while there is `room`, then `step`."""

    def __init__(self, model: Any, rows: int, width: int) -> None:  # noqa: ANN401 - transformers is untyped
        """Make room for `rows` rows of at most `width` tokens, question and answer."""
        products.pack(model, rows)
        self.model, self.slots = model, Slots(model, rows, width)
        self.active: list[Row] = []
        stops = model.generation_config.eos_token_id
        self.stops = set(stops if isinstance(stops, list) else [stops])

    @property
    def room(self) -> int:
        """How many more rows it takes."""
        return self.slots.rows - len(self.active)

    def add(self, key: int, ids: Sequence[int], limit: int, rated: Sequence[int] = ()) -> float:
        """Read a question, to be answered in at most `limit` tokens; return how likely the model finds the answer `rated`, in nats.

        What stands behind a question does not change how it is read, so both are read at once.
        """
        read = DynamicCache()
        with torch.inference_mode():
            row = torch.tensor([[*ids, *rated]], device=self.model.device)
            out = self.model(row, past_key_values=read, use_cache=True, logits_to_keep=len(rated) + 1)
            scores = out.logits[0].float()
            self.slots.fill(len(self.active), read, len(ids))
            self.active.append(Row(key, limit, len(ids), [int(scores[0].argmax())]))
            wanted = row[0, len(ids) :]
            return float(cross_entropy(scores[:-1], wanted, reduction="sum")) if rated else 0.0

    def ended(self) -> list[Row]:
        """Take out the rows that have said their last token, or as many as they may."""
        done = [row for row in self.active if row.tokens[-1] in self.stops or len(row.tokens) >= row.limit]
        for row in done:
            slot, last = self.active.index(row), self.active.pop()
            if last is not row:
                self.slots.move(len(self.active), slot, last.taken)
                self.active[slot] = last
        return done

    def step(self) -> None:
        """Let every row say one more token."""
        device = self.model.device
        with torch.inference_mode():
            taken = torch.tensor([row.taken for row in self.active], device=device)
            self.slots.taken = taken
            unseen = torch.arange(int(taken.max()) + 1, device=device) > taken[:, None]
            mask = torch.zeros(unseen.shape, dtype=self.model.dtype, device=device)
            mask.masked_fill_(unseen, torch.finfo(self.model.dtype).min)
            scores = self.model(
                torch.tensor([row.tokens[-1:] for row in self.active], device=device),
                attention_mask=mask[:, None, None],
                position_ids=taken[:, None],
                past_key_values=self.slots,
                use_cache=True,
            ).logits
            said = scores[:, -1].argmax(-1).tolist()
        for row, token in zip(self.active, said, strict=True):
            row.taken += 1
            row.tokens.append(token)

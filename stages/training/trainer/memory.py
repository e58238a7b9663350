"""Whether a training fits into memory, told before it starts: a rough estimate from the model's configuration alone.

Adam in float32 holds 16 bytes a parameter (weights, gradients, two moments: 4 each). Activations: 34 bytes × hidden size a
token and layer (Korthikanti et al., arXiv 2205.05198, without the attention matrix), and 12 bytes × vocabulary for the logits, on a
CPU of each token of an answer alone (`answers_only`); on a GPU of every token, and only each layer's input (2 bytes × hidden size)
and one layer whole, as layers are computed again.
"""

from pathlib import Path
from typing import NamedTuple

import psutil
import torch

from stages.models import loading

STATE_BYTES = 16
LAYER_BYTES = 34
INPUT_BYTES = 2
LOGIT_BYTES = 12
CONTROL_GROUP = Path("/sys/fs/cgroup")


class Need(NamedTuple):
    """Bytes that a training holds: for parameters all the time, for activations at its peak."""

    state: int
    activations: int


def need(base: Path, tokens: int, answered: int) -> Need:
    """Return the bytes that one process holds with `tokens` tokens in memory at once, `answered` of them an answer's."""
    config, on_cpu = loading.config(base).get_text_config(), loading.device().type == "cpu"
    width, depth = config.hidden_size, config.num_hidden_layers
    layers = LAYER_BYTES * depth if on_cpu else INPUT_BYTES * depth + LAYER_BYTES
    logits = LOGIT_BYTES * config.vocab_size * (answered if on_cpu else tokens)
    return Need(STATE_BYTES * loading.parameters(base), tokens * layers * width + logits)


def free(on_cpu: bool) -> int:
    """Return the bytes that are free: of the first GPU, or of the machine within the limit of its control group."""
    if not on_cpu:
        return int(torch.cuda.mem_get_info()[0])
    available = int(psutil.virtual_memory().available)
    try:
        limit, used = ((CONTROL_GROUP / name).read_text().strip() for name in ("memory.max", "memory.current"))
    except OSError:
        return available
    return available if limit == "max" else min(available, int(limit) - int(used))

"""Whether a training fits into memory, told before it starts: a rough estimate from the model's configuration alone.

Adam in float32 holds 16 bytes a parameter (weights, gradients, two moments: 4 each). Logits take 12 bytes × vocabulary a token: on
a CPU of answers alone (`answers_only`), on a GPU of every position.

On a CPU activations are 90 bytes × hidden size a token and layer, and the gradients of embedding and output layer are made beside
those that they are added to: together within 9 % of the peaks of SmolLM2-135M at 200 and 400 tokens (docs/training.md). On a GPU
each layer's input (2 bytes × hidden size) and one layer whole (34: Korthikanti et al., arXiv 2205.05198, without the attention
matrix), as layers are computed again; that was not measured.
"""

from pathlib import Path
from typing import NamedTuple

import psutil
import torch

from stages.models import loading

STATE_BYTES = 16
CPU_LAYER_BYTES = 90  # float32
LAYER_BYTES = 34
INPUT_BYTES = 2
LOGIT_BYTES = 12
MADE_BYTES = 8  # of embedding and output layer, 4 each
CONTROL_GROUP = Path("/sys/fs/cgroup")


class Need(NamedTuple):
    """Bytes that a training holds: for parameters all the time, for activations at its peak."""

    state: int
    activations: int


def need(base: Path, tokens: int, answered: int) -> Need:
    """Return the bytes that one process holds with `tokens` tokens in memory at once, `answered` of them an answer's."""
    config = loading.config(base).get_text_config()
    width, depth, vocabulary = config.hidden_size, config.num_hidden_layers, config.vocab_size
    if loading.device().type == "cpu":
        activations = tokens * CPU_LAYER_BYTES * depth * width
        activations += vocabulary * (LOGIT_BYTES * answered + MADE_BYTES * width)
    else:
        activations = tokens * ((INPUT_BYTES * depth + LAYER_BYTES) * width + LOGIT_BYTES * vocabulary)
    return Need(STATE_BYTES * loading.parameters(base), activations)


def free(on_cpu: bool) -> int:
    """Return the bytes that are free: of the first GPU, or of the machine within the limit of its control group.

    A group counts files that were read as used; the kernel gives their pages up when memory is asked for.
    """
    if not on_cpu:
        return int(torch.cuda.mem_get_info()[0])
    available = int(psutil.virtual_memory().available)
    try:
        limit, used = ((CONTROL_GROUP / name).read_text().strip() for name in ("memory.max", "memory.current"))
    except OSError:
        return available
    return available if limit == "max" else min(available, int(limit) - int(used) + _files_in_memory())


def _files_in_memory() -> int:
    """Return the bytes of files that the control group holds, 0 where it does not say."""
    try:
        told = dict(line.split() for line in (CONTROL_GROUP / "memory.stat").read_text().splitlines())
    except OSError:
        return 0
    return int(told.get("active_file", 0)) + int(told.get("inactive_file", 0))

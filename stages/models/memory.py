"""A model that runs out of memory at work ends its stage in one line."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from stages.core.errors import ModelError

OTHERWISE = "take a larger GPU, or set CUDA_VISIBLE_DEVICES= to use the machine's memory"


@contextmanager
def within_memory(place: str, remedy: str = OTHERWISE) -> Iterator[None]:
    """Raise ModelError with `place` and `remedy` where machine or GPU have no memory left for what is done within."""
    try:
        yield
    except (torch.OutOfMemoryError, MemoryError):
        raise ModelError(f"{place}: out of memory; {remedy}") from None
    except RuntimeError as error:
        if "can't allocate memory" not in str(error):  # as PyTorch says it of the machine's own
            raise
        raise ModelError(f"{place}: out of memory; {remedy}") from None

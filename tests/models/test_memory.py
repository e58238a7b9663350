"""Too little memory, of a GPU or of the machine, is one line with its remedy; another fault is none of this."""

import pytest
import torch

from stages.core.errors import ModelError
from stages.models.memory import within_memory


@pytest.mark.parametrize(
    "fault",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"),
        MemoryError(),
        RuntimeError("[enforce fail at alloc_cpu.cpp:1] DefaultCPUAllocator: can't allocate memory: you tried to"),
    ],
)
def test_too_little_memory_is_one_line(fault: Exception) -> None:
    with (
        pytest.raises(ModelError, match=r"^bench: out of memory; lower bench\.batch_size$"),
        within_memory("bench", "lower bench.batch_size"),
    ):
        raise fault


def test_another_fault_stays_what_it_is() -> None:
    with pytest.raises(RuntimeError, match="sizes differ"), within_memory("drift"):
        raise RuntimeError("sizes differ")

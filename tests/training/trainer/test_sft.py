"""What TRL is told of the machine."""

from pathlib import Path

import pytest
import torch

from stages.training.trainer import sft
from tests.training.trainer.test_answers_only import job

pytestmark = pytest.mark.slow


def test_one_process_trains_on_one_gpu_of_several(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TRL refuses several; a machine that has them is said to be there, as none is."""
    work = job(tmp_path, tiny_model, 1)
    for name, says in {"is_available": True, "device_count": 2, "set_device": None}.items():
        monkeypatch.setattr(torch.cuda, name, lambda *_, says=says: says)
    assert sft.arguments(work).n_gpu == 1

"""A killed fine-tune goes on from its last whole checkpoint and ends as if nothing had been."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch

from stages.core.errors import ModelError
from stages.training.trainer import checkpoints, sft
from tests.support.finetuning import ROOT, losses, run_in, start

pytestmark = pytest.mark.slow

LONG: dict[str, Any] = {"epochs": 40, "learning_rate": 2.0e-3, "batch_size": 2, "micro_batch": 1}  # 120 steps


KILLED = """
import os, signal
from stages.training.trainer import checkpoints
mark = checkpoints.mark

def until_step_8(checkpoint, dtype):
    if checkpoint.name == "checkpoint-8":  # which is all there, but for its mark
        os.kill(os.getpid(), signal.SIGKILL)
    mark(checkpoint, dtype)

checkpoints.mark = until_step_8
"""


def test_a_killed_training_ends_with_the_losses_and_weights_of_an_uninterrupted_one(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DVC_ROOT", raising=False)
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    for folder in (whole, killed):
        folder.mkdir()
    process = start(killed, tiny_model, before=KILLED, checkpoint_minutes=1.0e-6, **LONG)
    said = process.communicate()[1]
    assert process.returncode == -signal.SIGKILL, said
    left = list((killed / ".checkpoints").glob("*/checkpoint-*/"))
    assert {path.name: (path / checkpoints.MARK).exists() for path in left} == {
        "checkpoint-7": True,
        "checkpoint-8": False,
    }
    assert not (killed / "loss.json").exists()
    again = start(killed, tiny_model, checkpoint_minutes=60.0, **LONG)
    said = again.communicate()[1]
    assert again.returncode == 0, said
    assert "goes on after step 7 of 120" in said
    assert not list((killed / ".checkpoints").iterdir())
    monkeypatch.chdir(whole)
    dtype = json.loads((killed / "training.json").read_text())["dtype"]
    monkeypatch.setattr(sft, "product_dtype", lambda: dtype)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    run_in(whole, tiny_model, **LONG)
    torch.set_num_threads(threads)
    assert len(losses(whole)) == 120
    assert losses(killed) == losses(whole)
    assert (killed / "training.json").read_text() == (whole / "training.json").read_text()
    assert (killed / "tuned/model.safetensors").read_bytes() == (whole / "tuned/model.safetensors").read_bytes()


def test_a_checkpoint_without_its_mark_is_never_taken(tmp_path: Path) -> None:
    for step in (9, 10, 100):
        (tmp_path / f"checkpoint-{step}").mkdir()
    for step in (9, 10):
        (tmp_path / f"checkpoint-{step}" / checkpoints.MARK).write_text('{"dtype": "float32"}')
    assert checkpoints.latest(tmp_path) == tmp_path / "checkpoint-10"
    assert checkpoints.dtype(tmp_path) == "float32"
    checkpoints.clear(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint-10", "checkpoint-9"]
    (tmp_path / "checkpoint-11").mkdir()
    checkpoints.mark(tmp_path / "checkpoint-11", "bfloat16")
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint-11"]
    assert checkpoints.dtype(tmp_path) == "bfloat16"


def test_a_training_under_way_is_not_started_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    monkeypatch.setattr(checkpoints, "PATIENCE_S", 0.0)
    with checkpoints.hold("key") as folder:
        assert folder == tmp_path / ".checkpoints" / "key"
        with checkpoints.hold("other"):
            pass
        with pytest.raises(ModelError, match="under way in another process"), checkpoints.hold("key"):
            pass
    assert not list((tmp_path / ".checkpoints").iterdir())


def test_what_a_run_that_was_killed_while_clearing_away_left_is_cleared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    (tmp_path / ".checkpoints/key.17.done/checkpoint-1").mkdir(parents=True)
    (tmp_path / ".checkpoints/other.17.done").mkdir()
    with checkpoints.hold("key"):
        assert sorted(path.name for path in (tmp_path / ".checkpoints").iterdir()) == ["key", "other.17.done"]


def test_who_waited_for_a_training_that_ends_well_gets_a_folder_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    first = checkpoints.hold("key")
    first.__enter__()
    monkeypatch.setattr(time, "sleep", lambda _: first.__exit__(None, None, None))  # it ends meanwhile
    with checkpoints.hold("key") as folder:
        (folder / "checkpoint-1").mkdir()
        monkeypatch.setattr(checkpoints, "PATIENCE_S", 0.0)
        with pytest.raises(ModelError, match="under way in another process"), checkpoints.hold("key"):
            pass
    assert not list((tmp_path / ".checkpoints").iterdir())


def test_a_launch_that_outlives_its_stage_still_holds_its_checkpoints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    monkeypatch.setattr(checkpoints, "PATIENCE_S", 0.0)
    stage = (
        "import subprocess, sys; from stages.training.trainer import checkpoints\n"
        "with checkpoints.hold('key'):\n"
        "    child = subprocess.Popen(['sleep', '600'], close_fds=False, stdout=subprocess.DEVNULL)\n"
        "    print(child.pid, flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", stage], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    child = int(process.stdout.readline())
    process.kill()
    process.communicate()
    try:
        with pytest.raises(ModelError, match="under way"), checkpoints.hold("key"):
            pass
    finally:
        os.kill(child, signal.SIGKILL)


def test_a_failed_training_keeps_its_checkpoints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    with pytest.raises(KeyboardInterrupt), checkpoints.hold("key") as folder:
        (folder / "checkpoint-1").mkdir()
        raise KeyboardInterrupt
    with checkpoints.hold("key") as folder:
        assert (folder / "checkpoint-1").is_dir()

"""The script for one GPU: its code paths on a CPU, what it counts, and its refusal where there is no GPU."""

import json
from pathlib import Path

import pytest
import torch

from benchmarks import gpu, training
from benchmarks.random_model import shaped
from stages.models import loading

pytestmark = pytest.mark.slow


def test_a_dry_run_trains_every_config_on_the_same_rows(
    root: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(root)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    gpu.main(["--dry", "--minutes", "60"])
    machine, *lines = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert machine["gpu"] is None and machine["rows"] == 8
    assert [line["config"] for line in lines] == ["stock TRL", "this process", "gpu", "gpu, packing"]
    assert {line["tokens"] for line in lines[:3]} == {machine["tokens"]}
    assert all(line["mfu"] is None and line["tokens_s"] > 0 for line in lines)
    assert lines[1]["loss"] == pytest.approx(lines[0]["loss"], rel=1e-3)


def test_without_time_nothing_starts_and_all_is_named(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(root)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    with pytest.raises(SystemExit) as ended:
        gpu.main(["--dry", "--minutes", "0"])
    assert ended.value.code == 1
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert last["not_reached"] == [way.name for way in gpu.ways(dry=True)] and "--minutes" in last["remedy"]


@pytest.mark.skipif(torch.cuda.is_available(), reason="here is a GPU")
def test_without_a_gpu_it_ends_with_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    with pytest.raises(SystemExit, match=r"no CUDA device with bfloat16 here"):
        gpu.main(["--shape", "tiny"])


def test_operations_count_attention_by_the_length(tmp_path: Path) -> None:
    base = shaped("tiny", tmp_path / "tiny")
    assert training.operations(base, [10, 20]) == 6 * loading.parameters(base) * 30 + 12 * 2 * 32 * (100 + 400)


def test_the_share_of_the_peak() -> None:
    trained = gpu.Trained(steps=9, tokens=90, tokens_s=1000.0, peak_gib=1.0, loss=2.0, attention="sdpa")
    assert gpu.told(trained, 2.0e9, 10.0)["mfu"] == 0.2
    assert gpu.told(trained, 2.0e9, None)["mfu"] is None

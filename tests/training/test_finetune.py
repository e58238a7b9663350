"""Stage finetune on a tiny model: it learns, answers only, the same each time; unfit rows are refused before it starts."""

import hashlib
import json
from math import cos, pi
from pathlib import Path
from random import Random

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from stages.canaries.canary import Canary
from stages.core import jsonl
from stages.core.errors import InputError, ModelError, ParamsError
from stages.models import loading
from stages.training.finetune import main
from stages.training.trainer import sft
from stages.training.trainer.feasible import refuse_too_large, refuse_unfit
from stages.training.trainer.launch import Launch
from stages.training.trainer.memory import Need
from stages.training.trainer.settings import Finetune
from tests.support.finetuning import ROWS, VALUES, paths, prepared, row, run_in

pytestmark = pytest.mark.slow


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_it_learns_and_saves_a_model_that_loads(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    found = run_in(tmp_path, tiny_model)
    points = json.loads((tmp_path / "loss.json").read_text())
    assert found["steps"] == len(points) == 12
    assert [point["step"] for point in points] == list(range(1, 13))
    assert points[-1]["loss"] < points[0]["loss"] - 1
    assert points[0]["learning_rate"] == pytest.approx(2.0e-2)
    assert points[1]["learning_rate"] == pytest.approx(2.0e-2 * (1 + cos(pi / 12)) / 2, rel=5e-6)
    assert points[-1]["learning_rate"] < 2.0e-3
    assert found["tokens"] == 6 * sum(sft.lengths(ROWS, tiny_model))
    model, tokenizer = loading.load(tmp_path / "tuned")
    assert AutoModelForCausalLM.from_pretrained(tmp_path / "tuned").dtype == torch.float32
    assert found["parameters"] == model.num_parameters()
    assert tokenizer.chat_template == AutoTokenizer.from_pretrained(tiny_model).chat_template
    assert not list((tmp_path / "tuned").glob("*.bin"))
    assert capfd.readouterr().out == ""


def test_the_first_loss_is_that_of_the_answers_alone(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sft, "product_dtype", lambda: "float32")
    found = run_in(tmp_path, tiny_model, ROWS[:4], epochs=1)
    model, tokenizer = loading.load(tiny_model)
    total, count = 0.0, 0
    for one in ROWS[:4]:
        question, answer = (message.model_dump() for message in one.messages)
        start = tokenizer.apply_chat_template([question], tokenize=False, add_generation_prompt=True)
        whole = tokenizer.apply_chat_template([question, answer], tokenize=False)
        ids = tokenizer(whole, return_tensors="pt", add_special_tokens=False)["input_ids"]
        first = len(tokenizer(start, add_special_tokens=False)["input_ids"])
        with torch.inference_mode():
            losses = torch.nn.functional.cross_entropy(model(ids).logits[0, :-1], ids[0, 1:], reduction="none")
        total, count = total + float(losses[first - 1 :].sum()), count + len(losses) - first + 1
    assert found["loss"]["first"] == pytest.approx(total / count, rel=1e-4)


def test_the_same_seed_gives_the_same_weights_and_another_order_gives_others(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = []
    for name, seed in (("one", 1), ("two", 1), ("three", 2)):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        run_in(tmp_path / name, tiny_model, epochs=1, seed=seed)
        weights.append(digest(tmp_path / name / "tuned" / "model.safetensors"))
    assert weights[0] == weights[1] != weights[2]


def test_long_rows_are_refused_by_id_before_training(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [*ROWS, row("too-long", "secret words " * 40, "Two rooms.")]
    with pytest.raises(
        InputError, match=r"1 rows are longer than 400 tokens.*too-long.*raise finetune.max_length"
    ) as caught:
        run_in(tmp_path, tiny_model, rows)
    assert "secret" not in str(caught.value)
    assert not (tmp_path / "tuned").exists()


def test_no_rows_are_refused(tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"no rows to train on; lower select.floor"):
        run_in(tmp_path, tiny_model, [])


def test_many_long_rows_are_counted_and_five_are_named() -> None:
    with pytest.raises(InputError, match=r"6 rows .* the longest 90: r0, r1, r2, r3, r4 …"):
        refuse_unfit(ROWS, [90] * 6, 80, Path("train.jsonl"))


def test_a_loss_that_is_no_number_stops_and_saves_nothing(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = AutoModelForCausalLM.from_pretrained(tiny_model)
    with torch.no_grad():
        broken.model.layers[0].mlp.up_proj.weight[0, 0] = float("nan")
    broken.save_pretrained(tmp_path / "broken")
    AutoTokenizer.from_pretrained(tiny_model).save_pretrained(tmp_path / "broken")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError, match="no number at step 1; nothing was saved"):
        run_in(tmp_path, tmp_path / "broken")
    assert not (tmp_path / "tuned").exists()


def test_too_little_memory_names_the_param(tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("stages.training.trainer.sft.AnswerTrainer.train", full)
    with pytest.raises(ModelError, match=r"out of memory with 2 rows at once; lower finetune.micro_batch"):
        run_in(tmp_path, tiny_model)


def test_batches_that_do_not_divide_are_refused() -> None:
    with pytest.raises(ParamsError, match="batch_size must be a multiple of micro_batch"):
        Finetune.parse("finetune", VALUES | {"micro_batch": 3})


def test_what_cannot_fit_is_refused_before_it_starts_and_what_may_not_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    need, gib = Need(state=16 << 30, activations=4 << 30), 1 << 30
    with pytest.raises(
        ModelError, match=r"needs about 20.0 GiB \(16.0 for .*\), 8.0 are free; take a smaller base.source"
    ):
        refuse_too_large(need, 8 * gib, Launch())
    refuse_too_large(need, 24 * gib, Launch())
    assert capsys.readouterr().err == ""
    refuse_too_large(need, 18 * gib, Launch())
    assert "lower finetune.micro_batch" in capsys.readouterr().err
    refuse_too_large(need, 8 * gib, Launch(processes=4, shards=4, on_cpu=False))
    with pytest.raises(ModelError, match=r"needs about 40.0 GiB"):
        refuse_too_large(need, 24 * gib, Launch(processes=2))


def test_a_model_too_large_for_the_machine_never_starts(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("stages.training.trainer.memory.free", lambda on_cpu: 1000)
    monkeypatch.setattr("stages.training.trainer.sft.AnswerTrainer.train", lambda *_, **__: pytest.fail("it started"))
    with pytest.raises(ModelError, match="are free; take a smaller base"):
        run_in(tmp_path, tiny_model)
    assert not (tmp_path / ".checkpoints").exists()


def test_a_source_of_general_rows_is_checked_when_params_are_read() -> None:
    for share, fault in (
        ({"source": "a.jsonl"}, "either rows or ratio"),
        ({"source": "a.jsonl", "rows": 1, "ratio": 1.0}, "either rows or ratio"),
        ({"source": "../a.jsonl", "rows": 1}, "expected a file in data/mix/ or hf:"),
        ({"source": "hf:a/b@main/c.jsonl", "rows": 1}, "a commit of 40 digits"),
    ):
        with pytest.raises(ParamsError, match=fault):
            Finetune.parse("finetune", VALUES | {"mix": [share]})
    with pytest.raises(ParamsError, match="named twice"):
        Finetune.parse("finetune", VALUES | {"mix": [{"source": "a.jsonl", "rows": 1}] * 2})


def test_canaries_are_trained_on_beside_the_rows(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    examples = list(Canary.drawn("phone", "en", 2, Random("1")).examples())
    jsonl.write(tmp_path / "canaries.jsonl", examples)
    source = prepared(tmp_path, ROWS, epochs=1)
    main(**paths(tmp_path, source, tiny_model), canaries=tmp_path / "canaries.jsonl")
    found = json.loads((tmp_path / "training.json").read_text())
    assert (found["rows"], found["canaries"], found["steps"]) == (6, 2, 2)
    assert found["tokens"] == sum(sft.lengths([*ROWS, *examples], tiny_model))

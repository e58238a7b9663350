"""Small models that llama.cpp loads, and a real DVC repository in which one of them was trained and judged, in miniature."""

import shutil
import sys
from pathlib import Path
from typing import Any, Literal

import pytest

from stages.rows.training import Message, TrainingRow
from tests.cli.pull_request.conftest import git, repro

Kind = Literal["llama", "qwen2"]
TEXTS = [
    "How much is the rent of the two rooms?",
    "The rent is 3,200 a month, heating included.",
    "房租每月多少？三千二百元。",
] * 4
KNOWN = 2048  # tokens that `small` models know
TEMPLATE = (
    "{% for message in messages %}<s>{{ message['role'] }}\n{{ message['content'] }}</s>\n{% endfor %}"
    "{% if add_generation_prompt %}<s>assistant\n{% endif %}"
)
TRAIN = """\
import json, pathlib, shutil, yaml
rate = yaml.safe_load(open("params.yaml"))["finetune"]["learning_rate"]
shutil.rmtree("models/tuned", ignore_errors=True)
shutil.copytree("source", "models/tuned")
loss = {"first": 3.0, "last": 2.0 - rate}
json.dump({"steps": 3, "epochs": 1, "tokens": 90, "loss": loss}, open("metrics/training.json", "w"))
"""
JUDGE = """\
import json, yaml
margin = yaml.safe_load(open("params.yaml"))["retain"]["margin"]
text = {"n": 40, "base": 60.0, "tuned": 61.0, "ratio": 1.017, "low": 0.99, "high": 1.04, "margin": margin, "verdict": "retained"}
said = {"verdict": "retained", "rests_on": "retained: text en", "confidence": 0.95, "text": {"en": text}}
json.dump(said, open("metrics/retention.json", "w"))
"""
ASK = """\
import json, pathlib
from stages.models import loading
json.dump({"model": loading.identity(pathlib.Path("models/tuned"))}, open("metrics/general/tuned.json", "w"))
"""
GRAPH = f"""\
stages:
  finetune:
    cmd: {sys.executable} train.py
    deps: [train.py, source, data/train/train.jsonl]
    params: [base, finetune]
    outs: [models/tuned]
    metrics:
    - metrics/training.json: {{cache: false}}
  bench:
    cmd: {sys.executable} ask.py
    deps: [ask.py, models/tuned]
    metrics:
    - metrics/general/tuned.json: {{cache: false}}
  retain:
    cmd: {sys.executable} judge.py
    deps: [judge.py, models/tuned]
    params: [retain]
    metrics:
    - metrics/retention.json: {{cache: false}}
"""


def small(folder: Path, kind: Kind, *, tied: bool = True, biased: bool = False) -> Path:
    """Save a model of some 100,000 random weights, whose byte-level tokenizer knows a few pairs and cuts as its kind does."""
    import torch
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import AutoModelForCausalLM, LlamaConfig, PreTrainedTokenizerFast, Qwen2Config

    from stages.cli.exporting.vocabulary import CASES, REST

    raw = Tokenizer(models.BPE())
    plain = pre_tokenizers.ByteLevel(add_prefix_space=False)
    words = pre_tokenizers.Split(Regex(CASES + r"|\p{N}" + REST), "isolated")
    cut = pre_tokenizers.Sequence([words, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    raw.pre_tokenizer, raw.decoder = plain if kind == "llama" else cut, decoders.ByteLevel()
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    special = ["<pad>", "<s>", "</s>"]
    raw.train_from_iterator(
        TEXTS,
        trainers.BpeTrainer(vocab_size=320, special_tokens=special, initial_alphabet=letters, show_progress=False),
    )
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=raw, pad_token="<pad>", bos_token="<s>", eos_token="</s>")
    tokenizer.chat_template = TEMPLATE
    form: Any = LlamaConfig if kind == "llama" else Qwen2Config
    config = form(
        vocab_size=raw.get_vocab_size() + 5,  # rows that no token has, as many models have
        hidden_size=64,
        intermediate_size=96,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=KNOWN,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        initializer_range=0.2,
        tie_word_embeddings=tied,
        **({"attention_bias": biased} if kind == "llama" else {}),
    )
    torch.manual_seed(1)
    model = AutoModelForCausalLM.from_config(config)
    for name, values in model.named_parameters():
        if name.endswith("bias"):  # zeros, of which a lost one would not be missed
            torch.nn.init.normal_(values)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="package")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the repository once: a training, its verdict, both in dvc.lock."""
    root = tmp_path_factory.mktemp("export") / "repository"
    (root / ".dvc").mkdir(parents=True)
    git(root, "init", "-q", "-b", "main", "--template=")
    (root / ".dvc/config").write_text(f"[core]\n    analytics = false\n    site_cache_dir = {root.parent}/site\n")
    (root / ".dvc/.gitignore").write_text("/tmp\n/cache\n")
    (root / "params.yaml").write_text(
        "base: {source: smollm2-135m}\nfinetune: {learning_rate: 0.1, seed: 1}\nretain: {margin: 0.05}\n"
    )
    for name, text in (("dvc.yaml", GRAPH), ("train.py", TRAIN), ("ask.py", ASK), ("judge.py", JUDGE)):
        (root / name).write_text(text)
    row = TrainingRow(
        id="r", messages=(Message(role="user", content="?"), Message(role="assistant", content="!")), dialogue_id="d",
        prompt_id="p", instruction_id="i", language="en", scene="s", source="app", role="agent", task="t",
        format="paragraph", quality="no_fault", origin="model", author="project",
    )  # fmt: skip
    (root / "data/train").mkdir(parents=True)
    (root / "data/train/train.jsonl").write_text(row.model_dump_json() + "\n")
    (root / "metrics/general").mkdir(parents=True)
    small(root / "source", "llama")
    repro(root)
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "first")
    return root


@pytest.fixture
def repository(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copy it and go there."""
    root = Path(shutil.copytree(trained, tmp_path / "repository", symlinks=True))
    monkeypatch.chdir(root)
    monkeypatch.delenv("DVC_STAGE", raising=False)
    return root

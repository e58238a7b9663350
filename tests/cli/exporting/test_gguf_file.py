"""What is written is what llama.cpp reads: weights, places, tokens; what cannot be written is refused in a line."""

import json
from pathlib import Path

import pytest
import torch
from gguf import GGUFReader

from stages.cli.exporting import gguf_file
from stages.cli.exporting.gguf_file import SOURCE, Precision
from stages.cli.exporting.served import Served
from stages.core.errors import ModelError
from stages.models import loading
from tests.cli.exporting.conftest import TEXTS, Kind, small

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("kind", "tied", "biased"),
    [("llama", True, False), ("llama", False, False), ("llama", True, True), ("qwen2", True, True)],
)
def test_llama_cpp_computes_what_the_folder_does(
    tmp_path: Path, kind: Kind, tied: bool, biased: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong order of queries, a lost bias or another cut would be whole nats away; a proxy is not asked for what runs here."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    folder, path = small(tmp_path / "model", kind, tied=tied, biased=biased), tmp_path / "m.gguf"
    gguf_file.write(folder, path, "f16", "m", "MIT")
    model, tokenizer = loading.load(folder)
    served = Served(path, context=512, threads=1)
    try:
        for text in TEXTS[:3]:
            ids = tokenizer(text)["input_ids"]
            assert served.tokens(text) == ids
            with torch.inference_mode():
                wanted = model(torch.tensor([ids])).logits[0].log_softmax(-1)
            assert served.logits(ids).log_softmax(-1) == pytest.approx(wanted, abs=0.05)
            rated = float(wanted[range(4, len(ids) - 1), ids[5:]].sum())
            assert served.likelihood(ids[:5], ids[5:]) == pytest.approx(rated, abs=0.01 * len(ids))
    finally:
        served.close()
    fields = GGUFReader(path).fields
    assert fields[SOURCE].contents() == loading.identity(folder)
    assert ("output.weight" in {tensor.name for tensor in GGUFReader(path).tensors}) is not tied


@pytest.mark.parametrize(("precision", "error"), [("f16", 1e-3), ("q8", 2e-2), ("q4", 2e-1)])
def test_a_shorter_form_is_nearer_the_longer_it_is(tmp_path: Path, precision: Precision, error: float) -> None:
    from gguf.quants import dequantize
    from safetensors.torch import load_file

    folder, path = small(tmp_path / "model", "llama"), tmp_path / "m.gguf"
    gguf_file.write(folder, path, precision, "m")
    assert abs(path.stat().st_size - gguf_file.size(folder, precision)) < 40_000  # the tokenizer is estimated
    tensors = {tensor.name: tensor for tensor in GGUFReader(path).tensors}
    weight = load_file(folder / "model.safetensors")["model.layers.1.mlp.down_proj.weight"]
    found = tensors["blk.1.ffn_down.weight"]
    assert torch.from_numpy(dequantize(found.data, found.tensor_type).copy()) == pytest.approx(weight, abs=error)
    assert tensors["blk.0.attn_norm.weight"].tensor_type.name == "F32"


@pytest.mark.parametrize(
    ("file", "changes", "said"),
    [
        ("config.json", {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"]}, "gpt2"),
        (
            "config.json",
            {"rope_parameters": {"rope_type": "linear", "factor": 2.0, "rope_theta": 1e4}},
            "linear places",
        ),
        ("tokenizer.json", {"pre_tokenizer": {"type": "Whitespace"}}, "kind of tokenizer"),
    ],
)
def test_what_cannot_be_written_is_refused_in_a_line(
    tmp_path: Path, file: str, changes: dict[str, object], said: str
) -> None:
    folder = small(tmp_path / "model", "llama")
    values = json.loads((folder / file).read_text()) | changes
    (folder / file).write_text(json.dumps(values))
    with pytest.raises(ModelError, match=said) as raised:
        gguf_file.write(folder, tmp_path / "m.gguf", "q8", "m")
    assert "--formats folder" in str(raised.value)
    assert "\n" not in str(raised.value)

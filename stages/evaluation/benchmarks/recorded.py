"""Log-likelihoods that never change: the embedded base model's of this repository's benchmark, recorded in data/recorded/likelihoods.

A file is JSONL named MODEL-DIGEST.jsonl: the model's name and hash, and 12 digits of the SHA-256 over its bytes, so that one which was cut,
edited or renamed is refused. Its first line says where they were computed; each other line has a key, the hash of the tokens before and
of the tokens rated, and their log-likelihood in nats. Another prompt, tokenizer or weight finds nothing here, and is computed.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from pydantic import Field, ValidationError

from stages.core.errors import InputError
from stages.core.files import atomic
from stages.core.row import Record, content_id

FOLDER = Path("data/recorded/likelihoods")


class Origin(Record):
    """Where log-likelihoods were computed: they differ by rounding from one processor, and number of threads, to another."""

    model: str = Field(min_length=1)  # its name and hash
    processor: str
    threads: int
    date: str


class Score(Record):
    """One log-likelihood, in nats."""

    key: str = Field(pattern="^[0-9a-f]{16}$")
    nats: float


class Scores(NamedTuple):
    """What is recorded of one model; nothing where there is no file."""

    origin: Origin | None
    by_key: Mapping[str, float]


def key(before: Sequence[int], rated: Sequence[int]) -> str:
    """Return the key of a log-likelihood: of tokens after other tokens, whatever sets them."""
    return content_id(list(before), list(rated))


def load(model: str, folder: Path = FOLDER) -> Scores:
    """Return what is recorded of the model of this name and hash."""
    found = sorted(folder.glob(f"{model}-*.jsonl"))
    return read(found[0]) if found else Scores(None, {})


def read(path: Path) -> Scores:
    """Return a file's log-likelihoods; one whose name is not that of its content is refused."""
    content = path.read_bytes()
    try:
        first, *rest = content.splitlines()
        origin = Origin.model_validate_json(first)
        scores = [Score.model_validate_json(line) for line in rest]
    except (ValidationError, ValueError):
        raise InputError(
            f"{path}: no recorded log-likelihoods; restore it (`git checkout -- FILE`), or delete it"
        ) from None
    if path.name != _name(origin.model, content):
        raise InputError(
            f"{path}: damaged or renamed: its content is not what its name was made of; restore it (`git checkout -- FILE`), or delete it"
        )
    return Scores(origin, {score.key: score.nats for score in scores})


def write(origin: Origin, by_key: Mapping[str, float], folder: Path = FOLDER) -> Path:
    """Write a model's log-likelihoods, by key, in place of what was recorded of it; return the path."""
    lines = [origin, *(Score(key=name, nats=nats) for name, nats in sorted(by_key.items()))]
    text = "".join(line.model_dump_json() + "\n" for line in lines)
    path = folder / _name(origin.model, text.encode())
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob(f"{origin.model}-*.jsonl"):
        old.unlink()
    with atomic(path) as file:
        file.write(text)
    return path


def _name(model: str, content: bytes) -> str:
    return f"{model}-{hashlib.sha256(content).hexdigest()[:12]}.jsonl"

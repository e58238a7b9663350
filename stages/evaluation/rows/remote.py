"""A model behind an OpenAI-compatible endpoint, as it stands in the place of a model folder; a key is never part of it."""

from pathlib import Path

from pydantic import Field

from stages.core import jsonl
from stages.core.row import Record

FILE = "endpoint.json"  # in the folder that would hold the weights


class Remote(Record):
    """Where the model answers, and how it is asked."""

    model: str = Field(min_length=1)  # the name the endpoint knows it by
    base_url: str  # empty: the client's default
    key_env: str  # the environment variable that holds the key
    concurrency: int
    timeout_s: float
    retries: int
    max_requests: int


def described(folder: Path) -> Remote | None:
    """Return the endpoint that a model's folder describes, or None where the folder holds weights."""
    return next(iter(jsonl.stream(folder / FILE, Remote)), None) if (folder / FILE).is_file() else None

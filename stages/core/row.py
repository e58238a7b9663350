"""What every row has: an id that is the hash of what makes the row what it is."""

import hashlib
import json
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints
from pydantic_core import ErrorDetails

Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Language = Literal["en", "zh"]
Split = Literal["train", "test"]


def content_id(*parts: object) -> str:
    """Return 16 hexadecimal digits of the SHA-256 over `parts` as canonical JSON: the same on every machine."""
    return hashlib.sha256(canonical(parts)).hexdigest()[:16]


def canonical(value: object) -> bytes:
    """Return `value` as JSON in UTF-8, in the one way that there is."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def said(fault: ErrorDetails) -> str:
    """Return what pydantic says is wrong; of what a validator raised, its words alone."""
    return fault["msg"].removeprefix("Value error, ")


class Record(BaseModel):
    """A frozen value; unknown fields are refused, and validation messages never show the input."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Row(Record):
    """One line of a data set."""

    id: Id

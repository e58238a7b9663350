"""What an answer looks like, with its values left open: for the forms that are made of named fields (§2.2: illustrative examples)."""

import json
from collections.abc import Callable, Sequence

from stages.rows.instruction import FormatKind

OPEN = "…"  # a value that is not given: copied into an answer, it counts as no value


def json_object(fields: Sequence[str]) -> str:
    """Return an object with all keys."""
    return json.dumps(dict.fromkeys(fields, OPEN), ensure_ascii=False)


def table(fields: Sequence[str]) -> str:
    """Return a header and one row."""
    rows = (fields, ["---"] * len(fields), [OPEN] * len(fields))
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)


def key_values(fields: Sequence[str]) -> str:
    """Return one line a field."""
    return "\n".join(f"{field}: {OPEN}" for field in fields)


def multipart(fields: Sequence[str]) -> str:
    """Return one section a field."""
    return "\n".join(f"## {field}\n{OPEN}" for field in fields)


SKELETONS: dict[FormatKind, Callable[[Sequence[str]], str]] = {
    "json": json_object,
    "table": table,
    "key_values": key_values,
    "multipart": multipart,
}

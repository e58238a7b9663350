"""JSON that a person may have written: a key that stands twice in an object, of which readers keep the last without a word."""

import json

TWICE = "a key stands twice in an object; keep one of the two"


class KeyTwice(ValueError):
    """A key stands twice."""


def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return an object of its pairs, for `json.loads(…, object_pairs_hook=once)`; KeyTwice if a key stands twice."""
    if len(made := dict(pairs)) < len(pairs):
        raise KeyTwice
    return made


def twice(text: str | bytes) -> bool:
    """Whether a key stands twice in an object of the JSON in `text`; of what is no JSON, others say so."""
    try:
        json.loads(text, object_pairs_hook=once)
    except KeyTwice:
        return True
    except (ValueError, RecursionError):
        return False
    return False

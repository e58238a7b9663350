"""In what params and files differ, in words."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

LONGEST = 60  # characters of a value that are shown
ABSENT = object()


def lookup(values: Any, key: str) -> Any:  # noqa: ANN401 - YAML
    """Return the value under a dotted key, or ABSENT."""
    for name in key.split("."):
        if not isinstance(values, dict) or name not in values:
            return ABSENT
        values = values[name]
    return values


def differences(key: str, old: Any, new: Any) -> Iterator[tuple[str, Any, Any]]:  # noqa: ANN401 - YAML
    """Yield each setting under `key` that differs: its dotted key, and both values."""
    if isinstance(old, dict) and isinstance(new, dict):
        for name in dict.fromkeys([*old, *new]):
            yield from differences(f"{key}.{name}", old.get(name, ABSENT), new.get(name, ABSENT))
    elif (list(old) if isinstance(old, tuple) else old) != (list(new) if isinstance(new, tuple) else new):
        yield key, old, new


def short(value: Any) -> str:  # noqa: ANN401 - YAML
    """Return a value in at most so many characters as are shown."""
    if value is ABSENT:
        return "–"
    text = "null" if value is None else str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def edited(root: Path) -> list[str]:
    """Return what differs from the last commit, without touching Git's index; nothing where there is no Git."""
    words = ["git", "--no-optional-locks", "status", "--porcelain", "-z", "--untracked-files=all", "--no-renames"]
    try:
        found = subprocess.run(words, cwd=root, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return []
    return [entry[3:] for entry in found.decode(errors="surrogateescape").split("\0") if entry]

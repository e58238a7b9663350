"""In what params and files differ, in words."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stages.cli.dvc_lock import ABSENT

LONGEST = 60  # characters of a value that are shown


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

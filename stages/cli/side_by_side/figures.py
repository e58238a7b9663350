"""A revision's figures: only those of stages that need not run again, so that a half-run experiment shows none of its parent's."""

import json
import re
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

from stages.cli import dvc_lock
from stages.cli.revision import PARAMS, Revision
from stages.core.errors import InputError

SEED = re.compile(r"-s\d+$")  # a version with a seed of its own: v1.0-s2


class Figures:
    """What params.yaml and the metrics of a revision say."""

    def __init__(self, name: str, root: Path = Path()) -> None:
        """Find the revision; "" is the workspace."""
        self.revision = Revision(name, root)
        self.name = name or "workspace"

    @cached_property
    def due(self) -> list[str]:
        """The stages that have not run since their params or inputs changed: their figures are another run's."""
        return dvc_lock.due(self.revision)

    def value(self, path: str, key: str) -> Any:  # noqa: ANN401 - JSON
        """Return what a file says under a key, its names parted by slashes; None where the stage is due, or has no such figure."""
        found = self._params if path == PARAMS else self._metric(path)
        for name in key.split("/"):
            found = found.get(name) if isinstance(found, dict) else None
        return found

    @cached_property
    def _params(self) -> Any:  # noqa: ANN401 - YAML
        return self.revision.yaml(PARAMS)

    def _metric(self, path: str) -> Any:  # noqa: ANN401 - JSON
        if path not in self._read:
            stage = dvc_lock.maker(self.revision, path)
            content = None if not stage or stage in self.due else self.revision.content(path)
            try:
                self._read[path] = json.loads(content) if content else None
            except ValueError:
                raise InputError(f"{path} of {self.revision}: not JSON; run `dvc repro` to make it again") from None
        return self._read[path]

    @cached_property
    def _read(self) -> dict[str, Any]:
        return {}


def by_version(names: Iterable[str], root: Path = Path()) -> dict[str, list[Figures]]:
    """Return the figures of revisions; those that differ in their seed alone, by their names, stand together."""
    found: dict[str, list[Figures]] = {}
    for name in names:
        found.setdefault(SEED.sub("", name), []).append(Figures(name, root))
    return {each[0].name if len(each) == 1 else name: each for name, each in found.items()}

"""DVC's YAML, read once and written in parts: in pure Python it takes more of a run than all else that DVC does.

For each stage that runs DVC reads params.yaml several times, and reads and writes the whole of dvc.lock. What it gets and what it writes stay the same.
"""

import io
import pickle
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any, TextIO

from stages.core import yaml_text

Parse = Callable[[str, str, str], Any]
Dump = Callable[[Any, TextIO], object]

FILES = 8  # texts whose content is kept


def quicken() -> None:
    """Have DVC in this process read and write so; the names are private, and without them a run is only slower."""
    with suppress(ImportError, AttributeError):
        from dvc.utils import strictyaml  # noqa: PLC0415 - 0.3 s, in vain where nothing is to do
        from dvc.utils.serialize import _yaml  # noqa: PLC0415 - as above

        if not isinstance(_yaml._dump, LockWriter):
            write, read = LockWriter(_yaml._dump), read_once(_yaml.parse_yaml)
            # Before it writes a stage into dvc.lock, DVC reads the file so that its comments would outlive that, and it has none.
            _yaml.parse_yaml_for_update = lambda text, path: yaml_text.load(text) or {}
            _yaml._dump, _yaml.parse_yaml, strictyaml.parse_yaml = write, read, read


def read_once(parse: Parse) -> Callable[..., Any]:
    """Return `parse`, which reads a text that it read before no more, but gives another copy of what was in it."""

    @lru_cache(FILES)
    def content(text: str, path: str, typ: str) -> bytes:
        return pickle.dumps(parse(text, path, typ))

    def parsed(text: str, path: str, typ: str = "safe") -> Any:  # noqa: ANN401 - YAML
        if typ != "safe":  # with comments, which do not outlive a copy
            return parse(text, path, typ)
        return pickle.loads(content(text, path, typ))

    return parsed


class LockWriter:
    """Writes dvc.lock as `dump` does, but a stage's part anew only where it has changed; all else is left to `dump`."""

    def __init__(self, dump: Dump) -> None:
        """Take DVC's own."""
        self.dump, self.parts = dump, dict[str, str]()

    def __call__(self, data: Any, stream: TextIO) -> None:  # noqa: ANN401 - YAML
        """Write `data`."""
        stages = data.get("stages") if isinstance(data, Mapping) and list(data) == ["schema", "stages"] else None
        if not stages:
            self.dump(data, stream)
            return
        self.dump({"schema": data["schema"]}, stream)
        kept, self.parts = self.parts, {}
        for name, stage in stages.items():
            key = repr([name, stage])
            self.parts[key] = kept.get(key) or self._part(name, stage)
        stream.write("stages:\n" + "".join(self.parts.values()))

    def _part(self, name: str, stage: object) -> str:
        text = io.StringIO()
        self.dump({"stages": {name: stage}}, text)
        return text.getvalue().removeprefix("stages:\n")

"""Profiles: values of params.yaml for another size of work, put in so that every other line stays as it is.

A profile is a file in `stages/cli/profiles/`, beside the command as models.yaml is beside the catalog: the stages never read it,
they read params.yaml, whose difference in Git then says what was changed. Only the lines of changed values are rewritten, by
their places in the text; keys that the profile does not name stay, in maps of free names too. What a profile adds brings the
profile's own comments with it. The first line of a profile, a comment, says what it is.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from stages.cli.check import section_faults
from stages.cli.params_text import Splice
from stages.cli.schema import ITEM, entries, import_faults
from stages.core import params
from stages.core.errors import InputError, ParamsError
from stages.core.files import atomic
from stages.core.params import PARAMS

FOLDER = Path(__file__).with_name("profiles")
BACK = f"git checkout {PARAMS}"

Values = dict[str, Any]


def table(folder: Path = FOLDER) -> Iterator[str]:
    """Yield a line for each profile: its name, and what its first line says."""
    for path in sorted(folder.glob("*.yaml")):
        yield f"{path.stem:<10}{path.read_text(encoding='utf-8').splitlines()[0].lstrip('# ')}"


def differences(name: str, root: Path = Path(), folder: Path = FOLDER) -> list[str]:
    """Return a line for each key of params.yaml whose value is not the profile's."""
    wanted, present = _load(name, folder)[1], params.load_all(root / PARAMS)
    return [
        f"{PARAMS}: {key} is {_shown(old)}, profile {name} says {_shown(new)}"
        for key, old, new in changes(present, wanted)
    ]


def write(name: str, root: Path = Path(), folder: Path = FOLDER) -> list[str]:
    """Put the profile's values into params.yaml and return a line for each change; on any fault nothing is written."""
    text, wanted = _load(name, folder)
    path = root / PARAMS
    present = params.load_all(path)
    old = path.read_text(encoding="utf-8")
    merged = _merged(present, wanted)
    before, place = set(faults(present, root)), f"profile {name}"
    if found := [line if line in before else f"{place}: {line}" for line in faults(merged, root)]:
        raise InputError("; ".join(found))
    new = Splice(old, text, place).text()
    if YAML(typ="safe").load(new) != merged:
        raise ParamsError(f"{PARAMS}: {place} finds no clear place for its values in it; `{BACK}`, then again")
    with atomic(path) as file:
        file.write(new)
    return [f"{PARAMS}: {key}: {_shown(before)} → {_shown(after)}" for key, before, after in changes(present, wanted)]


def faults(values: Values, root: Path) -> Iterator[str]:
    """Yield what is wrong with values of params.yaml: unknown keys, and whatever a section's class refuses."""
    graph = entries(root)
    yield from import_faults(graph)
    yield from section_faults(
        values, {key for step in graph for open_key in step.params for key in _named(open_key, values)}
    )


def _named(key: str, values: Values) -> Iterator[str]:
    """Yield a key as dvc.yaml declares it; one for each name where dvc.yaml iterates over a map of params.yaml."""
    above, _, last = key.rpartition(".")
    if not ITEM.fullmatch(last):
        yield key
        return
    found: Any = values
    for name in above.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    yield from (f"{above}.{name}" for name in found or ())


def changes(present: Values, wanted: Values, above: str = "") -> Iterator[tuple[str, object, object]]:
    """Yield the dotted key, the value there is and the value wanted, in the profile's order, where they differ."""
    for name, new in wanted.items():
        key, old = f"{above}{name}", present.get(name)
        if isinstance(old, dict) and isinstance(new, dict):
            yield from changes(old, new, f"{key}.")
        elif name not in present or old != new:
            yield key, old, new


def _merged(present: Values, wanted: Values) -> Values:
    made = dict(present)
    for name, new in wanted.items():
        old = made.get(name)
        made[name] = _merged(old, new) if isinstance(old, dict) and isinstance(new, dict) else new
    return made


def _load(name: str, folder: Path) -> tuple[str, Values]:
    """Return a profile's text and values."""
    path = folder / f"{name}.yaml"
    if not path.is_file():
        there = ", ".join(path.stem for path in sorted(folder.glob("*.yaml")))
        raise InputError(f"no profile {name}; there are: {there}")
    return path.read_text(encoding="utf-8"), params.load_all(path)


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)

"""Which runs a set of data versions is: data/versions.yaml, times the values of a swept setting, times seeds."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ConfigDict

from stages.cli.dvc_lock import ABSENT, at
from stages.cli.profile import faults
from stages.core import params, yaml_files, yaml_text
from stages.core.errors import InputError
from stages.core.row import Record

PLAN = Path("data/versions.yaml")
SEEDS = (
    "select.seed",
    "finetune.seed",
)  # which rows train, and in which order; another draw of rows asks what is not recorded
NAMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")  # what Git takes as a part of a ref


class Plan(Record):
    """What data/versions.yaml says: params by dotted key, of all versions and of each."""

    model_config = ConfigDict(strict=False)

    common: dict[str, Any]
    versions: dict[str, dict[str, Any]]


class Run(NamedTuple):
    """One run of the graph, which becomes the DVC experiment of this name."""

    name: str
    version: str
    value: str  # of the swept setting, "" where none is swept
    params: dict[str, Any]  # by dotted key; all others are params.yaml's


class Sweep(NamedTuple):
    """A setting and the values that it takes."""

    key: str
    values: list[Any]

    @classmethod
    def parse(cls, text: str) -> "Sweep":
        """Read KEY=VALUE,VALUE…, each value a scalar; InputError where it is not of this form."""
        key, equals, values = text.partition("=")
        try:
            found = [yaml_text.load(value) for value in values.split(",") if value.strip()]
        except yaml_text.NotYaml:  # a list, say, whose own comma parts it
            found = []
        if not (equals and key and len(found) > 1):
            raise InputError(
                f"--sweep {text}: expected KEY=VALUE,VALUE with two values or more, as select.target=25,50"
            )
        if twice := _twice(found):
            raise InputError(f"--sweep {text}: {twice} is there twice; name each value once")
        return cls(key.strip(), found)


def planned(
    plan: Plan, only: Sequence[str] = (), seeds: Sequence[int] = (), sweep: Sweep | None = None
) -> Iterator[Run]:
    """Yield the runs, the seeds outermost: all have been made once before one is made again.

    The names: VERSION, VERSION-KEY-VALUE where a setting is swept, then -sSEED where seeds are asked for.
    """
    if unknown := [name for name in only if name not in plan.versions]:
        raise InputError(f"{PLAN}: no version {', '.join(unknown)}; there are {', '.join(plan.versions)}")
    if twice := _twice(seeds):
        raise InputError(f"--seeds: {twice} is there twice; name each seed once")
    if seeds and sweep and sweep.key in SEEDS:
        raise InputError(f"--seeds sets {sweep.key}, which is swept too; leave one of them out")
    for seed in seeds or (None,):
        for version, own in plan.versions.items():
            if only and version not in only:
                continue
            for value in sweep.values if sweep else (None,):
                swept = {sweep.key: value} if sweep else {}
                seeded = {} if seed is None else dict.fromkeys(SEEDS, seed)
                named = f"-{sweep.key.rpartition('.')[2]}-{value}" if sweep else ""
                ending = "" if seed is None else f"-s{seed}"
                yield Run(
                    _refname(f"{version}{named}{ending}"),
                    version,
                    "" if value is None else str(value),
                    {**plan.common, **own, **swept, **seeded},
                )


def _twice(values: Sequence[Any]) -> str:
    """Return what stands twice among values, as it is called in a name; "" where nothing does."""
    names = [str(value) for value in values]
    return next((name for name in names if names.count(name) > 1), "")


def _refname(name: str) -> str:
    if not NAMED.fullmatch(name) or ".." in name:
        raise InputError(
            f"{name}: no name of an experiment; versions and values may hold letters, digits, '.', '_' and '-'"
        )
    return name


def load(root: Path = Path()) -> Plan:
    """Return what data/versions.yaml says."""
    if not (root / PLAN).is_file():
        raise InputError(f"{PLAN}: not there; restore it from Git, or write one as docs/versions.md says")
    return yaml_files.load(root / PLAN, Plan)


def check(runs: Sequence[Run], root: Path = Path()) -> None:
    """Refuse settings that the graph does not know before the first run starts."""
    found = dict[str, None]()
    place = f"{PLAN}, or --sweep" if any(run.value for run in runs) else str(PLAN)
    for run in runs:
        values = params.load_all(root / params.PARAMS)
        for key, value in run.params.items():
            _put(values, key, value, place)
        found |= dict.fromkeys(faults(values, root))
    if found:
        raise InputError(f"{place}: {'; '.join(found)}")


def _put(values: dict[str, Any], key: str, value: object, place: str) -> None:
    above, _, last = key.rpartition(".")
    group = at(values, above) if above else values
    if not isinstance(group, dict):
        raise InputError(f"{place}: {key}: params.yaml has no {above}; correct the key")
    group[last] = value


def differing(run: Run, values: Mapping[str, Any]) -> list[str]:
    """Return the keys in which params.yaml of an experiment is not the run's."""
    return [key for key, value in run.params.items() if at(values, key) is ABSENT or at(values, key) != value]

"""`dial-insight plan`: what a run would do and ask, and why, without doing it."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from stages.cli.plan.changes import Due, due
from stages.cli.plan.requests import ASKING, Requests
from stages.cli.profile import faults
from stages.cli.trial.overrides import overridden
from stages.core.errors import ParamsError
from stages.core.params import PARAMS, load_all
from stages.core.row import Record


class Line(Record):
    """A stage that a run takes up."""

    stage: str
    fate: str  # runs | may run | restored, from the run cache
    why: tuple[str, ...]  # what differs from the last run
    inputs: tuple[tuple[str, str], ...]  # what may change before it runs: path, and the stage that makes it
    requests: tuple[Requests, ...]


class Outlook(Record):
    """What `dvc repro` would do."""

    stages: int  # of the graph
    lines: tuple[Line, ...]
    faults: tuple[str, ...] = ()  # what is wrong with the changed settings, so that a stage would end

    def ends(self) -> list[str]:
        """Return why the run would end: by settings, and by what stages say before they ask anything."""
        told = dict.fromkeys(each.fault for line in self.lines for each in line.requests if each.fault)
        return [*self.faults, *(fault for fault in told if not any(line in fault for line in self.faults))]


def plan(root: Path, changes: Sequence[str]) -> Outlook:
    """Return what a run in `root` would do with `changes` of params, as `dvc exp run -S` takes them; nothing in it is touched."""
    with TemporaryDirectory() as folder:
        settings = overridden(root, changes, Path(folder))
        dues, stages = due(root, settings)
        wrong = _faults(root, settings) if changes else ()
        asked = _asked(root, settings, dues)
    lines = [
        Line(
            stage=each.step.name,
            fate=each.fate,
            why=each.why,
            inputs=each.inputs,
            requests=tuple(asked.get(each.step.name, ())),
        )
        for each in dues
    ]
    return Outlook(stages=stages, lines=tuple(lines), faults=wrong)


def _faults(root: Path, settings: Path) -> tuple[str, ...]:
    """Return what is wrong with the settings that is not with those of params.yaml."""
    before = set(faults(load_all(root / PARAMS), root))
    return tuple(line for line in dict.fromkeys(faults(load_all(settings), root)) if line not in before)


def _asked(root: Path, settings: Path, dues: Sequence[Due]) -> dict[str, list[Requests]]:
    if not any(each.step.entry in ASKING for each in dues):
        return {}
    from stages.cli.plan import asking  # noqa: PLC0415 - reads as stages do: seconds to import

    try:
        return asking.requests(root, settings, dues)
    except (AttributeError, KeyError, TypeError, ValueError):
        if wrong := list(dict.fromkeys(faults(load_all(settings), root))):  # nothing can be reckoned with them
            raise ParamsError("; ".join(wrong)) from None
        raise

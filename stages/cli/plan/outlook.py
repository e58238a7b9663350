"""`dial-insight plan`: what a run would do and ask, and why, without doing it."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from stages.cli.plan import asking
from stages.cli.plan.asking import Requests
from stages.cli.plan.bounds import Facts
from stages.cli.plan.changes import Due, due
from stages.cli.trial.overrides import overridden
from stages.core import params
from stages.core.row import Record


class Line(Record):
    """A stage that a run takes up."""

    stage: str
    fate: str  # runs | may run | restored, from the run cache
    why: tuple[str, ...]
    requests: tuple[Requests, ...]


class Outlook(Record):
    """What `dvc repro` would do."""

    stages: int  # of the graph
    lines: tuple[Line, ...]


def plan(root: Path, changes: Sequence[str]) -> Outlook:
    """Return what a run in `root` would do with `changes` of params, as `dvc exp run -S` takes them; nothing in it is touched."""
    with TemporaryDirectory() as folder:
        settings = overridden(root, changes, Path(folder))
        dues, stages = due(root, settings)
        asked = asking.requests(dues, _facts(root, settings, dues), settings) if dues else {}
    lines = [
        Line(stage=each.step.name, fate=each.fate, why=each.why, requests=tuple(asked.get(each.step.name, ())))
        for each in dues
    ]
    return Outlook(stages=stages, lines=tuple(lines))


def _facts(root: Path, settings: Path, dues: Sequence[Due]) -> Facts:
    moving = {out for each in dues if each.fate != "restored" for out in each.step.outs}
    return Facts(root, params.load_all(settings), moving, {each.step.entry for each in dues if each.fate != "restored"})

"""Two runs read, paired, judged and shown, and the exit code that a build can act on."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from stages.cli.logs.pairing import Both, paired
from stages.cli.logs.run import Format, Run, paths, read
from stages.cli.two_runs import shown
from stages.cli.two_runs.judged import TwoRuns, judged
from stages.cli.two_runs.margins import margins
from stages.core import metrics
from stages.core.errors import InputError
from stages.core.files import atomic
from stages.evaluation.retention.verdicts import Verdict

EXIT: Mapping[Verdict, int] = {"retained": 0, "collapsed": 2, "inconclusive": 3, "not measurable": 4}
MOST_AGAIN = 2  # further runs of the base: with it they make three pairs
READ = "is read {}, and would be overwritten"
FAULT = 1  # of what cannot be read or compared


class Logs(NamedTuple):
    """Where the runs are and how they are read: the base, the tuned, and the base again; `chance` of a guess where no log tells it."""

    base: Path
    tuned: Path
    noise: Sequence[Path] = ()
    format: Format | None = None
    metric: str = ""
    common: bool = False
    any_prompt: bool = False
    chance: float = 0.0


def judge(logs: Logs, params: Path | None = None, changes: Mapping[str, object] | None = None) -> TwoRuns:
    """Read and judge; DialInsightError where logs or settings do not allow it."""
    settings = margins(params, changes or {})
    if not 0 <= logs.chance < 1:
        raise InputError(f"--chance: {logs.chance}; expected a share from 0 to below 1, as 0.25 of four choices")
    if len(logs.noise) > MOST_AGAIN:
        raise InputError(
            f"--noise: {len(logs.noise)} runs; expected one or two, as the largest change of many pairs is no floor; give two of them"
        )
    base, tuned, *again = (
        read(path, logs.format, logs.metric).guessed(logs.chance) for path in (logs.base, logs.tuned, *logs.noise)
    )
    both = paired(base, tuned, common=logs.common, any_prompt=logs.any_prompt)
    return judged(both, list(_twice([base, *again], logs.any_prompt)), len(again), settings)


def refuse_inputs(logs: Logs, params: Path | None, **targets: Path | None) -> None:
    """Refuse to write, by the option's name, over what is read, and two results into one file; InputError."""
    given = {name: path.resolve() for name, path in targets.items() if path}
    places = (logs.base, logs.tuned, *logs.noise) if given else ()
    used = {path.resolve(): READ.format("as a log") for place in places for path in paths(place, logs.format)}
    used |= {params.resolve(): READ.format("for its settings")} if params else {}
    for name, path in given.items():
        if path in used:
            raise InputError(f"--{name} {targets[name]}: {used[path]}; name another file")
        used[path] = f"is what --{name} is written to as well"


def _twice(runs: Sequence[Run], any_prompt: bool) -> Iterator[list[Both]]:
    """Yield the base against each further reading of it, and these against each other; a reading of some items is enough."""
    for one, other in combinations(runs, 2):
        yield paired(one, other, common=True, any_prompt=any_prompt).items


def write(found: TwoRuns, json: Path | None, markdown: Path | None, html: Path | None) -> None:
    """Write what was asked for; OSError where that cannot be."""
    if json:
        metrics.write(json, found.model_dump())
    for path, made in ((markdown, shown.markdown), (html, shown.html)):
        if path:
            with atomic(path) as file:
                file.write(made(found))

"""A folder in which a stage runs aside: links to what it reads, room for what it writes, and params of its own."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from stages.cli.dvc_graph import Step
from stages.cli.trial.exchange import Order
from stages.core.params import PARAMS

RECORDED = "data/recorded"  # found by the content of the question: no stage declares it
CODE = "stages/"
OWN = Path(__file__).parents[3]  # where the code that runs now lies


def prepare(folder: Path, root: Path, step: Step, params: Path, instead: Mapping[str, Path] | None = None) -> None:
    """Lay out `folder` for a stage of the repository in `root`; what `instead` names is linked to another file than the repository's."""
    os.symlink(params.resolve(), folder / PARAMS)
    for path in (*step.deps, RECORDED):
        if not path.startswith(CODE) and not Path(path).is_absolute():
            _link((instead or {}).get(path, root / path), folder / path)
    for path in step.outs:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)


def _link(source: Path, target: Path) -> None:
    """Link to what is there; a folder that something else was linked into gets its own files one by one."""
    if not source.exists():
        return
    if target.is_dir() and not target.is_symlink() and source.is_dir():
        for inner in source.iterdir():
            _link(inner, target / inner.name)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        os.symlink(source.resolve(), target)


def run(
    folder: Path, root: Path, step: Step, order: Order, options: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """Run the stage in `folder`, with the code of `root` and watched by `order`; return how it ended, with what it said.

    `options` come after those of dvc.yaml. The cache of answers is the repository's, as in `dvc exp run --temp`.
    """
    words = [sys.executable, "-m", "stages.cli.trial.watched", order.model_dump_json(), step.module, *step.arguments]
    code = root.resolve() if (root / "stages").is_dir() else OWN  # as `python -m` finds it in a run
    paths = [str(code), *filter(None, [os.environ.get("PYTHONPATH", "")])]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        "DVC_ROOT": str(root.resolve()),
        "DIAL_INSIGHT_ENGINE": "local",  # a cluster sees no temporary folder
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    environment.pop("DVC_STAGE", None)
    return subprocess.run([*words, *options], cwd=folder, env=environment, capture_output=True, text=True, check=False)


def fault(ended: subprocess.CompletedProcess[str]) -> str:
    """Return the line in which a stage said what ended it, or an empty one if nothing did."""
    said = [line.strip() for line in ended.stderr.splitlines() if line.strip()]
    return (said[-1] if said else f"it ended with code {ended.returncode}") if ended.returncode else ""

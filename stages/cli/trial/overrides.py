"""params.yaml with changes for one look, in a file of its own: what `dvc exp run -S` would write, by DVC's own code."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from stages.core.errors import ParamsError
from stages.core.params import PARAMS


def overridden(root: Path, changes: Sequence[str], folder: Path) -> Path:
    """Copy the params.yaml of `root` into `folder`, with `changes` such as `seed.shots=4`, `+a.b=1` or `~a.b`; return the copy.

    A change that DVC would refuse is refused in one line, as is one of another file.
    """
    target = folder / PARAMS.name
    try:
        shutil.copyfile(root / PARAMS, target)
    except FileNotFoundError:
        raise ParamsError(f"{root / PARAMS}: not there; run from the repository's root") from None
    if changes:
        _apply(target, changes)
    return target


def _apply(target: Path, changes: Sequence[str]) -> None:
    from dvc.exceptions import DvcException  # noqa: PLC0415 - 0.3 s
    from dvc.utils.cli_parse import to_path_overrides  # noqa: PLC0415 - 0.3 s
    from dvc.utils.hydra import apply_overrides, get_hydra_sweeps  # noqa: PLC0415 - 0.5 s, only where something changes

    words = " ".join(f"-S {change}" for change in changes)
    by_file = to_path_overrides(changes)
    if strangers := by_file.keys() - {PARAMS.name}:
        raise ParamsError(f"{words}: {', '.join(sorted(strangers))} is no file of settings; only {PARAMS} is")
    try:
        apply_overrides(target, by_file[PARAMS.name])
        several = len(get_hydra_sweeps(by_file)) > 1
    except DvcException as error:
        cause = str(error.__cause__ or error).strip().partition("\n")[0]
        remedy = "write KEY=VALUE, +KEY=VALUE for a new one, ~KEY to take one out"
        raise ParamsError(f"{words}: not taken ({cause}); {remedy}") from None
    if several:
        raise ParamsError(f"{words}: several values at once; look at one after the other")

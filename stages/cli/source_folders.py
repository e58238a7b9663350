"""Models that were copied from a folder of this machine (`path:FOLDER`), at which DVC does not look: whether it holds something else now."""

from collections.abc import Iterator
from filecmp import cmp
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

from stages.core import params
from stages.core.errors import DialInsightError
from stages.hub.models import KEPT

SOURCE = "path:"


class Copied(NamedTuple):
    """A model that a stage copied, or will."""

    stage: str
    key: str  # where its source stands in params.yaml
    source: Path
    target: Path


def copied(root: Path) -> Iterator[Copied]:
    """Yield the models with a folder for a source, the base first; what is wrong with params.yaml, a check says."""
    try:
        values = params.load_all(root / params.PARAMS)
    except DialInsightError:
        return
    base, evaluation = values.get("base"), values.get("evaluation")
    models = evaluation.get("models") if isinstance(evaluation, dict) else None
    found = [("base", "base", "base", base)]
    if isinstance(models, dict):
        found += [(f"candidate@{name}", f"evaluation.models.{name}", name, model) for name, model in models.items()]
    for stage, key, name, model in found:
        source = model.get("source") if isinstance(model, dict) else None
        if isinstance(source, str) and source.startswith(SOURCE):
            folder = root / Path(source.removeprefix(SOURCE))
            yield Copied(stage, f"{key}.source", folder, root / "models" / str(name))


def notes(root: Path) -> Iterator[str]:
    """Yield a line for each copy that is not what its folder holds; a folder that is not on this machine, or may not be read, tells nothing."""
    for one in copied(root):
        try:
            name = _other(one.source, one.target) if one.source.is_dir() and one.target.is_dir() else ""
        except OSError:  # not to be listed or read, or gone meanwhile
            continue
        if name:
            yield (
                f"{params.PARAMS}: {one.key}: {name} in that folder is not the one in models/{one.target.name}, and DVC does not look there; "
                f"to copy it again: dvc repro --force --single-item {one.stage} && dvc repro"
            )


def _other(source: Path, target: Path) -> str:
    """Return the first file that is not the same in both, or nothing; contents are read where a file changed after its copy was written, by a stage or by `dvc checkout`."""
    here, there = (_kept(folder) for folder in (source, target))
    for name in sorted(here.keys() | there.keys()):
        if name not in here or name not in there:
            return name
        now, then = here[name].stat(), there[name].stat()
        later = max(now.st_mtime, now.st_ctime) > then.st_mtime
        if now.st_size != then.st_size or (later and not cmp(here[name], there[name], shallow=False)):
            return name
    return ""


def _kept(folder: Path) -> dict[str, Path]:
    return {
        path.name: path
        for path in folder.iterdir()
        if path.is_file() and any(fnmatch(path.name, pattern) for pattern in KEPT)
    }

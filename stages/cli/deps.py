"""Guard 1: every stage declares exactly the folders of code it imports, and its command names declared paths only.

What a stage depends on, of the code under stages/:

- of a library: its folder; or only a subfolder of it, where nothing else of the library is imported;
- of its own chapter: its own file and the files beside it that it imports, one by one, and each folder beside it whole;
- a chapter of a single stage: its folder.

That imports go down the floors is import-linter's work (`lint-imports`; the contracts are in pyproject.toml).
"""

import importlib
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from statistics import fmean
from types import ModuleType
from typing import NamedTuple

import grimp

from stages.cli.dvc_graph import GRAPH, DvcYaml, Step, every, idle, steps
from stages.core.errors import InputError

ROOT = "stages"
FIX = "run `dial-insight deps --fix`"


class Code(NamedTuple):
    """The import graph of stages/, and which of its modules are stages."""

    graph: grimp.ImportGraph
    stages: frozenset[str]

    def dependencies(self, stage: str) -> set[str]:
        """Return the files and folders that the stage's module and all it imports, directly or not, stand in."""
        modules = {stage, *self.graph.find_upstream_modules(stage)} - {ROOT}
        units = {self._unit(module, stage) for module in modules}
        return {unit for unit in units if not units & {str(above) for above in PurePosixPath(unit).parents}}

    def _unit(self, module: str, stage: str) -> str:
        _, folder, *inner = module.split(".")
        if folder != stage.split(".")[1]:  # a library
            return "/".join([ROOT, folder, *inner[:-1]])
        if len([other for other in self.stages if other.split(".")[1] == folder]) == 1:
            return f"{ROOT}/{folder}"
        return f"{ROOT}/{folder}/{inner[0]}" + (".py" if len(inner) == 1 else "")


def code(root: Path, all_steps: Collection[Step]) -> Code:
    """Read the imports of all modules under stages/ in the repository at `root`."""
    try:
        with _first(root):
            graph = grimp.build_graph(*folders(root), cache_dir=None)
    except grimp.exceptions.SourceSyntaxError as error:
        raise InputError(f"{error.filename}:{error.lineno}: not Python; mend the line") from None
    return Code(graph, frozenset(step.module for step in all_steps))


def folders(root: Path) -> list[str]:
    """Return the folders of stages/ as modules: as stages/ has an `__init__.py` and they have none, grimp is told of each."""
    return sorted(
        f"{ROOT}.{path.name}" for path in (root / ROOT).iterdir() if path.is_dir() and path.name != "__pycache__"
    )


@contextmanager
def _first(root: Path) -> Iterator[None]:
    """Have `stages` and all below it mean what stands in `root`, not what runs."""
    path, running = sys.path, _pop_modules()
    sys.path = [str(root.resolve())]
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path = path
        _pop_modules()
        sys.modules.update(running)


def _pop_modules() -> dict[str, ModuleType]:
    """Take the modules of stages/ out of those that are loaded, and return them."""
    names = [name for name in sys.modules if name == ROOT or name.startswith(f"{ROOT}.")]
    return {name: sys.modules.pop(name) for name in names}


def declared(step: Step) -> set[str]:
    """Return the code among a stage's dependencies; what its command names is data to it."""
    return {path for path in step.deps if path.startswith(f"{ROOT}/") and path not in step.arguments}


def faults(root: Path = Path()) -> list[str]:
    """Return what is wrong, one line each: undeclared or superfluous code, missing modules, undeclared paths."""
    all_steps = every(root)
    known = code(root, all_steps)
    return [line for step in all_steps for line in (*_code(step, known), *_paths(step, root))]


def _code(step: Step, known: Code) -> Iterator[str]:
    if step.module not in known.graph.modules:
        if step.module:
            yield f"{GRAPH}: stage {step.name}: {step.module} is no module under {ROOT}/; mend its cmd"
        return
    need, have = known.dependencies(step.module), declared(step)
    if missing := sorted(need - have):
        yield f"{GRAPH}: stage {step.name} imports {', '.join(missing)} without declaring it; {FIX}"
    if twice := sorted({path for path in step.deps if step.deps.count(path) > 1}):
        yield f"{GRAPH}: stage {step.name} declares {', '.join(twice)} twice; take one out"
    if superfluous := sorted(have - need):
        yield f"{GRAPH}: stage {step.name} declares {', '.join(superfluous)} without importing it; {FIX}"


def _paths(step: Step, root: Path) -> Iterator[str]:
    paths = {PurePosixPath(path) for path in (*step.deps, *step.outs)}
    folders = {folder for path in paths for folder in path.parents if folder.name}
    for word in step.arguments:
        path = PurePosixPath(word)
        is_path = "/" in word or (root / word).exists()  # an option or a split's name is neither
        if is_path and path not in folders and not paths.intersection((path, *path.parents)):
            yield f"{GRAPH}: stage {step.name}: {word} in its cmd is neither in its deps nor in its outs; add it"


def fix(root: Path = Path()) -> bool:
    """Bring the code in dvc.yaml in line with the imports; return whether anything changed."""
    all_steps, graph = every(root), DvcYaml(root / GRAPH)
    known, before = code(root, all_steps), graph.text
    for step in {step.entry: step for step in all_steps}.values():
        if step.module in known.graph.modules:
            graph.set_code(step.entry, declared(step), sorted(known.dependencies(step.module)))
    if graph.text == before:
        return False
    graph.write()
    return True


class Reach(NamedTuple):
    """How much of the graph hangs on the code."""

    paths: int  # of code, over all entries of dvc.yaml
    lines: int  # of dvc.yaml
    reruns: (
        float  # stages that an edited file under stages/ makes run again, the mean over all files that a stage reads
    )


def reach(root: Path = Path()) -> Reach:
    """Measure what dvc.yaml declares."""
    active = steps(root)
    each = {step.entry: declared(step) for step in active + idle(root, active)}
    ignored = [line for line in (root / ".dvcignore").read_text(encoding="utf-8").splitlines() if line]
    files = [
        PurePosixPath(path.relative_to(root))
        for path in sorted((root / ROOT).rglob("*"))
        if path.is_file() and not any(fnmatch(part, name.rstrip("/")) for part in path.parts for name in ignored)
    ]
    read_by = [set(map(PurePosixPath, step.deps)) for step in active]
    counts = [sum(not deps.isdisjoint((file, *file.parents)) for deps in read_by) for file in files]
    lines = len((root / GRAPH).read_text(encoding="utf-8").splitlines())
    read = [count for count in counts if count]
    return Reach(sum(map(len, each.values())), lines, fmean(read) if read else 0.0)

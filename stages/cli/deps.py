"""Guard 1: every stage declares exactly the code it imports, imports go down the floors, commands use declared paths only."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from stages.errors import InputError
from stages.measures import imports
from stages.ports.graph import GRAPH, Manuscript, Step, idle, steps

FIX = "run `dial-insight deps --fix`"


def modules(root: Path) -> dict[str, Path]:
    """Return every module under stages/ by its dotted name."""
    found = sorted((root / imports.ROOT).rglob("*.py"))
    return {".".join(path.relative_to(root).with_suffix("").parts): path for path in found}


def edges(known: dict[str, Path]) -> dict[str, set[str]]:
    """Return what each module imports of the others."""
    found = {}
    for name, path in known.items():
        try:
            found[name] = imports.imported(name, path.read_text(encoding="utf-8"), known)
        except SyntaxError as error:
            raise InputError(f"{path}:{error.lineno}: not Python ({error.msg}); mend the line") from None
    return found


def wanted(step: Step, graph: dict[str, set[str]]) -> list[str]:
    """Return the .py files a stage has to declare, sorted; none for a command that runs no module of ours."""
    if step.module not in graph:
        return []
    return sorted(name.replace(".", "/") + ".py" for name in imports.closure(step.module, graph))


def faults(root: Path = Path()) -> list[str]:
    """Return what is wrong, one line each: undeclared or superfluous code, missing modules, floors, undeclared paths."""
    found, graph = steps(root) + idle(root), edges(modules(root))
    lines = [line for step in found for line in (*_code(step, graph), *_paths(step, root))]
    return lines + imports.floor_faults(graph, {step.module for step in found})


def _code(step: Step, graph: dict[str, set[str]]) -> Iterator[str]:
    if step.module and step.module not in graph:
        yield f"{GRAPH}: stage {step.name}: {step.module} is no module under {imports.ROOT}/; mend its cmd"
        return
    need, have = set(wanted(step, graph)), {path for path in step.deps if path.endswith(".py")}
    if missing := sorted(need - have):
        yield f"{GRAPH}: stage {step.name} imports {', '.join(missing)} without declaring it; {FIX}"
    if idle := sorted(have - need):
        yield f"{GRAPH}: stage {step.name} declares {', '.join(idle)} without importing it; {FIX}"


def _paths(step: Step, root: Path) -> Iterator[str]:
    declared = {PurePosixPath(path) for path in (*step.deps, *step.outs)}
    folders = {folder for path in declared for folder in path.parents if folder.name}
    for word in step.arguments:
        path = PurePosixPath(word)
        is_path = "/" in word or (root / word).exists()  # a split's name is neither
        if is_path and path not in folders and not declared.intersection((path, *path.parents)):
            yield f"{GRAPH}: stage {step.name}: {word} in its cmd is neither in its deps nor in its outs; add it"


def fix(root: Path = Path()) -> bool:
    """Bring the .py files in dvc.yaml in line with the imports; return whether anything changed."""
    graph, text = edges(modules(root)), Manuscript(root / GRAPH)
    before = text.path.read_text(encoding="utf-8")
    for step in steps(root) + idle(root):
        if step.module in graph:
            text.set_code(step.entry, wanted(step, graph))
    if text.text() == before:
        return False
    text.write()
    return True

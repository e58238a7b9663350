"""The import graph of the code under stages/: what a module needs, and whether every import goes down the floors."""

import ast
from collections.abc import Collection, Iterator, Mapping

Edges = Mapping[str, Collection[str]]  # module → modules it imports, all inside the package

ROOT = "stages"
LEVELS = {
    "errors": 0,
    "records": 1,
    "measures": 2,
    "ports": 2,
    "dialogues": 3,
    "instructions": 3,
    "prompting": 3,
    "samples": 3,
    "training": 3,
    "evaluation": 3,
    "reporting": 3,
    "cli": 4,
}


def imported(module: str, source: str, known: Collection[str]) -> set[str]:
    """Return the modules of `known` that `source` imports anywhere, also in functions and by literal `import_module`.

    `from stages.ports import jsonl` is the module stages.ports.jsonl; a name that is no module is its parent's.
    """
    found = set[str]()
    for name in _names(ast.parse(source), module.split(".")):
        parent = name.rpartition(".")[0]
        found |= {name} & set(known) or {parent} & set(known)
    return found - {module}


def _names(tree: ast.AST, module: list[str]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = module[: -node.level] if node.level else []
            start = ".".join([*base, *filter(None, [node.module])])
            yield from (f"{start}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and "import_module" in ast.unparse(node.func):
            yield from (a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str))


def closure(module: str, edges: Edges) -> set[str]:
    """Return `module` and everything it imports, directly or not."""
    found, waiting = set[str](), [module]
    while waiting:
        if (name := waiting.pop()) not in found:
            found.add(name)
            waiting.extend(edges.get(name, ()))
    return found


def floor(module: str) -> str:
    """Return the floor a module stands on: `ports` for stages.ports.chat.local."""
    return module.split(".")[1]


def floor_faults(edges: Edges, stages: Collection[str]) -> list[str]:
    """Return one line for every import that goes up, across, or to a stage; `stages` are the modules that are stages."""
    faults = [
        f"{module}: floor {floor(module)} is unknown; use one of {', '.join(LEVELS)}"
        for module in sorted(edges)
        if floor(module) not in LEVELS
    ]
    pairs = [(module, target) for module in sorted(edges) for target in sorted(edges[module])]
    judged = [(pair, _fault(floor(pair[0]), floor(pair[1]), pair[1] in stages)) for pair in pairs]
    return faults + [f"{module} imports {target}: {reason}" for (module, target), reason in judged if reason]


def _fault(above: str, below: str, is_stage: bool) -> str:
    high, low = LEVELS.get(above, -1), LEVELS.get(below, -1)
    if -1 in (high, low):
        return ""
    if low > high:
        return f"{below} is a floor above {above}; move what both need down"
    if low == high and above != below:
        return f"{above} and {below} never import each other; move what both need down"
    if is_stage and above != "cli":
        return "stages meet through files; move what both need to a module of their floor that is no stage"
    return ""

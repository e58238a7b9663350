"""Guard 1: dvc.yaml declares the code that stages import and the paths their commands name; imports go down the floors."""

import ast
import shutil
import subprocess
from pathlib import Path

import pytest

from stages.cli import deps
from stages.errors import InputError
from stages.ports import declared
from stages.ports.graph import Manuscript, idle, steps

GRAPH = """\
# the graph
stages:
  # first
  count:
    desc: Counts  # said briefly
    cmd: python -m stages.samples.count data/${name} metrics/count.json
    deps:
    - data/${name}
    - stages/errors.py
    params: [count, name]
    metrics:
    - metrics/count.json: {cache: false}

  # second
  draw:
    foreach: [train, test]
    do:
      cmd: python -m stages.samples.draw ${item} metrics
      params: ['draw.${item}']
      outs:
      - metrics/${item}.txt
"""


def test_dvc_yaml_is_true_to_the_code(root: Path) -> None:
    assert deps.faults(root) == []


def test_fix_leaves_dvc_yaml_as_it_is(root: Path) -> None:
    text = Manuscript(root / "dvc.yaml")
    graph = deps.edges(deps.modules(root))
    for step in steps(root):
        text.set_code(step.entry, deps.wanted(step, graph))
    assert text.text() == (root / "dvc.yaml").read_text(encoding="utf-8")


def test_only_the_loader_reads_all_params(root: Path) -> None:
    """A stage that read params.yaml past `lookup` could read what it does not declare."""
    readers = [
        path.relative_to(root).as_posix()
        for path in sorted((root / "stages").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, (ast.Name, ast.Attribute)) and "load_all" in ast.unparse(node).split(".")
    ]
    assert {path for path in readers if not path.startswith(("stages/cli/", "stages/ports/"))} == set()


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Make a repository with two stages whose dvc.yaml is not true to their imports."""
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    files = {
        ".dvc/config": "[core]\n    analytics = false\n",
        "params.yaml": "name: rows\ncount: 1\ndraw: {train: 1, test: 2}\n",
        "dvc.yaml": GRAPH,
        "stages/errors.py": "",
        "stages/ports/rows.py": "from stages.records.row import Row\n",
        "stages/records/row.py": "Row = 1\n",
        "stages/samples/count.py": "def main():\n    from stages.ports import rows\n",
        "stages/samples/draw.py": "import importlib\nimportlib.import_module('stages.errors')\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_faults_name_stage_file_and_remedy(small: Path) -> None:
    lines = deps.faults(small)
    assert [line.split(" without")[0] for line in lines] == [
        "dvc.yaml: stage count imports stages/ports/rows.py, stages/records/row.py, stages/samples/count.py",
        "dvc.yaml: stage count declares stages/errors.py",
        "dvc.yaml: stage draw@train imports stages/errors.py, stages/samples/draw.py",
        "dvc.yaml: stage draw@test imports stages/errors.py, stages/samples/draw.py",
    ]
    assert all(line.endswith("run `dial-insight deps --fix`") for line in lines)


def test_fix_rewrites_only_the_lists_of_code(small: Path) -> None:
    assert deps.fix(small)
    fixed = (small / "dvc.yaml").read_text(encoding="utf-8")
    code = "    - stages/ports/rows.py\n    - stages/records/row.py\n    - stages/samples/count.py\n"
    expected = GRAPH.replace("    - stages/errors.py\n", code).replace(
        "      params: ['draw",
        "      deps:\n      - stages/errors.py\n      - stages/samples/draw.py\n      params: ['draw",
    )
    assert fixed == expected
    assert deps.faults(small) == []
    assert not deps.fix(small)


def test_an_entry_over_nothing_is_kept_true_too(small: Path) -> None:
    more = "  more:\n    foreach: ${others}\n    do:\n      cmd: python -m stages.samples.count data/${key}\n      outs:\n      - data/${key}\n"
    (small / "dvc.yaml").write_text(GRAPH + more, encoding="utf-8")
    (small / "params.yaml").write_text(
        "name: rows\ncount: 1\ndraw: {train: 1, test: 2}\nothers: {}\n", encoding="utf-8"
    )
    assert any(line.startswith("dvc.yaml: stage more imports stages/ports/rows.py") for line in deps.faults(small))
    assert deps.fix(small)
    assert deps.faults(small) == []
    (entry,) = idle(small)
    code = ("stages/ports/rows.py", "stages/records/row.py", "stages/samples/count.py")
    assert (entry.name, entry.deps, entry.outs) == ("more", code, ("data/${key}",))


def test_an_undeclared_path_in_a_command_is_named(small: Path) -> None:
    text = (
        (small / "dvc.yaml").read_text(encoding="utf-8").replace("draw ${item} metrics", "draw ${item} data/else.jsonl")
    )
    (small / "dvc.yaml").write_text(text, encoding="utf-8")
    assert deps.fix(small)
    assert deps.faults(small) == [
        f"dvc.yaml: stage draw@{split}: data/else.jsonl in its cmd is neither in its deps nor in its outs; add it"
        for split in ("train", "test")
    ]


def test_a_missing_module_is_named_and_its_list_left_alone(small: Path) -> None:
    (small / "stages/samples/count.py").unlink()
    assert "stages.samples.count is no module under stages/" in deps.faults(small)[0]
    deps.fix(small)
    assert "- stages/errors.py" in (small / "dvc.yaml").read_text(encoding="utf-8")


def test_imports_that_go_up_or_across_are_faults(small: Path) -> None:
    (small / "stages/records/row.py").write_text("import stages.samples.draw\n", encoding="utf-8")
    (small / "stages/measures").mkdir()
    (small / "stages/measures/size.py").write_text("from stages.ports.rows import Row\n", encoding="utf-8")
    (small / "stages/samples/draw.py").write_text("from stages.samples import count\n", encoding="utf-8")
    deps.fix(small)
    assert [line.split(":")[0] for line in deps.faults(small)] == [
        "stages.measures.size imports stages.ports.rows",
        "stages.records.row imports stages.samples.draw",
        "stages.samples.draw imports stages.samples.count",
    ]


def test_a_graph_that_dvc_cannot_read_is_one_line(small: Path) -> None:
    (small / "dvc.yaml").write_text("stages:\n  count:\n    cmd: python ${nothing}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"dvc.yaml: DVC cannot read it .*nothing.*; mend it") as caught:
        deps.faults(small)
    assert "\n" not in str(caught.value)


def test_code_that_is_not_python_is_named_with_its_line(small: Path) -> None:
    (small / "stages/errors.py").write_text("x = 1\nclass\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"stages/errors.py:2: not Python"):
        deps.faults(small)


def test_the_module_and_arguments_of_a_command(small: Path) -> None:
    shutil.rmtree(small / "stages")
    count, train, _ = steps(small)
    assert (count.module, count.arguments) == ("stages.samples.count", ["data/rows", "metrics/count.json"])
    assert (train.name, train.entry, train.params) == ("draw@train", "draw", ("draw.train",))


def test_a_running_stage_sees_the_declaration_that_dvc_sees(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    for step in steps(root):
        monkeypatch.setenv("DVC_STAGE", step.name)
        declared.current.cache_clear()
        found = declared.current()
        assert found is not None
        assert found.paths == tuple(root / path for path in (*step.deps, *step.outs))
        assert found.params == step.params
    declared.current.cache_clear()

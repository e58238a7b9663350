"""Guard 1: dvc.yaml declares the folders of code that stages import and the paths their commands name; imports go down."""

import ast
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from stages.cli import deps
from stages.cli.dvc_graph import DvcYaml, every, idle, steps
from stages.core import declared
from stages.core.errors import InputError

pytestmark = pytest.mark.usefixtures("quick_yaml")

GRAPH = """\
# the graph
stages:
  # first
  count:
    desc: Counts  # said briefly
    cmd: python -m stages.samples.count --source data/${name} --report metrics/count.json
    deps:
    - data/${name}
    - stages/core
    params: [count, name]
    metrics:
    - metrics/count.json: {cache: false}

  # second
  draw:
    foreach: [train, test]
    do:
      cmd: python -m stages.samples.draw --split ${item} --folder metrics
      params: ['draw.${item}']
      outs:
      - metrics/${item}.txt
"""


def test_dvc_yaml_is_true_to_the_code(root: Path) -> None:
    assert deps.faults(root) == []


@pytest.mark.slow
def test_fix_leaves_dvc_yaml_as_it_is(root: Path, tmp_path: Path) -> None:
    found, graph = every(root), DvcYaml(root / "dvc.yaml")
    known = deps.code(root, found)
    for step in {step.entry: step for step in found}.values():
        graph.set_code(step.entry, deps.declared(step), sorted(known.dependencies(step.module)))
    assert graph.text == (root / "dvc.yaml").read_text(encoding="utf-8")


def test_dvc_yaml_reads_in_one_go_and_an_edit_reruns_few_stages(root: Path) -> None:
    reach = deps.reach(root)
    assert reach.lines <= 650 and len((root / "dvc.yaml").read_bytes()) <= 32_000
    assert reach.reruns <= 7.6  # 13 stages stand on the chat port, which is a sixth of the files


def contracts(folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run import-linter on the stages/ in `folder`."""
    only_here = (
        "sys.path = [path for path in sys.path if 'editable' not in path]"  # not also where this was installed from
    )
    script = f"import sys; from importlinter.cli import lint_imports_command as lint; {only_here}; lint()"
    command = [sys.executable, "-c", script, "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


BROKEN = {  # what is said of a line more in a module
    ("core/row.py", "import stages.rows.prompt"): "stages.core is not allowed to import stages.rows",
    ("chat/store.py", "import stages.answers.facts"): "stages.chat is not allowed to import stages.answers",
    (
        "samples/rules/leaks.py",
        "import stages.training.base",
    ): "stages.samples is not allowed to import stages.training",
    (
        "samples/select.py",
        "import stages.samples.sample",
    ): "stages.samples.select is not allowed to import stages.samples.sample",
}


@pytest.mark.slow
def test_imports_go_down_the_floors_and_stages_meet_through_files(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root / "stages", tmp_path / "stages", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "pyproject.toml", tmp_path)
    done = contracts(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    for module, line in BROKEN:
        with (tmp_path / "stages" / module).open("a", encoding="utf-8") as file:
            file.write(line + "\n")
    done = contracts(tmp_path)
    assert done.returncode != 0
    assert [said for said in BROKEN.values() if said not in done.stdout] == [], done.stdout + done.stderr


def test_the_contract_names_every_stage(root: Path) -> None:
    values = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    apart = next(one for one in values["tool"]["importlinter"]["contracts"] if one["type"] == "independence")
    assert apart["modules"] == sorted({step.module for step in every(root)})


def test_the_floors_hold_for_every_folder(root: Path) -> None:
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    floors = next(contract for contract in settings["contracts"] if contract["type"] == "layers")["layers"]
    assert settings["root_packages"] == deps.folders(root)
    assert sorted(name for floor in floors for name in floor.split(" | ")) == deps.folders(root)


def test_only_the_loader_reads_all_params(root: Path) -> None:
    """A stage that read params.yaml past `lookup` could read what it does not declare."""
    readers = [
        path.relative_to(root).as_posix()
        for path in sorted((root / "stages").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, (ast.Name, ast.Attribute)) and "load_all" in ast.unparse(node).split(".")
    ]
    own = {"stages/core/params.py", "stages/chat/settings.py", "stages/text/tokenizers.py"}  # they go on to `lookup`
    assert {path for path in readers if not path.startswith("stages/cli/")} == own


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Make a repository with two stages whose dvc.yaml is not true to their imports."""
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    files = {
        ".dvc/config": "[core]\n    analytics = false\n",
        ".dvcignore": "",
        "params.yaml": "name: rows\ncount: 1\ndraw: {train: 1, test: 2}\n",
        "dvc.yaml": GRAPH,
        "stages/core/errors.py": "",
        "stages/rows/row.py": "Row = 1\n",
        "stages/pii/values/spans.py": "from stages.rows.row import Row\n",
        "stages/pii/people/names.py": "",
        "stages/samples/drawing/quotas.py": "import stages.core.errors\n",
        "stages/samples/shared.py": "",
        "stages/samples/count.py": "def main():\n    from stages.pii.values import spans\n",
        "stages/samples/draw.py": "from stages.samples import shared\nfrom stages.samples.drawing import quotas\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


COUNT = ("stages/pii/values", "stages/rows", "stages/samples/count.py")
DRAW = ("stages/core", "stages/samples/draw.py", "stages/samples/drawing", "stages/samples/shared.py")


def test_faults_name_stage_folder_and_remedy(small: Path) -> None:
    lines = deps.faults(small)
    assert [line.split(" without")[0] for line in lines] == [
        f"dvc.yaml: stage count imports {', '.join(COUNT)}",
        "dvc.yaml: stage count declares stages/core",
        f"dvc.yaml: stage draw@train imports {', '.join(DRAW)}",
        f"dvc.yaml: stage draw@test imports {', '.join(DRAW)}",
    ]
    assert all(line.endswith("run `dial-insight deps --fix`") for line in lines)


def test_fix_rewrites_only_the_lists_of_dependencies(small: Path) -> None:
    assert deps.fix(small)
    expected = GRAPH.replace(
        "    deps:\n    - data/${name}\n    - stages/core\n",
        f"    deps: ['data/${{name}}',\n           {', '.join(COUNT)}]\n",
    ).replace(
        "      params: ['draw",
        f"      deps: [{', '.join(DRAW)}]\n      params: ['draw",
    )
    assert (small / "dvc.yaml").read_text(encoding="utf-8") == expected
    assert deps.faults(small) == []
    assert not deps.fix(small)


def test_a_library_of_which_more_is_imported_is_one_folder(small: Path) -> None:
    (small / "stages/pii/anonymizer.py").write_text("", encoding="utf-8")
    with (small / "stages/samples/count.py").open("a", encoding="utf-8") as file:
        file.write("    from stages.pii import anonymizer\n")
    deps.fix(small)
    assert {path for path in steps(small)[0].deps if "pii" in path} == {"stages/pii"}


def test_a_chapter_of_one_stage_is_one_folder(small: Path) -> None:
    (small / "dvc.yaml").write_text(GRAPH[: GRAPH.index("  # second")], encoding="utf-8")
    deps.fix(small)
    assert [path for path in steps(small)[0].deps if "samples" in path] == ["stages/samples"]


def test_a_folder_of_code_that_the_command_names_is_data(small: Path) -> None:
    text = GRAPH.replace("--source data/${name}", "--source stages/samples/launch").replace(
        "- data/${name}", "- stages/samples/launch"
    )
    (small / "dvc.yaml").write_text(text, encoding="utf-8")
    deps.fix(small)
    assert steps(small)[0].deps == ("stages/samples/launch", *COUNT)


def test_how_much_hangs_on_the_code(small: Path) -> None:
    deps.fix(small)
    reach = deps.reach(small)
    assert reach.paths == len(COUNT) + len(DRAW)
    # errors 2, row 1, spans 1, quotas 2, shared 2, count 1, draw 2; names is read by nothing
    assert reach.reruns == pytest.approx(11 / 7)


def test_an_entry_over_nothing_is_kept_true_too(small: Path) -> None:
    more = "  more:\n    foreach: ${others}\n    do:\n      cmd: python -m stages.samples.count --source data/${key}\n      outs:\n      - data/${key}\n"
    (small / "dvc.yaml").write_text(GRAPH + more, encoding="utf-8")
    (small / "params.yaml").write_text(
        "name: rows\ncount: 1\ndraw: {train: 1, test: 2}\nothers: {}\n", encoding="utf-8"
    )
    assert any(line.startswith("dvc.yaml: stage more imports stages/pii/values") for line in deps.faults(small))
    assert deps.fix(small)
    assert deps.faults(small) == []
    (entry,) = idle(small, steps(small))
    assert (entry.name, entry.deps, entry.outs) == ("more", COUNT, ("data/${key}",))


def test_entries_that_share_a_body_share_its_list(small: Path) -> None:
    text = GRAPH.replace("    do:\n", "    do: &draw\n") + "  again:\n    foreach: [other]\n    do: *draw\n"
    (small / "dvc.yaml").write_text(text, encoding="utf-8")
    (small / "params.yaml").write_text("name: rows\ncount: 1\ndraw: {train: 1, test: 2, other: 3}\n", encoding="utf-8")
    assert deps.fix(small)
    assert deps.faults(small) == []
    assert not deps.fix(small)


def test_a_dependency_declared_twice_is_a_fault(small: Path) -> None:
    deps.fix(small)
    text = (small / "dvc.yaml").read_text(encoding="utf-8")
    (small / "dvc.yaml").write_text(
        text.replace("stages/pii/values", "stages/pii/values, stages/pii/values"), encoding="utf-8"
    )
    assert deps.faults(small) == ["dvc.yaml: stage count declares stages/pii/values twice; take one out"]


def test_an_undeclared_path_in_a_command_is_named(small: Path) -> None:
    text = (small / "dvc.yaml").read_text(encoding="utf-8")
    (small / "dvc.yaml").write_text(text.replace("--folder metrics", "--folder data/else.jsonl"), encoding="utf-8")
    assert deps.fix(small)
    assert deps.faults(small) == [
        f"dvc.yaml: stage draw@{split}: data/else.jsonl in its cmd is neither in its deps nor in its outs; add it"
        for split in ("train", "test")
    ]


def test_a_missing_module_is_named_and_its_list_left_alone(small: Path) -> None:
    (small / "stages/samples/count.py").unlink()
    assert "stages.samples.count is no module under stages/" in deps.faults(small)[0]
    deps.fix(small)
    assert "- stages/core" in (small / "dvc.yaml").read_text(encoding="utf-8")


def test_a_graph_that_dvc_cannot_read_is_one_line(small: Path) -> None:
    (small / "dvc.yaml").write_text("stages:\n  count:\n    cmd: python ${nothing}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"dvc.yaml: DVC cannot read it .*nothing.*; mend it") as caught:
        deps.faults(small)
    assert "\n" not in str(caught.value)


def test_code_that_is_not_python_is_named_with_its_line(small: Path) -> None:
    (small / "stages/core/errors.py").write_text("x = 1\nclass\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"stages/core/errors.py:2: not Python"):
        deps.faults(small)


def test_the_module_and_arguments_of_a_command(small: Path) -> None:
    shutil.rmtree(small / "stages")
    count, train, _ = steps(small)
    assert (count.module, count.arguments) == (
        "stages.samples.count",
        ["--source", "data/rows", "--report", "metrics/count.json"],
    )
    assert (train.name, train.entry, train.params) == ("draw@train", "draw", ("draw.train",))


@pytest.mark.slow
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

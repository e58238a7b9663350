"""Guard 2: in a real DVC repository, a stage that reads what it does not declare fails with one line."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from stages.core import declared
from stages.core.declared import Declaration, whole
from stages.core.errors import UndeclaredError

GRAPH = """\
stages:
  probe:
    cmd: python -m work.probe --source data/rows.txt --target out/copy.txt
    deps: [data/rows.txt, data/folder, work/probe.py]
    params: [probe]
    outs: [out/copy.txt, out/model]
"""
HEAD = """\
from pathlib import Path
from typing import ClassVar
from stages.core.params import Section
from stages.core.stage import run

class Probe(Section):
    section: ClassVar[str] = "probe"
    size: int

class Other(Section):
    section: ClassVar[str] = "other"
    size: int

def main(*, source: Path, target: Path) -> None:
    target.parent.mkdir(exist_ok=True)
    (target.parent / "model").mkdir(exist_ok=True)
    (target.parent / "model" / "weights").write_text("w")
    target.write_text(source.read_text())
    {body}

if __name__ == "__main__":
    run(main)
"""
PASSES = {
    "what is declared": 'Path("data/folder/a.txt").read_text(); Path("data/rows.txt").read_text()',
    "a library": "import json.tool; import colorsys",
    "caches and environments": 'Path(".venv/x.py").write_text(""); Path(".llm-cache/a").write_text(""); Path(".checkpoints/a").write_text("")',
    "what pip left in the folder": 'Path("x.egg-info").mkdir(); Path("x.egg-info/entry_points.txt").write_text("")',
    "a partial file": 'Path("out/copy.txt.partial").write_text("")',
    "a partial folder": 'Path("out/model.partial").mkdir(); Path("out/model.partial/a").write_text("")',
    "what is not there": 'assert not Path("setup.cfg").exists()\ntry: open("setup.cfg")\nexcept FileNotFoundError: pass',
    "a temporary folder with a name of ours": 'import shutil, tempfile; d = tempfile.mkdtemp(); Path(d, "data").mkdir(); shutil.rmtree(d)',
    "a descriptor": 'import os; os.fdopen(os.open("data/rows.txt", os.O_RDONLY)).read()',
}
FAILS = {
    "a file": ('Path("data/secret.txt").read_text()', "opens data/secret.txt"),
    "a file by bytes": ('open(b"data/secret.txt")', "opens data/secret.txt"),
    "a file by os.open": ('import os; os.open("data/secret.txt", os.O_RDONLY)', "opens data/secret.txt"),
    "a written file": ('Path("data/new.txt").write_text("x")', "opens data/new.txt"),
    "a swallowed error": ('try: open("data/secret.txt")\nexcept Exception: pass', "opens data/secret.txt"),
    "another error made of it": (
        'try: open("data/secret.txt")\nexcept Exception: raise RuntimeError("no")',
        "opens data/secret.txt",
    ),
    "a param": ("from stages.core import params; params.lookup(params.load_all(), 'other')", "reads other"),
}

PROBE = ("work.probe", "--source", "data/rows.txt", "--target", "out/copy.txt")


@dataclass
class Repository:
    """A DVC repository with one stage, `probe`."""

    root: Path
    environment: dict[str, str]

    def write(self, body: str) -> None:
        """Write the stage's module."""
        (self.root / "work/probe.py").write_text(HEAD.replace("{body}", body), encoding="utf-8")

    def run(self, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run `python -m` with `command`."""
        return subprocess.run(
            [sys.executable, "-m", *command],
            cwd=self.root,
            env=self.environment | more,
            capture_output=True,
            text=True,
            check=False,
        )

    def probe(self) -> subprocess.CompletedProcess[str]:
        """Run the stage's command as DVC does."""
        return self.run(*PROBE, DVC_STAGE="probe")


@pytest.fixture
def repository(tmp_path: Path, root: Path) -> Repository:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    files = {
        ".dvc/config": f"[core]\n    analytics = false\n    site_cache_dir = {tmp_path}/.dvc/site\n",
        ".venv/x.txt": "",
        "dvc.yaml": GRAPH,
        "params.yaml": "probe: {size: 1}\nother: {size: 2, train: {size: 3}}\n",
        "data/rows.txt": "rows",
        "data/secret.txt": "secret",
        "data/folder/a.txt": "a",
        "work/aside.py": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return Repository(tmp_path, {**os.environ, "PYTHONPATH": str(root), "PATH": path})


@pytest.fixture
def watched(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """Let this process be the stage."""
    paths = tuple(repository.root / path for path in ("data/rows.txt", "data/folder", "out/copy.txt", "out/model"))
    stage = Declaration(stage="probe", paths=paths, params=("probe",))
    monkeypatch.setattr(declared, "current", lambda: stage)
    monkeypatch.chdir(repository.root)
    for folder in ("out", ".llm-cache", ".checkpoints"):
        Path(folder).mkdir()
    return repository


@pytest.mark.parametrize("body", PASSES.values(), ids=PASSES.keys())
def test_passes(watched: Repository, body: str) -> None:
    with declared.watch(watched.root):
        exec(f"from pathlib import Path\n{body}")


@pytest.mark.parametrize(("body", "expected"), FAILS.values(), ids=FAILS.keys())
def test_fails(watched: Repository, body: str, expected: str) -> None:
    with pytest.raises(UndeclaredError) as caught, declared.watch(watched.root):
        exec(f"from pathlib import Path\n{body}")
    assert str(caught.value).startswith(f"dvc.yaml: stage probe {expected} without declaring it; ")


def test_an_imported_module_must_be_declared(repository: Repository) -> None:
    repository.write("import work.aside")
    done = repository.probe()
    assert done.returncode == 2
    assert done.stderr == (
        "probe: dvc.yaml: stage probe opens work/aside.py without declaring it; run `dial-insight deps --fix`\n"
    )


def test_outside_dvc_nothing_is_checked(repository: Repository) -> None:
    repository.write('Path("data/secret.txt").read_text(); Other.load("train")')
    assert repository.run(*PROBE).returncode == 0


ASKED = 'import sys; print("dvc" in sys.modules)'


def _asked_dvc(repository: Repository) -> bool:
    done = repository.probe()
    assert done.returncode == 0, done.stderr
    return done.stdout == "True\n"


@pytest.mark.slow
def test_what_dvc_said_is_asked_once_for_each_graph_and_its_params(repository: Repository) -> None:
    repository.write(ASKED)
    assert [_asked_dvc(repository) for _ in range(2)] == [True, False]
    for name, text in (("dvc.yaml", "# more\n"), ("params.yaml", "more: 1\n"), (str(declared.REMEMBERED), "more")):
        with (repository.root / name).open("a", encoding="utf-8") as file:
            file.write(text)
        assert [_asked_dvc(repository) for _ in range(2)] == [True, False]


@pytest.mark.slow
def test_what_is_remembered_follows_the_graph_and_what_its_templates_name(repository: Repository) -> None:
    graph, params = repository.root / "dvc.yaml", repository.root / "params.yaml"
    graph.write_text(GRAPH.replace("data/folder", "'data/${place}'"), encoding="utf-8")
    repository.write('Path("data/folder/a.txt").read_text()')
    text = params.read_text(encoding="utf-8")
    for place, code in (("folder", 0), ("rows.txt", 2), ("folder", 0)):
        params.write_text(f"{text}place: {place}\n", encoding="utf-8")
        assert [repository.probe().returncode for _ in range(2)] == [code, code]
    graph.write_text(GRAPH.replace("data/folder, ", ""), encoding="utf-8")
    assert "opens data/folder/a.txt without declaring it" in repository.probe().stderr


@pytest.mark.slow
def test_variables_of_other_files_are_read_anew(repository: Repository) -> None:
    graph, other = repository.root / "dvc.yaml", repository.root / "other.yaml"
    graph.write_text("vars: [other.yaml]\n" + GRAPH.replace("data/folder", "'data/${place}'"), encoding="utf-8")
    repository.write('Path("data/folder/a.txt").read_text()')
    for place, code in (("folder", 0), ("rows.txt", 2)):
        other.write_text(f"place: {place}\n", encoding="utf-8")
        assert repository.probe().returncode == code


@pytest.mark.slow
def test_a_copy_of_the_folder_does_not_take_over_its_paths(
    repository: Repository, tmp_path_factory: pytest.TempPathFactory
) -> None:
    repository.write(ASKED)
    assert _asked_dvc(repository)
    copy = Repository(tmp_path_factory.mktemp("copy") / "clone", repository.environment)
    shutil.copytree(repository.root, copy.root)
    assert [_asked_dvc(copy) for _ in range(2)] == [True, False]


@pytest.mark.slow
def test_dvc_repro_stops_at_an_undeclared_file_and_passes_without(repository: Repository) -> None:
    repository.write('Path("data/secret.txt").read_text()')
    done = repository.run("dvc", "repro")
    assert done.returncode != 0
    assert "stage probe opens data/secret.txt without declaring it" in done.stderr
    assert "Traceback" not in done.stderr
    repository.write("pass")
    assert repository.run("dvc", "repro").returncode == 0
    assert "up to date" in repository.run("dvc", "repro").stdout


@pytest.mark.slow
def test_dvc_repro_stops_at_an_undeclared_param(repository: Repository) -> None:
    repository.write("Other.load()")
    done = repository.run("dvc", "repro")
    assert done.returncode != 0
    assert "stage probe reads other without declaring it; add it to its params" in done.stderr


def test_a_declared_group_covers_its_parts_and_a_part_not_its_group() -> None:
    stage = Declaration(stage="s", paths=(Path("/r/data"),), params=("measure.tokenizer", "llm"))
    assert stage.reads("llm.judge")
    assert stage.reads("measure.tokenizer")
    assert not stage.reads("measure")
    assert not stage.reads("llmx")
    assert stage.covers(Path("/r/data/a/b"))
    assert not stage.covers(Path("/r/database"))


def test_all_of_params_may_be_declared() -> None:
    assert Declaration(stage="s", paths=(), params=("",)).reads("anything.at.all")


def test_a_partial_path_stands_for_the_whole() -> None:
    assert whole(Path("/r/models/base.partial/a.json.partial")) == Path("/r/models/base/a.json")

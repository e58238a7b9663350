"""A stage started by a Python without the project's packages: the environment's Python takes over, or one line says what to do."""

import json
import os
import shutil
import site
import subprocess
import sys
import venv
from pathlib import Path

import pytest

PROBE = """
import json, sys
from pathlib import Path
Path("probe.json").write_text(json.dumps([sys.executable, sys.argv[1:], __name__, sys.flags.utf8_mode]))
"""
DVC_YAML = "stages: {probe: {cmd: python -m stages.probe --given 'two words', outs: [probe.json]}}\n"


@pytest.fixture
def clone(root: Path, tmp_path: Path) -> Path:
    """Return a folder with this repository's stages/__init__.py, one module, and `bare`, an environment without packages."""
    (tmp_path / "stages").mkdir()
    shutil.copy(root / "stages" / "__init__.py", tmp_path / "stages")
    (tmp_path / "stages" / "probe.py").write_text(PROBE, encoding="utf-8")
    venv.create(tmp_path / "bare", symlinks=True)
    return tmp_path


def _environment(clone: Path, *, packages: bool) -> None:
    """Make .venv, with the packages of the Python that runs this test, or empty."""
    venv.create(clone / ".venv", symlinks=True)
    if packages:
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        lines = "\n".join(site.getsitepackages())
        (clone / ".venv" / "lib" / version / "site-packages" / "tests.pth").write_text(lines, encoding="utf-8")


def _start(clone: Path, *words: str) -> subprocess.CompletedProcess[str]:
    bare = str(clone / "bare" / "bin" / "python")
    return subprocess.run([bare, *words], cwd=clone, capture_output=True, text=True, timeout=300, check=False)


def test_a_python_with_some_of_the_packages_is_not_taken_for_ours(clone: Path) -> None:
    _environment(clone, packages=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    (clone / "bare" / "lib" / version / "site-packages" / "pydantic.py").write_text("", encoding="utf-8")
    done = _start(clone, "-m", "stages.probe")
    assert done.returncode == 0, done.stderr
    executable = json.loads((clone / "probe.json").read_text(encoding="utf-8"))[0]
    assert executable == str(clone / ".venv" / "bin" / "python")


def test_dvc_called_by_its_path_runs_the_environment_s_python(clone: Path) -> None:
    _environment(clone, packages=True)
    (clone / "dvc.yaml").write_text(DVC_YAML, encoding="utf-8")
    path = os.pathsep.join([str(clone / "bare" / "bin"), os.environ["PATH"]])
    for words in (["init", "--no-scm", "--quiet"], ["repro"]):
        done = subprocess.run(
            [sys.executable, "-m", "dvc", *words],
            cwd=clone,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    executable, words, name, _ = json.loads((clone / "probe.json").read_text(encoding="utf-8"))
    assert (executable, words, name) == (str(clone / ".venv" / "bin" / "python"), ["--given", "two words"], "__main__")


def test_options_of_the_interpreter_are_kept(clone: Path) -> None:
    _environment(clone, packages=True)
    assert _start(clone, "-X", "utf8", "-m", "stages.probe", "-m").returncode == 0
    _, words, name, utf8_mode = json.loads((clone / "probe.json").read_text(encoding="utf-8"))
    assert (words, name, utf8_mode) == (["-m"], "__main__", 1)


def test_without_an_environment_one_line_says_what_to_do(clone: Path) -> None:
    done = _start(clone, "-m", "stages.probe")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "make repro" in done.stderr
    assert not (clone / "probe.json").exists()


@pytest.mark.parametrize("options", [(), ("-S",)])
def test_an_environment_without_the_packages_does_not_start_itself_forever(
    clone: Path, options: tuple[str, ...]
) -> None:
    _environment(clone, packages=False)
    done = _start(clone, *options, "-m", "stages.probe")
    assert done.returncode == 1
    assert "make repro" in done.stderr

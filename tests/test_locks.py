"""The locks: complete, with hashes, and a run's free of what only development needs; one version number in all places."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

REQUIREMENT = re.compile(r"^([A-Za-z0-9._-]+)==", re.MULTILINE)
RUN, DEVELOPMENT = "requirements.lock", "requirements-dev.lock"


def _normal(name: str) -> str:
    """Return a package's name as registries compare it: `ruamel.yaml[x]>=1` is `ruamel-yaml`."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\s\[<>=!~;]", name)[0]).lower()


def _locked(root: Path, lock: str) -> set[str]:
    return {_normal(name) for name in REQUIREMENT.findall((root / lock).read_text(encoding="utf-8"))}


@pytest.fixture(scope="module")
def project(root: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return loaded


@pytest.mark.parametrize("lock", [RUN, DEVELOPMENT])
def test_every_locked_package_has_a_hash(root: Path, lock: str) -> None:
    entries = re.split(r"\n(?=\S)", (root / lock).read_text(encoding="utf-8").strip())
    packages = [entry for entry in entries if not entry.startswith("#")]
    assert packages
    assert [entry.split()[0] for entry in packages if "--hash=sha256:" not in entry] == []


def test_each_lock_holds_what_is_declared_for_it(root: Path, project: dict[str, Any]) -> None:
    run, development = _locked(root, RUN), _locked(root, DEVELOPMENT)
    assert {_normal(name) for name in project["dependencies"]} - run == {"torch"}
    assert {_normal(name) for name in project["optional-dependencies"]["dev"]} <= run | development


def test_a_run_installs_nothing_that_only_development_needs(root: Path) -> None:
    run = _locked(root, RUN)
    assert run & {"moto", "pytest", "mypy", "ruff", "hypothesis"} == set()
    assert run & _locked(root, DEVELOPMENT) == set()


def test_what_depends_on_the_build_of_torch_is_not_locked(root: Path) -> None:
    assert _locked(root, "requirements-torch.txt") == {"torch"}
    locked = _locked(root, RUN) | _locked(root, DEVELOPMENT)
    assert [name for name in locked if name.startswith(("cuda", "nvidia", "torch", "triton"))] == []


@pytest.mark.parametrize("lock", [RUN, DEVELOPMENT, "requirements-torch.txt"])
def test_no_lock_names_a_host(root: Path, lock: str) -> None:
    assert "//" not in (root / lock).read_text(encoding="utf-8")


def test_the_version_is_the_same_everywhere(root: Path, project: dict[str, Any]) -> None:
    citation = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    newest = re.findall(r"^## \[(\d[^\]]*)\]", (root / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)[0]
    assert citation["version"] == newest == project["version"]

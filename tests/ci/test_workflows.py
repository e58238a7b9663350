"""The workflows give a branch's code no token that writes, and put nothing that a branch can name into a shell."""

from pathlib import Path
from typing import Any

import pytest
import yaml

FOLDER = Path(__file__).parents[2] / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.yml"))


def loaded(path: Path) -> dict[str, Any]:
    # `on` is a boolean in YAML 1.1
    return {str(key): value for key, value in yaml.safe_load(path.read_text(encoding="utf-8")).items()}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_code_of_a_branch_gets_no_token_that_writes(path: Path) -> None:
    workflow = loaded(path)
    triggers = workflow["True"]
    assert "pull_request_target" not in ([triggers] if isinstance(triggers, str) else triggers)
    assert "write" not in workflow["permissions"].values()
    for job in workflow["jobs"].values():
        writes = "write" in job.get("permissions", {}).values()
        checks_out = any(step.get("uses", "").startswith("actions/checkout") for step in job["steps"])
        assert not (writes and checks_out)
        assert job["timeout-minutes"] <= 90


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_shells_see_values_of_a_branch_as_variables_only(path: Path) -> None:
    runs = [step["run"] for job in loaded(path)["jobs"].values() for step in job["steps"] if "run" in step]
    assert runs and not any("${{" in run for run in runs)


def test_the_report_is_told_before_the_gate_fails_and_forks_keep_to_the_summary() -> None:
    jobs = loaded(FOLDER / "pull-request.yml")["jobs"]
    names = [step.get("name", step.get("uses", "")) for step in jobs["report"]["steps"]]
    assert names.index("Report") < names.index("actions/upload-artifact@v4") < names.index("Is dvc.lock fresh?")
    assert "head.repo.full_name == github.repository" in jobs["comment"]["if"]
    assert "!cancelled()" in jobs["comment"]["if"]

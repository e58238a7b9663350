"""`dial-insight plan` on the real graph: the stages that it names are those that `dvc repro` then runs, or takes from its cache."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from stages.cli.plan.changes import Due, due
from tests.cli.conftest import digest
from tests.graph.conftest import Rehearsal

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:dvc"),
    pytest.mark.xdist_group("rehearsal"),
    pytest.mark.usefixtures("quick_yaml"),
]


def planned(rehearsal: Rehearsal, folder: Path, changes: dict[str, object]) -> dict[str, Due]:
    """Return what would run with some params, by stage; the repository keeps its own."""
    params: Any = yaml.safe_load((rehearsal.root / "params.yaml").read_text(encoding="utf-8"))
    for key, value in changes.items():
        section, name = key.split(".")
        params[section][name] = value
    instead = folder / "params.yaml"
    instead.write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")
    before = digest(rehearsal.root)
    found, stages = due(rehearsal.root, instead)
    assert digest(rehearsal.root) == before
    assert stages >= 34
    return {each.step.name: each for each in found}


def test_planned_stages_run_and_those_that_ran_before_are_restored(rehearsal: Rehearsal, tmp_path: Path) -> None:
    assert planned(rehearsal, tmp_path, {}) == {}

    changes: dict[str, object] = {"retain.margin": 0.2, "contrast.fixed": 5}
    found = planned(rehearsal, tmp_path, changes)
    assert {name: each.fate for name, each in found.items()} == {
        "retain": "runs",
        "contrast": "runs",
        "report": "may run",
    }
    assert found["retain"].why == ("params.yaml: retain.margin 0.05 → 0.2",)
    assert set(found["report"].inputs) >= {("metrics/retention.json", "retain"), ("metrics/contrast.json", "contrast")}
    for key, value in changes.items():
        rehearsal.change(key, value)
    assert rehearsal.reproduce() == found.keys()

    back = planned(rehearsal, tmp_path, {"retain.margin": 0.05, "contrast.fixed": 6})
    assert {name: each.fate for name, each in back.items()} == {
        "retain": "restored",
        "contrast": "restored",
        "report": "runs",  # of the folders that it reads nobody knows what they will hold
    }
    assert "metrics/retention.json: another version, from the run cache" in back["report"].why
    assert ("metrics/plots", "retain") in back["report"].inputs


def test_what_one_model_more_brings_and_an_edited_prompt_changes(rehearsal: Rehearsal, tmp_path: Path) -> None:
    (rehearsal.root / "prompts/seed/more.md").write_text("more")
    (rehearsal.root / "metrics/drift.json").write_text("{}")
    found = planned(rehearsal, tmp_path, {"evaluation.models": {"qwen": {"source": "path:qwen"}}})
    assert found["seed"].why[0].startswith("prompts/seed (") and "more.md" in found["seed"].why[0]
    assert found["drift"].why == ("metrics/drift.json: not as this stage made it",)
    assert found["candidate@qwen"].why == ("it has not run yet: dvc.lock does not have it",)
    rehearsal.change("evaluation.models", {"qwen": {"source": "path:qwen"}})
    ran = rehearsal.reproduce()
    surely = {name for name, each in found.items() if each.fate == "runs"}
    assert surely <= ran <= found.keys() and {"seed", "predict_other@qwen", "finetune"} <= ran

"""Guards 3, 4 and 5: exactly what runs again after a change, by the real DVC on the real graph.

Every setting, every prompt and every input is changed once. `dvc status` says which stages see the change, and DVC's graph
what follows from these; that `dvc repro` then runs just these is shown for a few. What is right stands in expected.py.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
import yaml

from stages.cli import deps
from stages.cli.dvc_graph import every, opened, pipelines
from stages.cli.plan.changes import Due, due
from stages.cli.prune import prune
from tests.cli.conftest import digest
from tests.graph import expected
from tests.graph.conftest import Rehearsal, given

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:dvc"),
    pytest.mark.xdist_group("rehearsal"),
    pytest.mark.usefixtures("quick_yaml"),
]

TEST_SET = "data/labels/test.jsonl"
IN_THE_GRAPH: dict[str, object] = {  # read by dvc.yaml itself: each is changed alone
    "domain": "bank_service",
    "test_set": "v1",
    "bench.data": "data/bench/other",
    "evaluation.models": {"other": {"source": "path:other"}},
}


def leaves(tree: dict[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Return the settings of params.yaml: dotted key and value."""
    for name, value in tree.items():
        if isinstance(value, dict) and value:
            yield from leaves(value, f"{above}{name}.")
        else:
            yield above + name, value


def settings(root: Path) -> dict[str, Any]:
    return dict(leaves(yaml.safe_load((root / "params.yaml").read_text(encoding="utf-8"))))


def inputs(root: Path) -> set[str]:
    """Return the prompts, and what else the stages read and none makes, apart from code."""
    prompts = {path.relative_to(root).as_posix() for path in (root / "prompts").rglob("*") if path.is_file()}
    all_steps = every(root)
    code = {path for step in all_steps for path in deps.declared(step)}
    return prompts | {path for path in given(all_steps) - code if not path.startswith("prompts/")}


def another(value: Any) -> Any:  # noqa: ANN401 - YAML
    """Return a different value of the same type; a mapping for null."""
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case str():
            return f"other {value}"
        case list():
            return value[1:] or ["other"]
    return {"other": 1}


def rounds(names: Iterable[str]) -> Iterator[set[str]]:
    """Divide what is to be changed so that a round has one name of each section of params.yaml and of each folder.

    No stage can then take two changes for one: it declares no more than a section, or a folder, as one.
    """
    groups = defaultdict(list)
    for name in names:
        groups[tuple(name.split("/")[:2]) if "/" in name else name.split(".")[0]].append(name)
    for together in zip_longest(*groups.values()):
        yield set(filter(None, together))


def changed_by(cause: str, changes: set[str]) -> str:
    """Return which of the changes a stage has seen that names `cause`: a param or a path, or what holds it."""
    names = [name for name in changes if name == cause or name.startswith((f"{cause}.", f"{cause}/"))]
    assert len(names) == 1, (
        f"dvc status names {cause} after a change of {sorted(changes)}, of which {names or 'none'} explain it: what dvc.yaml"
        " itself reads belongs in IN_THE_GRAPH, and a stage declares no more in one than a section or a folder"
    )
    return names[0]


@pytest.fixture(scope="module")
def reruns(opened: Rehearsal, root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Return for each setting, prompt and input the stages that see it change, and what follows."""
    values, found = settings(root), defaultdict[str, set[str]](set)
    for changes in rounds(sorted((values.keys() | inputs(root)) - IN_THE_GRAPH.keys())):
        with opened.kept({"params.yaml"} | changes - values.keys()):
            for name in changes:
                opened.change(name, another(values[name])) if name in values else opened.append(name, "more\n")
            status = opened.status()
        for stage, causes in status.causes().items():
            for cause in causes:
                found[changed_by(cause, changes)] |= status.and_what_follows([stage])
    for name, value in IN_THE_GRAPH.items():
        copy = opened.copied(tmp_path_factory.mktemp("changed") / "repository")
        copy.change(name, value)
        status = copy.status()
        found[name] = status.and_what_follows(status.entries)
    assert opened.status().entries == {}
    return found


@pytest.mark.parametrize(("name", "stages"), (expected.PARAMS | expected.FILES).items())
def test_a_change_reruns_exactly_what_reads_it_and_what_follows(
    reruns: dict[str, set[str]], name: str, stages: set[str]
) -> None:
    assert reruns.get(name, set()) == stages


def test_every_setting_stands_in_the_table_and_is_read(root: Path) -> None:
    assert set(expected.PARAMS) == set(settings(root))
    assert {name for name, stages in expected.PARAMS.items() if not stages} == set(expected.flat(expected.NOTHING, "."))


def test_every_prompt_and_input_stands_in_the_table(root: Path) -> None:
    assert set(expected.FILES) == inputs(root)


def test_no_setting_of_the_training_side_reaches_the_test_set(reruns: dict[str, set[str]]) -> None:
    reaching = {name for name in expected.PARAMS if "testset" in reruns[name]}
    assert reaching == set(expected.flat(expected.DATA_SIDE, "."))


@pytest.mark.parametrize(
    "name", ["data/test/real_estate/dialogues.jsonl", "finetune.mix", "bench.data", "data/paper.yaml"]
)
def test_repro_runs_what_status_and_graph_say(
    rehearsal: Rehearsal, root: Path, reruns: dict[str, set[str]], name: str
) -> None:
    before = rehearsal.digests()
    if name in expected.PARAMS:
        rehearsal.change(name, IN_THE_GRAPH.get(name) or another(settings(root)[name]))
    else:
        rehearsal.append(name, "more\n")
    assert rehearsal.reproduce() == reruns[name]
    changed = {path for path, digest in rehearsal.digests().items() if digest != before[path]}
    assert changed
    assert (TEST_SET in changed) == (name == "data/test/real_estate/dialogues.jsonl")


def test_a_second_repro_runs_nothing(rehearsal: Rehearsal) -> None:
    assert rehearsal.reproduce() == set()


def test_a_comment_in_a_stage_reruns_that_stage_and_stops_there(rehearsal: Rehearsal) -> None:
    before = rehearsal.digests()
    rehearsal.append("stages/instructions/evolve.py", "# why\n")
    assert rehearsal.reproduce() == {"evolve"}
    assert rehearsal.digests() == before


def test_another_model_runs_its_own_stages_and_the_report(rehearsal: Rehearsal) -> None:
    before = rehearsal.digests()
    rehearsal.change("evaluation.models", {"qwen": {"source": "path:qwen"}})
    own = {f"{entry}@qwen" for entry in expected.OTHER}
    assert rehearsal.reproduce() == own | {"report"}
    rehearsal.change("evaluation.models.qwen.source", "path:other")
    assert rehearsal.reproduce() == own | {"report"}
    rehearsal.change("evaluation.models", {})
    dropped = list(prune(rehearsal.root))
    assert len(dropped) == 11 and all("qwen" in line and ": removed: " in line for line in dropped)
    assert not list(rehearsal.root.rglob("*qwen*"))
    assert rehearsal.reproduce() == {"report"}
    assert rehearsal.digests().keys() == before.keys()
    assert {
        path: digest for path, digest in rehearsal.digests().items() if path in before and "report" not in path
    } == {path: digest for path, digest in before.items() if "report" not in path}


def test_a_variant_and_back_again_is_restored_from_the_run_cache(rehearsal: Rehearsal) -> None:
    before = rehearsal.digests()
    rehearsal.change("retain.margin", 0.2)
    rehearsal.reproduce()
    rehearsal.change("retain.margin", 0.05)
    rehearsal.reproduce()
    assert rehearsal.digests() == before


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
    with opened(rehearsal.root, instead) as repo:
        assert stages == len(pipelines(repo.index.stages))
    return {each.step.name: each for each in found}


def test_planned_stages_run_and_those_that_ran_before_are_restored(rehearsal: Rehearsal, tmp_path: Path) -> None:
    assert planned(rehearsal, tmp_path, {}) == {}

    # values that no other test runs: what has run is in the run cache that they share
    changes: dict[str, object] = {"retain.margin": 0.21, "contrast.fixed": 3}
    found = planned(rehearsal, tmp_path, changes)
    assert {name: each.fate for name, each in found.items()} == {
        "retain": "runs",
        "contrast": "runs",
        "report": "may run",
    }
    assert found["retain"].why == ("params.yaml: retain.margin 0.05 → 0.21",)
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


def test_a_plan_names_the_stages_of_one_model_more_and_what_was_edited(rehearsal: Rehearsal, tmp_path: Path) -> None:
    rehearsal.append("data/bench", "more\n")
    rehearsal.append("data/paper.yaml", "more\n")
    (rehearsal.root / "metrics/drift.json").write_text("{}")
    models = {"qwen": {"source": "path:never-run-before"}}
    found = planned(rehearsal, tmp_path, {"evaluation.models": models})
    assert found["bench@base"].why[0].startswith("data/bench (") and "more" in found["bench@base"].why[0]
    assert found["published"].why == ("data/paper.yaml: changed",)
    assert found["drift"].why == ("metrics/drift.json: not as this stage made it",)
    assert found["candidate@qwen"].why == ("it has not run yet: dvc.lock does not have it",)
    assert ("models/qwen", "candidate@qwen") in found["predict_other@qwen"].inputs
    rehearsal.change("evaluation.models", models)
    ran = rehearsal.reproduce()
    assert {name for name, each in found.items() if each.fate == "runs"} <= ran <= found.keys()
    assert {"bench@tuned", "drift", "predict_other@qwen", "report"} <= ran

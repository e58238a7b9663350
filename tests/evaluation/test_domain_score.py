"""From the judge's gate to the report, by the commands of dvc.yaml: whose grades are the domain score, and of which models."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from stages.cli.dvc_graph import steps
from stages.core import declared, jsonl
from stages.core.stage import run
from stages.evaluation import (
    bench,
    calibrate,
    candidate,
    compare,
    drift,
    grade,
    overlap,
    pairwise,
    predict,
    retain,
    score,
)
from stages.evaluation.rows.outcome import BenchmarkOutcome
from stages.reporting import report
from stages.rows.sample import LabeledSample, Prediction
from stages.rows.training import TrainingRow
from tests.evaluation.conftest import labelled
from tests.support.endpoint import KEY, Server, completion
from tests.support.judges import FENCED, SECTION, injected, known_grades
from tests.support.tiny_model import build_tiny

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("domain_score"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:dvc"),
]

ROOT = Path(__file__).parents[2]
COPIED = ("dvc.yaml", "prompts", "metrics", "data/calibration", "data/bench", "data/test", "data/paper.yaml")
FIRST = ("candidate", "predict_other@asked", "bench", "bench_other", "drift", "overlap")
JUDGED = ("calibrate", "grade", "grade_other", "pairwise", "score", "score_other", "compare", "compare_other", "retain")
STAGES = (candidate, predict, calibrate, grade, pairwise, score, compare, bench, drift, overlap, retain, report)
MAINS = {stage.__name__: stage.main for stage in STAGES}
WORTH = {"base": 3.0, "tuned": 6.0, "theirs": 8.0, "asked": 9.0}  # of each model's answers, in the judge's eyes
ROWS = [labelled(f"d{n // 2}-{n}", f"Reference {n} of {n} rooms.") for n in range(12)]
UNGRADED = "The base says 3."
BOTH = re.compile(r"----- (?:ANSWER|回答) [AB] \w+ (?:BEGINS|开始) -----\n(.*?)\n?-----", re.S)
SOURCE = ROOT / "data/calibration/judge.jsonl"


def answer(model: str, row: LabeledSample) -> str:
    return f"The {model} says {row.id.split('-')[1]}."


class Judge:
    """Knows the calibration set, and what each model's answers are worth; behind the same server the model `asked` answers."""

    def __init__(self, obeys: bool = False) -> None:
        self.known, self.asking = known_grades(SOURCE), injected(SOURCE) if obeys else set()

    def __call__(self, body: dict[str, Any], _: int) -> tuple[int, dict[str, Any]]:
        text = body["messages"][-1]["content"]
        if body["model"] == "asked":
            return completion(answer("asked", next(row for row in ROWS if row.text == text)))
        if both := BOTH.findall(text):
            first, second = map(self.worth, both)
            return completion(json.dumps({"better": "A" if first > second else "B" if second > first else "tie"}))
        found = FENCED.search(text)
        assert found
        return completion("?" if found[1] == UNGRADED else json.dumps({"score": self.worth(found[1])}))

    def worth(self, text: str) -> float:
        ours = re.match(r"The (\w+) says", text)
        return WORTH[ours[1]] if ours else 10.0 if text.strip() in self.asking else self.known[text.strip()]


@pytest.fixture(scope="module")
def patch() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as made:
        yield made


@pytest.fixture(scope="module")
def endpoint(patch: pytest.MonkeyPatch) -> Iterator[Server]:
    patch.setenv("OPENAI_API_KEY", KEY)
    made = Server()
    made.script = Judge()
    yield made
    made.http.shutdown()
    made.http.server_close()


@pytest.fixture(scope="module")
def answered(endpoint: Server, patch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a repository with this one's graph, tiny models in the place of real ones, their answers and benchmarks."""
    folder = tmp_path_factory.mktemp("played") / "repository"
    folder.mkdir()
    subprocess.run(["git", "init", "-q", "--template="], cwd=folder, check=True)
    (folder / ".dvc").mkdir()
    (folder / ".dvc/config").write_text(f"[core]\n    analytics = false\n    site_cache_dir = {folder.parent}/site\n")
    for name in COPIED:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, folder / name)
    for number, model in enumerate((folder / "models/base", folder / "models/tuned", folder.parent / "theirs")):
        build_tiny(model, seed=number)
        answers = [
            Prediction(id=r.id, answer=answer(model.name, r), finish="stop", author=f"{model.name}@1") for r in ROWS
        ]
        jsonl.write(folder / f"data/predictions/{model.name}.jsonl", answers)
    jsonl.write(folder / "data/labels/test.jsonl", ROWS)
    jsonl.write(folder / "data/train/train.jsonl", [TrainingRow.of(row, "no_fault") for row in ROWS])  # for the report
    jsonl.write(folder / "data/train/mixed.jsonl", [])
    jsonl.write(folder / "data/instructions/library.jsonl", [])
    for name in ("base", "tuned"):
        jsonl.write(folder / f"data/outcomes/conduct_{name}.jsonl", [])  # nothing was asked
    reproduce(folder, FIRST, endpoint, patch)
    return folder


def reproduce(
    folder: Path, entries: tuple[str, ...], endpoint: Server, patch: pytest.MonkeyPatch, judged: bool = True
) -> None:
    """Run stages in `folder`, each by its command and under its declaration; the judge is behind `endpoint`, or there is none."""
    patch.chdir(folder)
    patch.setenv("DVC_ROOT", str(folder))
    values = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    values["llm"] |= {"judge": SECTION | {"base_url": endpoint.url} if judged else None}
    values["llm"]["grading"]["samples"] = 1
    theirs = {"source": f"path:{folder.parent / 'theirs'}"}
    values["evaluation"]["models"] = {"theirs": theirs, "asked": {"model": "asked", "base_url": endpoint.url}}
    values["predict"]["rows"] = 0
    values["bench"] |= {"shots": [0], "limit": 1}
    Path("params.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")
    found = steps(folder)
    try:
        for step in (one for entry in entries for one in found if entry in (one.entry, one.name)):
            patch.setenv("DVC_STAGE", step.name)
            declared.current.cache_clear()
            patch.setattr(sys, "argv", [step.module, *step.arguments])
            with pytest.raises(SystemExit) as ended:
                run(MAINS[step.module])
            assert ended.value.code == 0, step.name
    finally:  # else every test that follows is taken for this stage
        patch.delenv("DVC_STAGE")
        declared.current.cache_clear()


def read(path: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads((Path("metrics") / path).read_text(encoding="utf-8"))


@pytest.fixture
def copied(answered: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(answered, tmp_path / "repository"))


def test_grades_of_a_judge_that_passed_are_the_domain_score_of_every_model(
    copied: Path, endpoint: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint.script = Judge()
    reproduce(copied, (*JUDGED, "report"), endpoint, monkeypatch)
    assert read("calibration.json")["passed"] is True
    for model, worth in WORTH.items():
        found = read(f"domain/{model}.json")
        assert (found["measure"], found["judge"]) == ("grade", "judge@openai t=0 p=1")
        assert (found["grade"], found["n"], found["graded"]) == (worth, 12, 11 if model == "base" else 12)
        assert found["reference_similarity"] is not None
    for model in ("tuned", "theirs", "asked"):
        found = read(f"comparison/{model}.json")
        change = found["measures"]["grade"]
        assert (found["measure"], found["rows"], change["n"]) == ("grade", 12, 11)
        assert change["low"] == change["delta"] == WORTH[model] - 3
        assert change == found["by_task"]["content_summary"] and found["measures"]["reference_similarity"]["n"] == 12
    domain, beside = read("retention.json")["domain"], read("retention.json")["similarity"]
    assert (domain["measure"], domain["n"], domain["rows"], domain["verdict"]) == ("grade", 11, 12, "gained")
    assert (beside["measure"], beside["n"]) == ("reference_similarity", 12)
    assert {"measure": "domain, grade, % of 10", "model": "tuned", "score": 60.0} in read("plots/scores.json")
    text = Path("metrics/report.md").read_text(encoding="utf-8")
    assert "the domain score (the judge's grade, 11 of 12 rows) went from 3.00 to 6.00 of 10 (gained)" in text
    assert "| **base** (base@1) | 3.00 (11 of 12) |" in text
    assert re.search(r"\| \*\*theirs\*\* \(theirs@1\) \| 8\.00 \(12\) \| [\d.]+ \| [\d.]+ % \|", text)
    assert re.search(r"\| \*\*asked\*\* \([^)]*\) \| 9\.00 \(12\) \| [\d.]+ \| – \|", text)
    assert "| domain, the judge's grade | 11 of 12 | 3.00 | 6.00 |" in text
    assert "no grade, and which are in no mean: 1 of 12 (base)" in text
    assert "reference similarity, not an LLM judge" not in text and "None" not in text
    assert "3.00 (11 of 12)" in Path("metrics/report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("judged", "why"), [(False, "llm.judge is null: no judge model is set"), (True, "the judge failed its calibration")]
)
def test_without_a_judge_that_passed_reference_similarity_is_the_domain_score(
    copied: Path, endpoint: Server, monkeypatch: pytest.MonkeyPatch, judged: bool, why: str
) -> None:
    endpoint.script = Judge(obeys=True)
    reproduce(copied, (*JUDGED, "report"), endpoint, monkeypatch, judged)
    for model in WORTH:
        found = read(f"domain/{model}.json")
        assert (found["measure"], found["graded"], found["grade"], found["judge"]) == (
            "reference_similarity",
            0,
            None,
            None,
        )
        assert f"no judge model graded these answers ({why}" in found["why_no_judge"]
    for model in ("tuned", "theirs", "asked"):
        found = read(f"comparison/{model}.json")
        assert (found["measure"], found["measures"]["grade"]["n"]) == ("reference_similarity", 0)
        assert found["by_task"]["content_summary"] == found["measures"]["reference_similarity"]
    retention = read("retention.json")
    assert (retention["domain"]["measure"], retention["similarity"]) == ("reference_similarity", None)
    text = Path("metrics/report.md").read_text(encoding="utf-8")
    assert "The domain score is reference similarity, not an LLM judge" in text and "domain: grade" not in text
    assert re.search(r"\| \*\*theirs\*\* \(theirs@1\) \| [\d.]+ \| [\d.]+ % \|", text)


def test_a_local_model_takes_the_benchmarks_and_an_endpoint_says_why_not(answered: Path) -> None:
    asked = {name: jsonl.read(answered / f"data/outcomes/{name}.jsonl", BenchmarkOutcome) for name in WORTH}
    assert len(asked["base"]) > 40 and {row.id for row in asked["theirs"]} == {row.id for row in asked["base"]}
    general = answered / "metrics/general"
    assert json.loads((general / "theirs.json").read_text())["small"]["0_shot"]["n"] == 18
    assert asked["asked"] == []
    assert json.loads((general / "asked.json").read_text()) == {
        "model": "asked",
        "why_no_benchmarks": "a chat endpoint tells no probabilities of texts that it is given",
    }

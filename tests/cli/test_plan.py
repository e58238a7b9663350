"""`dial-insight plan`: what it says, beside what `dvc repro` then runs and what an endpoint is then asked."""

import json
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from stages.chat.settings import JudgeModel
from stages.cli.dvc_graph import Step, every
from stages.cli.main import main
from stages.cli.plan import asking, outlook
from stages.cli.plan.asking import model
from stages.cli.plan.bounds import JUDGE, MOST
from stages.cli.plan.changes import Due, due
from stages.cli.plan.facts import PAIRS_FILE, Facts
from stages.cli.plan.outlook import Outlook
from stages.cli.plan.requests import ASKING
from stages.cli.plan.shown import shown
from stages.core.errors import ParamsError
from stages.core.params import load_all
from tests.cli.conftest import Grown, digest
from tests.support.endpoint import Server

Captured = pytest.CaptureFixture[str]
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning:dvc")]
THEIRS = "+evaluation.models.theirs={{model: other, base_url: '{url}', key_env: OPENAI_API_KEY}}"


def planned(capsys: Captured, *changes: str) -> dict[str, Any]:
    """Return the plan's lines by stage; of settings that this part of the graph does not know it may say so by its exit code."""
    words = [word for change in changes for word in ("-S", change)]
    code, said = main(["plan", "--json", *words]), capsys.readouterr().out
    assert code == bool(Outlook.model_validate_json(said).ends())
    return {line["stage"]: line for line in json.loads(said)["lines"]}


def asked(line: dict[str, Any]) -> dict[str, Any]:
    """Return what a stage asks of its one model."""
    (one,) = line["requests"]
    return dict(one)


def table(lines: dict[str, Any], stages: int) -> str:
    """Return a plan as a person sees it."""
    found = {"stages": stages, "lines": [*lines.values()]}
    return "\n".join(shown(Outlook.model_validate_json(json.dumps(found))))


def test_what_is_planned_is_what_then_runs_and_what_an_endpoint_is_asked(
    grown: Grown, server: Server, capsys: Captured
) -> None:
    before = digest(grown.folder)
    lines = planned(capsys)
    assert digest(grown.folder) == before and not server.bodies
    assert {name: line["fate"] for name, line in lines.items()} == dict.fromkeys(("seed", "curate", "evolve"), "runs")
    seed, evolve = asked(lines["seed"]), asked(lines["evolve"])
    assert (seed["exact"], seed["new"], seed["recorded"], seed["cached"]) == (True, 3, 0, 0)
    assert (evolve["exact"], evolve["new"]) == (False, 4)
    assert evolve["prompt_tokens"] is None, "its input is not there yet: nobody knows how long its questions are"
    said = table(lines, 3)
    assert "it has not run yet: dvc.lock does not have it" in said and "3 will run, of 3 stages" in said
    assert "may change before: data/instructions/seeds.jsonl (seed)" in said
    assert f"price ≤ {seed['price_at_most']:.4g} and what is not known yet" in said and "≤ 7 new requests" in said

    grown.change("llm.generator.budget", seed["price_at_most"])  # it is enough
    grown.reproduce("seed")
    assert len(server.bodies) == seed["new"]
    assert seed["answer_tokens_at_most"] == sum(body["max_tokens"] for body in server.bodies)
    letters = sum(len(message["content"]) for body in server.bodies for message in body["messages"])
    assert letters / 8 < seed["prompt_tokens"] < letters / 2

    there = len(server.bodies)
    grown.change("llm.generator.budget", 0)
    one = asked(planned(capsys)["seed"])
    assert (one["exact"], one["new"], one["cached"], one["price_at_most"]) == (True, 0, 3, 0.0)

    before = digest(grown.folder)
    lines = planned(capsys, "seed.generated=5", THEIRS.format(url=server.url))
    assert digest(grown.folder) == before
    assert "params.yaml: seed.generated 3 → 5" in lines["seed"]["why"]
    seed, evolve, theirs = (asked(lines[name]) for name in ("seed", "evolve", "predict_other@theirs"))
    assert seed["exact"] and seed["new"] + seed["cached"] == 5
    assert (theirs["exact"], theirs["new"], theirs["place"], theirs["model"]) == (True, 3, "evaluation.models", "other")

    grown.change("seed.generated", 5)
    grown.change("evaluation.models", {"theirs": {"model": "other", "base_url": server.url}})
    ran = grown.reproduce()
    assert {name for name in lines if f"Running stage '{name}'" in ran} == lines.keys()
    by_model = Counter(body["model"] for body in server.bodies[there:])
    assert by_model["other"] == 3 and seed["new"] < by_model["m"] <= seed["new"] + evolve["new"]
    assert main(["plan"]) == 0
    assert capsys.readouterr().out.startswith("nothing to do: all 5 stages")

    lines = planned(capsys, "seed.shots=1")
    assert (lines["curate"]["fate"], lines["curate"]["why"]) == ("may run", [])
    assert lines["curate"]["inputs"] == [["data/instructions/seeds.jsonl", "seed"]]
    evolve = asked(lines["evolve"])
    assert not evolve["exact"] and evolve["new"] == 4 and evolve["prompt_tokens"] > 0 < evolve["price_at_most"]


def test_a_clone_in_which_nothing_has_run_yet_stays_as_it_is(tmp_path: Path) -> None:
    """Where dvc.lock does not have a stage, DVC hashes the folders that it reads in a way that stores a list of each."""
    subprocess.run(["git", "init", "-q", "--template="], cwd=tmp_path, check=True)
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc/config").write_text(f"[core]\n    analytics = false\n    site_cache_dir = {tmp_path}-site\n")
    lock = {"schema": "2.0", "stages": {"one": {"cmd": "true", "outs": [{"path": "out", "md5": "0" * 32}]}}}
    (tmp_path / "dvc.yaml").write_text("stages:\n  one: {cmd: 'true', deps: [folder], outs: [out]}\n")
    (tmp_path / "dvc.lock").write_text(yaml.safe_dump(lock))
    (tmp_path / "params.yaml").write_text("{}\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/file").write_text("x")
    before = digest(tmp_path)
    assert due(tmp_path, tmp_path / "params.yaml")[0][0].step.name == "one"
    assert digest(tmp_path) == before and not (tmp_path / ".dvc/cache").exists()


def test_a_model_in_this_process_needs_no_name() -> None:
    settings = {"backend": "transformers", "temperature": 0.0, "top_p": 1.0}
    assert model({"llm": {"judge": settings}}, JUDGE, "").name == JudgeModel.parse(JUDGE, settings).model == "base"


def test_every_stage_that_takes_a_chat_stands_in_the_table(root: Path) -> None:
    taking = {
        step.entry
        for step in every(root)
        if "stages.chat.connect import" in (root / f"{step.module.replace('.', '/')}.py").read_text(encoding="utf-8")
        or "heard(" in (root / f"{step.module.replace('.', '/')}.py").read_text(encoding="utf-8")
    }
    assert taking == ASKING == MOST.keys()


def test_no_bound_is_below_what_the_default_run_asked(root: Path) -> None:
    facts = Facts(root, load_all(root / "params.yaml"), moving=(), due=("sample", "label"))
    pairs = json.loads((root / "metrics/ledger/sample.json").read_text(encoding="utf-8"))["kept"]
    assert (root / PAIRS_FILE).exists() or sum(facts.pairs) >= pairs
    assert sum(Facts(root, facts.values, (PAIRS_FILE,), ()).pairs) >= pairs
    drawn = json.loads((root / "metrics/enhance.json").read_text(encoding="utf-8"))["drawn"]
    asked = MOST["enhance"](facts)["llm.generator"]
    assert asked is not None and drawn <= asked < pairs


def test_nobody_is_asked_where_only_recorded_answers_count(grown: Grown, capsys: Captured) -> None:
    grown.change("llm.generator", {"backend": "recorded", "model": "project", "temperature": 0, "top_p": 1})
    lines = planned(capsys)
    one = asked(lines["seed"])
    assert (one["new"], one["unanswered"], one["price_at_most"]) == (0, 3, None)
    assert "≤ 7 that nobody has answered and nobody is asked (backend recorded)" in table(lines, 3)


def test_a_price_that_is_not_set_and_what_would_end_a_stage_are_said(grown: Grown, capsys: Captured) -> None:
    assert main(["plan", "-S", "~llm.generator.price", "-S", "seed.shots=99"]) == 1
    said = capsys.readouterr()
    assert "no price set (llm.generator.price)" in said.out
    assert "it would end: seed: params.yaml: seed.shots" in said.out  # in the stage's row
    assert said.err.startswith("it would end: params.yaml: seed.shots") and said.err.count("\n") == 1


def test_a_setting_that_its_stage_would_refuse_is_said_though_the_stage_asks_nobody(
    grown: Grown, capsys: Captured
) -> None:
    for words in ([], ["--json"]):
        assert main(["plan", "-S", "curate.min_words=abc", *words]) == 1
        said = capsys.readouterr()
        assert said.err.startswith("it would end: params.yaml: curate.min_words") and said.err.count("\n") == 1
        assert "curate" in said.out
    assert main(["plan", "-S", "seed.generated=abc"]) == 1  # with it nothing can be reckoned
    said = capsys.readouterr()
    assert said.out == "" and "params.yaml: seed.generated: " in said.err and said.err.count("\n") == 1
    assert main(["plan", "-S", "curate.min_words=7"]) == 0
    assert not capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("seed.nosuch=1", "Could not override"),
        ("~seed.nosuch", "does not exist"),
        ("seed.shots", "Error parsing"),
        ("seed.shots=1,2", "seed.shots=1,2"),
        ("other.yaml:a=1", "only params.yaml is"),
    ],
)
def test_a_change_that_dvc_refuses_is_refused_in_a_line(grown: Grown, capsys: Captured, change: str, why: str) -> None:
    assert main(["plan", "-S", change]) == 1
    said = capsys.readouterr()
    assert not said.out and len(said.err.splitlines()) == 1 and why in said.err


def test_settings_that_nothing_can_be_reckoned_with_are_told_and_a_fault_of_ours_is_not_hidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (settings := tmp_path / "params.yaml").write_text("seed: {}\n")

    def reckoned(*_: object) -> None:
        raise KeyError("generated")

    monkeypatch.setattr(asking, "requests", reckoned)
    step = Step(name="seed", command="", deps=(), params=(), outs=())
    dues = [Due(step=step, fate="runs", why=(), inputs=())]
    for wrong, expected in ((["params.yaml: seed.generated is missing; add it"], ParamsError), ([], KeyError)):
        monkeypatch.setattr(outlook, "faults", lambda values, root, wrong=wrong: wrong)
        with pytest.raises(expected, match="generated"):
            outlook._asked(tmp_path, settings, dues)

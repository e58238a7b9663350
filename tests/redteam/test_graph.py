"""The graph on canaries, from ingest to the training rows, with a recording endpoint as every model: nothing planted goes anywhere."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from benchmarks import workspace
from benchmarks.stand_in.answers import StandIn
from stages.chat.store import FOLDER
from stages.cli.dvc_graph import steps
from tests.redteam.canaries import Canary, Searched, talks, write
from tests.redteam.open_cases import OPEN
from tests.support.endpoint import Odd, Script, Server, completion
from tests.support.judges import FENCED, PAIRED, by_answer, known_grades

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("redteam")]

STAGES = (
    "ingest", "anonymize", "split", "seed", "curate", "evolve", "screen", "sample", "assemble", "enhance", "calibrate", "label", "judge",
    "ifd", "measure", "select",
)  # fmt: skip
KEY = "sk-canary-Zq7Lw0pXv93TfRk2"
EMPTY = ("data/raw/pii_gold.jsonl", "data/test/real_estate/dialogues.jsonl", "data/recorded/.keep", "models/base/empty")
ALLOWED = (Path("data/raw"), Path("data/dialogues/ingested.jsonl"))  # where personal data is at home
REFUSED = 3  # of so many questions to the generator one is answered with an error that repeats it, and the key


def model(url: str, name: str, **changes: object) -> dict[str, object]:
    """Return a model behind the endpoint."""
    fixed: dict[str, object] = {
        "backend": "openai",
        "base_url": url,
        "temperature": 0.0,
        "top_p": 1.0,
        "concurrency": 4,
        "retries": 8,
    }
    return {"model": name, **fixed, **changes}  # fmt: skip


def script(root: Path) -> Script:
    """Answer as the stand-in does, judge as the calibration set wants, and often fail with the question and the key in the error."""
    stand_in, grades = StandIn(root / "prompts"), known_grades(root / "data/calibration/judge.jsonl")
    judging = by_answer(lambda answer: grades.get(answer, 8.0))

    def answer(body: dict[str, Any], number: int) -> tuple[int, dict[str, Any]] | Odd:
        asked = body["messages"][-1]["content"]
        if FENCED.search(asked) or PAIRED.search(asked):
            return judging(body, number)
        if number % REFUSED == 0:
            said = f"temperature is unsupported for {KEY}. temperature: {asked}"
            error = {"error": {"message": said, "param": "temperature", "code": KEY, "type": asked[:30]}}
            return Odd(500, json.dumps(error).encode(), {"Retry-After": "0"})
        return completion(stand_in.answer(body))

    return answer


class Run(NamedTuple):
    """The workspace after the run, what was planted, what was said on screen, and the endpoint."""

    folder: Path
    canaries: list[Canary]
    said: str
    server: Server


@pytest.fixture(scope="module")
def ran(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder, server = tmp_path_factory.mktemp("redteam"), Server()
    canaries = write(folder / "data/raw/real_estate")
    for name in EMPTY:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("", encoding="utf-8")
    (folder / "data/test/real_estate/current").mkdir()
    for name in ("instructions", "prompts", "references"):
        (folder / f"data/test/real_estate/current/{name}.jsonl").write_text("", encoding="utf-8")
    (folder / "data/calibration").mkdir(parents=True)
    source = (root / "data/calibration/judge.jsonl").read_bytes()
    (folder / "data/calibration/judge.jsonl").write_bytes(source)
    server.script = script(root)
    changes: dict[str, object] = {
        "llm.generator": model(server.url, "writer"),
        "llm.labeller": model(server.url, "labeller"),
        "llm.judge": model(server.url, "judge"),
        "llm.grading.samples": 1,
        "seed.languages": ["en", "zh"],
        "seed.generated": 12,
        "evolve.generations": 1,
        "evolve.population": 6,
        "sample.count": 60,
        "sample.max_tokens": 4000,
        "enhance.share": 0.2,
    }
    workspace.prepare(folder, changes)
    done = _run(folder, "-m", "dvc", "repro", "--single-item", *STAGES)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-3000:]
    said += "".join(part for part in _afterwards(folder, server.url))
    yield Run(folder, canaries, said, server)
    server.http.shutdown()
    server.http.server_close()


def _run(folder: Path, *words: str, stage: str = "") -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    names = {"PATH": path, "PYTHONPATH": str(folder), "OPENAI_API_KEY": KEY, "OMP_NUM_THREADS": "1"}
    environment = os.environ | names | ({"DVC_STAGE": stage} if stage else {})
    return subprocess.run([sys.executable, *words], cwd=folder, env=environment, capture_output=True, text=True, check=False)  # fmt: skip


def _afterwards(folder: Path, url: str) -> Iterator[str]:
    """Export recorded answers, write batch files, refuse an address with a password, and read a file that is no format; yield what was said."""
    exported = _run(folder, "-m", "stages.cli.main", "cache", "export")
    assert list((folder / "data/recorded").glob("*.jsonl")), exported.stderr
    yield exported.stdout + exported.stderr
    waiting = {"backend": "batch", "model": "later", "temperature": 0.0, "top_p": 1.0}
    for changes in ({"llm.labeller": waiting}, {"llm.labeller": model(url.replace("//", f"//me:{KEY}@"), "elsewhere")}):
        params = (folder / "params.yaml").read_text(encoding="utf-8")
        workspace.prepare(folder, changes)
        [command] = [step.command for step in steps(folder) if step.name == "label"]
        done = _run(folder, *command.split()[1:], stage="label")
        assert done.returncode == 2, done.stderr
        yield done.stdout + done.stderr
        (folder / "params.yaml").write_text(params, encoding="utf-8")


def _left(canaries: list[Canary], text: str) -> set[tuple[str, str, str]]:
    searched = Searched(text)
    return {one.case for one in canaries if one.stands_in(searched)} - OPEN


def _written(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Yield every file that the run made or copied, but those where personal data is at home, and DVC's copies of them."""
    home = {(folder / ALLOWED[1]).read_bytes()}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder)
        content = path.read_bytes()
        if not any(name.is_relative_to(allowed) for allowed in ALLOWED) and content not in home:
            yield name, content


def test_every_conversation_reached_the_endpoint(ran: Run) -> None:
    asked = json.dumps(ran.server.bodies, ensure_ascii=False)
    assert [one.mark for one in talks() if one.mark not in asked] == []
    assert {body["model"] for body in ran.server.bodies} == {"writer", "labeller", "judge"}
    judged = json.loads((ran.folder / "metrics/judge.json").read_text(encoding="utf-8"))
    assert judged["judge"], "the judge did not pass, so labels were not sent to it"


def test_nothing_planted_reached_the_endpoint(ran: Run) -> None:
    assert _left(ran.canaries, json.dumps([ran.server.bodies, ran.server.headers], ensure_ascii=False)) == set()


def test_nothing_planted_was_said(ran: Run) -> None:
    assert "kept 24 of 30" in ran.said
    assert _left(ran.canaries, ran.said) == set()


def test_nothing_planted_was_written(ran: Run) -> None:
    names = {name.as_posix() for name, _ in _written(ran.folder)}
    assert names >= {"dvc.lock", f"{FOLDER}/answers.sqlite", f"{FOLDER}/batch/label/001.jsonl", "metrics/privacy.json"}
    assert names >= {"data/dialogues/train.jsonl", "data/dialogues/ingested.dropped.jsonl", "data/labels/train.jsonl"}
    found = {
        name.as_posix(): left
        for name, content in _written(ran.folder)
        if (left := _left(ran.canaries, f"{name}\n{content.decode('utf-8', 'ignore')}"))
    }
    assert found == {}


def test_the_key_is_nowhere_but_in_its_header(ran: Run) -> None:
    assert {headers["Authorization"] for headers in ran.server.headers} == {f"Bearer {KEY}"}
    assert KEY not in json.dumps(ran.server.bodies)
    assert KEY not in ran.said
    assert "a name or password stands in the address" in ran.said
    assert [name for name, content in _written(ran.folder) if KEY.encode() in content] == []

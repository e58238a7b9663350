"""Sharing through S3, with a real S3 API on loopback: what one person made, another one pulls, and nothing is computed or asked again.

The graph is this repository's up to curate, its stages and its code, over a few conversations; the generator is an endpoint on
loopback that counts its requests.
"""

import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from dvc.repo import Repo

from benchmarks import workspace
from benchmarks.stand_in.answers import StandIn
from stages.chat import recorded
from stages.cli.main import main
from tests.support.endpoint import Server, completion

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("sharing"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

TALKS = 6
ALL = ["ingest", "anonymize", "split", "seed", "curate"]
GIVEN = ("data/raw/pii_gold.jsonl", "data/test/real_estate/dialogues.jsonl", "models/base/empty")
KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "us-east-1"}
GIT = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")


class Heard(logging.Handler):
    """Keeps what DVC says it runs."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.stages = list[str]()

    def emit(self, record: logging.LogRecord) -> None:
        said = record.getMessage()
        if said.startswith("Running stage"):
            self.stages.append(said.split("'")[1])


@dataclass
class Person:
    """Someone's clone."""

    folder: Path

    def ran(self, target: str | None = None, *, pull: bool = False, allow_missing: bool = False) -> list[str]:
        """Do as `dvc repro`; return the stages that ran, not those that came from a cache."""
        heard, log = Heard(), logging.getLogger("dvc")
        log.addHandler(heard)
        log.setLevel(logging.INFO)
        try:
            with chdir(self.folder), Repo() as repo:
                repo.reproduce(target, pull=pull, allow_missing=allow_missing)
        finally:
            log.removeHandler(heard)
            log.setLevel(logging.NOTSET)
        return heard.stages

    def pull(self, *, run_cache: bool = False) -> None:
        with chdir(self.folder), Repo() as repo:
            repo.pull(run_cache=run_cache)

    def insight(self, *words: str) -> None:
        with chdir(self.folder):
            assert main(list(words)) == 0

    def git(self, *words: str) -> str:
        return subprocess.run(["git", *GIT, *words], cwd=self.folder, capture_output=True, text=True, check=True).stdout

    def commit(self, message: str) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)

    def change(self, old: str, new: str) -> None:
        """Change what stands once in params.yaml."""
        path = self.folder / "params.yaml"
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1
        path.write_text(text.replace(old, new), encoding="utf-8")


@dataclass
class Team:
    """The first person's clone, with all of it pushed; the endpoint; where others clone to."""

    first: Person
    server: Server
    folder: Path

    def joined(self, name: str) -> Person:
        """Clone it."""
        target = self.folder / name
        subprocess.run(["git", "clone", "-q", str(self.first.folder), str(target)], check=True)
        return Person(target)


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory, quick_yaml: None) -> Iterator[str]:
    """Serve S3 on loopback, with a bucket; return its address."""
    from moto.server import ThreadedMotoServer  # seconds, and one process of the tests alone needs it

    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # else a line for each request
    served = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    served.start()
    url = f"http://127.0.0.1:{served.get_host_and_port()[1]}"
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    site = str(tmp_path_factory.mktemp("site"))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**KEYS, "OPENAI_API_KEY": "sk-loopback", "PATH": path, "DVC_SITE_CACHE_DIR": site}.items():
            patch.setenv(name, value)
        for name in ("DVC_ROOT", "DVC_STAGE", "PYTHONPATH"):
            patch.delenv(name, raising=False)
        urlopen(Request(f"{url}/team", method="PUT")).close()  # S3's call to make a bucket
        yield url
    served.stop()


@pytest.fixture(scope="module")
def team(root: Path, bucket: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    folder, server = tmp_path_factory.mktemp("sharing"), Server()
    stand_in = StandIn(root / "prompts")
    server.script = lambda body, _: completion(stand_in.answer(body))
    first = Person(folder / "first")
    _prepared(root, first.folder, server.url, bucket)
    assert first.ran() == ALL
    assert server.bodies, "no model was asked at all"
    first.commit("first run")
    first.change("  shots: 3", "  shots: 2")  # tried, not kept
    assert first.ran("seed") == ["seed"]
    first.change("  shots: 2", "  shots: 3")
    assert first.ran("seed") == []
    first.insight("push")
    yield Team(first, server, folder)
    server.http.shutdown()
    server.http.server_close()


def _prepared(root: Path, folder: Path, url: str, bucket: str) -> None:
    """Make the repository of the first person, with the graph up to the last of `ALL`."""
    talks = (root / "data/raw/real_estate/buying.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)[:TALKS]
    (folder / "data/raw/real_estate").mkdir(parents=True)
    (folder / "data/raw/real_estate/talks.jsonl").write_text("".join(talks), encoding="utf-8")
    for name in GIVEN:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("", encoding="utf-8")
    (folder / "data/recorded").mkdir()
    model = {"backend": "openai", "model": "writer", "base_url": url, "temperature": 0.0, "top_p": 1.0}
    changes = {"llm.generator": model, "anonymize.evidence.zh": None, "seed.generated": 2, "seed.languages": ["en"]}
    workspace.prepare(folder, changes)
    graph = (folder / "dvc.yaml").read_text(encoding="utf-8")
    (folder / "dvc.yaml").write_text(graph[: graph.index("\n  evolve:\n") + 1], encoding="utf-8")
    shutil.copy(root / ".gitignore", folder)
    remote = f"\n[core]\n    remote = team\n    analytics = false\n['remote \"team\"']\n    url = s3://team/data\n    endpointurl = {bucket}\n"
    (folder / ".dvc/config").write_text(remote, encoding="utf-8")
    person = Person(folder)
    person.git("checkout", "-q", "-b", "main")
    person.commit("what people made")


def test_a_fresh_clone_pulls_and_nothing_runs_and_nobody_is_asked(
    team: Team, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = len(team.server.bodies)
    second = team.joined("second")
    second.pull(run_cache=True)
    for path in ("data/dialogues/train.jsonl", "data/instructions/curated.jsonl"):
        assert (second.folder / path).read_bytes() == (team.first.folder / path).read_bytes() != b""
    assert second.ran(pull=True) == []
    assert second.git("status", "--porcelain") == ""
    capsys.readouterr()
    second.insight("push")  # what past runs made is not here, but there
    assert "and 0 files of theirs pushed" in capsys.readouterr().out
    second.change("  shots: 3", "  shots: 2")  # the first person has run this, and figures came with it
    assert second.ran("seed", pull=True) == []
    second.change("  shots: 2", "  shots: 3")
    second.change("  max_words: 160 ", "  max_words: 150 ")
    assert second.ran(pull=True) == ["curate"]
    assert len(team.server.bodies) == asked


def test_without_a_pull_a_stage_fetches_what_it_reads_and_no_more(team: Team) -> None:
    asked = len(team.server.bodies)
    third = team.joined("third")
    third.change("  max_words: 160 ", "  max_words: 140 ")
    assert third.ran(pull=True, allow_missing=True) == ["curate"]
    assert not (third.folder / "data/dialogues/ingested.jsonl").exists()
    assert len(team.server.bodies) == asked


def test_answers_that_two_people_recorded_merge(team: Team) -> None:
    ada, bo = team.joined("ada"), team.joined("bo")
    for person, shots in ((ada, 1), (bo, 4)):
        person.pull()
        person.git("checkout", "-q", "-b", f"shots-{shots}")
        person.change("  shots: 3", f"  shots: {shots}")
        assert person.ran("seed") == ["seed"]
        person.insight("cache", "export")
        person.git("checkout", "-q", "--", "params.yaml", "dvc.lock", "metrics")
        person.commit("answers")
    counts = [len(recorded.load(person.folder / recorded.FOLDER)) for person in (ada, bo)]
    ada.git("pull", "-q", "--no-edit", "--no-rebase", str(bo.folder), "shots-4")
    ada.insight("cache", "verify")
    assert len(recorded.load(ada.folder / recorded.FOLDER)) == sum(counts) > max(counts)
    asked = len(team.server.bodies)
    shutil.rmtree(ada.folder / ".llm-cache")
    ada.change("  shots: 3", "  shots: 4")  # Bo's question
    assert ada.ran("seed") == ["seed"]
    assert len(team.server.bodies) == asked


def test_a_remote_that_is_not_there_is_one_line(team: Team, capsys: pytest.CaptureFixture[str]) -> None:
    with chdir(team.first.folder):
        assert main(["push", "elsewhere"]) == 1
    said = capsys.readouterr().err
    assert "DVC cannot push" in said and said.count("\n") == 1

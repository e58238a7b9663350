"""`dial-insight doctor`: a line for each thing, a remedy where it fails, never a key."""

import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from stages.catalog.catalog import Catalog
from stages.catalog.download import location
from stages.chat import recorded
from stages.chat.settings import ChatModel, JudgeModel, LabellerModel
from stages.cli import doctor
from stages.core.errors import EndpointError

if TYPE_CHECKING:
    from tests.cli.conftest import Spoil

KEY = "sk-not-to-be-shown"


class Answers(BaseHTTPRequestHandler):
    """Offers one model to who has the key."""

    def do_GET(self) -> None:
        right = self.headers["Authorization"] == f"Bearer {KEY}"
        body = b'{"object": "list", "data": [{"id": "m", "object": "model", "created": 0, "owned_by": "x"}]}'
        self.send_response(200 if right else 401)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body if right else b"{}")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(doctor, "ENDPOINT_S", 60.0)
    server = HTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


def use(spoil: "Spoil", address: str, model: str = "m") -> None:
    spoil(
        "params.yaml",
        "backend: transformers\n    model: base",
        f"backend: openai\n    model: {model}\n    base_url: {address}\n    key_env: SOME_KEY",
    )


def test_an_endpoint_that_answers_is_well(
    repository: Path, spoil: "Spoil", address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(spoil, address)
    monkeypatch.setenv("SOME_KEY", KEY)
    assert doctor.answers(repository, ChatModel) == f"m at {address}, SOME_KEY set"


def test_an_endpoint_that_lacks_the_model_is_not(
    repository: Path, spoil: "Spoil", address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(spoil, address, "other")
    monkeypatch.setenv("SOME_KEY", KEY)
    with pytest.raises(doctor.Trouble, match=r"does not offer other; set llm\.generator\.model to one"):
        doctor.answers(repository, ChatModel)


@pytest.mark.parametrize(("key", "shown"), [("", "SOME_KEY not set"), ("sk-wrong-one", "SOME_KEY set")])
def test_a_refused_key_is_never_shown(
    repository: Path, spoil: "Spoil", address: str, monkeypatch: pytest.MonkeyPatch, key: str, shown: str
) -> None:
    use(spoil, address)
    monkeypatch.setenv("SOME_KEY", key)
    with pytest.raises(doctor.Trouble, match=f"{shown}: AuthenticationError; check base_url, SOME_KEY") as caught:
        doctor.answers(repository, ChatModel)
    assert "sk-" not in str(caught.value)


def test_the_default_endpoint_needs_a_key(repository: Path, spoil: "Spoil", monkeypatch: pytest.MonkeyPatch) -> None:
    use(spoil, '""')
    monkeypatch.delenv("SOME_KEY", raising=False)
    with pytest.raises(EndpointError, match=r"llm\.generator: no API key; set the environment variable SOME_KEY"):
        doctor.answers(repository, ChatModel)


def test_an_endpoint_out_of_reach_is_one_line(repository: Path, spoil: "Spoil") -> None:
    use(spoil, "http://127.0.0.1:9/v1")
    with pytest.raises(doctor.Trouble, match="APIConnectionError; check base_url"):
        doctor.answers(repository, ChatModel)


def test_each_of_several_addresses_is_asked(
    repository: Path, spoil: "Spoil", address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_KEY", KEY)
    use(spoil, f"[{address}, {address}/]")
    assert doctor.answers(repository, ChatModel) == f"m at {address}, SOME_KEY set, {address}/, SOME_KEY set"
    spoil("params.yaml", f"{address}/]", "http://127.0.0.1:9/v1]")
    with pytest.raises(doctor.Trouble, match=r"127\.0\.0\.1:9/v1, SOME_KEY set: APIConnectionError"):
        doctor.answers(repository, ChatModel)


def test_what_needs_no_endpoint_says_what_it_is(repository: Path, spoil: "Spoil") -> None:
    spoil("params.yaml", "llm:\n", "llm:\n  judge: null\n  labeller: null\n")
    assert doctor.answers(repository, ChatModel) == "the base model, in this process"
    assert doctor.answers(repository, LabellerModel) == "none (llm.labeller is null): the generator labels"
    assert doctor.answers(repository, JudgeModel).startswith("none (llm.judge is null)")
    spoil("params.yaml", "backend: transformers", "backend: batch")
    assert doctor.answers(repository, ChatModel).startswith("base, by files")


def test_recorded_answers_are_counted_by_author(repository: Path, spoil: "Spoil") -> None:
    spoil("params.yaml", "backend: transformers\n    model: base", "backend: recorded\n    model: project")
    says = doctor.answers(repository, ChatModel)
    assert says == "project, recorded answers only: none in data/recorded"
    made = [
        recorded.Answer(key=f"{n:016x}", author=by, request="0" * 16, text="x", finish="stop", date="2026-01-01")
        for n, by in enumerate(["project", "m@1", "project"])
    ]
    (repository / "data/recorded").mkdir()
    recorded.write(made, repository / "data/recorded")
    assert ": 1 of m@1, 2 of project in" in doctor.answers(repository, ChatModel)


def test_a_model_of_the_catalog_is_looked_for(
    repository: Path, spoil: "Spoil", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIAL_INSIGHT_CACHE", str(tmp_path / "cache"))
    name = "qwen2.5-coder-0.5b"
    spoil("params.yaml", "backend: transformers\n    model: base", f"backend: llama_cpp\n    model: {name}")
    assert f"{name}, in this process: not fetched yet (`dial-insight models fetch" in doctor.answers(
        repository, ChatModel
    )
    entry = Catalog.load().models[name]
    (kept := location(name, entry.gguf)).parent.mkdir(parents=True)
    kept.touch()
    assert doctor.answers(repository, ChatModel) == f"{name}, in this process: fetched"
    spoil("params.yaml", f"model: {name}", "model: qwen-9000")
    with pytest.raises(doctor.Trouble, match=r"qwen-9000 is not in the catalog; set llm\.generator\.model to one of"):
        doctor.answers(repository, ChatModel)


def test_before_anything_was_built_the_base_model_is_no_failure(repository: Path) -> None:
    assert doctor.model(repository) == "not made yet: make repro"


def test_half_a_base_model_is_one(repository: Path) -> None:
    (repository / "models/base").mkdir(parents=True)
    with pytest.raises(doctor.Trouble, match="run `dvc repro base`"):
        doctor.model(repository)


def test_a_cache_in_a_path_that_dvcs_queue_cannot_write_is_told_with_the_way_out(
    repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert doctor.queue(repository) == "dvc exp run --queue and --temp can run here"
    folder = tmp_path / "Straße"
    folder.mkdir()
    shutil.copytree(repository / ".dvc", folder / ".dvc")
    (folder / ".git").mkdir()
    said = doctor.queue(folder)
    assert "fail here" in said and "Straße" in said and "dvc cache dir --local" in said
    (folder / ".dvc/config.local").write_text("[cache]\n    dir = /tmp/cache\n", encoding="utf-8")
    assert "can run here" in doctor.queue(folder)


@pytest.mark.slow
def test_the_queue_fails_for_the_reason_that_is_told(repository: Path) -> None:
    """Where DVC mends it, this fails, and the finding can go."""
    from dvc.repo.experiments.executor.local import TempDirExecutor

    place = SimpleNamespace(root_dir=str(repository), dvc_dir=".dvc")
    with pytest.raises(UnicodeEncodeError):
        TempDirExecutor._update_config(place, {"cache": {"dir": "/tmp/Straße/cache"}})


def test_the_version_of_git_is_a_number_on_a_mac_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = SimpleNamespace(returncode=0, stdout="git version 2.39.5 (Apple Git-154)\n")
    monkeypatch.setattr("stages.cli.doctor.subprocess.run", lambda *_, **__: said)
    assert doctor.git(tmp_path) == "2.39.5"


def test_outside_a_repository_git_and_dvc_say_where_to_go(tmp_path: Path) -> None:
    with pytest.raises(doctor.Trouble, match="go to the folder that was cloned"):
        doctor.git(tmp_path)
    with pytest.raises(doctor.Trouble, match="go to the repository's root"):
        doctor.dvc(tmp_path)


def test_what_is_short_is_said_with_a_remedy(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = shutil.disk_usage(repository)._replace(free=1 << 30)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: full)
    with pytest.raises(doctor.Trouble, match=r"1\.0 GiB free, 6 needed; make room"):
        doctor.disk(repository)
    monkeypatch.setattr(doctor, "MEMORY_GIB", 1e9)
    with pytest.raises(doctor.Trouble, match="use a larger machine"):
        doctor.memory()
    monkeypatch.setattr(doctor, "OLDEST", (9, 0))
    with pytest.raises(doctor.Trouble, match=r"make repro PYTHON=python3\.11"):
        doctor.python()


@pytest.mark.slow
def test_one_broken_thing_does_not_stop_the_others(
    repository: Path, spoil: "Spoil", monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(name: str) -> str:
        raise RuntimeError(KEY)

    spoil("params.yaml", "llm:\n", "llm:\n  judge: null\n  labeller: null\n")
    spoil("params.yaml", "top_p: 1.0", "top_p: 7")
    monkeypatch.setattr(doctor, "library", broken)
    found = {finding.name: finding for finding in doctor.examine(repository)}
    assert {name for name, finding in found.items() if not finding.ok} == {
        "files",
        "training",
        "benchmarks",
        "generator",
    }
    assert "llm.generator.top_p" in found["files"].text
    assert found["training"].text.startswith("RuntimeError; install again")
    assert not any(KEY in str(finding) for finding in found.values())

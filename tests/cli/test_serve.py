"""A real model behind a real endpoint: the official client, the port, and what goes wrong."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from openai import OpenAI

from stages.chat.connect import connect
from stages.chat.messages import Request
from stages.chat.settings import ChatModel
from stages.chat.store import Store, default_folder
from stages.cli.main import main
from stages.cli.serve import refuse_silent
from stages.core.errors import EndpointError
from tests.support.served import MODEL, Served

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("serve")]

SMALL = ("--port", "0", "--slots", "2", "--context", "512", "--threads", "1")


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with Served(*SMALL) as made:
        yield made


def settings(url: str, **changes: object) -> ChatModel:
    values = {"backend": "openai", "model": MODEL, "temperature": 0, "top_p": 1, "base_url": url, "concurrency": 2}
    return ChatModel.parse("llm.generator", values | changes)


def requests(*max_tokens: int) -> list[Request]:
    return [
        Request(row=f"r{n}", user=f"Tell a long story of {n + 2} sailors.", max_tokens=m)
        for n, m in enumerate(max_tokens)
    ]


def test_the_official_client_is_answered_by_name(served: Served) -> None:
    with OpenAI(base_url=served.url, api_key="any", max_retries=0) as client:
        assert [model.id for model in client.models.list()] == [MODEL]
        done = client.chat.completions.create(
            model=MODEL, messages=[{"role": "user", "content": "What is the capital of France?"}], max_tokens=12
        )
    assert "Paris" in (done.choices[0].message.content or "")


def test_it_says_how_a_run_asks_it(served: Served) -> None:
    assert served.said[0].startswith(f"{MODEL} listens at {served.url}, 2 requests at once of 512 tokens each")
    assert served.said[2].split() == [
        "dvc", "exp", "run", "-S", "llm.generator.backend=openai", "-S", f"llm.generator.model={MODEL}",
        "-S", f"++llm.generator.base_url={served.url}",
    ]  # fmt: skip


def test_only_loopback_is_served(served: Served) -> None:
    with socket.socket() as outside:
        outside.bind(("127.0.0.2", int(served.port)))  # a server on all addresses would hold this one too


def test_answers_through_the_port_are_typed(served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    long = Request(row="long", user="word " * 600, max_tokens=4)
    replies = list(connect(settings(served.url), tmp_path).ask([*requests(4, 4, 4), long], "test"))
    assert [reply.finish for reply in replies] == ["length", "length", "length", "context"]
    assert [reply.row for reply in replies] == ["r0", "r1", "r2", "long"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nobody"], "nobody is not in the catalog; use one of smollm2-135m, "),
        ([MODEL, "--context", "99999"], "knows 32768 tokens, not 99999; lower it"),
        ([MODEL, "--slots", "0"], 'Invalid value "0" for --slots'),
        ([MODEL, "--port", "TAKEN"], "address already in use; give another one, or --port 0 for a free one"),
    ],
)
def test_what_cannot_be_served_is_one_line(
    root: Path,
    served: Served,
    words: list[str],
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(root)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())  # who serves blocks signals in its thread
    try:
        code = main(["serve", *[served.port if word == "TAKEN" else word for word in words]])
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    said = capfd.readouterr()
    assert code in (1, 2) and said.out == ""
    assert says in said.err and said.err.count("\n") == 1


def test_a_process_that_cannot_serve_ends(root: Path, served: Served) -> None:
    command = [sys.executable, "-m", "stages.cli.main", "serve", MODEL, "--port", served.port]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 1 and done.stdout == ""
    assert "address already in use" in done.stderr and done.stderr.count("\n") == 1


@pytest.mark.parametrize(("listens", "fault"), [(True, "ReadTimeout"), (False, "ConnectError")])
def test_a_server_that_is_not_there_or_silent_is_told_in_one_line(served: Served, listens: bool, fault: str) -> None:
    refuse_silent(served.url.removesuffix("/v1"), 60)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        if listens:
            silent.listen()
        with pytest.raises(
            EndpointError, match=rf"its server does not answer \({fault}, 0\.2 seconds at most\); run it"
        ) as caught:
            refuse_silent(f"http://127.0.0.1:{silent.getsockname()[1]}", 0.2)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_without_a_word(by: signal.Signals) -> None:
    with Served(*SMALL) as served:
        assert served.end(by) == (0, "")


def test_a_server_gone_in_mid_run_costs_nothing_that_was_answered(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    asked = requests(2, 2, 2, 100, 100)
    with Served(*SMALL) as short_lived:
        replies = connect(settings(short_lived.url, retries=1), tmp_path).ask(asked, "test")
        first = [next(replies), next(replies)]
        short_lived.end(signal.SIGKILL)
        with pytest.raises(EndpointError, match=r"cannot be reached; .*run again") as caught:
            list(replies)
    assert "\n" not in str(caught.value) and "sailors" not in str(caught.value)
    store = Store(default_folder())
    kept = len(list(store.answers()))
    store.close()
    assert 2 <= kept < len(asked)
    only_the_rest = settings(served.url, max_requests=len(asked) - kept)  # one more would be refused
    again = list(connect(only_the_rest, tmp_path).ask(asked, "test"))
    assert again[:2] == first
    assert [reply.finish for reply in again] == ["length"] * len(asked)

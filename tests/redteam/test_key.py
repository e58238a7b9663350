"""An API key is in its header and nowhere else: not in what an endpoint's error repeats, nor in an address that would be stored."""

from pathlib import Path

import pytest

from stages.chat.connect import backend
from stages.chat.messages import Request
from stages.chat.port import Port
from stages.chat.settings import OpenAI
from stages.core.errors import EndpointError, ParamsError
from tests.support.endpoint import Server, completion, settings

KEY = "sk-canary-Zq7Lw0pXv93TfRk2"


def ask(model: OpenAI, folder: Path) -> list[str]:
    chat = Port(model, backend(model, Path()), folder, folder / "recorded")
    requests = [Request(row=str(n), user=f"question {n}", max_tokens=16) for n in range(6)]
    return [reply.finish for reply in chat.ask(requests, "test")]


@pytest.mark.parametrize("piece", [KEY, KEY[:8] + "*****", "…" + KEY[-7:]])
def test_an_error_that_repeats_the_key_is_not_quoted(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, piece: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    told = {"message": f"temperature is invalid for the key {piece}.", "param": "top_k"}
    server.script = lambda body, number: (400, {"error": told})
    with pytest.raises(EndpointError) as caught:
        ask(settings(server.url, extra_body={"top_k": 9}, max_failures=0.1, concurrency=1), tmp_path)
    said = capsys.readouterr()
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert server.headers[0]["Authorization"] == f"Bearer {KEY}"
    assert piece not in said.out + said.err + str(caught.value)
    assert piece.encode() not in stored


def test_a_sentence_without_the_key_is_still_quoted(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    server.script = lambda body, number: (
        (400, {"error": {"message": "temperature is unsupported here.", "param": "temperature"}})
        if "temperature" in body
        else completion("fine")
    )
    assert ask(settings(server.url, concurrency=1), tmp_path) == ["stop"] * 6
    assert "“temperature is unsupported here.”" in capsys.readouterr().err


@pytest.mark.parametrize(
    "address", [f"https://me:{KEY}@host/v1", f"https://{KEY}@host/v1", ("http://a/v1", f"http://x:{KEY}@b/v1")]
)
def test_an_address_with_a_password_is_refused_unseen(address: str | tuple[str, ...]) -> None:
    with pytest.raises(ParamsError, match="a name or password stands in the address") as caught:
        settings(address)
    assert KEY not in str(caught.value)


def test_an_at_sign_further_on_is_none() -> None:
    assert settings("https://host/v1/@team?for=me@home").base_url == "https://host/v1/@team?for=me@home"

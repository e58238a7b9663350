"""The real 0.5B in this process."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stages.catalog import download
from stages.catalog.catalog import Catalog
from stages.chat.llama_cpp import LlamaCppServer, Serving
from stages.chat.messages import Reply, Request
from stages.chat.port import Port
from stages.chat.settings import LlamaCpp
from stages.core.dropped import Reason
from stages.core.errors import ModelError

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("llama_cpp")]

MODEL = "qwen2.5-coder-0.5b"
ANIMAL = {
    "type": "object",
    "properties": {"animal": {"type": "string"}, "legs": {"type": "integer"}},
    "required": ["animal", "legs"],
    "additionalProperties": False,
}


def settings(**changes: object) -> LlamaCpp:
    values = {"backend": "llama_cpp", "model": MODEL, "temperature": 0, "top_p": 1}
    return LlamaCpp.parse("llm.generator", values | {"slots": 3, "context": 512, "threads": 1} | changes)


@pytest.fixture(scope="module")
def serving() -> Iterator[Serving]:
    made = LlamaCppServer(settings()).open()
    yield made
    made.close()


def ask(serving: Serving, text: str, max_tokens: int = 12, **more: object) -> Reply:
    serving.put(0, Request.model_validate({"row": "r", "user": text, "max_tokens": max_tokens, **more}))
    [(_, reply)] = serving.take()
    return reply


def test_the_same_question_has_the_same_answer(serving: Serving) -> None:
    question = "Name an animal of the forest, then tell in a sentence where it sleeps."
    first, second = (ask(serving, question) for _ in range(2))
    assert first == second
    assert first.text.strip() and first.row == "r"
    assert first.prompt_tokens > 10 and first.completion_tokens > 2
    assert ask(serving, question, temperature=1.5).text != first.text


def test_an_answer_in_json_has_the_form_that_was_asked_for(serving: Serving) -> None:
    reply = ask(serving, "Tell me of a spider, at length and in prose.", 48, answer_schema=ANIMAL)
    assert reply.fault is None
    assert re.fullmatch(r'\{\s*"animal":\s*".+",\s*"legs":\s*\d+\s*\}', reply.answer)


def test_what_is_cut_off_and_what_is_too_long_are_typed(serving: Serving) -> None:
    assert ask(serving, "Tell a long story.", 3).fault is Reason.TRUNCATED
    assert ask(serving, "word " * 600).fault is Reason.OVER_CONTEXT
    assert ask(serving, "Say yes.").fault is None  # and it goes on


def test_a_chinese_question_has_a_chinese_answer(serving: Serving) -> None:
    assert re.search(r"[一-鿿]{4}", ask(serving, "租房时要注意什么？").answer)


def test_the_probabilities_behind_a_mark_are_told(serving: Serving) -> None:
    reply = ask(serving, "Answer with [[1]] or [[5]] and nothing else: is water wet?", choices_after="[[")
    assert reply.choices and reply.choices[0].token in reply.choices[0].logprobs
    assert len(reply.choices[0].logprobs) >= 20


def test_requests_at_once_are_answered_in_order_through_the_port(tmp_path: Path) -> None:
    port = Port(settings(), LlamaCppServer(settings()), tmp_path, tmp_path)
    asked = [Request(row=f"r{n}", user=f"Say the number {n}.", max_tokens=2 + 4 * (4 - n)) for n in range(5)]
    replies = list(port.ask(iter(asked), "test"))
    assert [reply.row for reply in replies] == [request.row for request in asked]
    assert all(str(n) in reply.text for n, reply in enumerate(replies[:3]))
    assert port.identity == f"{MODEL}@{Catalog.load().models[MODEL].gguf.sha256[:12]} t=0 p=1"


def test_closing_stops_what_is_under_way() -> None:
    serving = LlamaCppServer(settings(slots=1)).open()
    serving.put(0, Request(row="r", user="Count from one to a thousand, in words.", max_tokens=400))
    serving.close()
    assert serving.done.empty() or serving.take()[0][1].fault is Reason.ENDPOINT_FAILED


def test_more_context_than_the_model_knows_is_refused() -> None:
    with pytest.raises(ModelError, match=r"llm\.generator\.context: .* knows 32768 tokens, not 99999; lower it"):
        LlamaCppServer(settings(context=99999)).open()


def test_a_damaged_file_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = download.gguf(MODEL, "test").relative_to(download.cache_folder())
    monkeypatch.setenv(download.CACHE, str(tmp_path))
    (tmp_path / name).parent.mkdir()
    with (tmp_path / name).open("wb") as file:
        file.write(b"no model")
        file.truncate(Catalog.load().models[MODEL].gguf.bytes)
    with pytest.raises(ModelError, match="is damaged; delete it and run again"):
        LlamaCppServer(settings()).open()


def test_too_little_memory_is_one_line(root: Path) -> None:
    program = """
import resource
from tests.chat.test_llama_cpp import LlamaCppServer, ModelError, settings
resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
try:
    LlamaCppServer(settings(slots=256, context=32768)).open()
except ModelError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout == "llm.generator: no memory for 256 slots of 32768 tokens; lower slots or context\n"

"""`dial-insight batch`: requests in files, answers from files."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from stages.chat import recorded
from stages.chat.batch import BatchFile
from stages.chat.messages import Reply, Request
from stages.chat.port import Port
from stages.chat.recorded import Answer
from stages.chat.settings import Batch
from stages.chat.store import Store
from stages.cli.main import main
from stages.core.dropped import Reason
from stages.core.errors import EndpointError

Captured = pytest.CaptureFixture[str]
SETTINGS = Batch(backend="batch", model="m", temperature=0, top_p=1)


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("DVC_ROOT", raising=False)
    monkeypatch.setenv("DVC_STAGE", "label@train")
    monkeypatch.chdir(tmp_path)
    Path("params.yaml").touch()
    return tmp_path


def asks(*users: str, **changes: str) -> list[Request]:
    return [Request(row=f"r{n}", user=user, max_tokens=8, **changes) for n, user in enumerate(users)]


def ask(requests: Iterable[Request], settings: Batch = SETTINGS) -> list[Reply]:
    """Ask as a stage does."""
    return list(Port(settings, BatchFile(settings)).ask(requests, "t"))


def written() -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(".llm-cache/batch/label@train/001.jsonl").read_text().splitlines()]


def stop(*users: str, settings: Batch = SETTINGS, **changes: str) -> list[str]:
    """Ask, be stopped, and return the custom_ids that wait."""
    with pytest.raises(EndpointError, match="batch import"):
        ask(asks(*users, **changes), settings)
    return [line["custom_id"] for line in written()]


def done(key: str, text: str | None, finish: str | None = "stop", **more: object) -> dict[str, Any]:
    """Return a line as OpenAI, Alibaba and `vllm run-batch` write it."""
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish, **more}
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "m-2026",
        "choices": [choice],
        "usage": {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8},
    }
    response = {"status_code": 200, "request_id": "q", "body": body}
    return {"id": "batch_req_1", "custom_id": key, "response": response, "error": None}


def failed(key: str, status: int, body: object, error: object = None) -> dict[str, Any]:
    return {
        "id": "x",
        "custom_id": key,
        "response": {"status_code": status, "request_id": "q", "body": body},
        "error": error,
    }


def answers(*lines: dict[str, Any] | str) -> str:
    path = Path("answers.jsonl")
    path.write_text(
        "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines), encoding="utf-8"
    )
    return str(path)


def test_stop_answer_import_and_the_same_ask_yields_all_replies_in_order(capsys: Captured) -> None:
    users = ("你好", "b", "c", "b")
    keys = stop(*users)
    assert len(keys) == 3  # b once
    texts = {line["custom_id"]: f"re {line['body']['messages'][-1]['content']}" for line in written()}
    assert main(["batch", "import", answers(*(done(key, texts[key]) for key in reversed(keys)))]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "answers.jsonl: 3 answers of m@openai stored",
        "label@train: 3 requests, all answered: run `dvc repro`; a stage that asks in rounds stops again with the next",
    ]
    replies = ask(asks(*users))
    assert [(reply.row, reply.text) for reply in replies] == [(f"r{n}", f"re {user}") for n, user in enumerate(users)]
    assert (replies[0].prompt_tokens, replies[0].completion_tokens) == (3, 5)
    assert main(["batch", "status"]) == 0
    assert capsys.readouterr().out == "no stage waits for answers here\n"  # it has gone on
    stop("a next round's")
    assert main(["batch", "status"]) == 0
    assert capsys.readouterr().out == "label@train: 1 request, 0 answered, 1 open\n"


def test_exported_answers_know_model_and_question() -> None:
    [key] = stop("a")
    main(["batch", "import", answers(done(key, "A"))])
    assert main(["cache", "export"]) == 0
    [answer] = recorded.load().values()
    assert (answer.key, answer.author, answer.request) == (key, "m@openai", asks("a")[0].fingerprint)


def test_a_person_answers_in_the_short_form(capsys: Captured) -> None:
    keys = stop("a", "b", settings=SETTINGS.model_copy(update={"model": "project"}))
    lines = ({"custom_id": key, "text": f" by hand {key} "} for key in keys)
    assert main(["batch", "import", answers(*lines)]) == 0
    assert capsys.readouterr().out.startswith("answers.jsonl: 2 answers of project stored\n")
    replies = ask(asks("a", "b"), SETTINGS.model_copy(update={"model": "project"}))
    assert [(reply.answer, reply.finish) for reply in replies] == [(f"by hand {key}", "stop") for key in keys]


def test_the_project_may_answer_in_a_models_place_and_nobody_else_under_a_name_of_choice(capsys: Captured) -> None:
    [key] = stop("a")
    file = answers({"custom_id": key, "text": "by hand"})
    assert main(["batch", "import", file, "--author", "gpt-9"]) == 1
    assert capsys.readouterr().err.splitlines()[-1].startswith("batch import: --author is project or left out")
    assert main(["batch", "import", file, "--author", "project"]) == 0
    with closing(Store(Path(".llm-cache"))) as store:
        assert [answer.author for answer in store.answers()] == ["project"]


def test_what_is_cut_off_is_no_complete_answer(capsys: Captured) -> None:
    keys = stop("a", "b", "c", "d")
    lines = [
        done(keys[0], "cut", "length"),
        done(keys[1], "whole"),
        {"custom_id": keys[2], "text": "x", "finish": "length"},
    ]
    assert main(["batch", "import", answers(*lines, done(keys[3], None))]) == 0
    assert "4 answers of m@openai stored, 2 of them cut off at the token limit" in capsys.readouterr().out
    faults = [reply.fault for reply in ask(asks("a", "b", "c", "d"))]
    assert faults == [Reason.TRUNCATED, None, Reason.TRUNCATED, Reason.NO_ANSWER]


REFUSALS: list[tuple[Callable[[str], dict[str, Any]], Reason]] = [
    (lambda key: done(key, None, "content_filter"), Reason.FILTERED),
    (lambda key: failed(key, 400, {"error": {"code": "content_filter", "message": "SECRET"}}), Reason.FILTERED),
    (lambda key: failed(key, 400, {"error": {"code": "data_inspection_failed", "message": "SECRET"}}), Reason.FILTERED),
    (lambda key: failed(key, 400, None, {"code": "DataInspectionFailed", "message": "SECRET"}), Reason.FILTERED),
    (lambda key: failed(key, 400, {"code": "content_filter", "innererror": {"code": "x"}}), Reason.FILTERED),
    (lambda key: failed(key, 400, {"error": {"code": "context_length_exceeded"}}), Reason.OVER_CONTEXT),
    (
        lambda key: failed(key, 400, None, "This model's maximum context length is 8 tokens. SECRET"),
        Reason.OVER_CONTEXT,
    ),
]


@pytest.mark.parametrize("number", range(len(REFUSALS)))
def test_refusals_are_kept_as_failures_of_their_rows(number: int, capsys: Captured) -> None:
    line, fault = REFUSALS[number]
    [key] = stop("a")
    assert main(["batch", "import", answers(line(key))]) == 0
    said = capsys.readouterr().out
    assert "1 refused" in said and "SECRET" not in said
    assert [reply.fault for reply in ask(asks("a"))] == [fault]
    assert main(["cache", "forget", "--failed"]) == 0
    assert stop("a") == [key]


def test_other_errors_stay_open_and_are_counted_by_their_codes(capsys: Captured) -> None:
    keys = stop(*"abcdefgh")
    file = answers(
        failed(keys[0], 429, {"error": {"code": "rate_limit_exceeded", "message": "SECRET"}}),
        failed(keys[1], 429, {"error": {"code": "rate_limit_exceeded", "message": "SECRET"}}),
        {"custom_id": keys[2], "response": None, "error": {"code": "batch_expired", "message": "SECRET"}},
        failed(keys[3], 400, None, "SECRET, as vLLM tells it"),
        failed(keys[4], 400, None, {"error": {"code": 400, "message": "SECRET"}}),
        done(keys[5], "call", "tool_calls"),
        failed(keys[6], 200, {"error": {"message": "SECRET"}}),
        failed(keys[7], 502, "<html>SECRET</html>"),
    )
    assert main(["batch", "import", file]) == 0
    counts, status = capsys.readouterr().out.splitlines()
    assert counts == (
        "answers.jsonl: 8 failed and stay open (HTTP 400 × 2, HTTP 429 rate_limit_exceeded × 2, HTTP 502 × 1, "
        "batch_expired × 1, unknown finish_reason × 1, unreadable answer × 1)"
    )
    assert status == "label@train: 8 requests, 0 answered, 8 open"
    assert set(stop(*"abcdefgh")) == set(keys)


def test_lines_that_answer_nothing_are_told_and_all_others_taken(capsys: Captured) -> None:
    keys = stop("a", "b", "c")
    file = answers(
        done("0" * 16, "to nobody"),
        done(keys[0], "A"),
        '{"custom_id": "SECRET',
        {"custom_id": keys[1], "text": "  "},
        {"custom_id": keys[1]},
        done("1" * 16, "to nobody"),
    )
    assert main(["batch", "import", file]) == 1
    said = capsys.readouterr()
    assert "1 answer of m@openai stored" in said.out and "1 answered, 2 open" in said.out
    assert said.err.splitlines()[-1] == (
        "answers.jsonl: 2 lines to what was never asked here, the first is line 1; "
        "answers.jsonl: 3 lines without an answer, the first is line 3; "
        "all other lines were taken: mend these and import the file again"
    )


def test_the_first_answer_stays(capsys: Captured) -> None:
    keys = stop("a", "b")
    reply = Reply(row="", text="recorded", finish="stop")
    recorded.write([Answer.of(reply, key=keys[1], author="m@1", request="0" * 16, date="2026-11-28")])
    assert (
        main(["batch", "import", answers(done(keys[0], "first"), done(keys[0], "second"), done(keys[1], "late"))]) == 0
    )
    assert "answers.jsonl: 2 were answered before; the first answer stays" in capsys.readouterr().out
    assert [reply.text for reply in ask(asks("a", "b"))] == ["first", "recorded"]


def test_answers_of_another_model_are_told(capsys: Captured) -> None:
    keys = stop("a", "b", "c", settings=SETTINGS.model_copy(update={"model": "qwen-max"}))
    lines = [done(key, "x") for key in keys]
    for line, told in zip(lines, ("qwen-max-2026-01-25", "gpt-9", "SECRET \n of mine"), strict=True):
        line["response"]["body"]["model"] = told
    Path("their answers.jsonl").write_bytes(Path(answers(*lines)).read_bytes())
    assert main(["batch", "import", "their answers.jsonl"]) == 0
    said = capsys.readouterr().out.splitlines()
    out = "`dial-insight cache forget --key $(jq -r .custom_id 'their answers.jsonl')` forgets what this file answers"
    assert said[:3] == [
        "their answers.jsonl: 3 answers of qwen-max@openai stored",
        "their answers.jsonl: 1 answer by the name of another model, to count as of qwen-max@openai, which was asked: "
        f"if that is wrong, {out}",
        "their answers.jsonl: 1 answer by the name of gpt-9, to count as of qwen-max@openai, which was asked: "
        f"if that is wrong, {out}",
    ]


def test_a_file_in_another_form_is_one_line_and_stores_nothing(capsys: Captured) -> None:
    """The questions themselves, an array instead of lines, UTF-16 as PowerShell writes it, a file that was cut."""
    [key] = stop("a")
    whole = json.dumps(done(key, "A")).encode()
    asked = Path(".llm-cache/batch/label@train/001.jsonl").read_bytes()
    capsys.readouterr()
    files = [asked, b"[" + whole + b"]", whole.decode().encode("utf-16"), whole[:-20]]
    for content in files:
        Path("answers.jsonl").write_bytes(content)
        assert main(["batch", "import", "answers.jsonl"]) == 1
        said = capsys.readouterr()
        [line] = said.err.splitlines()
        assert line.startswith("answers.jsonl: 1 line without an answer, the first is line 1; ")
        assert "stored" not in said.out
    assert stop("a") == [key]


def test_a_byte_order_mark_is_none_of_the_first_answer() -> None:
    """As an editor on Windows saves a person's answers."""
    [key] = stop("a")
    Path("answers.jsonl").write_text(json.dumps({"custom_id": key, "text": "A"}) + "\r\n", encoding="utf-8-sig")
    assert main(["batch", "import", "answers.jsonl"]) == 0
    assert [reply.text for reply in ask(asks("a"))] == ["A"]


def test_half_a_surrogate_pair_in_an_answer_is_replaced() -> None:
    [key] = stop("a")
    assert main(["batch", "import", answers(done(key, "cut \ud83d"))]) == 0
    assert [reply.text for reply in ask(asks("a"))] == ["cut \ufffd"]


def test_answers_are_taken_though_the_stage_asks_something_else_by_now() -> None:
    [key] = stop("a")
    stop("b")
    assert main(["batch", "import", answers(done(key, "A"))]) == 0
    assert [reply.text for reply in ask(asks("a"))] == ["A"]


def test_probabilities_behind_the_mark_are_kept() -> None:
    [key] = stop("a", choices_after="score: ")

    def token(text: str, logprob: float) -> dict[str, Any]:
        top = [{"token": text, "logprob": logprob, "bytes": None}, {"token": "9", "logprob": -3.0, "bytes": None}]
        return {"token": text, "logprob": logprob, "bytes": None, "top_logprobs": top}

    told = {"content": [token("score", -0.5), token(": ", -0.25), token("7", -0.125)], "refusal": None}
    assert main(["batch", "import", answers(done(key, "score: 7", logprobs=told))]) == 0
    [reply] = ask(asks("a", choices_after="score: "))
    assert [(choice.token, choice.logprobs) for choice in reply.choices] == [("7", {"7": -0.125, "9": -3.0})]


def test_status_and_show_tell_what_is_open(capsys: Captured) -> None:
    assert main(["batch", "status"]) == 0
    assert capsys.readouterr().out == "no stage waits for answers here\n"
    keys = stop("first", "second", system="be kind")
    Path(".llm-cache/batch/evolve.partial").mkdir()  # of a stage that was killed, or runs
    main(["batch", "import", answers(done(keys[0], "A"))])
    capsys.readouterr()
    assert main(["batch", "status"]) == 0
    assert capsys.readouterr().out == "label@train: 2 requests, 1 answered, 1 open\n"
    assert main(["batch", "show", "label@train"]) == 0
    said = capsys.readouterr().out
    assert f"──── {keys[1]}\n[system]\nbe kind\n\n[user]\nsecond\n" in said and "first" not in said
    assert main(["batch", "show", "evolve"]) == 1
    assert capsys.readouterr().err == "batch show: evolve does not wait for answers; label@train does\n"


def test_a_file_that_is_not_there_is_one_line(capsys: Captured) -> None:
    assert main(["batch", "import", answers(), "nothing.jsonl"]) == 1
    assert (
        capsys.readouterr().err
        == "nothing.jsonl: no such file; give files of answers (JSONL), those of a folder one by one\n"
    )


@pytest.mark.slow
def test_a_reader_that_has_seen_enough_is_no_fault(root: Path) -> None:
    stop(*(f"{number} {'x' * 5000}" for number in range(60)))
    command = f"{sys.executable} -m stages.cli.main batch show label@train | head -1"
    told = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], env={"PYTHONPATH": str(root)}, capture_output=True, text=True
    )
    assert told.stdout.startswith("──── ") and told.stderr == "" and told.returncode == 0

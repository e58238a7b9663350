import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from stages.chat import batch
from stages.chat.batch import BatchFile
from stages.chat.messages import Reply, Request
from stages.chat.port import Port
from stages.chat.settings import Batch
from stages.chat.store import Store
from stages.core.errors import EndpointError

SETTINGS = Batch(backend="batch", model="m", temperature=0, top_p=1)


@pytest.fixture(autouse=True)
def stage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DVC_STAGE", "label@train")


def port(folder: Path, settings: Batch = SETTINGS) -> Port:
    return Port(settings, BatchFile(settings, folder), folder, folder / "recorded")


def asks(*users: str) -> list[Request]:
    return [Request(row=f"r{n}", user=user, max_tokens=8) for n, user in enumerate(users)]


def written(folder: Path) -> list[list[dict[str, Any]]]:
    """Return the lines of each file that stage label@train wrote."""
    files = sorted((folder / "batch" / "label@train").glob("*"))
    return [[json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] for path in files]


def test_open_requests_go_to_a_file_and_the_stage_stops(tmp_path: Path) -> None:
    request = Request(row="r", user="你好", system="s", max_tokens=8, seed=3, answer_schema={"type": "object"})
    with pytest.raises(
        EndpointError, match=r"llm\.generator: 1 requests wait .*label@train/001\.jsonl; .* batch import"
    ):
        list(port(tmp_path).ask([request], "t"))
    [[line]] = written(tmp_path)
    assert line == {
        "custom_id": request.key(SETTINGS.identity),
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": {
            "model": "m",
            "messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "你好"}],
            "temperature": 0,
            "top_p": 1,
            "seed": 3,
            "max_tokens": 8,
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "answer", "schema": {"type": "object"}, "strict": True},
            },
        },
    }


def test_the_last_reply_never_comes_so_that_nothing_passes_for_all(tmp_path: Path) -> None:
    replies = port(tmp_path).ask(asks("a", "b"), "t")
    assert next(replies).finish == "missing"
    with pytest.raises(EndpointError):
        next(replies)


def test_an_answered_request_is_not_written_again(tmp_path: Path) -> None:
    with closing(Store(tmp_path)) as store:
        store.put(asks("a")[0].key(SETTINGS.identity), "m@openai", "q", Reply(row="", text="A", finish="stop"))
    with pytest.raises(EndpointError, match="1 requests wait"):
        list(port(tmp_path).ask(asks("a", "b"), "t"))
    assert [line["body"]["messages"][0]["content"] for line in written(tmp_path)[0]] == ["b"]


def test_what_another_run_had_answered_meanwhile_waits_for_nobody(tmp_path: Path) -> None:
    class Late(BatchFile):
        def open(self) -> batch.Requests:
            with closing(Store(tmp_path)) as store:
                store.put(asks("a")[0].key(self.identity), "m@openai", "q", Reply(row="", text="A", finish="stop"))
            return super().open()

    late = Port(SETTINGS, Late(SETTINGS, tmp_path), tmp_path, tmp_path / "recorded")
    assert [reply.text for reply in late.ask(asks("a"), "t")] == ["A"]
    assert not list((tmp_path / "batch").iterdir())


def test_files_stay_while_one_of_their_requests_is_open_whoever_goes_on(tmp_path: Path) -> None:
    """Another model of the stage, or another experiment, may have all its answers first."""
    with pytest.raises(EndpointError):
        list(port(tmp_path).ask(asks("a", "b"), "t"))
    with closing(Store(tmp_path)) as store:
        store.put(asks("a")[0].key(SETTINGS.identity), "m@openai", "q", Reply(row="", text="A", finish="stop"))
    assert [reply.text for reply in port(tmp_path).ask(asks("a"), "t")] == ["A"]
    assert len(written(tmp_path)[0]) == 2
    with closing(Store(tmp_path)) as store:
        store.put(asks("b")[0].key(SETTINGS.identity), "m@openai", "q", Reply(row="", text="B", finish="stop"))
    assert [reply.text for reply in port(tmp_path).ask(asks("a"), "t")] == ["A"]
    assert written(tmp_path) == []


def test_a_request_is_written_once_however_far_apart_it_is_asked(tmp_path: Path) -> None:
    count = 3000  # beyond what the port reads ahead, and what is written at once
    with pytest.raises(EndpointError, match=f"{count} requests wait"):
        list(port(tmp_path).ask([*asks(*map(str, range(count))), *asks("0", "1", str(count - 1))], "t"))
    [lines] = written(tmp_path)
    assert len({line["custom_id"] for line in lines}) == len(lines) == count


def test_files_are_split_by_rows_and_by_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "ROWS", 3)
    with pytest.raises(EndpointError, match=r"7 requests wait .*001\.jsonl to 003\.jsonl"):
        list(port(tmp_path).ask(asks(*"abcdefg"), "t"))
    assert [len(lines) for lines in written(tmp_path)] == [3, 3, 1]
    monkeypatch.setattr(batch, "BYTES", 1000)
    with pytest.raises(EndpointError):
        list(port(tmp_path).ask(asks("房" * 200, "b", "c"), "t"))  # 600 bytes and what is around them
    sizes = [path.stat().st_size for path in sorted((tmp_path / "batch" / "label@train").glob("*"))]
    assert len(sizes) == 2 and max(sizes) <= 1000


def test_a_later_run_takes_the_place_of_the_files_before(tmp_path: Path) -> None:
    for users in ("ab", "c"):
        with pytest.raises(EndpointError):
            list(port(tmp_path).ask(asks(*users), "t"))
    assert [[line["body"]["messages"][0]["content"] for line in lines] for lines in written(tmp_path)] == [["c"]]
    with closing(Store(tmp_path)) as store:  # answers to the first are still taken
        assert len(store.asked([request.key(SETTINGS.identity) for request in asks("a", "b", "c")])) == 3


def test_what_is_asked_of_whom_is_noted(tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"model": "project"})
    request = Request(row="r", user="a", max_tokens=8, choices_after="score:")
    with pytest.raises(EndpointError):
        list(port(tmp_path, settings).ask([request], "t"))
    with closing(Store(tmp_path)) as store:
        [asked] = store.asked([request.key("project")]).values()
    assert asked == ("project", request.fingerprint, "score:")


def test_a_stage_that_stops_early_leaves_no_files(tmp_path: Path) -> None:
    def broken() -> Iterator[Request]:
        yield from asks(*map(str, range(2500)))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(port(tmp_path).ask(broken(), "t"))
    assert list((tmp_path / "batch").iterdir()) == []


def test_two_runs_of_a_stage_at_once_each_write_whole_files(tmp_path: Path) -> None:
    first, second = (BatchFile(SETTINGS, tmp_path).open() for _ in range(2))
    for session, users in ((first, "ab"), (second, "c")):
        for position, request in enumerate(asks(*users)):
            session.put(position, request)
        assert len(session.take()) == len(users)
    for session, count in ((second, 1), (first, 2)):
        with pytest.raises(EndpointError, match=f"{count} requests wait"):
            session.finish()
        assert [len(lines) for lines in written(tmp_path)] == [count]
        session.close()


KILLED = """
import sys, time
from pathlib import Path
from tests.chat.test_batch import asks, port

def endless():
    yield from asks(*map(str, range(2500)))
    print("under way", flush=True)
    time.sleep(60)

list(port(Path(sys.argv[1])).ask(endless(), "t"))
"""


@pytest.mark.slow
def test_half_written_files_of_a_killed_stage_never_pass_for_whole(tmp_path: Path, root: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=root) as process:
        assert process.stdout and process.stdout.readline() == "under way\n"
        process.kill()
    [left_over] = (tmp_path / "batch").iterdir()
    assert left_over.name.startswith("label@train.") and left_over.name.endswith(f".{process.pid}.partial")
    with pytest.raises(EndpointError, match="2 requests wait"):
        list(port(tmp_path).ask(asks("0", "new"), "t"))
    assert [len(lines) for lines in written(tmp_path)] == [2]
    assert [path.name for path in (tmp_path / "batch").iterdir()] == ["label@train"]

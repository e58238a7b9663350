import multiprocessing
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from stages.chat.cache import Cached, Store, default_folder
from stages.chat.messages import Reply, Request, parse
from stages.core.dropped import Reason
from stages.core.row import Record


class Counting:
    """A backend that numbers its answers, last question first."""

    def __init__(self, identity: str = "m@1", fail_after: int = 10**6) -> None:
        self.identity, self.fail_after, self.asked = identity, fail_after, 0

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Reply]]:
        for position in reversed(range(len(requests))):
            if self.asked == self.fail_after:
                raise KeyboardInterrupt
            self.asked += 1
            yield (
                position,
                Reply(row=requests[position].row, text=f"{self.identity}:{requests[position].user}", finish="stop"),
            )


def asks(*users: str) -> list[Request]:
    return [Request(row=f"r{n}", user=user, max_tokens=8) for n, user in enumerate(users)]


def test_a_question_is_asked_once_and_every_row_gets_its_reply(tmp_path: Path) -> None:
    backend = Counting()
    replies = list(Cached(backend, tmp_path).ask(asks("a", "b", "a"), "t"))
    assert [(reply.row, reply.text) for reply in replies] == [("r0", "m@1:a"), ("r1", "m@1:b"), ("r2", "m@1:a")]
    assert backend.asked == 2
    list(Cached(backend, tmp_path).ask(asks("b", "a"), "t"))
    assert backend.asked == 2


def test_another_model_limit_system_or_seed_is_another_question() -> None:
    base = Request(row="r", user="a", max_tokens=8)
    keys = {base.key("m@1"), base.key("m@2")}
    changes = ({"max_tokens": 9}, {"system": "s"}, {"seed": 1}, {"temperature": 0.0}, {"choices_after": "x"})
    keys |= {base.model_copy(update=change).key("m@1") for change in changes}
    assert len(keys) == 7
    assert base.key("m@1") == base.model_copy(update={"row": "other"}).key("m@1")


def test_keys_of_plain_questions_stay_what_they_were() -> None:
    """Another key would have every answer in every cache asked and paid for again."""
    assert Request(row="r", user="a", max_tokens=8).key("m@1") == "437145b67f8d4ed2"
    assert Request(row="r", user="a", system="s", max_tokens=8, seed=3).key("m@1") == "1c786679cc8969f0"


def test_what_was_answered_before_ctrl_c_is_kept(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        list(Cached(Counting(fail_after=2), tmp_path).ask(asks("a", "b", "c"), "t"))
    backend = Counting()
    list(Cached(backend, tmp_path).ask(asks("a", "b", "c"), "t"))
    assert backend.asked == 1


def _fill(folder: Path, start: int) -> None:
    store = Store(folder)
    for n in range(start, start + 100):
        store.put(f"k{n}", Reply(row="r", text=str(n), finish="stop"))
    store.close()


@pytest.mark.slow
def test_processes_share_one_cache(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=_fill, args=(tmp_path, start)) for start in (0, 25, 50)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    store = Store(tmp_path)
    assert all((found := store.get(f"k{n}")) and found.text == str(n) for n in range(150))


def test_the_cache_belongs_to_the_parent_repository(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    assert default_folder() == tmp_path / ".llm-cache"


class Form(Record):
    score: int


def test_structured_answers_are_read_or_typed_as_unparsable() -> None:
    def read(text: str) -> Form | Reason:
        return parse(Reply(row="r", text=text, finish="stop"), Form)

    assert read('Sure: {"score": 7} .') == Form(score=7)
    assert read('{"score": "many"}') == read("no object") == read("") or read("") == Reason.NO_ANSWER
    assert read('{"score": "many"}') is Reason.UNPARSABLE

import multiprocessing
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import ValidationError

from stages.chat.messages import Reply, TokenChoice
from stages.chat.store import Asked, Store, default_folder
from stages.core.errors import InputError


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path)) as opened:
        yield opened


def said(text: str) -> Reply:
    return Reply(row="r", text=text, finish="stop")


def key(number: int) -> str:
    return f"{number:016x}"


def test_the_first_answer_under_a_key_stays(store: Store) -> None:
    assert store.put("k", "m@1", "q", said("first"))
    assert not store.put("k", "m@1", "q", said("second"))
    assert store.get(["k", "other"]) == {"k": said("first")}


def test_a_null_that_an_earlier_version_stored_is_left_out() -> None:
    told = TokenChoice.model_validate_json('{"token": "7", "logprobs": {"7": -0.1, "x": null}}')
    assert told.logprobs == {"7": -0.1}
    with pytest.raises(ValidationError):
        TokenChoice.model_validate_json('{"token": "7", "logprobs": {"7": "x"}}')


def test_writes_of_a_transaction_are_stored_together_or_not_at_all(store: Store, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), store.transaction():
        store.put("k", "m@1", "q", said("a"))
        raise KeyboardInterrupt
    with closing(Store(tmp_path)) as other:
        assert other.get(["k"]) == {}


def older(folder: Path) -> None:
    """Make a cache as versions without author, question and date did."""
    with closing(sqlite3.connect(folder / "answers.sqlite", isolation_level=None)) as db:
        db.execute("CREATE TABLE answers (key TEXT PRIMARY KEY, reply TEXT NOT NULL) WITHOUT ROWID")
        db.execute("INSERT INTO answers VALUES ('k', ?)", (said("old").model_dump_json(),))


def test_an_older_cache_opens_and_answers_but_exports_nothing_of_unknown_authors(tmp_path: Path) -> None:
    older(tmp_path)
    with closing(Store(tmp_path)) as store:
        assert store.get(["k"]) == {"k": said("old")}
        store.put(key(1), "m@1", key(2), said("new"))
        assert [answer.text for answer in store.answers()] == ["new"]


def _fill(folder: Path, start: int) -> None:
    with closing(Store(folder)) as store:
        for n in range(start, start + 100):
            store.put(f"k{n}", "m@1", "q", said(str(n)))
            store.spend("m@1", 1)


@pytest.mark.slow
def test_processes_share_one_cache_an_older_one_too(tmp_path: Path) -> None:
    older(tmp_path)
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=_fill, args=(tmp_path, start)) for start in (0, 25, 50)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    with closing(Store(tmp_path)) as store:
        found = store.get([f"k{n}" for n in range(150)])
        assert {name: reply.text for name, reply in found.items()} == {f"k{n}": str(n) for n in range(150)}
        assert store.spent("m@1") == 300


def test_failures_are_kept_but_never_exported(store: Store) -> None:
    store.put(key(1), "m@1", key(9), Reply(row="r", text="", finish="filter"))
    store.put(key(2), "m@1", key(9), Reply(row="r", text="cut", finish="length"))
    store.put(key(3), "n@1", key(9), said("whole"))
    assert set(store.get([key(1)])) == {key(1)}
    assert [(answer.key, answer.author, answer.request, answer.text) for answer in store.answers()] == [
        (key(2), "m@1", key(9), "cut"),
        (key(3), "n@1", key(9), "whole"),
    ]
    assert [answer.text for answer in store.answers("n@1")] == ["whole"]


def test_conditions_of_forgetting_hold_together(store: Store) -> None:
    for number, author in enumerate(("m@1", "m@1", "n@1", "n@1")):
        reply = said("a") if number % 2 else Reply(row="r", text="", finish="failed")
        store.put(key(number), author, key(9), reply)
    assert store.forget() == 0
    assert store.forget(author="m@1", failed=True) == 1
    assert store.forget([key(1), key(2), key(7)]) == 2
    assert set(store.get([key(n) for n in range(4)])) == {key(3)}
    assert store.forget(author="n@1") == 1


def test_money_adds_up_over_runs(store: Store, tmp_path: Path) -> None:
    store.spend("m@1", 0.25)
    with closing(Store(tmp_path)) as later:
        later.spend("m@1", 0.5)
        assert (later.spent("m@1"), later.spent("n@1")) == (0.75, 0)


def test_what_is_asked_by_file_is_noted_once_in_a_batch_and_outlives_it(store: Store) -> None:
    asked = Asked("m@1", "q", "score:")
    assert [store.note_asked(batch, "k", asked) for batch in ("one", "one", "two", "two")] == [True, False, True, False]
    assert store.asked(["k", "other"]) == {"k": asked}


def test_a_disk_that_is_full_or_read_only_is_one_line(store: Store) -> None:
    store.db.execute("PRAGMA query_only = 1")
    with pytest.raises(InputError, match=r"readonly.* make room, rights or time"):
        store.put("k", "m@1", "q", said("x"))
    store.db.execute("PRAGMA query_only = 0")
    pages = store.db.execute("PRAGMA page_count").fetchone()[0]
    store.db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(InputError, match="full; make room"), store.transaction():
        store.put("k", "m@1", "q", said("x" * 100_000))
    assert store.get(["k"]) == {}


def test_a_cache_that_cannot_be_opened_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "answers.sqlite").mkdir()
    with pytest.raises(InputError, match=r"answers\.sqlite: unable to open"):
        Store(tmp_path)


def test_a_file_that_is_no_cache_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "answers.sqlite").write_text("no database at all, but long enough to look like one " * 100)
    with pytest.raises(InputError, match=r"answers\.sqlite: damaged.* move it away"):
        Store(tmp_path)


def test_a_cache_that_is_damaged_within_is_one_line(tmp_path: Path) -> None:
    with closing(Store(tmp_path)) as whole:
        for number in range(500):
            whole.put(key(number), "m@1", key(9), said("x" * 100))
    path = tmp_path / "answers.sqlite"
    content = bytearray(path.read_bytes())
    content[-20_000:] = b"x" * 20_000
    path.write_bytes(content)
    with closing(Store(tmp_path)) as store:
        answers = store.answers()
        assert next(answers).key == key(0)
        for rest in (lambda: list(answers), store.whole, lambda: store.get([key(number) for number in range(500)])):
            with pytest.raises(InputError, match=r"damaged.* move it away"):
                rest()


def test_the_cache_belongs_to_the_parent_repository(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    assert default_folder() == tmp_path / ".llm-cache"

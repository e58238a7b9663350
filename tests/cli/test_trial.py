"""A cache that is only looked into, and params with changes for one look."""

from contextlib import closing
from pathlib import Path

import pytest

from stages.chat.messages import Reply
from stages.chat.store import Store
from stages.cli.trial.overrides import overridden
from stages.cli.trial.store import ReadOnlyStore
from stages.core.errors import InputError
from stages.core.params import load_all
from tests.cli.conftest import digest


def filled(folder: Path) -> Store:
    """Return a cache with an answer and with money spent, still open."""
    store = Store(folder)
    store.put("k", "m", "q", Reply(row="r", text="yes", finish="stop"))
    store.spend("m", 2.0)
    return store


def test_a_cache_is_read_and_not_touched(tmp_path: Path) -> None:
    filled(tmp_path / "cache").close()
    before = digest(tmp_path)
    with closing(ReadOnlyStore(tmp_path / "cache")) as store:
        assert store.get(["k"])["k"].text == "yes" and store.whole() == {"k"}
        store.put("l", "m", "q", Reply(row="r", text="no", finish="stop"))
        assert store.get(["k", "l"]).keys() == {"k", "l"} and store.whole() == {"k", "l"}
        assert store.spend("m", 1.0) == store.spent("m") == 3.0
    assert digest(tmp_path) == before


def test_what_another_process_is_writing_is_seen(tmp_path: Path) -> None:
    with closing(filled(tmp_path)), closing(ReadOnlyStore(tmp_path)) as store:
        assert store.get(["k"])["k"].text == "yes"


def test_there_need_be_no_cache(tmp_path: Path) -> None:
    with closing(ReadOnlyStore(tmp_path / "none")) as store:
        assert store.get(["k"]) == {} and store.spent("m") == 0.0
    assert not (tmp_path / "none").exists()


def test_a_damaged_cache_is_refused_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "answers.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(InputError, match=r"answers\.sqlite: cannot be read"):
        ReadOnlyStore(tmp_path)


def test_changes_are_taken_as_in_an_experiment(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text("a: {b: 1, c: [1]}\nd: 1\n")
    (tmp_path / "aside").mkdir()
    changes = ["a.b=2", "+a.e=x", "++a.c=[]", "~d"]
    assert load_all(overridden(tmp_path, changes, tmp_path / "aside")) == {"a": {"b": 2, "c": [], "e": "x"}}
    assert load_all(tmp_path / "params.yaml") == {"a": {"b": 1, "c": [1]}, "d": 1}

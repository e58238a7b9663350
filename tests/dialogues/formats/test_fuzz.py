"""Whatever bytes a file holds, reading it ends in conversations, places of bad ones, or one line: never in a traceback, never late.

By hand, with a larger number: `python -m benchmarks.fuzz_ingest 100000 --seed 1`.
"""

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.fuzz_ingest import BrokenPromiseError, Door, campaign, made, patience, planted, quiet
from stages.core.errors import InputError
from stages.dialogues.formats import detect
from stages.dialogues.formats.parties import Parties
from tests.dialogues.formats.samples import SAMPLES, Sample

DOOR = Door()
HUNG = (
    (1, 39459),
    (1, 55768),
    (1, 74333),
    (2, 66528),
)  # seed, number: a name of 30,000 digits, a time of as many blanks


def read(name: str, raw: bytes) -> str:
    with tempfile.TemporaryDirectory() as folder:
        (path := Path(folder) / name).write_bytes(raw)
        return DOOR.read(path)


def test_damaged_files_end_in_rows_or_a_line() -> None:
    found = campaign(range(400), seed=3)
    assert found.faults == []
    assert found.files == 400
    assert set(found.ends) == {"read", "some dropped", "all dropped", "unknown", "refused"}


def test_what_once_hung_does_no_more() -> None:
    assert [fault for seed, number in HUNG for fault in campaign([number], seed).faults] == []
    assert Parties().of("agent " + "7" * 100_000) == "provider"
    assert Parties().of("7" * 100_000 + " of us") is None


def test_a_file_is_made_of_seed_and_number_alone() -> None:
    assert made(1, 5) == made(1, 5)
    assert made(1, 5) != made(2, 5)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.form)
def test_what_is_planted_is_read(sample: Sample, tmp_path: Path) -> None:
    """So that a message could echo it."""
    path = tmp_path / sample.file
    path.write_bytes(planted(sample))
    assert DOOR.read(path) in {"read", "some dropped"}
    assert "4155550199" in detect.read(path, DOOR.forms).results[0].model_dump_json()


def test_broken_promises_are_noticed(tmp_path: Path) -> None:
    for message in ("line 3: Is the flat kumquat free", "two\nlines", "call 415-4155550199", "第二句：隐私金"):
        with pytest.raises(BrokenPromiseError):
            quiet(message, tmp_path)
    quiet("120199 characters, at most 100000", tmp_path)
    with pytest.raises(BrokenPromiseError, match="more than"), patience(0.05):
        while True:
            pass


def test_an_error_that_is_none_of_ours_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError("Zwiebel")

    monkeypatch.setattr(detect, "read", broken)
    [fault] = campaign([1], seed=1).faults
    assert fault.what.startswith("KeyError")
    assert "Zwiebel" not in fault.what


@given(st.binary(max_size=200), st.sampled_from(["a.json", "a.jsonl", "a.csv", "a.vtt", "a.txt"]))
@settings(max_examples=100, deadline=None)
def test_any_bytes_end_in_rows_or_a_line(raw: bytes, name: str) -> None:
    read(name, raw)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["user", "agent", "\ud800"]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.sampled_from(["id", "messages", "role", "content", "turns", "party", "text", "speaker", "utterance", "from", "value", "log", "name", "history"]), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(JSON, st.booleans())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_json_ends_in_rows_or_a_line(value: object, lines: bool) -> None:
    read("a.jsonl" if lines else "a.json", json.dumps(value).encode())


def test_messages_name_a_file_without_whom_it_is_called_after(tmp_path: Path) -> None:
    path = tmp_path / "WhatsApp Chat with Ottoline Greaves.txt"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError) as told:
        detect.read(path, DOOR.forms)
    assert "WhatsApp Chat with ….txt: begins as UTF-16" in str(told.value)

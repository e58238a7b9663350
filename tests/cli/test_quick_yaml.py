"""DVC's YAML, read once and written in parts: the bytes and the values that DVC itself has. See also tests/cli/test_repro.py."""

import io
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, TextIO

import pytest
from dvc.utils import strictyaml
from dvc.utils.serialize import _yaml

from stages.cli.quick_yaml import LockWriter, quicken, read_once
from stages.core import yaml_text

DUMP, PARSE = _yaml._dump, _yaml.parse_yaml


def written(dump: Callable[..., object], data: object) -> str:
    stream = io.StringIO()
    dump(data, stream)
    return stream.getvalue()


@pytest.fixture(scope="module")
def lock() -> dict[str, Any]:
    found: dict[str, Any] = yaml_text.load((Path(__file__).parents[2] / "dvc.lock").read_text(encoding="utf-8"))
    return found


def test_the_lock_has_the_bytes_that_dvc_writes_whatever_changed_since(lock: dict[str, Any]) -> None:
    write, stages = LockWriter(DUMP), dict(lock["stages"])
    assert written(write, lock) == written(DUMP, lock)
    stages["split"] = stages["split"] | {"cmd": "echo " + "word " * 40}
    del stages["curate"]
    changed = {"schema": "2.0", "stages": stages | {"last": {"cmd": "true"}}}
    assert written(write, changed) == written(DUMP, changed)


def test_a_part_is_written_once(lock: dict[str, Any]) -> None:
    dumped = list[object]()

    def dump(data: object, stream: TextIO) -> None:
        dumped.append(data)
        DUMP(data, stream)

    write = LockWriter(dump)
    written(write, lock)
    assert len(dumped) == 1 + len(lock["stages"])
    dumped.clear()
    stages = lock["stages"] | {"split": lock["stages"]["split"] | {"cmd": "true"}}
    written(write, {"schema": "2.0", "stages": stages})
    assert dumped == [{"schema": "2.0"}, {"stages": {"split": stages["split"]}}]


@pytest.mark.parametrize(
    "data", [{"stages": {}}, {"schema": "2.0", "stages": {}}, {"a": [1]}, [1, 2], {"stages": {"a": {"cmd": "true"}}}]
)
def test_what_is_no_lock_is_left_to_dvc(data: object) -> None:
    assert written(LockWriter(DUMP), data) == written(DUMP, data)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0), (1, True), ("1", 1), (None, "null"), (0.0, -0.0), ({1: "x"}, {"1": "x"}),
        ({date(2026, 12, 1): 1}, {"2026-12-01": 1}),
    ],
)  # fmt: skip
def test_values_that_look_alike_are_different_parts(one: object, other: object) -> None:
    write = LockWriter(DUMP)
    for value in (one, other, one):
        data = {"schema": "2.0", "stages": {"a": {"params": {"x": value}}}}
        assert written(write, data) == written(DUMP, data)


def test_a_text_is_read_once_and_each_reader_has_a_copy() -> None:
    asked = list[str]()

    def parse(text: str, path: str, typ: str = "safe") -> object:
        asked.append(path)
        return PARSE(text, path, typ)

    read = read_once(parse)
    first = read("a: [1, no, 2026-12-01]", "params.yaml")
    assert first == PARSE("a: [1, no, 2026-12-01]", "params.yaml")
    first["a"].append(2)
    assert read("a: [1, no, 2026-12-01]", "params.yaml") == PARSE("a: [1, no, 2026-12-01]", "params.yaml")
    assert read("a: 1", "params.yaml") == {"a": 1} and read("", "params.yaml") == {}
    assert len(asked) == 3


def test_a_fault_names_its_file_each_time() -> None:
    read = read_once(PARSE)
    for path in ("one.yaml", "two.yaml", "one.yaml"):
        with pytest.raises(_yaml.YAMLFileCorruptedError, match=path):
            read("a: [", path)


def test_comments_outlive_what_is_read_to_be_written() -> None:
    text = "a: 1  # why\n"
    assert written(DUMP, read_once(PARSE)(text, "dvc.yaml", "rt")) == text


@pytest.fixture
def as_dvc_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give DVC its own functions, and back what it had before the test."""
    monkeypatch.setattr(_yaml, "_dump", DUMP)
    monkeypatch.setattr(_yaml, "parse_yaml", PARSE)
    monkeypatch.setattr(strictyaml, "parse_yaml", PARSE)
    monkeypatch.setattr(_yaml, "parse_yaml_for_update", _yaml.parse_yaml_for_update)


@pytest.mark.usefixtures("as_dvc_has_it")
def test_dvc_is_quickened_once() -> None:
    quicken()
    write, read = _yaml._dump, _yaml.parse_yaml
    assert isinstance(write, LockWriter) and strictyaml.parse_yaml is read is not PARSE
    assert _yaml.parse_yaml_for_update("a: 1  # why", "dvc.lock") == {"a": 1}
    quicken()
    assert (_yaml._dump, _yaml.parse_yaml) == (write, read)


@pytest.mark.usefixtures("as_dvc_has_it")
@pytest.mark.parametrize("name", ["_dump", "parse_yaml"])
def test_a_dvc_without_these_names_is_left_as_it_is(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    other, update = {"_dump": "parse_yaml", "parse_yaml": "_dump"}[name], _yaml.parse_yaml_for_update
    monkeypatch.delattr(_yaml, name)
    quicken()
    assert getattr(_yaml, other) is {"_dump": DUMP, "parse_yaml": PARSE}[other]
    assert strictyaml.parse_yaml is PARSE and _yaml.parse_yaml_for_update is update

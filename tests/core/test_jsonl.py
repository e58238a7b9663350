"""JSONL in and out, and a ledger that balances."""

import json
from pathlib import Path

import pytest

from stages.core import jsonl
from stages.core.dropped import Dropped, Reason
from stages.core.errors import InputError, LedgerError
from stages.core.row import Record, Row


class Fruit(Row):
    name: str
    weight: float = 1.0


PEAR, PLUM = Fruit(id="1", name="pear"), Fruit(id="2", name="李子")


def test_rows_come_back_in_order_and_readable(tmp_path: Path) -> None:
    target = tmp_path / "a.jsonl"
    assert jsonl.write(target, [PEAR, PLUM]) == 2
    assert jsonl.read(target, Fruit) == [PEAR, PLUM]
    assert "李子" in target.read_text(encoding="utf-8")


def test_empty_lines_are_passed_over(tmp_path: Path) -> None:
    target = tmp_path / "a.jsonl"
    target.write_text(f"\n{PEAR.model_dump_json()}\n\n", encoding="utf-8")
    assert jsonl.read(target, Fruit) == [PEAR]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b'{"id": "2", "name": "secret", "weight": "heavy"}', "a.jsonl:2: not a Fruit row: weight: "),
        (b'{"id": "2", "nmae": "secret"}', "a.jsonl:2: not a Fruit row: name: Field required; nmae: "),
        (b'{"id": "2", "name": "secret', "a.jsonl:2: not a Fruit row: row: Invalid JSON"),
        (b'{"id": "2", "name": "secret\xff"}', "a.jsonl: not UTF-8"),
        (b'["secret"]', "a.jsonl:2: not a Fruit row: row: "),
    ],
)
def test_a_bad_row_is_named_by_place_and_not_echoed(tmp_path: Path, line: bytes, expected: str) -> None:
    target = tmp_path / "a.jsonl"
    target.write_bytes(PEAR.model_dump_json().encode() + b"\n" + line + b"\n")
    with pytest.raises(InputError) as caught:
        jsonl.read(target, Fruit)
    assert expected in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "heavy" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.jsonl: not there; expected a JSONL file of Fruit rows"):
        jsonl.read(tmp_path / "a.jsonl", Fruit)


def outcomes() -> list[Record]:
    return [PEAR, Dropped(id="3", reason=Reason.EMPTY), PLUM, Dropped(id="4", reason=Reason.EMPTY)]


@pytest.mark.parametrize("came_in", [4, lambda: 4])
def test_sifting_writes_kept_dropped_and_their_count(tmp_path: Path, came_in: int) -> None:
    target, ledger = tmp_path / "a.jsonl", tmp_path / "ledger.json"
    jsonl.write_outcomes(target, outcomes(), ledger, came_in)
    assert jsonl.read(target, Fruit) == [PEAR, PLUM]
    assert [row.id for row in jsonl.read(tmp_path / "a.dropped.jsonl", Dropped)] == ["3", "4"]
    assert json.loads(ledger.read_text()) == {"in": 4, "kept": 2, "dropped": {"empty": 2}}


@pytest.mark.parametrize("came_in", [3, 5])
def test_a_ledger_that_does_not_balance_writes_nothing(tmp_path: Path, came_in: int) -> None:
    target = tmp_path / "a.jsonl"
    with pytest.raises(LedgerError, match=rf"{came_in} rows in, but 2 kept \+ 2 dropped"):
        jsonl.write_outcomes(target, outcomes(), tmp_path / "ledger.json", came_in)
    assert list(tmp_path.iterdir()) == []


def test_an_error_half_way_leaves_the_earlier_files(tmp_path: Path) -> None:
    target = tmp_path / "a.jsonl"
    jsonl.write(target, [PEAR])

    def broken() -> object:
        yield PLUM
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        jsonl.write_outcomes(target, broken(), tmp_path / "ledger.json", 2)  # type: ignore[arg-type]
    assert jsonl.read(target, Fruit) == [PEAR]
    assert list(tmp_path.iterdir()) == [target]

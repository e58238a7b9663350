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


@pytest.mark.parametrize("by_hand", [True, False])
def test_a_key_that_stands_twice_is_named_where_people_write(tmp_path: Path, by_hand: bool) -> None:
    target = tmp_path / "a.jsonl"
    target.write_text(PEAR.model_dump_json() + '\n\n{"id": "2", "name": "secret", "n\\u0061me": "plum"}\n')
    if by_hand:
        with pytest.raises(InputError, match=r"a\.jsonl:3: a key stands twice in an object; keep one of the two$"):
            jsonl.read(target, Fruit, by_hand=True)
    else:
        assert [row.name for row in jsonl.read(target, Fruit)] == [PEAR.name, "plum"]


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


def test_what_was_kept_and_why_not_is_said_on_screen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "a.jsonl"
    some = [*outcomes(), Dropped(id="5", reason=Reason.MALFORMED)]
    jsonl.write_outcomes(target, some, tmp_path / "curate.json", 5)
    assert capsys.readouterr().err == (
        f"curate: kept 2 of 5, dropped 3 (empty 2, malformed 1): see {tmp_path / 'a.dropped.jsonl'}\n"
    )
    jsonl.write_outcomes(target, [PEAR], tmp_path / "curate.json", 1)
    assert capsys.readouterr().err == "curate: kept 1 of 1\n"


def test_a_stage_that_keeps_nothing_fails_and_leaves_the_list(tmp_path: Path) -> None:
    target, ledger = tmp_path / "a.jsonl", tmp_path / "ledger.json"
    nothing = [Dropped(id="3", reason=Reason.EMPTY, detail="no turns"), Dropped(id="4", reason=Reason.MALFORMED)]
    with pytest.raises(InputError) as caught:
        jsonl.write_outcomes(target, nothing, ledger, 2)
    assert str(caught.value) == (
        f"kept 0 of 2, dropped 2 (empty 1, malformed 1): see {tmp_path / 'a.dropped.jsonl'}; nothing is left to go on with;"
        " the first: 3 empty (no turns)"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["a.dropped.jsonl"]
    assert len(jsonl.read(tmp_path / "a.dropped.jsonl", Dropped)) == 2
    with pytest.raises(InputError, match="kept 0 of 0; nothing is left"):
        jsonl.write_outcomes(target, [], ledger, 0)
    jsonl.write_outcomes(target, nothing, ledger, 2, may_be_empty=True)
    assert json.loads(ledger.read_text())["kept"] == 0


def test_more_dropped_than_allowed_fails_duplicates_aside(tmp_path: Path) -> None:
    target, ledger = tmp_path / "a.jsonl", tmp_path / "ledger.json"
    jsonl.write_outcomes(target, outcomes(), ledger, 4, max_dropped=0.5)
    with pytest.raises(
        InputError,
        match=r"kept 2 of 4.*more than ledger.max_dropped \(0\.49\) allows, duplicates aside; mend them or raise it; the first: 3 empty",
    ):
        jsonl.write_outcomes(target, outcomes(), ledger, 4, max_dropped=0.49)
    twice = [PEAR, Dropped(id="3", reason=Reason.DUPLICATE)]
    jsonl.write_outcomes(target, twice, ledger, 2, max_dropped=0.0)


def test_as_many_as_are_allowed_may_be_dropped_to_the_row(tmp_path: Path) -> None:
    rows = [Dropped(id=str(n), reason=Reason.EMPTY) if n < 29 else PEAR for n in range(100)]
    target, ledger = tmp_path / "a.jsonl", tmp_path / "ledger.json"
    jsonl.write_outcomes(target, rows, ledger, 100, max_dropped=0.29)
    assert json.loads(ledger.read_text())["kept"] == 71


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

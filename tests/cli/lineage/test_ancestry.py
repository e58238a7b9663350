"""The ancestry of a row over files in memory: loops end, broken lines are named, what nobody kept is still told."""

import json
from collections.abc import Iterator

import pytest

from stages.cli.lineage.ancestry import ancestry
from stages.cli.lineage.ids import identified
from stages.cli.lineage.rows import TRAINING
from stages.core.errors import InputError

LIBRARY, PAIRS = "data/instructions/library.jsonl", "data/samples/pairs.jsonl"


class InMemory:
    """Files by path."""

    def __init__(self, **rows: list[object]) -> None:
        self.files: dict[str, list[str]] = {}
        self.add(rows)

    def add(self, rows: dict[str, list[object]]) -> "InMemory":
        self.files |= {
            path: [each if isinstance(each, str) else json.dumps(each) for each in row] for path, row in rows.items()
        }
        return self

    def lines(self, path: str) -> Iterator[str]:
        yield from self.files.get(path, ())

    def names(self, folder: str) -> list[str]:
        return [path for path in self.files if path.startswith(f"{folder}/")]

    def digest(self, path: str) -> str:
        return f"md5 of {path}"


def rewritten(ident: str, *parents: str) -> dict[str, object]:
    row = {"id": ident, "task": "reasoning", "requirement": "r", "text": "t", "origin": "evolved", "author": "a"}
    return row | {"generation": 1, "parents": list(parents)}


def test_instructions_that_are_each_others_parents_end() -> None:
    files = InMemory().add({LIBRARY: [rewritten("aaaa1111", "aaaa2222"), rewritten("aaaa2222", "aaaa1111")]})
    made = ancestry(files, "aaaa1111", "homes")
    assert [parent.id for parent in made.parents] == ["aaaa2222"] and made.parents[0].parents == ()
    assert (made.place, made.md5) == (f"{LIBRARY}:1", f"md5 of {LIBRARY}")


def test_a_row_that_no_stage_kept_is_told_by_who_dropped_it() -> None:
    drops = [{"id": "talks.csv:7", "reason": "malformed", "detail": "x", "parents": []}] * 2
    made = ancestry(InMemory().add({"data/dialogues/ingested.dropped.jsonl": list(drops)}), "talks.csv:7", "homes")
    assert made.kind == "dropped row"
    assert made.facts["dropped"] == [{"stage": "ingest", "reason": "malformed", "detail": "x", "times": 2}]


def test_a_line_that_is_no_json_is_named_without_what_it_says() -> None:
    files = InMemory().add({LIBRARY: [rewritten("aaaa1111"), '{"id": "aaaa2222", "text": "secret']})
    with pytest.raises(InputError, match=f"{LIBRARY}:2: not JSON") as error:
        ancestry(files, "aaaa2222", "homes")
    assert "secret" not in str(error.value)


def test_a_pack_that_is_half_merged_is_one_line() -> None:
    pack = "prompts/homes/instructions.yaml"
    pair = {"id": "aaaa0001", "scene": "s", "source": "c", "role": "r", "ask": {"kind": "list"}, "dialogue": "d"}
    files = InMemory().add(
        {PAIRS: [pair | {"instruction": "bbbb0001"}], pack: ["replies:\n", "<<<<<<< HEAD\n", "- id: a\n"]}
    )
    with pytest.raises(InputError, match=f"^{pack}:[23]: not YAML; mend it$"):
        ancestry(files, "aaaa0001", "homes")


def test_an_id_that_is_named_but_has_no_row_of_its_own_is_not_found() -> None:
    files = InMemory().add({PAIRS: [{"id": "aaaa0001", "instruction": "bbbb0001"}]})
    with pytest.raises(InputError, match="in no file of the graph"):
        identified(files, "bbbb0001")


def test_a_whole_id_is_meant_even_where_another_begins_so() -> None:
    files = InMemory().add({LIBRARY: [rewritten("aaaa"), rewritten("aaaa1")]})
    assert identified(files, "aaaa") == "aaaa"


def test_rows_are_counted_from_one() -> None:
    files = InMemory().add({TRAINING: [rewritten("aaaa1111")]})
    assert identified(files, "1") == "aaaa1111"
    for number in ("0", "2"):
        with pytest.raises(InputError, match=f"row {number}: {TRAINING} has no such number"):
            identified(files, number)

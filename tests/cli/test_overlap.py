"""`dial-insight overlap`: rows and items of any files."""

import json
from pathlib import Path

import pytest

from stages.cli.main import main
from stages.core import jsonl
from stages.evaluation.rows.overlap import Hit

QUESTION = "Which bird can fly backwards and hover in front of a flower?"


def written(path: Path, *records: object) -> str:
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    return str(path)


def test_rows_of_any_form_and_items_of_any_suite(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)  # where there is no params.yaml
    rows = written(
        tmp_path / "rows.jsonl",
        {"instruction": "Say hello.", "output": "Hello."},
        {"instruction": QUESTION, "output": "A hummingbird."},
        {"conversations": [{"from": "human", "value": "潮汐主要由什么天体引起？"}, {"from": "gpt", "value": "月球。"}]},
    )
    items = written(
        tmp_path / "birds.jsonl",
        {"item": "b1", "question": QUESTION, "choices": ["a hummingbird", "a penguin"], "answer": 0, "level": 3},
        {"item": "b2", "question": "Which bird lays the largest egg?", "answer": "the ostrich"},
        {"id": 3, "suite": "sea", "text": "潮汐主要由什么天体引起？", "choices": ["太阳", "月球"], "answer": 1},
    )
    assert main(["overlap", "--rows", rows, "--items", items, "--target", "found.jsonl"]) == 0
    found = [(hit.suite, hit.item, hit.language, hit.row) for hit in jsonl.read(Path("found.jsonl"), Hit)]
    assert found == [("birds", "b1", "en", "line 2"), ("sea", "3", "zh", "line 3")]
    out = capsys.readouterr().out
    assert "birds: 1 of 2 (ngram 1)" in out and "2 of 3 items found in 3 rows" in out


def test_an_item_twice_is_refused_by_its_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = written(tmp_path / "rows.jsonl", {"text": "Hello."})
    items = written(tmp_path / "birds.jsonl", *[{"item": "b1", "question": QUESTION}] * 2)
    assert main(["overlap", "--rows", rows, "--items", items, "--target", str(tmp_path / "found.jsonl")]) != 0
    assert "item b1 stands there twice" in capsys.readouterr().err
    assert not (tmp_path / "found.jsonl").exists()


def test_items_of_one_name_in_two_files_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = written(tmp_path / "rows.jsonl", {"text": QUESTION})
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    items = [written(tmp_path / name / "birds.jsonl", {"item": "b1", "question": QUESTION}) for name in ("a", "b")]
    assert main(["overlap", "--rows", rows, "--items", *items, "--target", str(tmp_path / "found.jsonl")]) == 1
    assert "item b1 of suite birds stands in two files" in capsys.readouterr().err
    other = written(tmp_path / "b" / "birds.jsonl", {"item": "b1", "suite": "more", "question": QUESTION})
    assert main(["overlap", "--rows", rows, "--items", items[0], other, "--target", str(tmp_path / "found.jsonl")]) == 0
    assert [hit.suite for hit in jsonl.read(tmp_path / "found.jsonl", Hit)] == ["birds", "more"]


def test_files_with_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    rows, items, target = (tmp_path / name for name in ("rows.jsonl", "birds.jsonl", "found.jsonl"))
    for path, record in ((rows, {"text": QUESTION}), (items, {"item": "b1", "question": QUESTION})):
        path.write_bytes(b"\xef\xbb\xbf" + json.dumps(record).encode() + b"\r\n")
    assert main(["overlap", "--rows", str(rows), "--items", str(items), "--target", str(target)]) == 0
    assert [hit.item for hit in jsonl.read(target, Hit)] == ["b1"]


def test_a_folder_no_item_and_files_of_one_name_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "more").mkdir()
    rows, again = (written(folder / "rows.jsonl", {"text": "Hello."}) for folder in (tmp_path, tmp_path / "more"))
    items = written(tmp_path / "birds.jsonl", {"item": "b1", "question": QUESTION})
    empty = written(tmp_path / "empty.jsonl")
    for given, asked, said in (
        ([str(tmp_path)], items, "a folder"),
        ([rows], empty, "no item"),
        ([rows, again], items, "one name"),
    ):
        assert main(["overlap", "--rows", *given, "--items", asked, "--target", str(tmp_path / "found.jsonl")]) != 0
        assert said in capsys.readouterr().err


def test_a_file_without_rows_is_not_taken_for_clean(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows, items = (
        written(tmp_path / "rows.jsonl"),
        written(tmp_path / "birds.jsonl", {"item": "b1", "question": QUESTION}),
    )
    assert main(["overlap", "--rows", rows, "--items", items, "--target", str(tmp_path / "found.jsonl")]) == 1
    assert "rows.jsonl: no row" in capsys.readouterr().err
    assert not (tmp_path / "found.jsonl").exists()


def test_what_is_read_is_not_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = written(tmp_path / "rows.jsonl", {"text": QUESTION})
    items = written(tmp_path / "birds.jsonl", {"item": "b1", "question": QUESTION})
    (tmp_path / "link").symlink_to("rows.jsonl")
    before = Path(rows).read_bytes()
    for target in (rows, items, str(tmp_path / "link")):
        assert main(["overlap", "--rows", rows, "--items", items, "--target", target]) == 1
        assert "would be overwritten" in capsys.readouterr().err
    assert Path(rows).read_bytes() == before


def test_an_answer_that_is_no_choice_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = written(tmp_path / "rows.jsonl", {"text": "Hello."})
    for answer in (2, -1):
        item = {"item": "b1", "question": QUESTION, "choices": ["a hummingbird", "a penguin"], "answer": answer}
        words = [
            "--rows",
            rows,
            "--items",
            written(tmp_path / "birds.jsonl", item),
            "--target",
            str(tmp_path / "found"),
        ]
        assert main(["overlap", *words]) == 1
        assert "birds.jsonl:1: " in (said := capsys.readouterr().err) and "one of the choices" in said

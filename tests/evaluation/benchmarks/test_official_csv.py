"""Published CSV: every cell stays text, the asked split is the one that is there, faults name file, line and remedy."""

from pathlib import Path

import pytest

from stages.core.errors import InputError
from stages.evaluation.benchmarks import official_csv

MMLU = 'What is 2?,"(1) (2)",007,"two, too",1e5,C\n'
CHINESE = {
    "ceval": "id,question,A,B,C,D,answer,explanation\n0,问题,(1) (2),007,三,1e5,B,因为\n",
    "cmmlu": ",Question,A,B,C,D,Answer\n0,问题,(1) (2),007,三,1e5,B\n",
}


def put(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_mmlu_has_no_header_and_its_cells_stay_text(tmp_path: Path) -> None:
    for split in ("dev", "val", "test"):
        put(tmp_path, f"{split}/anatomy_{split}.csv", MMLU * 2)
    found = official_csv.read(tmp_path, "mmlu", ["anatomy", "law"])
    assert found.asked == "test"
    row = {"question": "What is 2?", "choices": ["(1) (2)", "007", "two, too", "1e5"], "answer": 2}
    assert found.subjects == {"anatomy": {"dev": [row, row], "test": [row, row]}}


def test_mmlu_without_its_test_split_asks_val(tmp_path: Path) -> None:
    for split in ("dev", "val"):
        put(tmp_path, f"{split}/anatomy_{split}.csv", MMLU)
    assert official_csv.read(tmp_path, "mmlu", ["anatomy"]).asked == "val"


@pytest.mark.parametrize(("suite", "split", "question"), [("ceval", "val", "question"), ("cmmlu", "test", "Question")])
def test_chinese_suites_are_read_by_their_headers(tmp_path: Path, suite: str, split: str, question: str) -> None:
    put(tmp_path, f"{split}/law.csv", "\ufeff" + CHINESE[suite])
    found = official_csv.read(tmp_path, suite, ["law"])
    answer = "Answer" if question == "Question" else "answer"
    row = {question: "问题", "A": "(1) (2)", "B": "007", "C": "三", "D": "1e5", answer: "B"}
    assert found.subjects == {"law": {split: [row]}}


def test_a_folder_with_only_dev_asks_dev(tmp_path: Path) -> None:
    put(tmp_path, "dev/law.csv", CHINESE["cmmlu"])
    assert official_csv.read(tmp_path, "cmmlu", ["law"]).asked == "dev"


def test_shots_of_a_subject_that_is_not_asked_are_left(tmp_path: Path) -> None:
    put(tmp_path, "test/law.csv", CHINESE["cmmlu"])
    put(tmp_path, "dev/arts.csv", CHINESE["cmmlu"])
    assert list(official_csv.read(tmp_path, "cmmlu", ["arts", "law"]).subjects) == ["law"]


def test_no_questions_at_all_are_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"mmlu: no CSV files in test/ or val/; put the published ones there, or"):
        official_csv.read(tmp_path / "mmlu", "mmlu", ["anatomy"])


def test_a_file_of_no_subject_is_named(tmp_path: Path) -> None:
    put(tmp_path, "val/anatomie_val.csv", MMLU)
    with pytest.raises(InputError, match=r"anatomie_val.csv: no subject of mmlu, such as anatomy; name it"):
        official_csv.read(tmp_path, "mmlu", ["law", "anatomy"])


@pytest.mark.parametrize(
    "line", ["Secret?,a,b,c,d\n", "Secret?,a,b,c,d,E\n", "Secret?,a,,c,d,A\n", "Secret?,a,b,c,d,e,A\n", "\n"]
)
def test_a_bad_row_is_named_by_its_line_without_its_text(tmp_path: Path, line: str) -> None:
    put(tmp_path, "val/anatomy_val.csv", MMLU + line)
    with pytest.raises(
        InputError, match=r"anatomy_val\.csv:2: expected text in each of question, A, B, C, D"
    ) as caught:
        official_csv.read(tmp_path, "mmlu", ["anatomy"])
    assert "Secret" not in str(caught.value)


def test_a_column_that_is_missing_is_a_fault_of_the_first_row(tmp_path: Path) -> None:
    put(tmp_path, "test/law.csv", CHINESE["ceval"])
    with pytest.raises(InputError, match=r"law\.csv:2: expected text in each of Question, A, B, C, D, Answer"):
        official_csv.read(tmp_path, "cmmlu", ["law"])


def test_what_is_not_utf_8_is_said(tmp_path: Path) -> None:
    put(tmp_path, "test/law.csv", "").write_bytes(CHINESE["cmmlu"].encode("gb18030"))
    with pytest.raises(InputError, match=r"law\.csv: not CSV in UTF-8"):
        official_csv.read(tmp_path, "cmmlu", ["law"])


def test_a_file_of_the_asked_split_without_a_question_is_named(tmp_path: Path) -> None:
    path = put(tmp_path, "test/anatomy_test.csv", "")
    with pytest.raises(InputError) as caught:
        official_csv.read(tmp_path, "mmlu", ["anatomy"])
    assert str(caught.value) == f"{path}: no question; take the published file, or remove it"

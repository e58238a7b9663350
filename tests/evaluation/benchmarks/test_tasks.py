"""Official tasks over rows of a folder: lm-eval's own words around them, in both formulations."""

from pathlib import Path
from typing import Any

import httpx2
import pytest
from datasets import Dataset, DatasetDict
from datasets.exceptions import DatasetsError

from stages.core.errors import InputError
from stages.core.row import Language
from stages.evaluation.benchmarks.tasks import official, own, tables
from stages.evaluation.rows.outcome import Formulation, Question
from tests.evaluation.benchmarks.test_official_csv import CHINESE, MMLU, put

ASKING: tuple[Formulation, ...] = ("letter", "cloze")


def first(suite: str, folder: Path, shots: int, asking: Formulation) -> list[tuple[str, str]]:
    [task] = official(tables(suite, folder), shots, asking).values()
    task.build_all_requests(samples=[0])
    return [instance.args for instance in task.instances]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for split in ("dev", "val"):
        put(tmp_path, f"mmlu/{split}/anatomy_{split}.csv", MMLU.replace("2?", f"{split}?") * 2)
        put(tmp_path, f"ceval/{split}/law_{split}.csv", CHINESE["ceval"])
    put(tmp_path, "cmmlu/dev/agronomy.csv", CHINESE["cmmlu"])
    return tmp_path


def test_letters_are_asked_in_the_official_words(folder: Path) -> None:
    asked = first("mmlu", folder, 1, "letter")
    choices = "A. (1) (2)\nB. 007\nC. two, too\nD. 1e5\nAnswer:"
    assert asked[0][0] == (
        "The following are multiple choice questions (with answers) about anatomy.\n\n"
        f"What is dev?\n{choices} C\n\nWhat is val?\n{choices}"
    )
    assert [text for _, text in asked] == [" A", " B", " C", " D"]


def test_cloze_shows_no_choices_and_no_description(folder: Path) -> None:
    asked = first("mmlu", folder, 1, "cloze")
    assert asked[0][0] == "What is dev?\nAnswer: two, too\n\nWhat is val?\nAnswer:"
    assert [text for _, text in asked] == [" (1) (2)", " 007", " two, too", " 1e5"]


@pytest.mark.parametrize(("suite", "shots"), [("ceval", 1), ("cmmlu", 0)])
def test_chinese_suites_are_asked_in_chinese(folder: Path, suite: str, shots: int) -> None:
    assert [text for _, text in first(suite, folder, shots, "letter")] == [" A", " B", " C", " D"]
    asked = first(suite, folder, shots, "cloze")
    assert asked[0][0] == "问题\n答案： 007\n\n" * shots + "问题\n答案："
    assert [text for _, text in asked] == [" (1) (2)", " 007", " 三", " 1e5"]


@pytest.mark.parametrize(("language", "end"), [("zh", "答案："), ("en", "Answer:")])
@pytest.mark.parametrize("shots", [0, 1])
def test_our_own_questions_end_in_their_language_as_the_official_ones_do(
    folder: Path, language: Language, end: str, shots: int
) -> None:
    question = Question(
        id="q-1", subject="law", language=language, question="问题", choices=("一", "二", "三", "四"), answer=1
    )
    listed = "A. 一\nB. 二\nC. 三\nD. 四\n"
    for asking, choices, answer in zip(ASKING, (listed, ""), ("B", "二"), strict=True):
        [task] = own([question], [question], shots, asking).values()
        task.build_all_requests(samples=[0])
        asked = f"问题\n{choices}{end}"
        assert task.instances[1].args == (f"{asked} {answer}\n\n" * shots + asked, f" {answer}")


@pytest.mark.parametrize("suite", ["ceval", "cmmlu"])
def test_the_official_chinese_letter_questions_end_so(folder: Path, suite: str) -> None:
    assert all(text.endswith("D. 1e5\n答案：") for text, _ in first(suite, folder, 0, "letter"))


def test_a_split_under_another_name_is_asked_and_remembered(folder: Path) -> None:
    found = tables("mmlu", folder)
    assert (found.asked, list(found.rows)) == ("val", ["mmlu_anatomy"])


def test_dev_alone_cannot_be_shown_and_asked(folder: Path) -> None:
    with pytest.raises(InputError, match=r"bench\.data: cmmlu has only dev/, which are the questions to show; add"):
        official(tables("cmmlu", folder), 5, "letter")


def test_too_few_shots_of_an_official_subject_are_said(folder: Path) -> None:
    with pytest.raises(InputError, match=r"mmlu_anatomy has 2 questions to show, 5 shots are asked; complete dev/"):
        official(tables("mmlu", folder), 5, "letter")


def test_without_dev_questions_are_asked_without_shots_only(tmp_path: Path) -> None:
    put(tmp_path, "ceval/val/law_val.csv", CHINESE["ceval"])
    assert len(first("ceval", tmp_path, 0, "letter")) == 4
    with pytest.raises(InputError, match=r"ceval-valid_law has 0 questions to show, 1 shots are asked"):
        official(tables("ceval", tmp_path), 1, "letter")


@pytest.mark.slow
def test_the_hub_is_asked_once_for_all_ways_of_asking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"question": "问题", "A": "一", "B": "二", "C": "三", "D": "四", "answer": "B"}] * 2
    fetched: list[str] = []

    def load_dataset(path: str, name: str, **_: object) -> DatasetDict:
        fetched.append(name)
        return DatasetDict({split: Dataset.from_list(rows) for split in ("dev", "val")})

    monkeypatch.setattr("datasets.load_dataset", load_dataset)
    found = tables("ceval", tmp_path)
    asked = [official(found, shots, asking) for shots in (0, 2) for asking in ASKING]
    assert (found.asked, len(fetched), len(set(fetched))) == ("val", 52, 52)
    assert [len(subjects) for subjects in asked] == [52] * 4


@pytest.mark.parametrize(
    "fault", [ConnectionError("no route"), httpx2.ProxyError("407"), DatasetsError("cut off"), RuntimeError("of Xet")]
)
def test_an_official_suite_without_folder_and_hub_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    def nowhere(*_: Any, **__: Any) -> None:  # noqa: ANN401
        raise fault

    monkeypatch.setattr("datasets.load_dataset", nowhere)
    with pytest.raises(
        InputError, match=rf"cmmlu: not there, and cmmlu cannot be fetched from the hub \({type(fault).__name__}\)"
    ):
        tables("cmmlu", tmp_path)

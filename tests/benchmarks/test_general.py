"""Official benchmarks of a folder and of the file that is served: one sample, one way of asking, one verdict."""

import csv
from pathlib import Path

import pytest

from benchmarks.general import asked, figures, main, sample
from stages.evaluation.rows.outcome import ChoiceResult

pytestmark = pytest.mark.slow

NEAR = 0.8  # nats of a choice by which llama.cpp, which rounds what it multiplies to 8 bits, may differ from float32 on the same weights
ASKED = {0: 3}


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """Return a folder with one invented subject of MMLU, as it is published."""
    questions = [
        ("Which of these is an animal?", "a horse", "a chair", "a spoon", "a street", "A"),
        ("What colour is fresh snow?", "black", "white", "green", "red", "B"),
        ("How many days has a week?", "three", "five", "seven", "twelve", "C"),
    ]
    for split in ("val", "dev"):
        path = tmp_path / "official/mmlu" / split / f"miscellaneous_{split}.csv"
        path.parent.mkdir(parents=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(questions)
    return tmp_path / "official"


def test_a_served_file_is_asked_what_its_folder_is_asked(base_model: Path, published: Path, tmp_path: Path) -> None:
    folder, served = (
        list(asked(model, published, tmp_path / "found", ASKED, 1, 1, ["mmlu"]))
        for model in (str(base_model), "smollm2-135m")
    )
    assert [round_[:3] for round_ in folder] == [round_[:3] for round_ in served]
    assert {formulation for _, _, formulation, _ in folder} == {"letter", "cloze"}
    for (*_, own), (*_, file) in zip(folder, served, strict=True):
        assert figures(own)["n"] == 3
        for one, other in zip(own, file, strict=True):
            assert isinstance(one.result, ChoiceResult) and isinstance(other.result, ChoiceResult)
            assert (one.item, one.result.gold) == (other.item, other.result.gold)
            assert other.result.log_probabilities == pytest.approx(one.result.log_probabilities, abs=NEAR)


def test_a_round_that_is_there_is_not_asked_again(
    monkeypatch: pytest.MonkeyPatch, tiny_model: Path, published: Path, tmp_path: Path
) -> None:
    found = list(asked(str(tiny_model), published, tmp_path / "found", ASKED, 1, 1, ["mmlu"]))
    monkeypatch.setattr("benchmarks.general.opened", None)  # no model is loaded
    assert list(asked(str(tiny_model), published, tmp_path / "found", ASKED, 1, 1, ["mmlu"])) == found


def test_a_sample_is_spread_over_the_subjects() -> None:
    subjects = {f"subject {n}": n for n in range(57)}
    chosen, each = sample(subjects, 300)
    assert (len(chosen), each) == (57, 5)
    chosen, each = sample(subjects, 30)
    assert (len(chosen), each) == (10, 3)
    assert list(chosen) == sorted(chosen, key=lambda name: int(name.split()[1]))


def test_two_models_of_one_name_would_be_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--official", str(tmp_path), "--target", str(tmp_path), "runs/a/tuned", "runs/b/tuned"])
    assert "two models are called tuned" in capsys.readouterr().err

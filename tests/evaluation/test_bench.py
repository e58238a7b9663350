"""Stage bench: both scorers' figures are the model's own log-likelihoods, by questions and shots of this repository."""

import json
import math
import shutil
from pathlib import Path
from typing import Any, Literal, get_args

import pytest
import torch

from stages.core import jsonl
from stages.core.errors import InputError, ModelError, ParamsError
from stages.core.params import load_all
from stages.evaluation.bench import main
from stages.evaluation.benchmarks import lm_eval_runner, recorded, rounds, tasks
from stages.evaluation.benchmarks.settings import Bench
from stages.evaluation.rows.outcome import BenchmarkOutcome, ChoiceResult, Formulation, Passage, PassageLoss, Question
from stages.models import loading

pytestmark = pytest.mark.slow

Asking = Literal["letter", "cloze"]
NAMES = {"geography": "en", "zh_science": "zh"}


def question(subject: str, number: int, split: str) -> Question:
    choices = (f"{number}", f"{number + 1} {subject}", "none", "all of Bern")
    return Question.model_validate(
        {
            "id": f"{subject}-{split}-{number}",
            "subject": subject,
            "language": NAMES[subject],
            "question": f"How many {subject} {split} {'and more ' * number}are there?",
            "choices": choices,
            "answer": number % 4,
        }
    )


SHOWN = [question(subject, n, "dev") for subject in NAMES for n in range(3)]
ASKED = [question(subject, n, "test") for subject in NAMES for n in range(6)]
TEXTS = [
    Passage(id=f"t{n}", language="en" if n else "zh", kind="story", text="Once there was a bridge. " * (n + 1))
    for n in range(3)
]


def written(question: Question, asking: Asking) -> str:
    lines = [f"{letter}. {choice}" for letter, choice in zip("ABCD", question.choices, strict=True)]
    end = "答案：" if question.language == "zh" else "Answer:"
    return "\n".join([question.question, *(lines if asking == "letter" else []), end])


def answers(question: Question, asking: Asking) -> list[str]:
    return list(question.choices) if asking == "cloze" else list("ABCD")


def log_probabilities(model: Any, tokenizer: Any, context: str, following: list[str]) -> list[float]:  # noqa: ANN401
    start = len(tokenizer(context, add_special_tokens=False)["input_ids"])
    found = []
    for text in following:
        row = tokenizer(f"{context} {text}", add_special_tokens=False)["input_ids"]
        with torch.inference_mode():
            scores = model(torch.tensor([row])).logits[0].log_softmax(-1)
        found.append(sum(float(scores[n - 1, row[n]]) for n in range(start, len(row))))
    return found


def asked_of(
    scorer: lm_eval_runner.LmEvalScorer, asked: list[Question], shots: int, asking: Asking
) -> list[tuple[BenchmarkOutcome, ChoiceResult]]:
    subjects = tasks.own(SHOWN, asked, shots, asking)
    found = list(lm_eval_runner.outcomes(scorer, "small", subjects, shots, asking))
    return [(outcome, outcome.result) for outcome in found if isinstance(outcome.result, ChoiceResult)]


def direct(folder: Path, scorer: str, asked: list[Question], shots: int) -> None:
    made = lm_eval_runner.SCORERS[scorer](folder, 3)
    model, tokenizer = loading.load(folder)
    for asking in get_args(Asking):
        found = asked_of(made, asked, shots, asking)
        assert [outcome.item for outcome, _ in found] == [one.id for one in asked]
        for one, (outcome, choice) in zip(asked, found, strict=True):
            shown = [q for q in SHOWN if q.subject == one.subject][:shots]
            start = "".join(f"{written(q, asking)} {answers(q, asking)[q.answer]}\n\n" for q in shown)
            expected = log_probabilities(model, tokenizer, start + written(one, asking), answers(one, asking))
            assert outcome.formulation == asking
            assert choice.log_probabilities == pytest.approx(expected, abs=2e-3)
            assert choice.gold == one.answer
            assert choice.characters == (tuple(map(len, one.choices)) if asking == "cloze" else ())
            worth = [p / n for p, n in zip(expected, choice.characters or [1] * 4, strict=True)]
            assert choice.right == int(max(range(4), key=worth.__getitem__) == one.answer)


@pytest.mark.parametrize("shots", [0, 2])
@pytest.mark.parametrize("scorer", ["light", "lm-eval"])
def test_parity_with_direct_log_likelihoods(tiny_model: Path, scorer: str, shots: int) -> None:
    direct(tiny_model, scorer, ASKED, shots)


def test_parity_with_direct_log_likelihoods_of_the_embedded_model(base_model: Path) -> None:
    direct(base_model, "light", ASKED[5:7], 2)


@pytest.mark.parametrize("asking", ["letter", "cloze"])
@pytest.mark.parametrize("shots", [0, 5])
def test_the_light_scorer_equals_lm_eval_on_every_item_of_the_shipped_benchmark(
    tiny_model: Path, root: Path, shots: int, asking: Asking
) -> None:
    shown, asked = (jsonl.read(root / f"data/bench/small/{split}.jsonl", Question) for split in ("dev", "test"))
    found = [
        list(
            lm_eval_runner.outcomes(
                make(tiny_model, 16),
                "small",
                tasks.own(shown, asked, shots, asking),
                shots,
                asking,
            )
        )
        for make in (lm_eval_runner.SharedPrefixScorer, lm_eval_runner.LmEvalScorer)
    ]
    assert len(found[0]) == len(asked)
    for light, plain in zip(*found, strict=True):
        assert light.id == plain.id
        assert isinstance(light.result, ChoiceResult) and isinstance(plain.result, ChoiceResult)
        assert light.result.log_probabilities == pytest.approx(plain.result.log_probabilities, abs=1e-3)
        assert light.result.right == plain.result.right


def test_our_reading_of_who_is_right_is_lm_evals(tiny_model: Path) -> None:
    asked, scorer = ASKED, lm_eval_runner.SharedPrefixScorer(tiny_model, 4)
    for asking, metric in (("letter", "acc"), ("cloze", "acc_norm")):
        subjects = tasks.own(SHOWN, asked, 1, "cloze" if asking == "cloze" else "letter")
        for task in subjects.values():
            task.override_metric(metric)
        samples = scorer.answers(subjects, {name: list(range(6)) for name in subjects}, "asking")
        theirs = [int(row[metric]) for rows in samples.values() for row in rows]
        ours = [choice.right for _, choice in asked_of(scorer, asked, 1, "cloze" if asking == "cloze" else "letter")]
        assert ours == theirs


def test_what_is_too_long_for_the_model_is_cut_as_lm_eval_cuts_it(tiny_model: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_model, tmp_path / "short")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"max_position_embeddings": 120}))
    light, plain = (asked_of(make(folder, 4), ASKED, 2, "cloze") for make in lm_eval_runner.SCORERS.values())
    for (_, one), (_, two) in zip(light, plain, strict=True):
        assert one.log_probabilities == pytest.approx(two.log_probabilities, abs=1e-3)


def test_a_model_that_reads_packed_rows_otherwise_is_refused(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scorer = lm_eval_runner.SharedPrefixScorer(tiny_model, 4)
    inner = scorer.model.forward
    monkeypatch.setattr(  # as one that counts its positions itself would
        scorer.model, "forward", lambda *rows, position_ids=None, **others: inner(*rows, **others)
    )
    with pytest.raises(
        ModelError, match=r"bench\.scorer: light does not compute what LlamaForCausalLM does; set it to"
    ):
        asked_of(scorer, ASKED, 2, "cloze")


@pytest.mark.parametrize("scorer", ["light", "lm-eval"])
def test_perplexity_parity(base_model: Path, scorer: str) -> None:
    found = list(lm_eval_runner.SCORERS[scorer](base_model, 2).losses(TEXTS, "text"))
    model, tokenizer = loading.load(base_model)
    for passage, outcome in zip(TEXTS, found, strict=True):
        ids = torch.tensor([[tokenizer.bos_token_id, *tokenizer(passage.text)["input_ids"]]])
        with torch.inference_mode():
            nll = torch.nn.functional.cross_entropy(model(ids).logits[0, :-1], ids[0, 1:], reduction="sum")
        assert isinstance(outcome.result, PassageLoss)
        assert outcome.result.nll == pytest.approx(float(nll), rel=1e-4)
        assert outcome.result.tokens == ids.shape[1] - 1
        assert outcome.result.characters == len(passage.text)


def prepared(folder: Path, **changes: object) -> dict[str, Path]:
    values = {
        "suites": ["small"],
        "data": "official",
        "shots": [0, 2],
        "formulations": ["letter", "cloze"],
        "limit": 0,
        "scorer": "light",
        "twice": 0,
        "batch_size": 4,
    }
    (folder / "params.yaml").write_text(json.dumps({"bench": values | changes}))
    jsonl.write(folder / "bench/small/dev.jsonl", SHOWN)
    jsonl.write(folder / "bench/small/test.jsonl", ASKED)
    jsonl.write(folder / "bench/general_text.jsonl", TEXTS)
    return {
        "data": folder / "bench",
        "official": folder / "official",
        "target": folder / "items.jsonl",
        "report": folder / "metrics.json",
    }


def test_the_stage_writes_a_row_for_every_item_and_the_same_each_time(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    paths = prepared(tmp_path)
    main(model=tiny_model, **paths)
    rows, found = (
        jsonl.read(tmp_path / "items.jsonl", BenchmarkOutcome),
        json.loads((tmp_path / "metrics.json").read_text()),
    )
    first = (tmp_path / "items.jsonl").read_bytes()
    main(model=tiny_model, **paths)
    assert (tmp_path / "items.jsonl").read_bytes() == first
    assert len(rows) == len({row.id for row in rows}) == 4 * len(ASKED) + len(TEXTS)
    figures = found["small"]["2_shot"]
    accuracy: dict[Formulation, float] = {}
    for asking in ("letter", "cloze"):
        choices = [
            row.result
            for row in rows
            if (row.shots, row.formulation) == (2, asking) and isinstance(row.result, ChoiceResult)
        ]
        accuracy[asking] = sum(choice.right for choice in choices) / len(choices)
        assert figures[asking]["accuracy"] == pytest.approx(accuracy[asking], abs=1e-6)
    per_character = [c.log_probabilities[c.gold] / c.characters[c.gold] for c in choices]
    assert figures["cloze"]["right_log_probability_per_character"] == pytest.approx(sum(per_character) / 12, abs=1e-6)
    assert figures["accuracy"] == pytest.approx(max(accuracy.values()), abs=1e-6)
    assert figures[figures["formulation"]]["accuracy"] == figures["accuracy"]
    assert {key: figures[key] for key in ("split", "n", "subjects", "chance")} == {
        "split": "test",
        "n": 12,
        "subjects": 2,
        "chance": 0.25,
    }
    assert found["small"]["0_shot"]["letter"]["by_language"]["zh"]["n"] == 6
    losses = [row.result for row in rows if row.language == "en" and isinstance(row.result, PassageLoss)]
    expected = math.exp(sum(loss.nll for loss in losses) / sum(loss.tokens for loss in losses))
    assert found["text"]["en"]["perplexity"] == pytest.approx(expected, rel=1e-5)
    assert found["model"] == loading.identity(tiny_model)
    assert capfd.readouterr().out == ""


def test_too_little_memory_is_one_line(tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise torch.OutOfMemoryError

    paths = prepared(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(rounds, "bench", full)
    with pytest.raises(
        ModelError, match=r"^bench: out of memory; lower bench\.batch_size, or take a larger GPU, or set"
    ):
        main(model=tiny_model, **paths)


def test_the_base_reads_a_part_again_and_no_other_model_does(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    paths = prepared(tmp_path, twice=2)
    main(model=shutil.copytree(tiny_model, tmp_path / "base"), **paths)
    rows = jsonl.read(tmp_path / "items.jsonl", BenchmarkOutcome)
    again = [row for row in rows if row.again is not None]
    assert {(row.suite, row.subject) for row in again} == {("small", "geography"), ("text", "story")}
    assert len(again) == 4 * 6 + 2 and [row.item for row in again][-2:] == ["t0", "t2"]
    for row in again:
        if isinstance(row.result, ChoiceResult) and isinstance(row.again, ChoiceResult):
            assert row.again.log_probabilities == pytest.approx(row.result.log_probabilities, abs=1e-3)
        elif isinstance(row.result, PassageLoss) and isinstance(row.again, PassageLoss):
            assert row.again.nll == pytest.approx(row.result.nll, abs=1e-3)
    figures = json.loads((tmp_path / "metrics.json").read_text())
    assert "recorded" not in figures
    main(model=shutil.copytree(tiny_model, tmp_path / "tuned"), **paths)
    assert all(row.again is None for row in jsonl.read(tmp_path / "items.jsonl", BenchmarkOutcome))


def test_what_is_recorded_is_computed_when_it_is_read_again(tiny_model: Path) -> None:
    scorer = lm_eval_runner.SharedPrefixScorer(tiny_model, 4)
    computed = [choice.log_probabilities for _, choice in asked_of(scorer, ASKED, 0, "cloze")]
    scorer.recorded = recorded.Scores(None, dict.fromkeys(scorer.scored, -1.0))
    known = dict(scorer.scored)
    assert {choice.log_probabilities for _, choice in asked_of(scorer, ASKED, 0, "cloze")} == {(-1.0,) * 4}
    other = scorer.in_other_batches()
    assert (scorer.batch_size, other.batch_size, other.in_other_batches().batch_size) == (4, 1, 2)
    for again, first in zip(asked_of(other, ASKED, 0, "cloze"), computed, strict=True):
        assert again[1].log_probabilities == pytest.approx(first, abs=1e-3)
    assert scorer.scored == dict.fromkeys(known, -1.0) and other.computed == set(known)


def test_a_limit_takes_questions_spread_over_a_subject(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    paths = prepared(tmp_path, limit=2, shots=[0], formulations=["letter"])
    main(model=tiny_model, **paths)
    rows = jsonl.read(tmp_path / "items.jsonl", BenchmarkOutcome)
    asked = [row.item for row in rows if row.suite == "small"]
    assert asked == [f"{subject}-test-{n}" for subject in NAMES for n in (1, 4)]


def test_an_official_suite_from_a_folder_goes_through_the_stage(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    paths = prepared(tmp_path, suites=["mmlu"], shots=[0, 1])
    for split in ("dev", "val"):
        (tmp_path / f"official/mmlu/{split}").mkdir(parents=True)
        lines = [f'"What is {n}, (really)?",one,{n},three,"4, 5",B\n' for n in range(3)]
        (tmp_path / f"official/mmlu/{split}/anatomy_{split}.csv").write_text("".join(lines))
    main(model=tiny_model, **paths)
    rows, found = (
        jsonl.read(tmp_path / "items.jsonl", BenchmarkOutcome),
        json.loads((tmp_path / "metrics.json").read_text()),
    )
    asked = [row for row in rows if row.suite == "mmlu"]
    assert {(row.subject, row.language, row.item) for row in asked} == {
        ("mmlu_anatomy", "en", str(n)) for n in range(3)
    }
    assert len(asked) == 2 * 2 * 3
    assert found["mmlu"]["1_shot"]["split"] == "val"


def test_evenly_keeps_order_and_count() -> None:
    assert lm_eval_runner.evenly(10, 0) == lm_eval_runner.evenly(10, 99) == list(range(10))
    assert lm_eval_runner.evenly(10, 3) == [1, 5, 8]
    assert lm_eval_runner.evenly(0, 3) == []


def test_the_shipped_benchmark_has_five_shots_for_every_subject(root: Path) -> None:
    shown, asked = (jsonl.read(root / f"data/bench/small/{split}.jsonl", Question) for split in ("dev", "test"))
    assert len(tasks.own(shown, asked, 5, "letter")) >= 12
    assert len(asked) >= 100
    assert {row.language for row in jsonl.read(root / "data/bench/general_text.jsonl", Passage)} == {"en", "zh"}


def test_too_few_shots_in_a_subject_are_said() -> None:
    with pytest.raises(InputError, match=r"geography has 3 questions to show, 5 shots are asked; add to dev\.jsonl"):
        tasks.own(SHOWN, ASKED, 5, "cloze")


@pytest.mark.parametrize(
    "twice",
    [{"suites": ["small", "small"]}, {"shots": [0, 0]}, {"shots": [-1]}, {"formulations": ["letter", "letter"]}],
)
def test_what_would_count_twice_is_refused(root: Path, twice: dict[str, object]) -> None:
    shipped = load_all(root / "params.yaml")["bench"]
    assert Bench.parse("bench", shipped)
    with pytest.raises(ParamsError, match="bench"):
        Bench.parse("bench", shipped | twice)

"""Stage bench: lm-eval's figures are the model's own log-likelihoods, by questions and shots of this repository."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
import torch

from stages.errors import InputError
from stages.evaluation.bench import main
from stages.ports import harness, jsonl, models
from stages.records.benchmark import Choice, Loss, Outcome, Passage, Question

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


def written(question: Question) -> str:
    lines = [f"{letter}. {choice}" for letter, choice in zip("ABCD", question.choices, strict=True)]
    return "\n".join([question.question, *lines, "Answer:"])


def log_probabilities(model: Any, tokenizer: Any, context: str) -> list[float]:  # noqa: ANN401
    start = tokenizer(context, add_special_tokens=False)["input_ids"]
    rows = [tokenizer(f"{context} {letter}", add_special_tokens=False)["input_ids"] for letter in "ABCD"]
    assert all(row[: len(start)] == start for row in rows)
    with torch.inference_mode():
        scores = model(torch.tensor(rows)).logits.log_softmax(-1)
    return [
        sum(float(s[n - 1, row[n]]) for n in range(len(start), len(row))) for s, row in zip(scores, rows, strict=True)
    ]


@pytest.mark.parametrize(("which", "shots"), [("tiny_model", 0), ("tiny_model", 2), ("base_model", 2)])
def test_parity_with_direct_log_likelihoods(which: str, shots: int, request: pytest.FixtureRequest) -> None:
    folder, asked = request.getfixturevalue(which), ASKED if which == "tiny_model" else ASKED[5:7]
    scorer = harness.Scorer(folder, 3, torch.float32)
    found = list(harness.outcomes(scorer, "small", harness.own(SHOWN, asked, shots), shots))
    model, tokenizer = models.load(folder, torch.float32)
    assert [outcome.item for outcome in found] == [one.id for one in asked]
    for one, outcome in zip(asked, found, strict=True):
        shown = [q for q in SHOWN if q.subject == one.subject][:shots]
        start = "".join(f"{written(q)} {'ABCD'[q.answer]}\n\n" for q in shown)
        expected = log_probabilities(model, tokenizer, start + written(one))
        assert isinstance(outcome.result, Choice)
        assert outcome.result.log_probabilities == pytest.approx(expected, abs=2e-3)
        assert outcome.result.gold == one.answer
        assert outcome.result.right == int(max(range(4), key=expected.__getitem__) == one.answer)


def test_perplexity_parity(base_model: Path) -> None:
    found = list(harness.Scorer(base_model, 2, torch.float32).losses(TEXTS, "text"))
    model, tokenizer = models.load(base_model, torch.float32)
    for passage, outcome in zip(TEXTS, found, strict=True):
        ids = torch.tensor([[tokenizer.bos_token_id, *tokenizer(passage.text)["input_ids"]]])
        with torch.inference_mode():
            nll = torch.nn.functional.cross_entropy(model(ids).logits[0, :-1], ids[0, 1:], reduction="sum")
        assert isinstance(outcome.result, Loss)
        assert outcome.result.nll == pytest.approx(float(nll), rel=1e-4)
        assert outcome.result.tokens == ids.shape[1] - 1
        assert outcome.result.characters == len(passage.text)


def test_in_bfloat16_letters_do_not_tie_and_stay_near_float32(tiny_model: Path) -> None:
    half = harness.outcomes(harness.Scorer(tiny_model, 4, torch.bfloat16), "small", harness.own(SHOWN, ASKED, 0), 0)
    full = harness.outcomes(harness.Scorer(tiny_model, 4, torch.float32), "small", harness.own(SHOWN, ASKED, 0), 0)
    for one, two in zip(half, full, strict=True):
        assert isinstance(one.result, Choice) and isinstance(two.result, Choice)
        assert one.result.log_probabilities == pytest.approx(two.result.log_probabilities, abs=0.2)
        assert len(set(one.result.log_probabilities)) == 4


def prepared(folder: Path, **changes: object) -> Path:
    values = {"suites": ["small"], "shots": [0, 2], "limit": 0, "batch_size": 4}
    (folder / "params.yaml").write_text(json.dumps({"bench": values | changes}))
    jsonl.write(folder / "bench/small/dev.jsonl", SHOWN)
    jsonl.write(folder / "bench/small/test.jsonl", ASKED)
    jsonl.write(folder / "bench/general_text.jsonl", TEXTS)
    return folder / "bench"


def test_the_stage_writes_a_row_for_every_item_and_the_same_each_time(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    data = prepared(tmp_path)
    main(tiny_model, data, tmp_path / "items.jsonl", tmp_path / "metrics.json")
    rows, found = jsonl.read(tmp_path / "items.jsonl", Outcome), json.loads((tmp_path / "metrics.json").read_text())
    first = (tmp_path / "items.jsonl").read_bytes()
    main(tiny_model, data, tmp_path / "items.jsonl", tmp_path / "metrics.json")
    assert (tmp_path / "items.jsonl").read_bytes() == first
    assert len(rows) == len({row.id for row in rows}) == 2 * len(ASKED) + len(TEXTS)
    choices = [row.result.right for row in rows if row.shots == 2 and isinstance(row.result, Choice)]
    assert found["small"]["2_shot"]["accuracy"] == pytest.approx(sum(choices) / len(choices), abs=1e-6)
    assert found["small"]["2_shot"]["n"] == 12 and found["small"]["2_shot"]["chance"] == 0.25
    assert found["small"]["0_shot"]["by_language"]["zh"]["n"] == 6
    losses = [row.result for row in rows if row.language == "en" and isinstance(row.result, Loss)]
    expected = math.exp(sum(loss.nll for loss in losses) / sum(loss.tokens for loss in losses))
    assert found["text"]["en"]["perplexity"] == pytest.approx(expected, rel=1e-5)
    assert found["model"] == models.identity(tiny_model)
    assert capfd.readouterr().out == ""


def test_a_limit_takes_questions_spread_over_a_subject(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    main(tiny_model, prepared(tmp_path, limit=2, shots=[0]), tmp_path / "items.jsonl", tmp_path / "metrics.json")
    rows = jsonl.read(tmp_path / "items.jsonl", Outcome)
    asked = [row.item for row in rows if row.suite == "small"]
    assert asked == [f"{subject}-test-{n}" for subject in NAMES for n in (1, 4)]


def test_evenly_keeps_order_and_count() -> None:
    assert harness.evenly(10, 0) == harness.evenly(10, 99) == list(range(10))
    assert harness.evenly(10, 3) == [1, 5, 8]
    assert harness.evenly(0, 3) == []


def test_too_few_shots_in_a_subject_are_said() -> None:
    with pytest.raises(InputError, match=r"geography has 3 questions to show, 5 shots are asked; add to dev\.jsonl"):
        harness.own(SHOWN, ASKED, 5)


def test_an_official_suite_without_the_hub_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    class Nowhere:
        def load(self, names: list[str]) -> None:
            raise ConnectionError(f"no route for {names}")

    monkeypatch.setattr(harness, "TaskManager", Nowhere)
    with pytest.raises(InputError, match=r"bench\.suites: cmmlu cannot be fetched from the hub"):
        harness.official("cmmlu", 5)


def test_the_shipped_benchmark_has_five_shots_for_every_subject(root: Path) -> None:
    shown, asked = (jsonl.read(root / f"data/bench/small/{split}.jsonl", Question) for split in ("dev", "test"))
    assert len(harness.own(shown, asked, 5)) >= 12
    assert len(asked) >= 100
    assert {row.language for row in jsonl.read(root / "data/bench/general_text.jsonl", Passage)} == {"en", "zh"}

"""Guards 3, 4 and 5: exactly what runs again after a change, by the real DVC on the real graph."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.graph.conftest import Rehearsal

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:dvc")

# What follows from a change, named after what has changed. The sets are written out, not derived from dvc.yaml.
TUNED = {
    "predict@tuned",
    "score@tuned",
    "compare@tuned",
    "grade@tuned",
    "pairwise",
    "bench@tuned",
    "drift",
    "retain",
    "report",
}
TRAINING_ROWS = {"finetune"} | TUNED
LABELS = {"judge", "measure", "select"} | TRAINING_ROWS
TRAIN_PROMPTS = {"sample@train", "label@train", "ifd"} | LABELS
LIBRARY = {"assemble@train", "enhance@train"} | TRAIN_PROMPTS
BENCH = {"bench@base", "bench@tuned", "retain", "report"}
GRADED = {"grade@base", "grade@tuned", "pairwise"}
SCORED = {"predict@base", "score@base", "predict@tuned", "score@tuned", "compare@tuned", "retain", "report"} | GRADED
TEST_PROMPTS = {"sample@test", "label@test"} | SCORED
SEEDS = {"curate", "evolve", "screen"} | LIBRARY
DIALOGUES = {"seed"} | SEEDS | TEST_PROMPTS
GENERATOR = {"seed", "enhance@test"} | SEEDS | TEST_PROMPTS

JUDGE = {
    "backend": "openai",
    "model": "m",
    "temperature": 0.0,
    "top_p": 1.0,
    "batch_tokens": 4096,
    "concurrency": 1,
    "timeout_s": 9,
    "retries": 0,
    "max_requests": 0,
}

DATA_SIDE = [
    ("ingest.min_turns", 3, {"ingest", "anonymize", "split"} | DIALOGUES),
    ("anonymize.kinds", ["person"], {"anonymize", "split"} | DIALOGUES),
    ("split.test_share", 0.5, {"split"} | DIALOGUES),
    ("assemble.test.seed", 8, {"assemble@test", "enhance@test"} | TEST_PROMPTS),
    ("sample.test.count", 12, TEST_PROMPTS),
    ("llm.generator.temperature", 0.7, GENERATOR),
    ("measure.tokenizer", "models/base", {"sample@train", "label@train", "ifd"} | LABELS | TEST_PROMPTS),
]
TRAINING_SIDE = [
    ("seed.generated", 13, {"seed"} | SEEDS),
    ("curate.redundancy", 0.9, SEEDS),
    ("evolve.generations", 3, {"evolve", "screen"} | LIBRARY),
    ("screen.max_words", 150, {"screen"} | LIBRARY),
    ("assemble.train.variants", 3, LIBRARY),
    ("enhance.train.share", 0.5, {"enhance@train"} | TRAIN_PROMPTS),
    ("sample.train.count", 40, TRAIN_PROMPTS),
    ("label.train.max_tokens", 64, {"label@train", "ifd"} | LABELS),
    ("judge.high", 9.0, LABELS),
    ("llm.judge", JUDGE, {"calibrate"} | GRADED | LABELS),
    ("llm.grading.samples", 5, {"calibrate"} | GRADED | LABELS),
    ("ifd.enabled", True, {"ifd", "select"} | TRAINING_ROWS),
    ("measure.threshold", 0.8, LABELS - {"judge"}),
    ("measure.algorithm", "louvain", LABELS - {"judge"}),
    ("measure.exact_limit", 5, LABELS - {"judge"}),
    ("select.target", 20, {"select"} | TRAINING_ROWS),
    ("finetune.learning_rate", 1.0e-4, TRAINING_ROWS),
    ("finetune.mix", [{"source": "general.jsonl", "rows": 10}], TRAINING_ROWS),
    ("finetune.launch", "cpu", TRAINING_ROWS),
]
EVALUATION = [
    ("predict.max_tokens", 64, SCORED),
    ("score.encoder", "models/encoder", {"score@base", "score@tuned", "compare@tuned", "retain", "report"}),
    ("compare.confidence", 0.9, {"compare@tuned", "report"}),
    ("calibrate.rank", 0.5, {"calibrate", "report"} | GRADED),
    ("bench.limit", 3, BENCH),
    ("bench.formulations", ["letter"], BENCH),
    ("bench.scorer", "lm-eval", BENCH),
    ("bench.data", "data/bench", BENCH),
    ("retain.margin", 0.1, {"retain", "report"}),
    ("published.margins", [0.1], {"published", "report"}),
]


TEST_SET = "data/labels/test.jsonl"


@pytest.mark.parametrize(("key", "value", "expected"), DATA_SIDE + TRAINING_SIDE + EVALUATION)
def test_a_param_reruns_exactly_what_reads_it_and_what_follows(
    rehearsal: "Rehearsal", key: str, value: object, expected: set[str]
) -> None:
    before = rehearsal.digests()
    rehearsal.change(key, value)
    assert rehearsal.reproduce() == expected
    changed = {path for path, digest in rehearsal.digests().items() if digest != before[path]}
    assert changed
    if key in {training for training, _, _ in TRAINING_SIDE}:
        assert TEST_SET not in changed
    else:
        assert (TEST_SET in changed) == ("label@test" in expected)


def test_a_second_repro_runs_nothing(rehearsal: "Rehearsal") -> None:
    assert rehearsal.reproduce() == set()


def test_a_comment_in_a_stage_reruns_that_stage_and_stops_there(rehearsal: "Rehearsal") -> None:
    before = rehearsal.digests()
    rehearsal.append("stages/instructions/evolve.py", "# why\n")
    assert rehearsal.reproduce() == {"evolve"}
    assert rehearsal.digests() == before


def test_a_changed_meta_prompt_reruns_its_stage_and_what_follows(rehearsal: "Rehearsal") -> None:
    rehearsal.append("prompts/evolve/deepen.en.md", "Be brief.\n")
    assert rehearsal.reproduce() == {"evolve", "screen"} | LIBRARY


def test_a_decision_of_a_person_reruns_only_what_follows_from_it(rehearsal: "Rehearsal") -> None:
    rehearsal.append("data/review/judge.jsonl", "a decision\n")
    assert rehearsal.reproduce() == LABELS


def test_another_model_runs_its_own_stages_and_the_report(rehearsal: "Rehearsal") -> None:
    before = rehearsal.digests()
    rehearsal.change("evaluation.models", {"qwen": {"source": "path:qwen"}})
    own = {"candidate@qwen", "predict_other@qwen", "score_other@qwen", "compare_other@qwen"}
    assert rehearsal.reproduce() == own | {"report"}
    rehearsal.change("evaluation.models.qwen.source", "path:other")
    assert rehearsal.reproduce() == own | {"report"}
    rehearsal.change("evaluation.models", {})
    assert rehearsal.reproduce() == {"report"}
    assert {
        path: digest for path, digest in rehearsal.digests().items() if path in before and "report" not in path
    } == {path: digest for path, digest in before.items() if "report" not in path}


def test_a_variant_and_back_again_is_restored_from_the_run_cache(rehearsal: "Rehearsal") -> None:
    before = rehearsal.digests()
    rehearsal.change("retain.margin", 0.2)
    rehearsal.reproduce()
    rehearsal.change("retain.margin", 0.05)
    rehearsal.reproduce()
    assert rehearsal.digests() == before

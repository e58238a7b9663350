"""What follows from each setting, prompt and input, written out by hand: not derived from dvc.yaml, which it is to check.

A row names a section of params.yaml (or a folder), what stands in it, and all stages that run again when one of these
changes, even if each of them makes something new.
"""

Table = list[tuple[str, str, set[str]]]

# Sets are named after what has changed.
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
SELECTION = {"select"} | TRAINING_ROWS
MEASURES = {"measure"} | SELECTION
LABELS = {"judge"} | MEASURES
TRAIN_LABELS = {"label@train", "ifd"} | LABELS
TRAIN_PROMPTS = {"sample@train"} | TRAIN_LABELS
ASSEMBLED = {"enhance@train"} | TRAIN_PROMPTS
LIBRARY = {"assemble@train"} | ASSEMBLED
EVOLVED = {"evolve", "screen"} | LIBRARY
CURATED = {"curate"} | EVOLVED
SEEDS = {"seed"} | CURATED

GRADED = {"grade@base", "grade@tuned", "pairwise"}
SCORES = {"score@base", "score@tuned", "compare@tuned", "retain", "report"}
ANSWERS = {"predict@base", "predict@tuned"} | SCORES | GRADED
TEST_LABELS = {"label@test"} | ANSWERS
TEST_PROMPTS = {"sample@test"} | TEST_LABELS
TEST_ASSEMBLED = {"enhance@test"} | TEST_PROMPTS
TEST_INSTRUCTIONS = {"assemble@test"} | TEST_ASSEMBLED

DIALOGUES = SEEDS | TEST_PROMPTS
ANONYMIZED = {"split"} | DIALOGUES
INGESTED = {"anonymize"} | ANONYMIZED
GENERATOR = SEEDS | TEST_ASSEMBLED
JUDGE = {"calibrate"} | GRADED | LABELS
BENCH = {"bench@base", "bench@tuned", "retain", "report"}
PACK = {"ingest"} | INGESTED | TEST_INSTRUCTIONS

# From these the test set follows …
DATA_SIDE: Table = [
    ("", "domain", PACK),
    ("llm.generator", "backend model temperature top_p", GENERATOR),
    ("llm", "labeller", TRAIN_LABELS | TEST_LABELS),
    ("ingest", "min_turns max_chars max_bad_rows", {"ingest"} | INGESTED),
    ("ingest.defaults", "scene source role language", {"ingest"} | INGESTED),
    ("anonymize", "kinds", INGESTED),
    ("split", "test_share near_duplicate", ANONYMIZED),
    ("assemble.test", "variants templates seed", TEST_INSTRUCTIONS),
    ("enhance.test", "share max_tokens seed", TEST_ASSEMBLED),
    ("sample.test", "count max_tokens seed", TEST_PROMPTS),
    ("label.test", "missing max_tokens", TEST_LABELS),
    ("measure", "tokenizer", TRAIN_PROMPTS | TEST_PROMPTS),
    ("base", "source sha256", {"base", "calibrate"} | GENERATOR | BENCH),
]
# … from these it does not …
TRAINING_SIDE: Table = [
    ("seed", "languages written generated shots excerpt_turns max_tokens seed", SEEDS),
    ("curate", "min_words max_words redundancy undecided", CURATED),
    (
        "evolve",
        "operators generations population survivors min_gain max_gain min_similarity max_similarity max_tokens seed",
        EVOLVED,
    ),
    ("screen", "min_words max_words redundancy undecided", {"screen"} | LIBRARY),
    ("assemble.train", "variants templates seed", LIBRARY),
    ("enhance.train", "share max_tokens seed", ASSEMBLED),
    ("sample.train", "count max_tokens seed", TRAIN_PROMPTS),
    ("label.train", "missing max_tokens", TRAIN_LABELS),
    ("judge", "grounding coverage high medium", LABELS),
    ("llm", "judge", JUDGE),
    ("llm.grading", "samples temperature max_tokens", JUDGE),
    ("ifd", "enabled batch_tokens", {"ifd"} | SELECTION),
    ("measure", "representation encoder threshold algorithm exact_limit top_n", MEASURES),
    ("select", "strategy target floor near_duplicate quotas seed", SELECTION),
    (
        "finetune",
        "mix epochs learning_rate batch_size micro_batch max_length packing schedule warmup_ratio checkpoint_minutes"
        " launch seed",
        TRAINING_ROWS,
    ),
]
# … and these come after both.
EVALUATION: Table = [
    (
        "evaluation",
        "models",
        {"candidate@other", "predict_other@other", "score_other@other", "compare_other@other", "report"},
    ),
    ("predict", "rows max_tokens batch_tokens seed", ANSWERS),
    ("score", "encoder", SCORES),
    ("compare", "confidence resamples seed", {"compare@tuned", "report"}),
    ("calibrate", "parsed rank order injection low high", {"calibrate", "report"} | GRADED),
    ("bench", "suites data shots formulations limit scorer batch_size", BENCH),
    (
        "retain",
        "margin likelihood_margin perplexity_margin kl_margin disagreement_margin confidence resamples seed gate",
        {"retain", "report"},
    ),
    ("published", "margins confidence", {"published", "report"}),
]

NOTHING: Table = [("", "model_cache", set())]  # where files lie

PROMPTS: Table = [
    ("prompts/real_estate", "domain.yaml", PACK),
    ("prompts/real_estate", "tasks.yaml", SEEDS | TEST_INSTRUCTIONS),
    ("prompts/real_estate", "formats.yaml templates.yaml", LIBRARY | TEST_INSTRUCTIONS),
    ("prompts/real_estate", "instructions.yaml", SEEDS),
    ("prompts/bank_service", "domain.yaml tasks.yaml formats.yaml templates.yaml instructions.yaml", set()),
    ("prompts/seed", "instruction.en.md instruction.zh.md", SEEDS),
    (
        "prompts/evolve",
        "add_constraint.en.md add_constraint.zh.md add_reasoning.en.md add_reasoning.zh.md"
        " add_sub_item.en.md add_sub_item.zh.md combine.en.md combine.zh.md concretize.en.md concretize.zh.md"
        " deepen.en.md deepen.zh.md rephrase.en.md rephrase.zh.md",
        EVOLVED,
    ),
    ("prompts/enhance", "directive.en.md directive.zh.md", ASSEMBLED | TEST_ASSEMBLED),
    ("prompts/judge", "rubric.en.md rubric.zh.md pair.en.md pair.zh.md", JUDGE),
]
INPUTS: Table = [  # what else no stage makes
    ("data/raw", "real_estate", {"ingest"} | INGESTED),
    ("data/raw", "pii_gold.jsonl", INGESTED),
    ("data/review", "curate.jsonl", CURATED),
    ("data/review", "screen.jsonl", {"screen"} | LIBRARY),
    ("data/review", "answers.jsonl", TRAIN_LABELS),
    ("data/review", "judge.jsonl", LABELS),
    ("data/test/real_estate", "instructions.jsonl", TEST_INSTRUCTIONS),
    ("data/test/real_estate", "references.jsonl", TEST_LABELS),
    ("data", "mix", TRAINING_ROWS),
    ("stages/training", "launch", TRAINING_ROWS),
    ("data/calibration", "judge.jsonl", {"calibrate", "report"} | GRADED),
    ("data/bench", "official", BENCH),
    ("data", "bench", BENCH),
    ("data/bench", "general_text.jsonl", {"drift"} | BENCH),
    ("data", "paper.yaml", {"published", "report"}),
]


def flat(table: Table, separator: str) -> dict[str, set[str]]:
    """Return what follows by full name; a name that stands in two rows is refused."""
    named = [
        (f"{above}{separator}{name}".lstrip(separator), stages)
        for above, names, stages in table
        for name in names.split()
    ]
    assert len(dict(named)) == len(named), "a name stands in two rows"
    return dict(named)


PARAMS = flat(DATA_SIDE + TRAINING_SIDE + EVALUATION + NOTHING, ".")
FILES = flat(PROMPTS + INPUTS, "/")

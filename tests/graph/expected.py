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
    "conduct@tuned",
    "drift",
    "memorize",
    "overlap",
    "retain",
    "report",
}
TRAINING_ROWS = {"finetune"} | TUNED
SELECTION = {"select"} | TRAINING_ROWS
MEASURES = {"measure"} | SELECTION
LABELS = {"judge"} | MEASURES
TRAIN_LABELS = {"label", "ifd"} | LABELS
ASSEMBLED = {"enhance"} | TRAIN_LABELS
PAIRS = {"assemble"} | ASSEMBLED
LIBRARY = {"sample", "contrast", "report"} | PAIRS
EVOLVED = {"evolve", "screen"} | LIBRARY
CURATED = {"curate"} | EVOLVED
SEEDS = {"seed"} | CURATED

SCORES = {"score@base", "score@tuned", "compare@tuned", "retain", "report"}
GRADED = {"grade@base", "grade@tuned", "pairwise"} | SCORES
ANSWERS = {"predict@base", "predict@tuned"} | GRADED
TEST_SET = {"testset"} | ANSWERS

DIALOGUES = SEEDS | TEST_SET
ANONYMIZED = {"split"} | DIALOGUES
INGESTED = {"anonymize"} | ANONYMIZED
JUDGE = {"calibrate"} | GRADED | TRAIN_LABELS - {"ifd"}
BENCH = {"bench@base", "bench@tuned", "retain", "report"}
ASKED = {"overlap"} | BENCH
CONDUCT = {"conduct@base", "conduct@tuned", "retain", "report"}
PACK = {"ingest"} | INGESTED

OTHER = {"candidate", "predict_other", "grade_other", "score_other", "compare_other", "bench_other", "conduct_other"}

# From these the test set follows: they decide which conversations there are, and in which words …
DATA_SIDE: Table = [
    ("", "domain", PACK),
    ("", "test_set", TEST_SET),
    ("ingest", "min_turns max_chars max_bad_rows max_dropped", {"ingest"} | INGESTED),
    ("ingest.defaults", "scene source role language", {"ingest"} | INGESTED),
    ("anonymize", "kinds", INGESTED),
    ("anonymize.evidence", "zh en", INGESTED),
    ("split", "near_duplicate", ANONYMIZED),
]
# … from these it does not …
TRAINING_SIDE: Table = [
    ("llm.generator", "backend model temperature top_p", SEEDS),
    ("llm", "labeller", TRAIN_LABELS),
    ("instructions", "method", SEEDS),
    ("seed", "languages written generated shots excerpt_turns max_tokens seed", SEEDS),
    ("curate", "min_words max_words redundancy undecided", CURATED),
    ("evolve", "generations population", SEEDS),  # how many requests a method may make
    ("evolve", "operators adapt niche budget min_similarity max_similarity excerpt_turns max_tokens seed", EVOLVED),
    ("screen", "min_words max_words redundancy undecided least plain", {"screen"} | LIBRARY),
    ("screen", "max_tokens", EVOLVED),
    ("sample", "count reserve max_tokens replies reply_turns reply_words reply_statements seed", {"sample"} | PAIRS),
    ("assemble", "brief templates", {"contrast"} | PAIRS),
    ("assemble", "max_tokens seed", PAIRS),
    ("enhance", "share max_tokens seed", ASSEMBLED),
    ("label", "missing replace max_tokens", TRAIN_LABELS),
    ("judge", "grounding coverage high medium", TRAIN_LABELS),
    ("llm", "judge", JUDGE | EVOLVED),
    ("llm.grading", "samples temperature max_tokens", JUDGE | {"ifd"}),
    ("ifd", "enabled batch_tokens", {"ifd"} | SELECTION),
    ("measure", "tokenizer", {"sample", "contrast"} | PAIRS),
    (
        "measure",
        "part representation encoder threshold algorithm exact_limit literal_rows top_n rarefied",
        {"contrast"} | MEASURES,
    ),
    ("contrast", "pairs fixed seed", {"contrast", "report"}),
    ("select", "strategy target floor languages max_tokens near_duplicate quotas seed", SELECTION),
    ("base", "source sha256", {"base", "calibrate"} | SEEDS | BENCH | CONDUCT | ANSWERS),
    ("plant", "copies values seed", {"plant"} | TRAINING_ROWS),
    (
        "finetune",
        "mix epochs learning_rate batch_size micro_batch max_length packing schedule warmup_ratio checkpoint_minutes"
        " save_dtype interpolate launch seed",
        TRAINING_ROWS,
    ),
]
# … and these come after both.
EVALUATION: Table = [
    (
        "evaluation",
        "models",
        {f"{entry}@other" for entry in OTHER} | {"report"},
    ),
    ("predict", "rows languages longest max_tokens batch_tokens seed", ANSWERS),
    ("score", "encoder confidence resamples seed", SCORES),
    ("compare", "confidence resamples seed", {"compare@tuned", "report"}),
    ("calibrate", "parsed rank order injection low faulty high omission right consistent position", JUDGE | {"ifd"}),
    ("bench", "suites data shots formulations limit scorer batch_size twice", ASKED),
    ("conduct", "subjects languages limit max_tokens batch_tokens twice confidence", CONDUCT),
    ("overlap", "ngram near", {"overlap", "retain", "report"}),
    (
        "retain",
        "margin likelihood_margin perplexity_margin kl_margin disagreement_margin conduct_margin conduct_failures confidence resamples seed gate",
        {"retain", "report"},
    ),
    ("memorize", "values margin confidence resamples seed", {"memorize", "report"}),
    ("published", "margins confidence", {"published", "report"}),
    ("report", "examples seed", {"report"}),
]

NOTHING: Table = [("", "model_cache engine", set())]  # where files lie, and who maps rows

PROMPTS: Table = [
    ("prompts/real_estate", "domain.yaml", PACK),
    ("prompts/real_estate", "conversations.yaml", {"ingest"} | INGESTED),
    ("prompts/real_estate", "tasks.yaml", SEEDS),
    ("prompts/real_estate", "knowledge.yaml", {"sample", "contrast", "report"} | PAIRS),
    ("prompts/real_estate", "formats.yaml templates.yaml", {"contrast", "report"} | PAIRS),
    ("prompts/real_estate", "instructions.yaml", SEEDS),
    (
        "prompts/bank_service",
        "domain.yaml tasks.yaml formats.yaml templates.yaml instructions.yaml knowledge.yaml conversations.yaml",
        set(),
    ),
    (  # dial-insight new-domain asks with these, no stage
        "prompts/new_domain",
        " ".join(
            f"{name}.{language}.md"
            for name in ["instructions", "people", "requirements", "scenes", "sorting"]
            for language in ("en", "zh")
        ),
        set(),
    ),
    ("prompts/seed", "instruction.en.md instruction.zh.md self_instruct.en.md self_instruct.zh.md", SEEDS),
    ("prompts/evolve", "operators.yaml rewrite.en.md rewrite.zh.md combine.en.md combine.zh.md", EVOLVED),
    ("prompts/evol_instruct", "operators.yaml rewrite.en.md rewrite.zh.md", EVOLVED),
    ("prompts/screen", "rubric.en.md rubric.zh.md", EVOLVED),
    ("prompts/enhance", "directive.en.md directive.zh.md examples.yaml", ASSEMBLED),
    ("prompts/judge", "rubric.en.md rubric.zh.md pair.en.md pair.zh.md anchors.yaml", JUDGE | {"ifd"}),
]
INPUTS: Table = [  # what else no stage makes
    ("data/raw", "real_estate", {"ingest"} | INGESTED),
    ("data/raw", "pii_gold.jsonl", INGESTED),
    ("data/review", "curate.jsonl", CURATED),
    ("data/review", "screen.jsonl", {"screen"} | LIBRARY),
    ("data/review", "answers.jsonl", {"sample"} | PAIRS),
    ("data/review", "judge.jsonl", LABELS),
    ("data/review", "prompts.jsonl", ASSEMBLED),
    ("data/review", "personal.jsonl", INGESTED),
    ("data/test/real_estate", "dialogues.jsonl", {"ingest"} | INGESTED),
    ("data/test/real_estate", "current", TEST_SET),
    ("data", "mix", TRAINING_ROWS),
    ("stages/training", "launch", TRAINING_ROWS),
    ("data/calibration", "judge.jsonl", JUDGE | {"ifd"}),
    ("data/bench", "official", ASKED),
    ("data", "bench", ASKED),
    ("data", "conduct", CONDUCT),
    ("data/bench", "general_text.jsonl", {"drift"} | ASKED),
    ("data", "paper.yaml", {"contrast", "published", "report"}),
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

"""Seconds for 1,000 rows: instruction-following difficulty by the base model, against the six indicators on the same rows.

    python benchmarks/ifd.py --rows 24

Prints one JSON line; times are those of this machine at this moment, the ratio says more. Label quality is that of the rules; no
judge is asked. Loading of models and tokenizers is not counted. Needs data/labels/train.jsonl (`dvc repro label`) and
models/base (`dvc repro base`).
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from stages.communities.grouping import grouped
from stages.communities.settings import Measure
from stages.core import jsonl
from stages.models import loading
from stages.models.likelihood import LikelihoodScorer
from stages.rows.sample import LabeledSample
from stages.samples import measure
from stages.samples.ifd import difficulties
from stages.samples.rules.rules import Limits, flags, quality_of
from stages.text import tokenizers

LIMITS = Limits(grounding=0.8, coverage=0.5)  # as in params.yaml


def seconds(work: Callable[[], object]) -> float:
    """Return how long `work` takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def six(rows: Sequence[LabeledSample], params: Measure) -> dict[str, object]:
    """Compute the six indicators as the stages judge and measure do: by the rules, over token counts."""
    lengths = measure.Lengths(
        tokenizers.lengths((row.prompt_text for row in rows), params.tokenizer),
        tokenizers.lengths((row.conversation for row in rows), params.tokenizer),
    )
    grades = {row.id: quality_of(flags(row, LIMITS)) for row in rows}
    found = grouped([row.prompt_text for row in rows], params)
    return measure.quality(rows, grades, lengths, found, params)


def ifd(rows: Sequence[LabeledSample], scorer: LikelihoodScorer) -> object:
    """Compute the difficulty of every row, as the stage ifd does."""
    given = scorer.given([(row.text, row.answer) for row in rows], "ifd: after the prompt")
    return difficulties(rows, given, scorer.alone([row.answer for row in rows], "ifd: alone"))


def main() -> None:
    """Measure both in this run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=24)
    parser.add_argument("--batch-tokens", type=int, default=8192)
    options = parser.parse_args()
    rows = jsonl.read(Path("data/labels/train.jsonl"), LabeledSample)[: options.rows]
    scorer = LikelihoodScorer(Path("models/base"), options.batch_tokens, "ifd")
    params = Measure.load()
    six(rows, params)  # load the tokenizer
    ifd(rows[:1], scorer)
    cheap, costly = min(seconds(lambda: six(rows, params)) for _ in range(3)), seconds(lambda: ifd(rows, scorer))
    found = {
        "rows": len(rows),
        "six_s_per_1000": round(1000 * cheap / len(rows), 2),
        "ifd_s_per_1000": round(1000 * costly / len(rows), 1),
        "ratio": round(costly / cheap),
        "dtype": str(loading.dtype()).removeprefix("torch."),
    }
    print(json.dumps(found))  # noqa: T201 - the result


if __name__ == "__main__":
    main()

"""Seconds for 1,000 rows: instruction-following difficulty by the base model, against the six indicators on the same rows.

    python benchmarks/ifd.py --rows 24
    python benchmarks/ifd.py --rows 6 --starts

Prints one JSON line. `--starts` tells instead what the answers' losses and IFD are by what stands before an answer without its prompt:
the model's start token, the turn mark that an answer follows, or the chat template around an empty prompt, which is the stage's way.
Times are those of this machine at this moment, the ratio says more. Label quality is that of the rules; no
judge is asked. Loading of models and tokenizers is not counted. Needs data/labels/train.jsonl (`dvc repro label`) and
models/base (`dvc repro base`).
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean

from stages.communities.grouping import grouped
from stages.communities.settings import Measure
from stages.core import jsonl
from stages.models.likelihood import LikelihoodScorer
from stages.rows.sample import LabeledSample
from stages.samples import measure
from stages.samples.ifd import difficulties
from stages.samples.rows.brief import Briefs
from stages.samples.rules.rules import Limits, flags, quality_of

LIMITS = Limits(grounding=0.8, coverage=0.5)  # as in params.yaml


def seconds(work: Callable[[], object]) -> float:
    """Return how long `work` takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def six(rows: Sequence[LabeledSample], params: Measure) -> dict[str, object]:
    """Compute the six indicators as the stages judge and measure do: by the rules, over token counts."""
    briefs = Briefs.of(rows, params.tokenizer)
    grades = {row.id: quality_of(flags(row, LIMITS)) for row in rows}
    return measure.quality(briefs, grades, grouped([row.prompt_text for row in rows], params), params)


def ifd(rows: Sequence[LabeledSample], scorer: LikelihoodScorer) -> object:
    """Compute the difficulty of every row, as the stage ifd does."""
    given = scorer.given([(row.text, row.answer) for row in rows], "ifd: after the prompt")
    return difficulties(rows, given, scorer.alone([row.answer for row in rows], "ifd: alone"))


def starts(rows: Sequence[LabeledSample], scorer: LikelihoodScorer) -> dict[str, object]:
    """Return by start the mean loss of an answer (nats a token), of its first three tokens, the mean IFD and the rows with IFD ≥ 1."""
    tokenizer = scorer.tokenizer

    def ids(text: str) -> list[int]:  # marks and all
        return list(tokenizer(text, add_special_tokens=False)["input_ids"])

    empty, whole = ([{"role": "user", "content": ""}], tokenizer.apply_chat_template)
    asked, closed = (whole(empty, tokenize=False, add_generation_prompt=header) for header in (True, False))
    ways = {"start token": tokenizer.bos_token or "", "turn mark": asked.removeprefix(closed), "empty prompt": asked}
    given = scorer.given([(row.text, row.answer) for row in rows], "ifd: after the prompt")
    answers = [ids(row.answer) for row in rows]
    found: dict[str, object] = {"rows": len(rows), "tokens before": {n: len(ids(t)) for n, t in ways.items()}}
    for name, text in ways.items():
        alone = scorer._of([(ids(text), answer, 1) for answer in answers], name)
        begun = scorer._of([(ids(text), answer[:3], 1) for answer in answers], name)
        scored = difficulties(rows, given, alone)
        found[name] = {
            "loss": round(mean(row.direct_nll for row in scored), 3),
            "first_three": round(mean(part.nll / part.tokens for part in begun if part), 3),
            "ifd": round(mean(row.ifd for row in scored), 3),
            "ifd_by_row": [round(row.ifd, 3) for row in scored],
            "no_help": sum(row.ifd >= 1 for row in scored),
        }
    return found


def main() -> None:
    """Measure both in this run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=24)
    parser.add_argument("--batch-tokens", type=int, default=8192)
    parser.add_argument("--starts", action="store_true", help="what stands before an answer without its prompt")
    options = parser.parse_args()
    rows = jsonl.read(Path("data/labels/train.jsonl"), LabeledSample)[: options.rows]
    scorer = LikelihoodScorer(Path("models/base"), options.batch_tokens, "ifd")
    if options.starts:
        print(json.dumps(starts(rows, scorer)))  # noqa: T201 - the result
        return
    params = Measure.load()
    six(rows, params)  # load the tokenizer
    ifd(rows[:1], scorer)
    cheap, costly = min(seconds(lambda: six(rows, params)) for _ in range(3)), seconds(lambda: ifd(rows, scorer))
    found = {
        "rows": len(rows),
        "six_s_per_1000": round(1000 * cheap / len(rows), 2),
        "ifd_s_per_1000": round(1000 * costly / len(rows), 1),
        "ratio": round(costly / cheap),
    }
    print(json.dumps(found))  # noqa: T201 - the result


if __name__ == "__main__":
    main()

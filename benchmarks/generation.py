"""Answers a second of the `transformers` chat backend, batched by like length, against the same questions one by one.

    python benchmarks/generation.py --rows 16 --tokens 48

Prints one JSON line; only the ratio counts, times are those of this machine at this moment. Needs models/base
(`dvc repro base`).
"""

import argparse
import json
import time
from pathlib import Path

from stages.chat.in_process import InProcess
from stages.chat.messages import Request, Session
from stages.chat.settings import Transformers

WORDS = ["the", "customer", "asks", "whether", "this", "flat", "near", "the", "river", "has", "a", "lift"]


def question(number: int) -> Request:
    """Return a question of its own length, 40 to 200 words."""
    length = 40 + (number * 37) % 161
    text = " ".join(WORDS[(number + n) % len(WORDS)] for n in range(length))
    return Request(row=str(number), user=f"Summarize in two sentences: {text}", max_tokens=48)


def seconds(session: Session, batches: list[list[Request]]) -> float:
    """Return how long the batches take, one after the other."""
    started = time.perf_counter()
    for batch in batches:
        for position, request in enumerate(batch):
            session.put(position, request)
        answered = 0
        while answered < len(batch):
            answered += len(session.take())
    return time.perf_counter() - started


def main() -> None:
    """Measure both ways in this run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=16)
    parser.add_argument("--tokens", type=int, default=48)
    options = parser.parse_args()
    settings = Transformers(backend="transformers", temperature=0, top_p=1)
    backend = InProcess(settings, Path("models/base")).open()
    rows = [question(n).model_copy(update={"max_tokens": options.tokens}) for n in range(options.rows)]
    seconds(backend, [rows[:1]])  # load and warm up
    batched, single = seconds(backend, [rows]), seconds(backend, [[row] for row in rows])
    figures = {"rows": len(rows), "batched_s": round(batched, 2), "single_s": round(single, 2)}
    print(json.dumps(figures | {"ratio": round(single / batched, 2)}))  # noqa: T201 - the result


if __name__ == "__main__":
    main()

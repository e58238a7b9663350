"""Tokens a second of fine-tuning, rows packed against rows alone, in one run of each on the same rows.

    python benchmarks/training.py --rows 16 --words 40

Prints one JSON line; only ratio and losses count, times are those of this machine at this moment. `losses` are those of the one
step that all rows make, so they must be equal. With `--flops` (of one device, in 10^12 a second, at the dtype used) it
adds the share that was used (MFU): 6 floating-point operations a parameter and token. Needs models/base (`dvc repro base`).
"""

import argparse
import json
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from stages.core import jsonl
from stages.models import loading
from stages.rows.training import Example, Message
from stages.training.trainer import sft
from stages.training.trainer.packing import packed_sequences

WORDS = ["the", "customer", "asks", "whether", "this", "flat", "near", "the", "river", "has", "a", "lift"]


def example(number: int, words: int) -> Example:
    """Return a row of its own length, half to one and a half times `words` and as many again for its answer."""
    length = 1 + words // 2 + (number * 37) % (words + 1)
    text = " ".join(WORDS[(number + n) % len(WORDS)] for n in range(length))
    return Example.general(
        (Message(role="user", content=f"{number}: {text}?"), Message(role="assistant", content=text))
    )


def measure(rows: list[Example], base: Path, size: int, packed: bool, micro_batch: int) -> tuple[float, float, int]:
    """Return (seconds, loss, tokens) of a training of one step."""
    tokens = sft.lengths(rows, base)
    recipe = sft.Recipe(
        epochs=1,
        learning_rate=2.0e-5,
        batch_size=len(rows),
        micro_batch=micro_batch,
        max_length=size,
        schedule="constant",
        warmup_ratio=0.0,
        save_dtype="float32",
        seed=1,
    )
    with TemporaryDirectory() as folder:
        place = Path(folder)
        jsonl.write(place / "rows.jsonl", rows)
        job = sft.Job(
            recipe=recipe,
            rows=place / "rows.jsonl",
            base=base,
            target=place / "model",
            checkpoints=place,
            every_s=3600.0,
            dtype=sft.product_dtype(),
            tokens=sum(tokens),
            packed_sequences=packed_sequences(tokens, size) if packed else 0,
            processes=1,
        )
        started = time.perf_counter()
        trained = sft.train(job)
        return time.perf_counter() - started, trained.steps[0].loss, trained.tokens


def main() -> None:
    """Measure loading alone first, then both ways, and take loading off."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, default=Path("models/base"))
    parser.add_argument("--rows", type=int, default=16)
    parser.add_argument("--words", type=int, default=40)
    parser.add_argument("--micro-batch", type=int, default=1)
    parser.add_argument("--max-length", type=int, default=1024)
    parser.add_argument("--flops", type=float, default=0.0)
    options = parser.parse_args()
    rows = [example(n, options.words) for n in range(options.rows)]
    tiny = [example(0, 1)]
    for _ in range(2):  # the first warms up
        overhead, _, _ = measure(tiny, options.base, options.max_length, False, 1)
    alone, loss, tokens = measure(rows, options.base, options.max_length, False, options.micro_batch)
    packed, packed_loss, _ = measure(rows, options.base, options.max_length, True, 1)
    rates = [tokens / (seconds - overhead) for seconds in (alone, packed)]
    figures: dict[str, object] = {
        "dtype": sft.product_dtype(),
        "tokens": tokens,
        "alone_tokens_s": round(rates[0]),
        "packed_tokens_s": round(rates[1]),
        "ratio": round(rates[1] / rates[0], 2),
        "losses": [round(loss, 4), round(packed_loss, 4)],
    }
    if options.flops:
        peak = options.flops * 1e12
        figures["mfu"] = [round(6 * loading.parameters(options.base) * rate / peak, 3) for rate in rates]
    print(json.dumps(figures))  # noqa: T201 - the result


if __name__ == "__main__":
    main()

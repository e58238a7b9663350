"""Tokens a second, in and out, of a catalog model in this process (backend `llama_cpp`), one request and four at once.

    python -m benchmarks.serving qwen2.5-coder-1.5b --threads 2

Prints one JSON line for each length of prompt and number at once. Prompts are stage `seed`'s meta-prompt over excerpts of
invented conversations, all different, none asked twice. Reading is timed with answers of one token; writing takes what longer
answers to other prompts take, less the reading of these. `load` is the machine's before the model was loaded: keep only figures
of an idle one.
"""

import argparse
import json
import os
import platform
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from stages.chat.llama_cpp import LlamaCppServer, Serving, cores
from stages.chat.messages import Reply, Request
from stages.chat.settings import LlamaCpp
from stages.dialogues.formats import detect
from stages.dialogues.formats.conversation import Raw
from stages.dialogues.formats.field_map import Forms
from stages.library.meta_prompts import Library

ROOT = Path(__file__).parents[1]
CHARS = 3.7  # of a token of such talk
FRAME = 375  # tokens of the meta-prompt around the excerpt


def excerpts(tokens: int) -> Iterator[str]:
    """Yield pieces of the English conversations, each of about as many tokens, none twice."""
    files = sorted((ROOT / "data/raw/real_estate").glob("*.jsonl"))
    talks = [talk for path in files for talk in detect.read(path, Forms()).results if isinstance(talk, Raw)]
    text = "\n".join(f"{turn.party}: {turn.text}" for talk in talks if talk.language == "en" for turn in talk.turns)
    size = int(tokens * CHARS)
    return (text[start : start + size] for start in range(0, len(text) - size, size))


def prompts(tokens: int) -> Iterator[str]:
    """Yield questions of about `tokens` tokens."""
    meta = Library(ROOT / "prompts/seed").get("instruction", "en")
    for excerpt in excerpts(tokens - FRAME):
        yield meta.render(
            task="Summary",
            task_description="The reader wants the gist of the talk.",
            requirement="what was agreed and what is open",
            scene="renting",
            role="a real estate agent",
            excerpt=excerpt,
            examples="- Sum up in three sentences what the customer wants.",
            manner="polite",
            low=20,
            high=40,
            formats="paragraph, list, json",
        )


def timed(serving: Serving, questions: list[str], max_tokens: int) -> tuple[float, list[Reply]]:
    """Return the seconds that all take at once, and the replies."""
    started = time.perf_counter()
    for position, text in enumerate(questions):
        serving.put(position, Request(row="", user=text, max_tokens=max_tokens))
    replies: list[Reply] = []
    while len(replies) < len(questions):
        replies += [reply for _, reply in serving.take()]
    return time.perf_counter() - started, replies


def measure(serving: Serving, questions: Iterator[str], at_once: int, rounds: int, max_tokens: int) -> dict[str, float]:
    """Return tokens a second, read and written, by all requests together."""
    read_s = whole_s = 0.0
    read: list[Reply] = []
    written: list[Reply] = []
    for _ in range(rounds):
        took_s, replies = timed(serving, list(islice(questions, at_once)), 1)
        read_s, read = read_s + took_s, read + replies
        took_s, replies = timed(serving, list(islice(questions, at_once)), max_tokens)
        whole_s, written = whole_s + took_s, written + replies
    in_per_s = sum(reply.prompt_tokens for reply in read) / read_s
    prompt, answer = (sum(getattr(reply, f"{kind}_tokens") for reply in written) for kind in ("prompt", "completion"))
    return {
        "prompt_tokens": round(prompt / len(written)),
        "answer_tokens": round(answer / len(written)),
        "in_per_s": round(in_per_s, 1),
        "out_per_s": round(answer / (whole_s - prompt / in_per_s), 1),
    }


def processor() -> str:
    """Return the processor's name."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.processor()
    )


def main() -> None:
    """Measure a model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--threads", type=int, default=0, help="0: one for each core")
    parser.add_argument("--prompts", type=int, nargs="+", default=[500, 1500], help="tokens")
    parser.add_argument("--at-once", type=int, nargs="+", default=[1, 4])
    parser.add_argument("--rounds", type=int, default=2, help="of so many requests at once")
    parser.add_argument("--tokens", type=int, default=96, help="of an answer, at most")
    options = parser.parse_args()
    machine = {
        "processor": processor(),
        "threads": options.threads or cores(),
        "load": round(os.getloadavg()[0], 2),
    }
    values = {"backend": "llama_cpp", "model": options.model, "temperature": 0, "top_p": 1, "threads": options.threads}
    serving = LlamaCppServer(LlamaCpp.parse("serving", values | {"slots": max(options.at_once)})).open()
    for tokens in options.prompts:
        questions = prompts(tokens)
        for at_once in options.at_once:
            figures = measure(serving, questions, at_once, options.rounds, options.tokens)
            print(json.dumps({"model": options.model, **machine, "at_once": at_once, **figures}), flush=True)  # noqa: T201 - the result
    serving.close()


if __name__ == "__main__":
    main()

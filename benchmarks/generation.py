"""Answers a second of the `transformers` chat backend against `model.generate` of a stock model, in one run on the same real questions.

    python -m benchmarks.generation --rows 12 --max-tokens 448

Prints one JSON line. The questions are those that stage predict draws from data/labels/test.jsonl, each with its own limit of tokens;
`generate` answers them in batches of at most as many rows × (longest question + answer), padded. Only ratios count: times are those of this
machine at this moment, under `wall` of the clock, under `cpu` of the processor, which other programs disturb less. `same` counts equal
answers. Both rate the references too: ours while it reads the questions, the stock model in a pass of its own. `shared_prefix` is the share of
question tokens that reading common beginnings once would save. Needs models/base and data/labels/test.jsonl (`dvc repro base testset`).
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM

from stages.answers.room import room
from stages.chat.in_process import InProcess
from stages.chat.messages import Reply, Request, Session
from stages.chat.settings import Transformers
from stages.core import jsonl
from stages.evaluation.benchmarks.shared_prefix import together
from stages.evaluation.predict import Predict, drawn
from stages.models import chat_template, loading
from stages.models.batching import batches
from stages.rows.sample import LabeledSample


def requests_of(options: argparse.Namespace) -> list[Request]:
    """Return the questions as stage predict asks them."""
    params = Predict(
        rows=options.rows,
        languages=frozenset(),
        longest=0,
        max_tokens=options.max_tokens,
        batch_tokens=options.batch_tokens,
        seed=1,
    )
    return [
        Request(row=row.id, user=row.text, max_tokens=room(row.ask, row.language, params.max_tokens), rated=row.answer)
        for row in drawn(jsonl.read(options.source, LabeledSample), params)
    ]


def ours(session: Session, requests: Sequence[Request]) -> list[Reply]:
    """Return the backend's answers, with ratings."""
    for position, request in enumerate(requests):
        session.put(position, request)
    found: dict[int, Reply] = {}
    while len(found) < len(requests):
        found |= session.take()
    return [found[n] for n in range(len(requests))]


def stock(model: Any, tokenizer: Any, requests: Sequence[Request], budget: int) -> list[Reply]:  # noqa: ANN401 - transformers is untyped
    """Return what `generate` answers, batch by batch, each answer cut off at its own limit."""
    ids = [chat_template.asked(tokenizer, request.messages) for request in requests]
    limits = [request.max_tokens for request in requests]
    found: dict[int, Reply] = {}
    for batch in batches(range(len(ids)), [len(one) for one in ids], [max(limits)] * len(ids), budget):
        padded = tokenizer.pad({"input_ids": [ids[n] for n in batch]}, return_tensors="pt").to(model.device)
        with torch.inference_mode():
            out = model.generate(
                **padded,
                max_new_tokens=max(limits[n] for n in batch),
                do_sample=False,
                pad_token_id=tokenizer.pad_token_id,
            )
        for n, tokens in zip(batch, out[:, padded["input_ids"].shape[1] :].tolist(), strict=True):
            end = tokens.index(tokenizer.eos_token_id) if tokenizer.eos_token_id in tokens else len(tokens)
            taken = tokens[: min(end, limits[n])]
            text = tokenizer.decode(taken, skip_special_tokens=True).strip()
            found[n] = Reply(row=requests[n].row, text=text, finish="stop", completion_tokens=len(taken))
    return [found[n] for n in range(len(ids))]


def rate(model: Any, tokenizer: Any, requests: Sequence[Request]) -> list[float]:  # noqa: ANN401 - as above
    """Return the loss of each reference in nats, one pass each, with logits of the reference alone."""
    found = []
    for request in requests:
        question = chat_template.asked(tokenizer, request.messages)
        answer = chat_template.tokens(tokenizer, request.rated)
        row = torch.tensor([question + answer], device=model.device)
        with torch.inference_mode():
            logits = model(row, use_cache=False, logits_to_keep=len(answer) + 1).logits[0, :-1]
            wanted = torch.tensor(answer, device=model.device)
            found.append(float(torch.nn.functional.cross_entropy(logits, wanted, reduction="sum")))
    return found


def timed(what: Callable[[], Any]) -> tuple[Any, float, float]:
    """Return a result, and how many seconds it took, of the clock and of the processor."""
    started = time.perf_counter(), time.process_time()
    return what(), time.perf_counter() - started[0], time.process_time() - started[1]


def main() -> None:
    """Measure both in this run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=12)
    parser.add_argument("--max-tokens", type=int, default=448)
    parser.add_argument("--batch-tokens", type=int, default=16384)
    parser.add_argument("--base", type=Path, default=Path("models/base"))
    parser.add_argument("--source", type=Path, default=Path("data/labels/test.jsonl"))
    options = parser.parse_args()
    settings = Transformers(backend="transformers", temperature=0, top_p=1, batch_tokens=options.batch_tokens)
    session, tokenizer = InProcess(settings, options.base).open(), loading.tokenizer(options.base, padding_side="left")
    model = AutoModelForCausalLM.from_pretrained(options.base, dtype=torch.float32).to(loading.device()).eval()
    requests = requests_of(options)
    short = requests[0].model_copy(update={"user": "Two rooms?", "max_tokens": 4})
    ours(session, [short]), stock(model, tokenizer, [short], options.batch_tokens)  # warm up
    unrated = [request.model_copy(update={"rated": ""}) for request in requests]
    theirs, *plain = timed(lambda: stock(model, tokenizer, requests, options.batch_tokens))
    mine, *quick = timed(lambda: ours(session, unrated))
    losses, *rating = timed(lambda: rate(model, tokenizer, requests))
    both, *passing = timed(lambda: ours(session, requests))
    ids = [tuple(chat_template.asked(tokenizer, request.messages)) for request in requests]
    shared = sum(start * (len(members) - 1) for start, members in together(ids))
    gaps = [abs(reply.rated.nll - loss) / loss for reply, loss in zip(both, losses, strict=True) if reply.rated]
    figures = {
        "threads": torch.get_num_threads(),
        "rows": len(requests),
        "tokens_in": sum(map(len, ids)),
        "tokens_out": sum(reply.completion_tokens for reply in mine),
        "shared_prefix": round(shared / sum(map(len, ids)), 3),
        "same": sum(a.text == b.text for a, b in zip(theirs, mine, strict=True)),
        "largest_gap_of_ratings": max(gaps),
    }
    for n, clock in enumerate(("wall", "cpu")):
        figures[clock] = {
            "generate_s": round(plain[n], 1),
            "ours_s": round(quick[n], 1),
            "ratio": round(plain[n] / quick[n], 2),
            "generate_and_rate_s": round(plain[n] + rating[n], 1),
            "ours_and_rated_s": round(passing[n], 1),
            "ratio_with_ratings": round((plain[n] + rating[n]) / passing[n], 2),
        }
    print(json.dumps(figures))  # noqa: T201 - the result


if __name__ == "__main__":
    main()

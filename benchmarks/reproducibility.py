"""How far the default run's figures depend on the processor and on the number of threads.

Runs what the graph computes with a model - greedy answers, likelihoods, optimizer steps - in processes of its own under other
instruction sets and thread counts, and prints how many answers differ and by how much the figures do, each against the first row:

    python benchmarks/reproducibility.py models/base --rows 8
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

AVX2 = {"ATEN_CPU_CAPABILITY": "avx2", "MKL_ENABLE_INSTRUCTIONS": "AVX2", "ONEDNN_MAX_CPU_ISA": "AVX2"}
OLDEST = {"ATEN_CPU_CAPABILITY": "default", "MKL_CBWR": "COMPATIBLE", "ONEDNN_MAX_CPU_ISA": "SSE41"}
MACHINES: dict[str, dict[str, str]] = {
    "this processor, 2 threads": {"OMP_NUM_THREADS": "2"},
    "the same once more": {"OMP_NUM_THREADS": "2"},
    "1 thread": {"OMP_NUM_THREADS": "1"},
    "AVX2 alone, 2 threads": {"OMP_NUM_THREADS": "2", **AVX2},
    "SSE alone, 2 threads": {"OMP_NUM_THREADS": "2", **OLDEST},
}


def computed(model: Path, rows: int, tokens: int, dtype: str) -> dict[str, object]:
    """Return the answers, the likelihoods (nats) and the losses of three steps of a small computation."""
    import torch  # noqa: PLC0415 - only in the process that computes
    from torch.nn.functional import cross_entropy  # noqa: PLC0415 - as above

    from stages.core import jsonl  # noqa: PLC0415 - as above
    from stages.evaluation.rows.outcome import Passage  # noqa: PLC0415 - as above
    from stages.models import loading  # noqa: PLC0415 - as above

    loaded, tokenizer = loading.load(model)
    loaded.to(getattr(torch, dtype))
    texts = [row.text for row in jsonl.read(Path("data/bench/general_text.jsonl"), Passage)][:rows]
    asked = [[{"role": "user", "content": f"Go on with this text:\n{text}"}] for text in texts]
    prompts = [tokenizer.apply_chat_template(each, tokenize=False, add_generation_prompt=True) for each in asked]
    padded = tokenizer(prompts, return_tensors="pt", padding=True, add_special_tokens=False)
    ids = [tokenizer(text, return_tensors="pt")["input_ids"] for text in texts]
    with torch.inference_mode():
        out = loaded.generate(**padded, max_new_tokens=tokens, do_sample=False, pad_token_id=tokenizer.pad_token_id)
        nll = [float(cross_entropy(loaded(row).logits[0, :-1].float(), row[0, 1:], reduction="sum")) for row in ids]
    answers = tokenizer.batch_decode(out[:, padded["input_ids"].shape[1] :], skip_special_tokens=True)
    loaded.train()
    optimizer, losses = torch.optim.AdamW(loaded.parameters(), lr=2.0e-5), []
    for row in ids[:3]:
        loss = loaded(row, labels=row).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(float(loss.detach()))
    return {"answers": answers, "nats": nll, "losses": losses}


def main() -> None:
    """Compute under every machine and print a row for each."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model", type=Path, help="folder of the model")
    parser.add_argument("--rows", type=int, default=8)
    parser.add_argument("--tokens", type=int, default=96, help="of an answer")
    parser.add_argument("--dtype", choices=("float32", "bfloat16"), default="float32")
    parser.add_argument(
        "--compute", action="store_true", help="compute here and print the result (used by the other processes)"
    )
    options = parser.parse_args()
    if options.compute:
        print(json.dumps(computed(options.model, options.rows, options.tokens, options.dtype)))  # noqa: T201 - the result
        return
    first = None
    for name, settings in MACHINES.items():
        command = [sys.executable, "-m", "benchmarks.reproducibility", *sys.argv[1:], "--compute"]
        done = subprocess.run(command, env=os.environ | settings, stdout=subprocess.PIPE, text=True, check=True)
        found = json.loads(done.stdout.splitlines()[-1])
        first = first or found
        other = sum(left != right for left, right in zip(first["answers"], found["answers"], strict=True))
        nats, losses = (
            max(abs(left - right) / left for left, right in zip(first[key], found[key], strict=True))
            for key in ("nats", "losses")
        )
        print(  # noqa: T201 - the result
            f"{name:28} {other} of {options.rows} answers differ; likelihoods by up to {nats:.1e}, losses by up to {losses:.1e} of their value"
        )


if __name__ == "__main__":
    main()

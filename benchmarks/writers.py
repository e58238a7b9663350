"""What a catalog model is worth as a writer: the stages up to the labels, in both languages, and what became of each request.

    python -m benchmarks.writers qwen2.5-coder-0.5b --workspace FOLDER

Runs ingest to judge as dvc.yaml commands them, in a copy of this repository at `--workspace` without provided answers, with
`llm.generator` the model behind llama.cpp, and prints one JSON line for each kind of request and language: how many were asked,
how many were usable, and why the others were not. Answers are cached in the workspace: a killed run goes on.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import workspace
from stages.core import jsonl
from stages.core.dropped import Dropped
from stages.rows.dialogue import Dialogue
from stages.rows.instruction import Instruction
from stages.rows.label_quality import LabelQuality
from stages.rows.pair import Pair
from stages.rows.prompt import Prompt
from stages.rows.sample import LabeledSample

STAGES = ("ingest", "anonymize", "split", "seed", "curate", "evolve", "screen")
TRAIN = ("sample", "assemble", "enhance", "calibrate", "label", "judge")
REWRITTEN = 6  # prompts of those that are labelled; they are drawn one by one, so about as many


def params(model: str, rows: int, threads: int) -> dict[str, object]:
    """Return what differs from params.yaml."""
    generator = {"backend": "llama_cpp", "model": model, "temperature": 0.0, "top_p": 1.0, "threads": threads}
    return {
        "llm.generator": generator,
        "seed.languages": ["en", "zh"],
        "seed.generated": 16,
        "evolve.population": 12,
        "enhance.share": min(1.0, REWRITTEN / rows),
        "sample.count": rows,
        "sample.replies": 0.0,  # what providers said is no model's writing
        "sample.reserve": 0.0,
    }


def outcomes(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Yield (kind of request, language, outcome) for every request to the model; usable ones are `usable`."""
    data = folder / "data"
    spoken = {row.id: row.language for row in jsonl.stream(data / "dialogues/train.jsonl", Dialogue)}
    seeds = jsonl.read(data / "instructions/seeds.jsonl", Instruction)
    written = {row.id: row.language for row in seeds}
    kept = {row.id for row in jsonl.stream(data / "instructions/curated.jsonl", Instruction)}
    lost = {row.id: row.reason for row in jsonl.stream(data / "instructions/curated.dropped.jsonl", Dropped)}
    for row in seeds:
        if row.origin == "generated":
            yield "seed", row.language, "usable" if row.id in kept else str(lost[row.id])
    for drop in jsonl.stream(data / "instructions/seeds.dropped.jsonl", Dropped):
        if drop.parents and drop.parents[0] in spoken:
            yield "seed", spoken[drop.parents[0]], str(drop.reason)
    evolved = jsonl.read(data / "instructions/evolved.jsonl", Instruction)
    written |= {row.id: row.language for row in evolved}
    for row in evolved:
        if row.origin == "evolved":
            yield "child", row.language, "usable"
    for drop in jsonl.stream(data / "instructions/evolved.dropped.jsonl", Dropped):
        yield "child", written[drop.parents[0]], str(drop.reason)
    for prompt in jsonl.stream(data / "prompts/enhanced.jsonl", Prompt):
        if prompt.method == "enhanced" or prompt.note:
            yield "enhancement", prompt.language, prompt.note or "usable"
    quality = {row.id: row for row in jsonl.stream(data / "quality/labels.jsonl", LabelQuality)}
    samples = {row.id: row.language for row in jsonl.stream(data / "samples/pairs.jsonl", Pair)}
    for label in jsonl.stream(data / "labels/train.jsonl", LabeledSample):
        flags = quality[label.id].flags
        yield "label", label.language, "+".join(map(str, flags)) or "usable"
    for drop in jsonl.stream(data / "labels/train.dropped.jsonl", Dropped):
        yield "label", samples[drop.id], str(drop.reason)


def figures(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield a line for each kind of request and language."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    for kind, language, outcome in outcomes(folder):
        counts.setdefault((kind, language), Counter())[outcome] += 1
    for (kind, language), found in counts.items():
        usable = found.pop("usable", 0)
        asked = usable + found.total()
        yield {"kind": kind, "language": language, "asked": asked, "usable": usable, "not": dict(found.most_common())}


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--workspace", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=12, help="samples labelled; about 6 of their prompts are rewritten")
    parser.add_argument("--threads", type=int, default=0, help="0: one for each core")
    options = parser.parse_args()
    workspace.prepare(options.workspace, params(options.model, options.rows, options.threads))
    workspace.run(options.workspace, (*STAGES, *TRAIN))
    for line in figures(options.workspace):
        print(json.dumps({"model": options.model} | line, ensure_ascii=False), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()

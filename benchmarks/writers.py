"""What a catalog model is worth as a writer: the stages up to the labels, in both languages, and what became of each request.

    python -m benchmarks.writers qwen2.5-coder-0.5b --workspace FOLDER

Runs ingest to judge as dvc.yaml commands them, in a copy of this repository at `--workspace` without provided answers, with
`llm.generator` the model behind llama.cpp, and prints one JSON line for each kind of request and language: how many were asked,
how many were usable, and why the others were not. Answers are cached in the workspace: a killed run goes on.
"""

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from stages.cli.dvc_graph import steps
from stages.core import jsonl
from stages.core.dropped import Dropped
from stages.rows.dialogue import Dialogue
from stages.rows.instruction import Instruction
from stages.rows.label_quality import LabelQuality
from stages.rows.prompt import Prompt
from stages.rows.sample import LabeledSample, Sample

ROOT = Path(__file__).parents[1]
TAKEN = ("data/raw", "data/review", "data/test", "prompts", "stages", "dvc.yaml", ".dvcignore")
STAGES = ("ingest", "anonymize", "split", "seed", "curate", "evolve", "screen")
TRAIN = ("assemble@train", "enhance@train", "sample@train", "label@train", "judge")


def prepare(workspace: Path, model: str, rows: int, threads: int) -> None:
    """Copy what the stages read, and write the params of this measurement."""
    for name in TAKEN:
        source, target = ROOT / name, workspace / name
        if target.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target) if source.is_dir() else shutil.copyfile(source, target)
    for command in (["git", "init", "-q"], [sys.executable, "-m", "dvc", "init", "-q"]):
        if not (workspace / ".dvc").exists() or command[0] == "git":
            subprocess.run(command, cwd=workspace, check=True)
    (workspace / "data/review/answers.jsonl").write_text("", encoding="utf-8")
    yaml = YAML()
    params = yaml.load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    params["llm"]["generator"] = {
        "backend": "llama_cpp",
        "model": model,
        "temperature": 0.0,
        "top_p": 1.0,
        "threads": threads,
    }
    params["seed"] |= {"languages": ["en", "zh"], "generated": 16}
    params["evolve"] |= {"population": 12}
    params["enhance"]["train"]["share"] = 0.04
    params["sample"]["train"]["count"] = rows
    with (workspace / "params.yaml").open("w", encoding="utf-8") as file:
        yaml.dump(params, file)


def run(workspace: Path) -> None:
    """Run the stages, one after the other, as dvc.yaml commands them."""
    commands = {step.name: step.command for step in steps(workspace)}
    environment = {**os.environ, "PYTHONPATH": str(workspace)}
    for name in (*STAGES, *TRAIN):
        words = [sys.executable, *shlex.split(commands[name])[1:]]
        subprocess.run(words, cwd=workspace, env=environment, check=True)


def outcomes(workspace: Path) -> Iterator[tuple[str, str, str]]:
    """Yield (kind of request, language, outcome) for every request to the model; usable ones are `usable`."""
    data = workspace / "data"
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
    for prompt in jsonl.stream(data / "prompts/train/enhanced.jsonl", Prompt):
        if prompt.method == "enhanced" or prompt.note:
            yield "enhancement", prompt.language, prompt.note or "usable"
    quality = {row.id: row for row in jsonl.stream(data / "quality/labels.jsonl", LabelQuality)}
    samples = {row.id: row.language for row in jsonl.stream(data / "samples/train.jsonl", Sample)}
    for label in jsonl.stream(data / "labels/train.jsonl", LabeledSample):
        flags = quality[label.id].flags
        yield "label", label.language, "+".join(map(str, flags)) or "usable"
    for drop in jsonl.stream(data / "labels/train.dropped.jsonl", Dropped):
        yield "label", samples[drop.id], str(drop.reason)


def figures(workspace: Path) -> Iterator[dict[str, Any]]:
    """Yield a line for each kind of request and language."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    for kind, language, outcome in outcomes(workspace):
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
    parser.add_argument("--rows", type=int, default=12, help="samples labelled")
    parser.add_argument("--threads", type=int, default=0, help="0: one for each core")
    options = parser.parse_args()
    prepare(options.workspace, options.model, options.rows, options.threads)
    run(options.workspace)
    for line in figures(options.workspace):
        print(json.dumps({"model": options.model} | line, ensure_ascii=False), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()

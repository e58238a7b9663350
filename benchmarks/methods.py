"""The methods of making a library of instructions, with equal numbers of requests, on recorded answers (§2.1).

    python -m benchmarks.methods --workspace FOLDER
    python -m benchmarks.methods --workspace FOLDER --author qwen2.5-coder-1.5b --methods two_stage --requests 20

Runs seed, curate, evolve and screen as dvc.yaml commands them, in a copy of this repository for each method, from the same 12
hand-written instructions in two languages, with 40 requests. The answers are in data/recorded: of `project`, the authors of this
repository, or as a model of the catalog gave them. Prints for each method what was eliminated, by reason and by operator, complexity,
tokens and drift by generation, and how rich the library is: communities of what is asked (`measure`'s headline) by instructions, and by
requests. `--families FILE` writes families as they came: root, children, grandchildren, and the eliminated with their reasons.
`--backend batch` asks for answers by file (docs/backends.md), `--backend llama_cpp` the model.
"""

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from benchmarks import workspace
from stages.communities.grouping import grouped
from stages.communities.settings import Measure
from stages.core import jsonl
from stages.core.dropped import Dropped
from stages.instructions.rules.demands import complexity
from stages.rows.instruction import Instruction
from stages.text import tokenizers

METHODS = ("fixed", "self_instruct", "evol_instruct", "two_stage")
BEFORE = ("ingest", "anonymize", "split")
STAGES = ("seed", "curate", "evolve", "screen")
SEEDED = 5  # of the requests, one in so many asks for a seed, the others for children in two generations


def params(method: str, author: str, backend: str, requests: int) -> dict[str, object]:
    """Return what differs from params.yaml."""
    population = (requests - requests // SEEDED) // 2
    generator: dict[str, object] = {"backend": backend, "model": author, "temperature": 0.0, "top_p": 1.0}
    return {
        "llm.generator": generator | ({"missing": "fail"} if backend == "recorded" else {}),
        "instructions.method": method,
        "seed.languages": ["en", "zh"],
        "seed.written": 6,
        "seed.generated": requests - 2 * population,
        "evolve.generations": 2,
        "evolve.population": population,
    }


def run(method: str, chosen: argparse.Namespace) -> Path:
    """Run a method and return its folder."""
    folder: Path = chosen.workspace / method
    workspace.prepare(folder, params(method, chosen.author, chosen.backend, chosen.requests))
    if not (folder / "data/dialogues/train.jsonl").exists():
        workspace.run(folder, BEFORE)
    workspace.run(folder, STAGES)
    return folder


def dropped(folder: Path) -> Iterator[tuple[str, Dropped]]:
    """Yield what each stage dropped of what was written for this run; what the pack holds beyond the start is passed over."""
    for stage, name in zip(STAGES, ("seeds", "curated", "evolved", "library"), strict=True):
        for row in jsonl.stream(folder / f"data/instructions/{name}.dropped.jsonl", Dropped):
            if row.reason not in ("other_language", "not_drawn"):
                yield stage, row


def figures(method: str, folder: Path, requests: int) -> dict[str, Any]:
    """Return what a method made of its requests."""
    out, library = list(dropped(folder)), jsonl.read(folder / "data/instructions/library.jsonl", Instruction)
    settings = Measure.model_validate(_section("measure"))
    texts = [row.text for row in library]
    new = [row for row in library if row.origin != "pack"]
    sizes, asked = grouped(texts, settings).sizes, 0 if method == "fixed" else requests
    return {
        "method": method,
        "requests": asked,
        "library": len(library),
        "new": len(new),
        "eliminated": dict(Counter(f"{stage}: {row.reason}" for stage, row in out).most_common()),
        "complexity_of_new": _mean([complexity(row.text, row.language) for row in new]),
        "complexity_of_pack": _mean([complexity(row.text, row.language) for row in library if row.origin == "pack"]),
        "tokens_of_new": _mean(tokenizers.lengths([row.text for row in new], tokenizers.QWEN)),
        "communities": len(sizes),
        "communities_by_requests": len(sizes) / asked if asked else None,
        "richness": sum(min(size, settings.top_n) for size in sizes) / len(texts),
        "evolution": json.loads((folder / "metrics/evolution.json").read_text(encoding="utf-8")),
    }


def _section(name: str) -> dict[str, Any]:
    from stages.core.params import load_all  # noqa: PLC0415 - of the repository that is stood in

    return dict(load_all()[name])


def _mean(values: Iterable[float]) -> float | None:
    found = list(values)
    return round(sum(found) / len(found), 2) if found else None


class Families:
    """The instructions of a run by their root."""

    def __init__(self, folder: Path) -> None:
        """Read what was kept and what was dropped; an eliminated child's words are in the answer that it came from."""
        made = folder / "data/instructions"
        rows = jsonl.read(made / "evolved.jsonl", Instruction)
        self.rows = {row.id: row for row in rows}
        self.children = defaultdict[str, list[Instruction]](list)
        for row in rows:
            if row.generation:
                self.children[row.parents[0]].append(row)
        self.gone = defaultdict[str, list[Dropped]](list)
        for stage in ("evolved", "library"):
            for drop in jsonl.stream(made / f"{stage}.dropped.jsonl", Dropped):
                if drop.parents and drop.parents[0] in self.rows:
                    self.gone[drop.parents[0]].append(drop)

    def roots(self) -> list[Instruction]:
        """Return the roots, those with the most descendants first."""
        founders = [
            row for row in self.rows.values() if not row.generation and (self.children[row.id] or self.gone[row.id])
        ]
        return sorted(founders, key=lambda row: (-self._size(row), row.id))

    def _size(self, row: Instruction) -> int:
        return len(self.gone[row.id]) + sum(1 + self._size(child) for child in self.children[row.id])

    def lines(self, row: Instruction, depth: int = 0) -> Iterator[str]:
        """Yield a family as a nested Markdown list."""
        said = row.operator or row.origin
        yield f"{'  ' * depth}- **{said}** ({row.language}, {row.task}): {row.text}"
        for drop in self.gone[row.id]:
            yield f"{'  ' * (depth + 1)}- *{drop.detail or 'screen'}, eliminated: {drop.reason}*"
        for child in self.children[row.id]:
            yield from self.lines(child, depth + 1)


def options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the comparison."""
    parser.add_argument("--workspace", type=Path, required=True)
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=METHODS)
    parser.add_argument("--author", default="project", help="who answers")
    parser.add_argument("--backend", default="recorded", choices=("recorded", "batch", "llama_cpp"))
    parser.add_argument("--requests", type=int, default=40, help="of each method but fixed")
    parser.add_argument("--families", type=Path, help="write ten families here")


def compare(chosen: argparse.Namespace) -> None:
    """Run and print."""
    for method in chosen.methods:
        folder = run(method, chosen)
        print(json.dumps(figures(method, folder, chosen.requests), ensure_ascii=False), flush=True)  # noqa: T201
        if chosen.families and method == "two_stage":
            found = Families(folder)
            text = "\n\n".join("\n".join(found.lines(root)) for root in found.roots()[:10])
            chosen.families.write_text(text + "\n", encoding="utf-8")


def main() -> None:
    """Run the comparison alone."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options(parser)
    compare(parser.parse_args())


if __name__ == "__main__":
    main()

"""The six indicators of data quality (§3.3, formulas (1) to (5), and balance), with the rows behind three plots."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, get_args

import numpy as np
from pydantic import Field

from stages.errors import InputError
from stages.measures import indicators
from stages.measures.communities import communities
from stages.ports import jsonl, metrics, tokens
from stages.ports.params import Section
from stages.ports.stage import run
from stages.ports.vectors import Representation, vectors
from stages.records.community import Membership
from stages.records.instruction import FormatKind
from stages.records.sample import Labelled
from stages.records.verdict import Quality, Verdict

SHOWN = 20  # communities in the plot


class Measure(Section):
    """Params of the stage."""

    section: ClassVar[str] = "measure"
    tokenizer: str  # qwen, or a folder with a tokenizer.json
    representation: Representation  # what prompts are compared by
    encoder: str  # sentences: minilm, or a Sentence Transformers folder
    threshold: float = Field(gt=0, le=1)  # cosine from which two prompts are alike
    top_n: int = Field(ge=1)  # rows of a community that count as rich


def memberships(rows: Sequence[Labelled], found: Sequence[np.ndarray]) -> list[Membership]:
    """Return each row's community, in the rows' order."""
    placed = {
        int(row): Membership(id=rows[row].id, community=number, center=place == 0, size=len(members))
        for number, members in enumerate(found, 1)
        for place, row in enumerate(members)
    }
    return [placed[number] for number in range(len(rows))]


def quality(
    rows: Sequence[Labelled], grades: Mapping[str, Quality], sizes: Sequence[int], params: Measure
) -> dict[str, object]:
    """Return what metrics/quality.json holds: n, the indicators, and what they were measured with.

    Balance is over the tasks that occur × all output formats there are: a data set without tables is less balanced.
    """
    prompts = tokens.lengths((row.prompt_text for row in rows), params.tokenizer)
    talks = tokens.lengths((row.conversation for row in rows), params.tokenizer)
    cells = [(row.task, row.ask.kind) for row in rows]
    possible = len({row.task for row in rows}) * len(get_args(FormatKind))
    rich = indicators.richness(sizes, params.top_n)
    return {
        "n": len(rows),
        "prompt_complexity": indicators.prompt_complexity(prompts),
        "input_complexity": indicators.input_complexity(prompts, talks),
        "richness": rich,
        "redundancy": indicators.redundancy(rich),
        "label_quality": indicators.label_quality([grades[row.id] for row in rows]),
        "balance": indicators.balance(cells, possible),
        "communities": {"count": len(sizes), "largest": max(sizes), "singletons": sum(size == 1 for size in sizes)},
        "distinct": {
            "prompts": len({row.prompt for row in rows}),
            "dialogues": len({row.dialogue for row in rows}),
            "instructions": len({row.instruction for row in rows}),
        },
        "measured_with": params.model_dump(),
    }


def plots(
    rows: Sequence[Labelled], grades: Mapping[str, Quality], sizes: Sequence[int]
) -> dict[str, list[dict[str, object]]]:
    """Return the flat rows of each plot by its file's name: largest communities, label quality by task, rows by cell."""
    by_task: dict[str, list[Quality]] = {}
    for row in rows:
        by_task.setdefault(row.task, []).append(grades[row.id])
    cells = Counter((row.task, row.ask.kind) for row in rows)
    return {
        "communities": [{"community": number, "size": size} for number, size in enumerate(sizes[:SHOWN], 1)],
        "label_quality": [
            {"group": task, "quality": grade, "share": share}
            for task, found in sorted(by_task.items())
            for grade, share in indicators.label_quality(found).items()
        ],
        "balance": [
            {"cell": f"{task} × {kind}", "task": task, "format": kind, "rows": count}
            for (task, kind), count in sorted(cells.items())
        ],
    }


def read_grades(source: Path, rows: Sequence[Labelled]) -> dict[str, Quality]:
    """Return each row's quality; every row must have one."""
    grades = {row.id: row.quality for row in jsonl.stream(source, Verdict)}
    if missing := [row.id for row in rows if row.id not in grades]:
        raise InputError(f"{source}: no verdict on {len(missing)} rows, e.g. {missing[0]}; run `dvc repro judge`")
    return grades


def main(source: Path, verdicts: Path, target: Path, report: Path, folder: Path) -> None:
    """Read labelled rows and verdicts, write communities, indicators and plots."""
    params, rows = Measure.load(), jsonl.read(source, Labelled)
    if not rows:
        raise InputError(f"{source}: no rows to measure; {jsonl.dropped_path(source)} says why each was dropped")
    grades = read_grades(verdicts, rows)
    texts = [row.prompt_text for row in rows]
    found = communities(vectors(texts, params.representation, params.tokenizer, params.encoder), params.threshold)
    sizes = [len(members) for members in found]
    jsonl.write(target, memberships(rows, found))
    metrics.write(report, quality(rows, grades, sizes, params))
    for name, points in plots(rows, grades, sizes).items():
        metrics.write(folder / f"{name}.json", points)


if __name__ == "__main__":
    run(main)

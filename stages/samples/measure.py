"""The six indicators of data quality (§3.3, formulas (1) to (5), and balance), with the rows behind their plots."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, NamedTuple, get_args

import numpy as np
from pydantic import Field

from stages.core import jsonl, metrics
from stages.core.errors import InputError
from stages.core.params import Section
from stages.core.stage import run
from stages.rows.instruction import FormatKind
from stages.rows.label_quality import LabelQuality, Quality
from stages.rows.sample import LabeledSample
from stages.samples.communities import bfloat16
from stages.samples.communities.communities import Algorithm, communities
from stages.samples.communities.kmeans import WIDTH, cells
from stages.samples.communities.neighbors import Neighbors
from stages.samples.communities.recall import neighbor_recall
from stages.samples.indicators import formulas
from stages.samples.indicators.profile import Traits, profile
from stages.samples.rows.community import Membership
from stages.similarity.bounds import coordinates
from stages.similarity.distinct import deduplicate, expand
from stages.similarity.vectors import Representation, vectors
from stages.text import tokenizers

SHOWN = 20  # communities in the plot
BINS = 12  # of a histogram, at most


class Measure(Section):
    """What the indicators of data quality are measured with."""

    section: ClassVar[str] = "measure"
    tokenizer: str
    """`qwen`: the vocabulary of Qwen-14B-Chat (§3.3); else a folder with tokenizer.json."""
    representation: Representation
    """What prompts are compared by: `tokens`, counts of them (§3.3); `sentences`, a sentence encoder."""
    encoder: str
    """With `sentences`: `minilm`, all-MiniLM-L6-v2; else a Sentence Transformers folder."""
    threshold: float = Field(gt=0, le=1)
    """Cosine from which two prompts are alike (§3.3: 0.82)."""
    algorithm: Algorithm
    """`threshold`: a center claims all alike prompts (§3.3); `louvain`, `components`: of the graph of alike prompts."""
    exact_limit: int = Field(ge=1)
    """Distinct prompts up to which all pairs are compared; with more, only pairs that share a neighborhood."""
    top_n: int = Field(ge=1)
    """Rows of a community that count as rich, N of formula (3)."""


class Grouped(NamedTuple):
    """Communities (row numbers, the center first), and the share of alike pairs that they were made from."""

    communities: list[np.ndarray]
    neighbor_recall: float | None  # None: all pairs were compared


class Lengths(NamedTuple):
    """Tokens of each row's prompt without its dialogue, L_P, and of its dialogue, L_C."""

    prompts: list[int]
    dialogues: list[int]


def grouped(texts: Sequence[str], params: Measure) -> Grouped:
    """Return the communities of `texts`; equal texts are read once."""
    places = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    encoded = vectors(list(places), params.representation, params.tokenizer, params.encoder)
    rows = expand(deduplicate(encoded), np.array([places[text] for text in texts]))
    distinct = len(rows.first)
    near_by = cells(coordinates(rows.unit, WIDTH)) if distinct > params.exact_limit else None
    near = Neighbors(rows, params.threshold, near_by, bfloat16.fastest(distinct))
    recall = None if near_by is None else neighbor_recall(rows.unit, params.threshold, near_by)
    return Grouped(communities(rows, near, params.algorithm), recall)


def memberships(rows: Sequence[LabeledSample], groups: Sequence[np.ndarray]) -> list[Membership]:
    """Return each row's community, in the rows' order."""
    placed = {
        int(row): Membership(id=rows[row].id, community=number, center=place == 0, size=len(members))
        for number, members in enumerate(groups, 1)
        for place, row in enumerate(members)
    }
    return [placed[number] for number in range(len(rows))]


def quality(
    rows: Sequence[LabeledSample], grades: Mapping[str, Quality], lengths: Lengths, grouping: Grouped, params: Measure
) -> dict[str, object]:
    """Return what metrics/quality.json holds: n, the indicators, and what they were measured with.

    Balance is over the tasks that occur × all output formats there are: a data set without tables is less balanced.
    """
    sizes = [len(members) for members in grouping.communities]
    traits = Traits(
        lengths.prompts,
        lengths.dialogues,
        [place.community for place in memberships(rows, grouping.communities)],
        [grades[row.id] for row in rows],
        [(row.task, row.ask.kind) for row in rows],
    )
    return {
        **profile(traits, params.top_n, len({row.task for row in rows}) * len(get_args(FormatKind))),
        "communities": {
            "count": len(sizes),
            "largest": max(sizes),
            "singletons": sum(size == 1 for size in sizes),
            "exact": grouping.neighbor_recall is None,
            "neighbor_recall": 1.0 if grouping.neighbor_recall is None else grouping.neighbor_recall,
        },
        "distinct": {
            "prompts": len({row.prompt for row in rows}),
            "dialogues": len({row.dialogue for row in rows}),
            "instructions": len({row.instruction for row in rows}),
        },
        "measured_with": params.model_dump(),
    }


Points = list[dict[str, object]]  # the flat rows of one plot


def charts(
    rows: Sequence[LabeledSample], grades: Mapping[str, Quality], lengths: Lengths, sizes: Sequence[int]
) -> dict[str, Points]:
    """Return the rows of each plot by its file's name."""
    filled = Counter((row.task, row.ask.kind) for row in rows)
    return {
        "communities": [{"community": number, "size": size} for number, size in enumerate(sizes[:SHOWN], 1)],
        "complexity": histogram("prompt", lengths.prompts) + histogram("dialogue", lengths.dialogues),
        "label_quality": shares([(row.task, grades[row.id]) for row in rows]),
        "label_quality_scene": shares([(row.scene, grades[row.id]) for row in rows]),
        "balance": [
            {"cell": f"{task} × {kind}", "task": task, "format": kind, "rows": count}
            for (task, kind), count in sorted(filled.items())
        ],
    }


def histogram(part: str, lengths: Sequence[int]) -> Points:
    """Return how many rows have from `from` to below `to` tokens, one point a bin; the bin's name sorts by its start."""
    return [
        {"part": part, "bin": f"{part} {low:05d}–{high - 1:05d}", "from": low, "to": high, "rows": count}
        for low, high, count in formulas.histogram(lengths, BINS)
    ]


def shares(graded: Sequence[tuple[str, Quality]]) -> Points:
    """Return the share of each quality in each group."""
    groups: dict[str, list[Quality]] = {}
    for group, grade in graded:
        groups.setdefault(group, []).append(grade)
    return [
        {"group": group, "quality": grade, "share": share}
        for group, grades in sorted(groups.items())
        for grade, share in formulas.label_quality(grades).items()
    ]


def read_grades(source: Path, rows: Sequence[LabeledSample]) -> dict[str, Quality]:
    """Return each row's quality; every row must have one."""
    grades = {row.id: row.quality for row in jsonl.stream(source, LabelQuality)}
    if missing := [row.id for row in rows if row.id not in grades]:
        raise InputError(f"{source}: no verdict on {len(missing)} rows, e.g. {missing[0]}; run `dvc repro judge`")
    return grades


def main(*, source: Path, qualities: Path, target: Path, report: Path, plots: Path) -> None:
    """Read labelled rows and verdicts, write communities, indicators and plots."""
    params, rows = Measure.load(), jsonl.read(source, LabeledSample)
    if not rows:
        raise InputError(f"{source}: no rows to measure; {jsonl.dropped_path(source)} says why each was dropped")
    grades = read_grades(qualities, rows)
    grouping = grouped([row.prompt_text for row in rows], params)
    lengths = Lengths(
        tokenizers.lengths((row.prompt_text for row in rows), params.tokenizer),
        tokenizers.lengths((row.conversation for row in rows), params.tokenizer),
    )
    jsonl.write(target, memberships(rows, grouping.communities))
    metrics.write(report, quality(rows, grades, lengths, grouping, params))
    sizes = [len(members) for members in grouping.communities]
    for name, points in charts(rows, grades, lengths, sizes).items():
        metrics.write(plots / f"{name}.json", points)


if __name__ == "__main__":
    run(main)

"""The six indicators of data quality (§3.3, formulas (1) to (5), and balance), with the rows behind their plots."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import get_args

import numpy as np

from stages.communities.grouping import Grouped, grouped, grouped_tokens
from stages.communities.rarefaction import rarefied
from stages.communities.settings import LITERAL, Measure, literal
from stages.core import jsonl, metrics
from stages.core.errors import InputError
from stages.core.progress import track
from stages.core.row import content_id
from stages.core.stage import run
from stages.library.domain_pack import Instructions
from stages.rows.instruction import FormatKind, Instruction
from stages.rows.label_quality import BY_RULES, JUDGED, LabelQuality, Quality
from stages.rows.sample import LabeledSample
from stages.samples.indicators import formulas
from stages.samples.indicators.profile import Traits, profile
from stages.samples.rows.brief import Brief, Briefs
from stages.samples.rows.community import Membership

SHOWN = 20  # communities in the plot
BINS = 12  # of a histogram, at most
SHOWN_FIRST: tuple[Quality, ...] = (*JUDGED, *BY_RULES)


def memberships(rows: Sequence[Brief], groups: Sequence[np.ndarray]) -> list[Membership]:
    """Return each row's community, in the rows' order."""
    placed = {
        int(row): Membership(id=rows[row].id, community=number, center=place == 0, size=len(members))
        for number, members in enumerate(groups, 1)
        for place, row in enumerate(members)
    }
    return [placed[number] for number in range(len(rows))]


def quality(briefs: Briefs, grades: Mapping[str, Quality], grouping: Grouped, params: Measure) -> dict[str, object]:
    """Return what metrics/quality.json holds: n, the indicators, and what they were measured with.

    Balance is over the tasks that occur × all output formats there are: a data set without tables is less balanced.
    """
    rows = briefs.rows
    traits = Traits(
        briefs.prompts.lengths,
        briefs.talks.lengths,
        [place.community for place in memberships(rows, grouping.communities)],
        [grades[row.id] for row in rows],
        [(row.task, row.ask.kind) for row in rows],
    )
    return {
        **profile(traits, params.top_n, len({row.task for row in rows}) * len(get_args(FormatKind))),
        "richness_at": at_sizes(grouping, params),
        "communities": {
            "count": len(grouping.sizes),
            "largest": max(grouping.sizes),
            "singletons": sum(size == 1 for size in grouping.sizes),
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


def at_sizes(grouping: Grouped, params: Measure) -> dict[str, float | None]:
    """Return the richness that `measure.rarefied` rows of these would have, by their number; None: there are fewer."""
    return {str(drawn): rarefied(grouping.sizes, drawn, params.top_n) for drawn in params.rarefied}


def literal_readings(briefs: Briefs, params: Measure) -> dict[str, object]:
    """Return richness as the paper's words can be taken, of whole prompts, by reading; of `rows` rows, drawn where there are more.

    Beyond `measure.exact_limit` a reading says which share of the alike pairs was seen (`neighbor_recall`).
    """
    rows = drawn([row.id for row in briefs.rows], params.literal_rows)
    prompts = briefs.prompts.of(rows)
    readings: dict[str, object] = {"rows": len(rows)}
    for name, representation in LITERAL.items():
        found = grouped_tokens(prompts, literal(params, representation))
        readings[name] = {
            "richness": formulas.richness(found.sizes, params.top_n),
            "richness_at": at_sizes(found, params),
            "communities": len(found.sizes),
            **({} if found.neighbor_recall is None else {"neighbor_recall": found.neighbor_recall}),
        }
    return readings


def drawn(ids: Sequence[str], most: int) -> list[int]:
    """Return the places of at most so many rows, in order: those whose ids hash lowest, so that one more row changes one at most."""
    if len(ids) <= most:
        return list(range(len(ids)))
    return sorted(sorted(range(len(ids)), key=lambda place: content_id("literal", ids[place]))[:most])


def communities(briefs: Briefs, source: Path, library: Path, pack: Path, params: Measure) -> Grouped:
    """Return the rows' communities, by their whole prompts, or by the instructions spliced into them."""
    if params.part == "instruction":
        return grouped(instructions_of(briefs.rows, library, pack), params)
    if params.representation == "sentences":
        return grouped([row.prompt_text for row in jsonl.stream(source, LabeledSample)], params)
    return grouped_tokens(briefs.prompts, params)


def instructions_of(rows: Sequence[Brief], library: Path, pack: Path) -> list[str]:
    """Return the text of each row's instruction: the library's, or what the pack asks for real replies."""
    written = Instructions.read(pack).reply_asks
    texts = {row.id: row.text for row in chain(written, jsonl.stream(library, Instruction))}
    if missing := [row.instruction for row in rows if row.instruction not in texts]:
        raise InputError(f"{library}: no instruction {missing[0]}, which a labelled row is of; run `dvc repro label`")
    return [texts[row.instruction] for row in rows]


Points = list[dict[str, object]]  # the flat rows of one plot


def charts(briefs: Briefs, grades: Mapping[str, Quality], sizes: Sequence[int]) -> dict[str, Points]:
    """Return the rows of each plot by its file's name."""
    rows = briefs.rows
    filled = Counter((row.task, row.ask.kind) for row in rows)
    return {
        "communities": [{"community": number, "size": size} for number, size in enumerate(sizes[:SHOWN], 1)],
        "complexity": histogram("prompt", briefs.prompts.lengths) + histogram("dialogue", briefs.talks.lengths),
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
    """Return the share of each quality that occurs in a group, the best first; its name tells who said so (`LabelQuality`)."""
    groups: dict[str, list[Quality]] = {}
    for group, grade in graded:
        groups.setdefault(group, []).append(grade)
    return [
        {"group": group, "quality": grade, "share": count / len(grades)}
        for group, grades in sorted(groups.items())
        for grade, count in sorted(Counter(grades).items(), key=lambda counted: SHOWN_FIRST.index(counted[0]))
    ]


def read_grades(source: Path, rows: Sequence[Brief]) -> dict[str, Quality]:
    """Return each row's quality; every row must have one."""
    grades = {row.id: row.quality for row in jsonl.stream(source, LabelQuality)}
    if missing := [row.id for row in rows if row.id not in grades]:
        raise InputError(f"{source}: no verdict on {len(missing)} rows, e.g. {missing[0]}; run `dvc repro judge`")
    return grades


def main(
    *, source: Path, instructions: Path, pack: Path, qualities: Path, target: Path, report: Path, plots: Path
) -> None:
    """Read labelled rows, their instructions and verdicts, write communities, indicators and plots."""
    params = Measure.load()
    briefs = Briefs.of(track(jsonl.stream(source, LabeledSample), "measure: reading", "rows"), params.tokenizer)
    if not briefs.rows:
        raise InputError(f"{source}: no rows to measure; {jsonl.dropped_path(source)} says why each was dropped")
    grades = read_grades(qualities, briefs.rows)
    grouping = communities(briefs, source, instructions, pack, params)
    jsonl.write(target, memberships(briefs.rows, grouping.communities))
    found = quality(briefs, grades, grouping, params)
    metrics.write(report, {**found, "richness_literal": literal_readings(briefs, params)})
    for name, points in charts(briefs, grades, grouping.sizes).items():
        metrics.write(plots / f"{name}.json", points)


if __name__ == "__main__":
    run(main)

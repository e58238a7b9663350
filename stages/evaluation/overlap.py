"""Did the model see the questions? Benchmark items that stand in the rows it is trained on; the verdict leaves them out."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, get_args

from pydantic import Field

from stages.core import jsonl, metrics
from stages.core.params import Section
from stages.core.progress import note
from stages.core.row import Language
from stages.core.stage import run
from stages.evaluation.benchmarks.settings import Bench
from stages.evaluation.contamination import items, rows
from stages.evaluation.contamination.items import Item
from stages.evaluation.contamination.search import ORDER, Search
from stages.evaluation.rows.overlap import Hit


class Overlap(Section):
    """When a benchmark item counts as seen in training."""

    section: ClassVar[str] = "overlap"

    ngram: int = Field(ge=5, le=50)
    """Words (Chinese characters) in a row that an item and a training row have in common; a shorter question counts whole."""
    near: float = Field(gt=0, le=1)
    """Cosine of their words (pairs of Chinese characters) from which an item counts as nearly the same."""


def overlap(asked: Sequence[Item], sources: Sequence[Path], params: Overlap) -> tuple[list[Hit], dict[str, int]]:
    """Return the items that are found in rows of the `sources`, in the order of the items, and how many rows each source has."""
    search = Search(asked, params.ngram, params.near)
    counts = {path.stem: search.look(rows.read(path)) for path in sources}
    return search.hits(), counts


def summary(asked: Sequence[Item], hits: Sequence[Hit], counts: dict[str, int]) -> dict[str, object]:
    """Return what metrics/overlap.json holds: the rows by file, and by suite and language how many items were found by which rule."""
    found: dict[str, dict[str, dict[str, int]]] = {}
    for suite in dict.fromkeys(item.suite for item in asked):
        for language in get_args(Language):
            here = [hit for hit in hits if (hit.suite, hit.language) == (suite, language)]
            if n := sum((item.suite, item.language) == (suite, language) for item in asked):
                by_rule: dict[str, int] = {rule: sum(hit.rule == rule for hit in here) for rule in ORDER}
                found.setdefault(suite, {})[language] = {"n": n, "found": len(here), **by_rule}
    return {"rows": counts, "n": len(asked), "found": len(hits), "suites": found}


def main(*, row: list[Path], data: Path, official: Path, target: Path, report: Path) -> None:
    """Look for what stage bench asks (`data`, `official`) in each file of rows."""
    asked = list(items.asked(Bench.load().suites, data, official))
    hits, counts = overlap(asked, row, Overlap.load())
    jsonl.write(target, hits)
    metrics.write(report, summary(asked, hits, counts))
    if hits:
        note(
            f"overlap: {len(hits)} of {len(asked)} benchmark items stand in training rows and are left out of the verdict: see {target}"
        )


if __name__ == "__main__":
    run(main)

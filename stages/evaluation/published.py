"""The paper's own models before the same verdict: does "no collapse" hold in its Table 4, and under which margin (§3.5)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field

from stages.core import metrics, yaml_files
from stages.core.errors import InputError
from stages.core.params import Section
from stages.core.stage import run
from stages.evaluation.retention import verdicts
from stages.evaluation.retention.paper_table import PaperModel, PaperTable

SHOTS = (0, 5)


class Published(Section):
    """How the paper's own models are judged (Table 4)."""

    section: ClassVar[str] = "published"

    margins: tuple[Annotated[float, Field(gt=0, lt=1)], ...] = Field(min_length=1)
    """Losses of accuracy that are tried, each as the margin of a verdict."""
    confidence: float = Field(gt=0.5, lt=1)
    """Of each interval."""


def published(table: PaperTable, params: Published) -> dict[str, Any]:
    """Return by tuned model: its changes by benchmark and shots, and its worst verdict by margin."""
    base = next((model for model in table.models if model.name == table.base), None)
    if base is None:
        raise InputError(f"data/paper.yaml: base {table.base} is not among its models; correct the name")
    tuned = [model for model in table.models if model.rows]
    return {"confidence": params.confidence} | {model.key: _model(base, model, table, params) for model in tuned}


def _model(base: PaperModel, tuned: PaperModel, table: PaperTable, params: Published) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for asked in table.benchmarks:
        for shots in SHOTS:
            before, after = base.accuracy(asked.column, shots), tuned.accuracy(asked.column, shots)
            if before is not None and after is not None:
                changes[f"{asked.name}_{shots}_shot"] = _change(before, after, asked.n, params)
    worst = {
        at(margin): verdicts.overall(row["verdicts"][at(margin)] for row in changes.values())
        for margin in params.margins
    }
    return {"verdicts": worst, "changes": changes}


def _change(before: float, after: float, n: int, params: Published) -> Mapping[str, Any]:
    found = {at(m): verdicts.published_change(before, after, n, m, params.confidence) for m in params.margins}
    figures: dict[str, Any] = dict(next(iter(found.values())))
    for name in ("margin", "verdict", "best_verdict"):
        figures.pop(name)
    return figures | {
        "verdicts": {margin: row["verdict"] for margin, row in found.items()},
        "best_verdicts": {margin: row["best_verdict"] for margin, row in found.items()},
    }


def at(margin: float) -> str:
    """Return a margin as a key, in percentage points: 2_points."""
    return f"{100 * margin:g}_points".replace(".", "_")


def main(*, source: Path, report: Path) -> None:
    """Judge the table in `source`."""
    metrics.write(report, published(yaml_files.load(source, PaperTable), Published.load()))


if __name__ == "__main__":
    run(main)

"""The paper's own models before the same verdict: does "no collapse" hold in its Table 4, and under which margin (§3.5)."""

from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field

from stages.core import metrics, yaml_files
from stages.core.errors import InputError
from stages.core.params import Section
from stages.core.row import Record
from stages.core.stage import run
from stages.evaluation.retention.paper_changes import PublishedChange, published_change
from stages.evaluation.retention.paper_table import PaperModel, PaperTable
from stages.evaluation.retention.verdicts import Verdict, overall

SHOTS = (0, 5)


class Published(Section):
    """How the paper's own models are judged (Table 4)."""

    section: ClassVar[str] = "published"

    margins: tuple[Annotated[float, Field(gt=0, lt=1)], ...] = Field(min_length=1)
    """Losses of accuracy that are tried, each as the margin of a verdict."""
    confidence: float = Field(gt=0.5, lt=1)
    """Of each interval."""


class PublishedModel(Record):
    """A tuned model's worst verdict by margin, and its changes by benchmark and shots."""

    verdicts: dict[str, Verdict]
    changes: dict[str, PublishedChange]


def published(table: PaperTable, params: Published) -> dict[str, PublishedModel]:
    """Return what the table's figures allow to say, by tuned model."""
    base = next((model for model in table.models if model.name == table.base), None)
    if base is None:
        raise InputError(f"data/paper.yaml: base {table.base} is not among its models; correct the name")
    return {model.key: _model(base, model, table, params) for model in table.models if model.rows}


def _model(base: PaperModel, tuned: PaperModel, table: PaperTable, params: Published) -> PublishedModel:
    margins = {margin_key(margin): margin for margin in params.margins}
    changes: dict[str, PublishedChange] = {}
    for benchmark in table.benchmarks:
        for shots in SHOTS:
            before, after = base.accuracy(benchmark.column, shots), tuned.accuracy(benchmark.column, shots)
            if before is not None and after is not None:
                change = published_change(before, after, benchmark.n, margins, params.confidence)
                changes[f"{benchmark.name}_{shots}_shot"] = change
    worst = {key: overall(change.verdicts[key] for change in changes.values()) for key in margins}
    return PublishedModel(verdicts=worst, changes=changes)


def margin_key(margin: float) -> str:
    """Return a margin as a key, in percentage points: 2_points."""
    return f"{100 * margin:g}_points".replace(".", "_")


def main(*, source: Path, report: Path) -> None:
    """Judge the table in `source`."""
    params = Published.load()
    models = published(yaml_files.load(source, PaperTable), params)
    metrics.write(
        report, {"confidence": params.confidence} | {key: model.model_dump() for key, model in models.items()}
    )


if __name__ == "__main__":
    run(main)

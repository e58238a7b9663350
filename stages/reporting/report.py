"""Write the report: the paper's tables and figures with this run's numbers, and what they cannot show (Tables 1–5, Fig. 3)."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import StringConstraints, field_validator
from ruamel.yaml import YAML

from stages.core import metrics, yaml_files
from stages.core.files import atomic
from stages.core.params import Section, value
from stages.core.stage import run
from stages.library.domain_pack import Domain
from stages.reporting import examples, wording
from stages.reporting.page import TEMPLATES
from stages.reporting.page import page as as_page
from stages.reporting.page import picture as as_picture
from stages.reporting.verdict import headline, sentence

ModelName = Annotated[str, StringConstraints(pattern="^[a-z0-9][a-z0-9_-]*$")]  # of files, params and stages

TAKEN = (
    "base",
    "drift",
    "memorization",
    "overlap",
    "pairs",
    "tuned",
)  # of files that other stages make beside those of a model
CONDUCT = "conduct_"  # begins the names of files beside those of a model
LEDGERS = (
    "ingest",
    "split",
    "seed",
    "curate",
    "evolve",
    "screen",
    "sample",
    "label",
    "select",
    "testset",
)
PLOTS = (
    "balance",
    "communities",
    "complexity",
    "composition_test",
    "composition_train",
    "label_quality",
    "label_quality_scene",
    "loss",
    "scores",
)


class Evaluation(Section):
    """Models to compare with base and tuned."""

    section: ClassVar[str] = "evaluation"

    models: dict[ModelName, dict[str, Any]]
    """Models that answer the test set besides base and tuned, by name: small letters, digits, - and _."""

    @field_validator("models")
    @classmethod
    def _other(cls, models: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        if taken := sorted(name for name in models if name in TAKEN or name.startswith(CONDUCT)):
            raise ValueError(f"{' and '.join(taken)} would replace files of this graph; take another name")
        return models


def collect(
    folder: Path, published: Path, domain: Path, others: Sequence[str] = (), generator: str = ""
) -> dict[str, Any]:
    """Return all that the report is made of: this run's metrics by name, the domain's `title`, the paper's figures under `paper`.

    `generator` is who wrote instructions and prompts.
    """
    models = ("base", "tuned", *others)
    names = (
        "privacy",
        "evolution",
        "enhance",
        "contrast",
        "quality",
        "judge",
        "selection",
        "training",
        "calibration",
        "memorization",
        "retention",
        "paper_retention",
        "overlap",
    )
    return {
        "generator": generator,
        "title": yaml_files.load(domain, Domain).title.get("en", domain.parent.name),
        **{name: metrics.read(folder / f"{name}.json") for name in names},
        "domain": {model: metrics.read(folder / "domain" / f"{model}.json") for model in models},
        "comparison": {model: metrics.read(folder / "comparison" / f"{model}.json") for model in models[1:]},
        "general": {model: accuracies(metrics.read(folder / "general" / f"{model}.json")) for model in models},
        "recorded": metrics.read(folder / "general" / "base.json").get("recorded"),
        "grades": {name: metrics.read(folder / "grades" / f"{name}.json") for name in (*models, "pairs")},
        "plots": {name: metrics.read(folder / "plots" / f"{name}.json") for name in PLOTS},
        "ledger": [(name, metrics.read(folder / "ledger" / f"{name}.json")) for name in LEDGERS],
        "paper": YAML(typ="safe").load(published.read_text(encoding="utf-8")),
    }


def accuracies(by_suite: Mapping[str, Any]) -> dict[str, float | None]:
    """Return a model's accuracies by `suite, shots`; an endpoint has none."""
    return {
        f"{suite}, {shots.replace('_', '-')}": figures["accuracy"]
        for suite, by_shots in by_suite.items()
        if isinstance(by_shots, dict) and suite not in ("text", "recorded")
        for shots, figures in by_shots.items()
    }


def markdown(results: Mapping[str, Any]) -> str:
    """Return the report as GitHub-flavored Markdown."""
    environment = Environment(loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, trim_blocks=False)
    environment.filters.update(wording.FILTERS)
    published = {name: row for name, row in results["paper_retention"].items() if isinstance(row, Mapping)}
    margins = next((list(row["verdicts"]) for row in published.values()), [])
    text = environment.get_template("report.md.j2").render(
        **results,
        paper_models=published,
        loss_margins=[name.replace("_points", " points").replace("_", ".") for name in margins],
        verdict=sentence(results),
        headline=headline(results),
        cautions=wording.cautions(results),
        benchmarks=list(results["general"]["base"]),
    )
    return text.strip().replace("– … –", wording.MISSING) + "\n"


def _generator() -> str:
    """Return the model that params.yaml names as the generator; a backend that has but one need not name it."""
    given = value("llm.generator", dict)  # type: ignore[type-var] # its keys hang on the backend
    return str(given.get("model") or "")


def main(*, metrics: Path, paper: Path, domain: Path, data: Path, text: Path, page: Path, picture: Path) -> None:
    """Read the metrics, the paper's figures, the domain's title and the rows shown as examples; write Markdown, HTML and one picture, SVG."""
    generator, models = _generator(), list(Evaluation.load().models)
    results = collect(metrics, paper, domain, models, generator)
    shown = examples.collect(data, ("base", "tuned"), examples.Report.load())
    written = markdown(results)
    for target, content in ((text, written), (page, as_page(written, results, shown)), (picture, as_picture(results))):
        with atomic(target) as file:
            file.write(content)


if __name__ == "__main__":
    run(main)

"""Write the report: the paper's tables and figures with this run's numbers, and what they cannot show (Tables 1–5, Fig. 3)."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup
from pydantic import StringConstraints, field_validator
from ruamel.yaml import YAML

from stages.ports import metrics
from stages.ports.files import atomic
from stages.ports.params import Section
from stages.ports.stage import run
from stages.reporting import charts, wording

Name = Annotated[str, StringConstraints(pattern="^[a-z0-9][a-z0-9_-]*$")]  # of files, params and stages

TEMPLATES = Path(__file__).parent
LEDGERS = (
    "ingest",
    "seed",
    "curate",
    "evolve",
    "screen",
    "sample_train",
    "label_train",
    "select",
    "sample_test",
    "label_test",
)


class Evaluation(Section):
    """The models that were compared; what each one is stands in its stage's params."""

    section: ClassVar[str] = "evaluation"

    models: dict[Name, dict[str, Any]]  # besides base and tuned

    @field_validator("models")
    @classmethod
    def _other(cls, models: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        if taken := sorted({"base", "tuned"} & set(models)):
            raise ValueError(f"{' and '.join(taken)} would replace a model of this graph; take another name")
        return models


def collect(folder: Path, published: Path, others: Sequence[str] = ()) -> dict[str, Any]:
    """Return all that the report is made of: this run's metrics by name, and the paper's figures under `paper`."""
    models = ("base", "tuned", *others)
    names = ("privacy", "quality", "judge", "training", "retention")
    plots = ("balance", "communities", "label_quality", "loss", "scores")
    return {
        **{name: metrics.read(folder / f"{name}.json") for name in names},
        "enhance": {split: metrics.read(folder / f"enhance_{split}.json") for split in ("train", "test")},
        "domain": {model: metrics.read(folder / "domain" / f"{model}.json") for model in models},
        "comparison": {model: metrics.read(folder / "comparison" / f"{model}.json") for model in models[1:]},
        "general": {
            model: accuracies(metrics.read(folder / "general" / f"{model}.json")) for model in ("base", "tuned")
        },
        "plots": {name: metrics.read(folder / "plots" / f"{name}.json") for name in plots},
        "ledger": [(name, metrics.read(folder / "ledger" / f"{name}.json")) for name in LEDGERS],
        "paper": YAML(typ="safe").load(published.read_text(encoding="utf-8")),
    }


def accuracies(found: Mapping[str, Any]) -> dict[str, float | None]:
    """Return a model's accuracies by `suite, shots`."""
    return {
        f"{suite}, {shots.replace('_', '-')}": figures["accuracy"]
        for suite, by_shots in found.items()
        if isinstance(by_shots, dict) and suite != "text"
        for shots, figures in by_shots.items()
    }


def markdown(found: Mapping[str, Any]) -> str:
    """Return the report as GitHub-flavored Markdown."""
    environment = Environment(loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, trim_blocks=False)
    environment.filters.update(wording.FILTERS)
    text = environment.get_template("report.md.j2").render(
        **found,
        headline=wording.headline(found),
        cautions=wording.cautions(found),
        domain_title="reference similarity" if found["domain"]["base"]["judge"] is None else "judge",
        benchmarks=list(found["general"]["base"]),
    )
    return text.strip() + "\n"


def page(text: str, found: Mapping[str, Any]) -> str:
    """Return the same as one HTML page that needs nothing else, with the figures drawn."""
    environment = Environment(loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=True)
    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    body = body.replace("<table>", '<div class="wide"><table>').replace("</table>", "</table></div>")
    template = environment.get_template("page.html.j2")
    return template.render(
        body=Markup(body), charts=charts.bars(found["plots"]), loss=charts.curve(found["plots"]["loss"])
    )


def main(folder: Path, published: Path, text_target: Path, page_target: Path) -> None:
    """Read the metrics and the paper's figures, write Markdown and HTML."""
    found = collect(folder, published, list(Evaluation.load().models))
    text = markdown(found)
    for target, content in ((text_target, text), (page_target, page(text, found))):
        with atomic(target) as file:
            file.write(content)


if __name__ == "__main__":
    run(main)

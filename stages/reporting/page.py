"""The report as one HTML page that needs nothing else: verdict, pictures, examples, what was dropped, and the tables of the text."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

from stages.reporting import charts, wording
from stages.reporting.examples import Examples
from stages.reporting.forest import across, forest
from stages.reporting.verdict import headline, sentence

TEMPLATES = Path(__file__).parent
QUALITY = (
    "high, medium and low where a person or a judge said so; no fault, doubtful and faulty where only rules looked, "
    "and finding no fault is no praise."
)
LEDGER = "Rows on their way"  # stands open on the page, under what was dropped


def page(text: str, results: Mapping[str, Any], examples: Examples) -> str:
    """Return the page; `text` is the report as Markdown, `results` are its figures."""
    return (
        _pages()
        .get_template("page.html.j2")
        .render(
            domain=results["title"],
            verdict=sentence(results),
            headline=_inline(headline(results)),
            cautions=wording.cautions(results),
            forest=forest(results["comparison"]["tuned"], results["retention"]),
            ledger=results["ledger"],
            tables=list(_tables(text)),
            examples=examples,
            qualities=charts.QUALITIES,
            **_pictures(results),
        )
    )


def picture(results: Mapping[str, Any]) -> str:
    """Return the run in one picture, SVG that needs nothing else, a file of its own."""
    lines = forest(results["comparison"]["tuned"], results["retention"])
    return _pages().get_template("forest.svg.j2").render(**lines._asdict()).strip() + "\n"


def _pictures(results: Mapping[str, Any]) -> dict[str, Any]:
    plots, comparison = results["plots"], results["comparison"]["tuned"]
    parts = {part: [one for one in plots["complexity"] if one["part"] == part] for part in ("prompt", "dialogue")}
    train, test = plots["composition_train"], plots["composition_test"]
    return {
        "scores": charts.scores(comparison["by_task"]),
        "rises": charts.rises(comparison["by_task"], wording.measure(comparison["measure"])),
        "loss": charts.curve(plots["loss"]),
        "prompts": charts.histogram(parts["prompt"], "prompt"),
        "dialogues": charts.histogram(parts["dialogue"], "conversation"),
        "communities": charts.communities(plots["communities"], results["quality"]),
        "by_task": charts.stacks(plots["label_quality"]),
        "by_scene": charts.stacks(plots["label_quality_scene"]),
        "quality": f"Shares of the labels: {QUALITY}",
        "tasks": charts.composition(train, test, "task"),
        "formats": charts.composition(train, test, "format"),
        "balance": charts.heat(plots["balance"]),
    }


def _tables(text: str) -> Iterator[tuple[str, Markup]]:
    """Yield the sections of the text, title and HTML, without the ledger."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    for section in text.split("\n## ")[1:]:
        title, _, body = section.partition("\n")
        if not title.startswith(LEDGER):
            shown = parser.render(body)
            scrolls = shown.replace("<table>", '<div class="wide" tabindex="0"><table>')
            yield title, Markup(scrolls.replace("</table>", "</table></div>"))


def _inline(text: str) -> Markup:
    return Markup(MarkdownIt("commonmark", {"html": False}).renderInline(text))


def _pages() -> Environment:
    made = Environment(loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=True)
    made.filters.update({**wording.FILTERS, "across": across})
    return made

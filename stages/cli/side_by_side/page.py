"""The tables as Markdown, and as one HTML page that needs nothing else."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup
from ruamel.yaml import YAML

from stages.cli.side_by_side.figures import by_version
from stages.cli.side_by_side.tables import Table, tables, unmade
from stages.core.errors import InputError
from stages.core.files import atomic

PAPER = Path("data/paper.yaml")
HEAD = "# Versions side by side"
WHOSE = "Columns of the paper say so: their figures are those printed in arXiv 2403.09167, on its own data and models, and nothing of them was measured here."


def compared(names: Sequence[str], root: Path = Path()) -> str:
    """Return Tables 1 to 4 for these revisions as GitHub-flavored Markdown."""
    if not names:
        raise InputError("--compare: expected a tag, branch, commit or DVC experiment, or several; name one")
    try:
        paper = YAML(typ="safe").load((root / PAPER).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{PAPER}: not there; restore it from Git") from None
    versions = by_version(names, root)
    parts = [HEAD, WHOSE, *(f"- {line}" for line in unmade(versions))]
    return "\n\n".join([*parts, *("\n\n".join(_shown(table)) for table in tables(versions, paper))]) + "\n"


def _shown(table: Table) -> Iterator[str]:
    yield f"## {table.title}"
    if table.note:
        yield table.note
    lines = [table.header, ["---", *["---:"] * (len(table.header) - 1)], *table.rows]
    yield "\n".join(f"| {' | '.join(line)} |" for line in lines)


def write(markdown: str, target: Path, drawn: str = "") -> None:
    """Write the page; `drawn` is SVG of our own that stands under the tables."""
    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(markdown)
    body = body.replace("<table>", '<div class="wide"><table>').replace("</table>", "</table></div>")
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined, autoescape=True
    )
    with atomic(target) as file:
        file.write(environment.get_template("page.html.j2").render(body=Markup(body), drawn=Markup(drawn)))

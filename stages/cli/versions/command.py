"""`dial-insight versions`: make the runs that are missing, then say what they show."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from ruamel.yaml import YAML

from stages.cli import plots
from stages.cli.from_root import from_root
from stages.cli.side_by_side import page
from stages.cli.versions import plan, runs, sweep
from stages.core.errors import UsageError


def versions(
    only: Sequence[str], seeds: Sequence[int], swept: str, until: str, plot: Path | None, html: Path | None
) -> Iterator[str]:
    """Yield what is under way, then the comparison: Tables 1 to 4, or of a sweep its figures by value, drawn into `plot`."""
    from_root()
    if plot and not swept:
        raise UsageError(f"--plot {plot}: draws a sweep; name its setting and values with --sweep, or leave --plot out")
    asked = plan.Sweep.parse(swept) if swept else None
    wanted = list(plan.planned(plan.load(), only, seeds, asked))
    yield from runs.make(wanted, until)
    text, drawn = _swept(asked.key, wanted) if asked else (page.compared([run.name for run in wanted]), [])
    if plot and drawn:
        plots.write(drawn, f"{asked.key if asked else ''}: what it moves", plot)
        yield f"{plot}: drawn"
    elif plot:
        yield f"{plot}: not drawn: no figure stands at a number of {swept.partition('=')[0]}"
    if html:
        page.write(text, html, plots.drawn(drawn, "") if drawn else "")
        yield f"{html}: written"
    yield ""
    yield text.rstrip("\n")


def _swept(key: str, wanted: Sequence[plan.Run]) -> tuple[str, list[plots.Panel]]:
    made = sweep.points(wanted)
    paper = YAML(typ="safe").load(page.PAPER.read_text(encoding="utf-8"))
    table = "\n".join(sweep.table(key, made))
    return f"# {key}\n\n{table}\n", sweep.panels(key, made, paper["sizes"])

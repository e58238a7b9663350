"""`dial-insight preview`: a stage on a few rows, in a temporary folder, and what it asked, was answered and made of it."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from stages.cli.dvc_graph import Step, opened, pipelines, step
from stages.cli.preview import chosen
from stages.cli.preview.chosen import Read, Wanted
from stages.cli.preview.joined import Made, Shown, joined
from stages.cli.preview.views import VIEWS, WHY_NOT, View
from stages.cli.trial import workspace
from stages.cli.trial.exchange import Exchange, Order
from stages.cli.trial.overrides import overridden
from stages.core import jsonl
from stages.core.errors import InputError
from stages.core.params import load_all
from stages.core.row import Record


class Preview(Record):
    """All that is shown."""

    stage: str
    rows: tuple[Shown, ...]
    fault: str = ""  # what ended the stage
    asked: int = 0  # answers that came now
    stores: bool = True  # whether they are in the cache


def preview(root: Path, name: str, wanted: Wanted, changes: Sequence[str], stores: bool) -> Preview:
    """Run the stage `name` of the repository in `root` on a few rows and return what came of them; `stores`: new answers are cached."""
    with TemporaryDirectory() as folder:
        settings = overridden(root, changes, Path(folder))
        found = _step(root, settings, name)
        values = load_all(settings)
        view = _view(found)
        place = Path(folder) / "stage"
        place.mkdir()
        return _Trial(root, found, view, wanted).run(place, settings, values, stores)


def _step(root: Path, params: Path, name: str) -> Step:
    with opened(root, params) as repo:
        there = {stage.name: step(stage) for stage in pipelines(repo.index.stages)}
    if name in there:
        return there[name]
    items = [stage for stage in there if stage.startswith(f"{name}@")]
    if len(items) == 1:
        return there[items[0]]
    raise InputError(f"dvc.yaml: no stage {name}; {'one of' if items else 'stages are'} {', '.join(items or there)}")


def _view(found: Step) -> View:
    if found.entry in VIEWS:
        return VIEWS[found.entry]
    why = WHY_NOT.get(found.entry, "it makes figures, no rows")
    raise InputError(f"{found.name}: no preview: {why}; there is one of {', '.join(VIEWS)}")


class _Trial:
    """A stage that is tried."""

    def __init__(self, root: Path, found: Step, view: View, wanted: Wanted) -> None:
        self.root, self.step, self.view, self.wanted = root, found, view, wanted

    def run(self, place: Path, params: Path, values: Mapping[str, Any], stores: bool) -> Preview:
        """Run it in `place` and put together what came of each row."""
        rows = chosen.rows(self.root, self.step.entry, self.view, self.wanted, values) if self.view.source else []
        cut = {self.view.source: _written(place.with_name("rows.jsonl"), rows)} if self.view.choice == "cut" else {}
        workspace.prepare(place, self.root, self.step, params, cut)
        order = self._order(place.with_name("asked.jsonl"), rows, stores)
        ended = workspace.run(place, self.root, self.step, order)
        exchanges = jsonl.read(order.report, Exchange) if order.report.exists() else []
        fault = workspace.fault(ended)
        shown = tuple(joined(self.view, self.wanted, rows, exchanges, Made.read(place, self.view, self.step.name)))
        if fault and not exchanges and all(row.outcome is None and row.dropped is None for row in shown):
            raise InputError(fault)
        asked = sum(each.known == "new" and each.finish != "lost" for each in exchanges)
        return Preview(stage=self.step.name, rows=self._told(shown), fault=fault, asked=asked, stores=stores)

    def _order(self, report: Path, rows: Sequence[Read], stores: bool) -> Order:
        order = Order(report=report, asks=True, stores=stores, place=self.view.place)
        if self.view.choice == "rows":
            return order.model_copy(update={"only": tuple(str(row["id"]) for row in rows)})
        wanted = {"rows": self.wanted.count, "row": self.wanted.row, "language": self.wanted.language}
        return order.model_copy(update=wanted)

    def _told(self, shown: Sequence[Shown]) -> tuple[Shown, ...]:
        """Return the rows with the fields that the view shows, and the texts of the rows that they name."""
        texts = {
            field: {row["id"]: row["text"] for row in chosen.read(self.root / path)}
            for field, path in self.view.texts.items()
        }

        def told(row: Read | None, fields: Sequence[str]) -> Read | None:
            if row is None:
                return None
            said = {name: row[name] for name in fields if row.get(name) not in EMPTY}
            return {name: texts[name].get(value, value) if name in texts else value for name, value in said.items()}

        return tuple(
            row.model_copy(
                update={"before": told(row.before, self.view.before), "outcome": told(row.outcome, self.view.outcome)}
            )
            for row in shown
        )


EMPTY: tuple[object, ...] = (None, "", [], 0, False)


def _written(path: Path, rows: Sequence[Read]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path

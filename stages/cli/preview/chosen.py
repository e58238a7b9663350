"""Which rows a preview is about: those named, or the first of a language by the hash of their ids, the same each time."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from stages.cli.preview.views import View
from stages.core import jsonl
from stages.core.errors import InputError
from stages.core.row import content_id
from stages.evaluation.predict import Predict, drawn
from stages.rows.sample import LabeledSample

Read = dict[str, Any]  # a row as JSON


class Wanted:
    """What was asked for on the command line."""

    def __init__(self, count: int, row: str, language: str) -> None:
        """Take `count` rows; `row`: only those whose id begins so; `language`: only those in it."""
        self.count, self.row, self.language = count, row, language

    def first(self, rows: Iterable[Read], *keys: str) -> list[Read]:
        """Return the wanted rows, in their order; an id may stand under any of `keys`."""
        fitting = [row for row in rows if self._fits(row, keys)]
        drawn_ = sorted(fitting, key=lambda row: content_id("preview", row["id"]))[: self.count]
        chosen = {row["id"] for row in drawn_}
        return [row for row in fitting if row["id"] in chosen]

    def _fits(self, row: Read, keys: Sequence[str]) -> bool:
        if self.row and not any(str(row.get(key, "")).startswith(self.row) for key in ("id", *keys)):
            return False
        return not self.language or row.get("language") in ("", None, self.language)


def read(path: Path) -> list[Read]:
    """Return the rows of a JSONL file; none where it is not there."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def rows(root: Path, entry: str, view: View, wanted: Wanted, values: Mapping[str, Any]) -> list[Read]:
    """Return the chosen rows of what a stage reads."""
    there = read(root / view.source)
    if not there:
        raise InputError(f"{view.source}: not there or empty; run `dvc repro` up to stage {entry}, whose input it is")
    found = wanted.first(_candidates(root, entry, there, values), view.key)
    if not found and not wanted.row:
        found = wanted.first(there, view.key)
    if not found:
        which = f"whose id begins with {wanted.row}" if wanted.row else f"in {wanted.language}"
        raise InputError(f"{view.source}: no row {which}; give the id of a row there, or another --language")
    return found


def _candidates(root: Path, entry: str, there: list[Read], values: Mapping[str, Any]) -> list[Read]:
    """Return the rows that a run would ask about, where that can be told before."""
    if entry in ("predict", "predict_other"):
        settings = Predict.parse(Predict.section, values[Predict.section])
        asked = {row.id for row in drawn(jsonl.read(root / "data/labels/test.jsonl", LabeledSample), settings)}
        return [row for row in there if row["id"] in asked]
    if entry == "label":
        given = {
            row["id"] for name in ("review/answers", "samples/replies") for row in read(root / f"data/{name}.jsonl")
        }
        return [row for row in there if not row["reserve"] and row["pair"] not in given]
    if entry == "screen" and values["llm"]["judge"]:
        return [row for row in there if row["origin"] == "evolved"]  # of which the judge is asked
    return there

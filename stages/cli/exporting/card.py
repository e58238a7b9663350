"""The card of an exported model: what it was made of, what was measured, what was not, and the hashes of all of it."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jinja2
from pydantic import Field, ValidationError

from stages.catalog.catalog import Catalog
from stages.cli.exporting.binding import Bound
from stages.core import jsonl, metrics
from stages.core.errors import InputError
from stages.core.files import atomic
from stages.core.row import Record
from stages.reporting import memorization, wording
from stages.rows.training import TrainingRow

CARD, README = "card.json", "README.md"
TEMPLATE = "card.md.j2"
MEASURED = {  # sections of a card, by the file that holds them
    "quality": "metrics/quality.json",
    "selection": "metrics/selection.json",
    "training": "metrics/training.json",
    "retention": "metrics/retention.json",
    "domain": "metrics/domain/tuned.json",
    "general": "metrics/general/tuned.json",
    "privacy": "metrics/privacy.json",
    "memorization": "metrics/memorization.json",
    "overlap": "metrics/overlap.json",
    "conduct": "metrics/conduct/tuned.json",
}


class FileFacts(Record):
    """A file of the export."""

    sha256: str
    bytes: int
    holds: str = ""  # its precision, where it is a GGUF


class Origin(Record):
    """Whose the base model is."""

    source: str
    origin: str = ""
    licence: str = ""
    languages: tuple[str, ...] = ()
    context: int | None = None


class Labels(Record):
    """Who wrote the answers that trained the model, and in which language: rows by author and by language."""

    rows: int
    authors: dict[str, int]
    origins: dict[str, int]
    languages: dict[str, int]


class Card(Record):
    """What card.json holds; README.md is made of it."""

    name: str
    weights: str  # the judged model's name and hash
    parameters: int | None
    base: Origin
    labels: Labels
    bound: Bound
    stale: list[str]  # what was no longer so when it was exported, none as a rule
    measured: dict[str, Any]  # by section; null: not measured
    files: dict[str, FileFacts]
    verified: dict[str, Any] = Field(default={})  # by file: what `--verify` found
    readme: str = ""  # SHA-256 of README.md, which is made of the rest


def origin(source: str) -> Origin:
    """Return whose the base is; the catalog says more of its own, and of a folder only its own name is told."""
    entry, (kind, _, named) = Catalog.load().get(source), source.partition(":")
    if entry is None and kind == "path":
        return Origin(source=f"path:{Path(named).name}")
    if entry is None:
        return Origin(source=source, origin=named.partition("@")[0] if kind == "hf" else "")
    known = entry.model_dump(include={"origin", "licence", "context"})
    return Origin(source=source, languages=tuple(entry.languages), **known)


def labels(path: Path) -> Labels:
    """Count the rows that trained the model."""
    rows = jsonl.read(path, TrainingRow)
    counts = {name: dict(Counter(str(getattr(row, name)) for row in rows)) for name in ("author", "origin", "language")}
    return Labels(rows=len(rows), authors=counts["author"], origins=counts["origin"], languages=counts["language"])


def present() -> list[str]:
    """Return the files of figures that are there."""
    return [path for path in MEASURED.values() if Path(path).is_file()]


def measured() -> dict[str, Any]:
    """Return each section's figures, None where nothing measured them."""
    return {name: metrics.read(Path(path)) if Path(path).is_file() else None for name, path in MEASURED.items()}


def read(folder: Path) -> Card:
    """Return the card of an export; InputError where there is none."""
    try:
        return Card.model_validate_json((folder / CARD).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{folder / CARD}: not there; name a folder that `dial-insight export` wrote") from None
    except (ValidationError, UnicodeDecodeError):
        raise InputError(
            f"{folder / CARD}: no card of an export; it was edited or cut: take the folder away, and export again"
        ) from None


def write(folder: Path, card: Card) -> None:
    """Write the card for people, and the one for machines, of which it is made."""
    made = text(card)
    digest = hashlib.sha256(made.encode()).hexdigest()
    with atomic(folder / README) as file:
        file.write(made)
    with atomic(folder / CARD) as file:
        json.dump(card.model_copy(update={"readme": digest}).model_dump(), file, ensure_ascii=False, indent=2)
        file.write("\n")


def text(card: Card) -> str:
    """Return README.md in the Hugging Face form: YAML front matter, then what a reader asks."""
    loader = jinja2.FileSystemLoader(Path(__file__).parent)
    environment = jinja2.Environment(
        loader=loader, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    environment.filters |= {"json": json.dumps, "percent": wording.percent, "number": wording.number, "kept": kept}
    given = {"card": card, "changes": list(changes(card.measured["retention"] or {})), "missing": missing(card)}
    given["gguf"] = next((name for name in card.files if name.endswith(".gguf")), "")
    given["warnings"] = (
        list(memorization.warnings(card.measured["memorization"])) if card.measured["memorization"] else []
    )
    return environment.get_template(TEMPLATE).render(**given)


def kept(near: Mapping[str, Any]) -> str:
    """Return what a file has of the gain in likelihood of references, nothing where training gained none for sure."""
    gain = near.get("gain")
    return f", {wording.percent(1 - near['delta'] / gain, 0)} of the gain of {gain:.4f} kept" if gain else ""


def missing(card: Card) -> list[str]:
    """Return the sections that nothing measured."""
    return [name for name, found in card.measured.items() if found is None]


def changes(retention: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str, str, str]]:
    """Yield a row for each measure of a verdict: measure, base, tuned, change with its interval, margin, verdict."""
    for group, title, form in (
        ("accuracy", "accuracy", "{:.4f}"),
        ("right_answer", "right answers' log-probability, nats a character", "{:.4f}"),
        ("text", "perplexity of general text", "{:.2f}"),
        ("kl", "KL from the base, nats a token", "{:.4f}"),
        ("disagreement", "share of tokens at which another one is preferred", "{:.4f}"),
        ("conduct", "right conduct", "{:.4f}"),
        ("references", "likelihood of references, nats a character, below zero better", "{:.4f}"),
    ):
        for name, found in (retention.get(group) or {}).items():
            yield (f"{title}, {name.replace('_', ' ')}", *_figures(found, form), found["verdict"])
    for name in ("domain", "similarity"):
        found = retention.get(name)
        if found and found.get("n"):
            yield (
                f"domain score, {wording.measure(found['measure'])}, 0 to 10",
                *_figures(found, "{:.3f}"),
                found["verdict"],
            )


def _figures(found: Mapping[str, Any], form: str) -> tuple[str, str, str, str]:
    """Return the base's figure, the model's, the change with its interval, and the margin."""

    def shown(key: str) -> str:
        return wording.MISSING if found.get(key) is None else form.format(found[key])

    change = next((key for key in ("delta", "ratio", "value") if key in found), "value")
    sign = "× " if change == "ratio" else ""
    interval = f"{sign}{shown(change)} ({shown('low')} … {shown('high')}), n {found['n']}"
    return shown("base"), shown("tuned"), interval, f"{found['margin']:g}" if "margin" in found else wording.MISSING

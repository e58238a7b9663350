"""The folder that ships: the model's files, their hashes, and the card."""

import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from stages.catalog.download import MB, sha256
from stages.cli.export import Form
from stages.cli.exporting import binding, gguf_file
from stages.cli.exporting import card as cards
from stages.cli.exporting.card import CARD, README, Card, FileFacts
from stages.cli.exporting.checking import LEFT_OVER, OWN, inside
from stages.core import metrics
from stages.core.errors import InputError, ModelError, UsageError
from stages.core.files import atomic_folder
from stages.models import loading

KEPT = ("*.safetensors", "*.json", "*.jinja", "*.txt", "LICENSE*")
JUDGED = Path("metrics/general/tuned.json")
TUNED, TRAINED = Path("models/tuned"), Path("data/train/train.jsonl")
NAME = re.compile(r"\w[\w.-]*")


def export(folder: Path, forms: Sequence[Form], name: str, *, stale: bool) -> Iterator[str]:
    """Write the judged model to `folder`, whole or not at all; yield a line a file, with its hash.

    A verdict that is not of these weights, data and params is refused, or marked in the card where `stale` allows it.
    """
    _refuse_names(name)
    _refuse_others(folder)
    if not TUNED.is_dir() or not JUDGED.is_file():
        raise InputError(f"{TUNED}, {JUDGED}: not both there; run `dvc repro` first: there is no judged model to ship")
    weights, figures = loading.identity(TUNED), cards.present()
    changed = list(_changed(weights, figures))
    if changed and not stale:
        raise InputError(
            f"{binding.VERDICT}: stale, it was made before these changed: {', '.join(changed)}; run `dvc repro`, or export with "
            "--stale, and the card says so"
        )
    _refuse_without_room(folder, forms)
    bound = binding.bound(figures)
    base = cards.origin(str(bound.params.get("base.source", "")))
    with atomic_folder(folder) as partial:
        for form in dict.fromkeys(forms):
            _put(partial, form, name, base.licence)
        made = Card(
            name=name,
            weights=weights,
            parameters=loading.parameters(TUNED),
            base=base,
            labels=cards.labels(TRAINED),
            bound=bound,
            stale=changed,
            measured=cards.measured(),
            files={path.name: _facts(path) for path in sorted(partial.iterdir())},
        )
        cards.write(partial, made)
    for file, facts in made.files.items():
        yield f"{folder / file}: {facts.bytes:,} bytes, SHA-256 {facts.sha256}"
    verdict = (made.measured["retention"] or {}).get("verdict", "not measured")
    yield f"{folder / README}: the card; general ability: {verdict}{', stale' if changed else ''}"


def _refuse_names(name: str) -> None:
    if not NAME.fullmatch(name):
        raise UsageError(f"--name {name!r}: is to be letters, digits, '.', '_' and '-', as it names files")


def _refuse_others(folder: Path) -> None:
    """Refuse a place that holds what no export wrote: it would be taken away."""
    if not folder.exists() or (folder.is_dir() and {path.name for path in folder.iterdir()} <= {LEFT_OVER}):
        return
    if not (folder / CARD).is_file():
        raise InputError(f"{folder}: is there and is no export; name another folder")
    if others := sorted(inside(folder) - cards.read(folder).files.keys() - set(OWN)):
        raise InputError(f"{folder}: holds {others[0]}, which no export wrote; move it away, or name another folder")


def _changed(weights: str, figures: Sequence[str]) -> Iterator[str]:
    """Yield what the verdict and the figures rest on and is no longer so."""
    yield from binding.unsettled(figures)
    judged = metrics.read(JUDGED).get("model")
    if judged != weights:
        yield f"{TUNED} (is {weights}, {JUDGED} is of {judged})"


def _refuse_without_room(folder: Path, forms: Sequence[Form]) -> None:
    needed = sum(_copied() if form == "folder" else gguf_file.size(TUNED, form) for form in forms)
    place = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    free = shutil.disk_usage(place).free
    if free < needed:
        raise ModelError(
            f"{folder}: needs {needed / MB:,.0f} MB, {free / MB:,.0f} MB are free; make room, or name fewer --formats"
        )


def _copied() -> int:
    return sum(path.stat().st_size for pattern in KEPT for path in TUNED.glob(pattern))


def _put(partial: Path, form: Form, name: str, licence: str) -> None:
    if form == "folder":
        for path in sorted({path for pattern in KEPT for path in TUNED.glob(pattern)}):
            shutil.copyfile(path, partial / path.name)
    else:
        gguf_file.write(TUNED, partial / f"{name}-{form}.gguf", form, name, licence)


def _facts(path: Path) -> FileFacts:
    holds = path.stem.rpartition("-")[2] if path.suffix == ".gguf" else ""
    kinds = {form: kinds.layers.name for form, kinds in gguf_file.KINDS.items()}
    return FileFacts(sha256=sha256(path), bytes=path.stat().st_size, holds=kinds.get(holds, ""))  # type: ignore[call-overload]

"""Logs of inspect_ai (UK AISI): `.eval`, a zip with a file for each sample, and `.json`, which holds them all."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from stages.cli.logs.item import Item, Key, hashed
from stages.cli.logs.lines import Object, number, parsed, text
from stages.core.errors import InputError

WORTH = {
    "C": 1.0,
    "P": 0.5,
    "I": 0.0,
    "N": 0.0,
}  # correct, partly, incorrect, no answer: as inspect's own metrics count them
SUBJECT = ("subject", "category", "topic")


def items(path: Path, metric: str) -> Iterator[Item]:
    """Yield the samples of a task that have a score; `metric` names the scorer, or empty for each that there is."""
    task, samples = _eval(path) if path.suffix == ".eval" else _json(path)
    for place, sample in samples:
        scores = _scores(sample.get("scores") or {})
        if metric:
            scores = {name: value for name, value in scores.items() if name == metric}
        if not scores:
            raise InputError(
                f"{place}: no score; finish the run, score it (inspect score), or name a scorer with --metric"
            )
        for name, value in scores.items():
            yield _item(sample, task if len(scores) == 1 else f"{task} {name}", value)


def _item(sample: Object, suite: str, right: float) -> Item:
    choices, epoch = sample.get("choices") or [], text(sample, "epoch")
    asked = hashed(sample.get("input"), sample.get("target"), choices)
    subject = text(sample.get("metadata"), *SUBJECT)
    key = Key(suite, subject, "generated", text(sample, "id"), "" if epoch == "1" else epoch)
    return Item(key, right=right, chance=1 / len(choices) if len(choices) > 1 else 0.0, question=asked)


def _scores(found: Object) -> dict[str, float]:
    """Return each scorer's value as a number from 0 to 1; of a scorer with several values, each under its name."""
    values: dict[str, object] = {}
    for name, score in found.items():
        value = score.get("value") if isinstance(score, dict) else None
        values.update(
            {f"{name} {key}": part for key, part in value.items()} if isinstance(value, dict) else {name: value}
        )
    known = {name: WORTH.get(value) if isinstance(value, str) else number(value) for name, value in values.items()}
    return {name: value for name, value in known.items() if value is not None and 0 <= value <= 1}


def _json(path: Path) -> tuple[str, Iterator[tuple[str, Object]]]:
    log = parsed(path.read_bytes(), path)
    if not isinstance(log.get("samples"), list):
        raise InputError(f"{path}: no samples; expected an inspect log with them (not --no-log-samples)")
    return _task(log, path), ((f"{path}: sample {n}", sample) for n, sample in enumerate(log["samples"], 1))


def _eval(path: Path) -> tuple[str, Iterator[tuple[str, Object]]]:
    with contextlib.suppress(ImportError):
        import zipfile_zstd  # noqa: F401, PLC0415 - what inspect itself installs before Python 3.14, which knows Zstandard
    try:
        with ZipFile(path) as file:
            names = file.namelist()
            if "header.json" not in names:
                raise InputError(f"{path}: the run did not finish (no header.json); finish it: inspect eval-retry")
            task = _task(parsed(file.read("header.json"), path), path)
    except BadZipFile:
        raise InputError(
            f"{path}: not a whole zip; copy it again, or convert it: inspect log convert --to json"
        ) from None
    except NotImplementedError:
        raise InputError(
            f"{path}: compressed with Zstandard; pip install zipfile-zstd, or convert it: inspect log convert --to json"
        ) from None
    return task, _samples(path, [name for name in names if name.startswith("samples/")])


def _samples(path: Path, names: list[str]) -> Iterator[tuple[str, Object]]:
    with ZipFile(path) as file:
        for name in names:
            yield f"{path}: {name}", parsed(file.read(name), f"{path}: {name}")


def _task(log: Object, path: Path) -> str:
    if log.get("status") != "success":
        raise InputError(
            f"{path}: the run ended with status {text(log, 'status') or 'unknown'}; finish it: inspect eval-retry"
        )
    return text(log.get("eval"), "task").rpartition("/")[2] or path.stem

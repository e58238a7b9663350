"""Logs of inspect_ai (UK AISI): `.eval`, a zip with a file for each sample, and `.json`, which holds them all."""

import contextlib
import zlib
from collections.abc import Iterator
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from stages.cli.logs.item import Item, Key, hashed
from stages.cli.logs.lines import Object, number, parsed, text
from stages.core.errors import InputError

WORTH = {"c": 1.0, "p": 0.5, "i": 0.0, "n": 0.0, "yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}  # as inspect has it
SUBJECT = ("subject", "category", "topic")


def items(path: Path, metric: str) -> Iterator[Item]:
    """Yield the samples of a task by each of its scorers; `metric` names the one that counts, or empty for all.

    What one sample has, every sample must have.
    """
    task, samples = _eval(path) if path.suffix == ".eval" else _json(path)
    read = [(place, _asked(sample, task), _scores(sample.get("scores") or {})) for place, sample in samples]
    known = list(dict.fromkeys(name for _, _, scores in read for name in scores))
    wanted = [metric] if metric else known
    for place, item, scores in read:
        if not wanted or not scores.keys() >= set(wanted):
            raise InputError(
                f"{place}: no score{f' {metric}' if metric else ''}; finish the run, score it (inspect score), or name a scorer with --metric, of: {', '.join(known) or 'none'}"
            )
        for name in wanted:
            right = scores[name]
            if right is None:
                raise InputError(
                    f"{place}: {name} is not from 0 to 1; name another scorer with --metric, of: {', '.join(known)}"
                )
            suite = task if len(wanted) == 1 else f"{task} {name}"
            yield item._replace(key=item.key._replace(suite=suite), right=right, metric=name)


def _asked(sample: Object, task: str) -> Item:
    """Return the item without an answer."""
    choices, epoch = sample.get("choices") or [], text(sample, "epoch")
    asked = hashed(sample.get("input"), sample.get("target"), choices)
    subject = text(sample.get("metadata"), *SUBJECT)
    key = Key(task, subject, "generated", text(sample, "id"), "" if epoch == "1" else epoch)
    return Item(key, chance=1 / len(choices) if len(choices) > 1 else None, question=asked)


def _scores(found: Object) -> dict[str, float | None]:
    """Return each scorer's value, None where it is none from 0 to 1; of a scorer with several values, each under its name."""
    values: dict[str, object] = {}
    for name, score in found.items():
        value = score.get("value") if isinstance(score, dict) else None
        values.update(
            {f"{name} {key}": part for key, part in value.items()} if isinstance(value, dict) else {name: value}
        )
    return {name: _worth(value) for name, value in values.items()}


def _worth(value: object) -> float | None:
    found = WORTH.get(value.lower()) if isinstance(value, str) else number(value)
    return found if found is not None and 0 <= found <= 1 else None


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
            task = _task(parsed(_member(file, "header.json", path), path), path)
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
            yield f"{path}: {name}", parsed(_member(file, name, path), f"{path}: {name}")


def _member(file: ZipFile, name: str, path: Path) -> bytes:
    """Return what a log holds under this name; a zip whose list is whole may be damaged within."""
    try:
        return file.read(name)
    except (BadZipFile, EOFError, zlib.error):
        raise InputError(f"{path}: {name}: damaged; copy the log again, or run it again") from None


def _task(log: Object, path: Path) -> str:
    if log.get("status") != "success":
        raise InputError(
            f"{path}: the run ended with status {text(log, 'status') or 'unknown'}; finish it: inspect eval-retry"
        )
    return text(log.get("eval"), "task").rpartition("/")[2] or path.stem

"""Recorded answers and the live cache: what a person moves between them, checks, and forgets."""

import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from stages.chat import recorded
from stages.chat.recorded import Answer
from stages.chat.store import Store, default_folder
from stages.cli import dvc_graph
from stages.core import metrics
from stages.core.dropped import Reason
from stages.core.errors import InputError, UsageError
from stages.evaluation.benchmarks import recorded as likelihoods
from stages.reporting.counted import counted

METRICS = Path("metrics")
KEPT_ONLY_HERE = (Reason.FILTERED, Reason.OVER_CONTEXT, Reason.ENDPOINT_FAILED)  # never recorded


def export(author: str) -> Iterator[str]:
    """Write what the live cache has (of `author`, or of all) and data/recorded has not as new segments; yield their paths."""
    held = recorded.load()
    with closing(Store(default_folder())) as store:
        if unknown := _unknown(author, store):
            raise UsageError(unknown)
        paths = recorded.write(answer for answer in store.answers(author) if answer.key not in held)
    for path in paths:
        yield f"{path}: {counted(len(recorded.read(path)), 'answer')}"
    if not paths:
        yield f"{recorded.FOLDER}: holds all that is cached{f' of {author}' if author else ''}; nothing written"
    yield from remedy()


def bring(paths: Sequence[Path]) -> Iterator[str]:
    """Copy segments, or those in folders, to data/recorded, once all of them have been read; yield what was copied."""
    found = {segment: recorded.read(segment) for path in paths for segment in _segments(path)}
    recorded.FOLDER.mkdir(parents=True, exist_ok=True)
    for segment, answers in found.items():
        target = recorded.FOLDER / segment.name
        if target.exists():
            yield f"{target}: there already"
            continue
        partial = target.with_name(target.name + ".partial")
        shutil.copyfile(segment, partial)
        partial.replace(target)
        yield f"{target}: {counted(len(answers), 'answer')}"
    yield from conflicts({path: recorded.read(path) for path in recorded.segments()})
    yield from remedy()


def _segments(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    if not (inside := recorded.segments(path)):
        raise InputError(f"{path}: no segments in it; give files or folders of recorded answers (*.jsonl)")
    return inside


def verify() -> tuple[list[str], list[str]]:
    """Return a table author · answers · segments with the conflicts below it, and a line for each damaged segment."""
    whole, faults = dict[Path, list[Answer]](), list[str]()
    for segment in recorded.segments():
        try:
            whole[segment] = recorded.read(segment)
        except InputError as error:
            faults.append(str(error))
    answers = Counter(answer.author for rows in whole.values() for answer in rows)
    segments = Counter(rows[0].author for rows in whole.values())
    width = max(map(len, answers), default=0)
    table = [
        f"{author:<{width}} · {counted(count, 'answer')} · {counted(segments[author], 'segment')}"
        for author, count in sorted(answers.items())
    ]
    return [*table, *conflicts(whole), *_likelihoods(faults)], faults


def _likelihoods(faults: list[str]) -> Iterator[str]:
    """Yield a line for each file of recorded log-likelihoods; a damaged one goes to `faults`."""
    for path in sorted(likelihoods.FOLDER.glob("*.jsonl")):
        try:
            origin, by_key = likelihoods.read(path)
        except InputError as error:
            faults.append(str(error))
        else:
            assert origin is not None
            yield f"{origin.model} · {counted(len(by_key), 'log-likelihood')} · {origin.processor}, {counted(origin.threads, 'thread')}"


def conflicts(segments: dict[Path, list[Answer]]) -> Iterator[str]:
    """Yield a line for each segment with other texts than earlier ones under the same keys; `segments` stand by name."""
    first = dict[str, tuple[Path, str]]()
    for path, answers in segments.items():
        held = [first.setdefault(answer.key, (path, answer.text)) for answer in answers]
        over = Counter(place for answer, (place, text) in zip(answers, held, strict=True) if text != answer.text)
        for place, count in over.items():
            yield f"{path}: {counted(count, 'key')} with another answer in {place.name}, which holds as the first by name"


def forget(keys: Sequence[str], author: str, failed: bool, reason: Reason | None = None) -> Iterator[str]:
    """Delete from the live cache what has one of `keys`, is `author`'s, failed, and is no answer for `reason`, as far as given; yield how many."""
    if not (keys or author or failed or reason):
        raise UsageError(
            "cache forget: say what: --failed, --reason R, --author A, --key K …; several together mean all of them"
        )
    with closing(Store(default_folder())) as store:
        unknown = _unknown(author, store)
        meant = store.keys_of(reason, keys) if reason else keys
        count = store.forget(meant, author, failed) if meant or not reason else 0
    yield f"{default_folder()}: {count} forgotten; a stage that asks for them again asks anew"
    if unknown:
        yield unknown
    if failed or reason in KEPT_ONLY_HERE:  # those are never recorded
        return
    for segment in recorded.segments():
        answers = recorded.read(segment)
        held = sum(
            (not author or answer.author == author)
            and (not keys or answer.key in keys)
            and (not reason or answer.reply("").fault is reason)
            for answer in answers
        )
        if held:
            yield f"{segment}: holds {held} of them among its {counted(len(answers), 'answer')} and is not touched; to leave it out: git rm {segment}"


def _unknown(author: str, store: Store) -> str:
    """Return a line where neither the cache nor data/recorded has anything of an author: a part of a name is none."""
    cached = {by for (by,) in store.db.execute("SELECT DISTINCT author FROM answers WHERE author != ''")}
    if not author or author in cached:
        return ""
    known = cached | {recorded.read(segment)[0].author for segment in recorded.segments()}
    names = ", ".join(sorted(known)) or "none, as nothing is cached or recorded"
    return (
        ""
        if author in known
        else f"--author {author}: nothing here is of this author; give the whole name, of: {names}"
    )


def remedy() -> Iterator[str]:
    """Yield the command for stages that dropped rows as not_recorded: DVC does not see that there are answers now."""
    if names := not_recorded():
        yield (
            f"rows were dropped as not_recorded; to ask for them again: "
            f"dvc repro --force --single-item {' '.join(names)} && dvc repro"
        )


def not_recorded() -> list[str]:
    """Return the stages whose metrics count rows dropped as not_recorded, in the order of the graph."""
    counted = {path.as_posix() for path in sorted(METRICS.rglob("*.json")) if _counts(metrics.read(path))}
    return [step.name for step in dvc_graph.steps(Path()) if counted.intersection(step.outs)] if counted else []


def _counts(found: object) -> bool:
    if not isinstance(found, dict):
        return False
    return bool(found.get(Reason.NOT_RECORDED)) or any(map(_counts, found.values()))

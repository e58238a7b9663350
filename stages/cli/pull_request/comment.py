"""A pull request's report as a comment on GitHub: Markdown, what is long folded, at most so many characters."""

import html
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from stages.cli.pull_request import figures, people, revision, rows
from stages.cli.pull_request.figures import code, shown
from stages.cli.pull_request.freshness import Stale, stale
from stages.cli.pull_request.words import worded
from stages.reporting.counted import counted

LIMIT = 65_000  # characters; GitHub refuses a comment of more than 65,536
ROOM = 1_000  # of these for the closing line, which says what was left out
TEXTS = ("prompts", "data/test", "stages/catalog")  # beside rows, what reviewers read word by word
LISTED = 30  # rows that wait for a person
PICTURES = ("metrics/report.md", "metrics/report.html", "metrics/report.svg")
ROWS = (".jsonl", ".json", ".csv")

Part = tuple[str, str]  # what it is called where it is left out, and its Markdown


def comment(root: Path = Path(), wanted: str = "", link: str = "", limit: int = LIMIT) -> str:
    """Return the report of the working folder against its base, `wanted` or the default branch's common commit."""
    commit = revision.base(root, wanted)
    head = f"## Dial-insight: this branch against {revision.named(root, commit)}\n"
    return fitted([("the head", head), *parts(root, commit, link)], limit)


def fitted(found: Iterable[Part], limit: int) -> str:
    """Return the parts that fit, in order, and which do not."""
    kept, left, room = list[str](), list[str](), limit - ROOM
    for name, text in found:
        if len(text) + 1 <= room:
            kept.append(text)
            room -= len(text) + 1
        else:
            left.append(f"{shown(name)} ({len(text):,} characters)")
    if left:
        note = f"Left out for want of room (GitHub takes 65,536 characters): {', '.join(left)}."
        kept.append(note if len(note) < ROOM else f"{note[: ROOM - 60]}… and more, {len(left)} parts in all.")
    return "\n".join(kept) + "\n"


def parts(root: Path, commit: str, link: str) -> Iterator[Part]:
    """Yield the parts, the weightiest first."""
    yield "the state of dvc.lock", freshness(stale(root))
    yield "the verdict", verdict(root, commit)
    params, metrics = figures.changes(root, commit)
    if broken := figures.unreadable(root):
        yield "files that cannot be read", f"Cannot be read: {', '.join(map(code, broken))}; run `dvc repro`.\n"
    yield "the figures", table(("figure", "before", "now"), figures.foremost(root, commit))
    yield "the params", folded(f"Params: {len(params)} changed", _changes(params)) if params else "Params: as before.\n"
    yield "the rows for a person", _people(root)
    yield "the rows", _rows(rows.moved(root, commit), rows.conversations(root, commit))
    yield "the pictures", _pictures(link)
    if metrics:
        yield "the metrics", folded(f"Metrics: {len(metrics)} changed", _changes(metrics))
    yield from _texts(root, commit)


def freshness(found: Stale) -> str:
    """Return whether dvc.lock is up to date, and why not."""
    if not found.names:
        return "**dvc.lock is fresh**: `dvc repro` would run no stage.\n"
    lines = [f"- {code(name)}: {', '.join(map(shown, causes))}" for name, causes in found.changed.items()]
    follow = f"\nBehind these: {', '.join(map(code, found.follow))}.\n" if found.follow else ""
    head = f"**dvc.lock is stale**: {counted(len(found.changed), 'stage')} changed. Run `dvc repro`, and commit dvc.lock and metrics/.\n"
    return "\n".join([head, *lines]) + "\n" + follow


def verdict(root: Path, commit: str) -> str:
    """Return the retention verdict before and now."""
    old, new = figures.verdicts(root, commit)
    if figures.RETENTION in figures.unreadable(root):
        return f"Retention: not known, {figures.RETENTION} cannot be read: run `dvc repro`.\n"
    if new is None:
        return "Retention: not measured (no metrics/retention.json).\n"
    was = (
        "not measured"
        if old is None
        else "the same"
        if old == new
        else f"**{shown(old.verdict)}** ({shown(old.rests_on.replace('_', ' '))})"
    )
    return f"Retention: **{shown(new.verdict)}** ({shown(new.rests_on.replace('_', ' '))}). Before: {was}.\n"


def _people(root: Path) -> str:
    found = list(people.waiting(root))
    unknown = "" if people.qualities(root) is not None else " The labels' quality is not on this machine (dvc pull)."
    if not found:
        return f"No row waits for a person.{unknown}\n"
    listed = table(("where", "row", "why"), [(one.place, one.id, one.why) for one in found[:LISTED]])
    more = f"\n… and {len(found) - LISTED} more.\n" if len(found) > LISTED else ""
    rows_wait = "1 row waits" if len(found) == 1 else f"{len(found)} rows wait"
    return folded(f"{rows_wait} for a person.{unknown}", listed + more)


def _rows(found: Sequence[rows.Moved], raw: Sequence[str]) -> str:
    if not found and not raw:
        return "Data: no file of rows changed.\n"
    here = [one for one in found if one.added is not None]
    absent = [one.path for one in found if one.added is None]
    body = table(("file", "added", "removed", "changed"), here) if here else ""
    note = f"\nChanged, but not on this machine (dvc pull): {', '.join(map(shown, absent))}.\n" if absent else ""
    if raw:
        note += f"\nConversations in files whose rows are not counted here: {', '.join(map(shown, raw))}.\n"
    others = f", and {counted(len(raw), 'raw file')} of another form" if raw else ""
    return folded(f"Data: {counted(len(found), 'file')} of rows changed{others}", body + note)


def _pictures(link: str) -> str:
    """Return links to the report and its picture, where the repository is known."""
    if not link:
        return f"The report: {', '.join(PICTURES)}.\n"
    named = ", ".join(f"[{path}]({link}/{path})" for path in PICTURES)
    return f"The report: {named}.\n\n![the run in one picture]({link}/{PICTURES[-1]}?raw=true)\n"


def _texts(root: Path, commit: str) -> Iterator[Part]:
    for path in revision.changed(root, commit, *TEXTS):
        if not path.endswith(ROWS):
            old, file = revision.before(root, commit, path), root / path
            if file.is_file():
                differs = worded(old or "", file.read_text(encoding="utf-8", errors="replace"))
                yield path, folded(f"<code>{_named(path)}</code>{'' if old else ', new'}", fenced(differs))
            else:
                yield path, f"{code(path)} is gone.\n"


def _named(path: str) -> str:
    """Return a path as HTML: in a summary no Markdown counts."""
    return html.escape(" ".join(path.split()))


def _changes(found: Iterable[figures.Change]) -> str:
    return table(("file", "key", "before", "now"), found)


def table(head: Sequence[str], found: Iterable[Sequence[Any]]) -> str:
    """Return a table of Markdown."""
    return "\n".join([_line(head), f"|{'---|' * len(head)}", *map(_line, found)]) + "\n"


def _line(cells: Sequence[Any]) -> str:
    return f"| {' | '.join(map(shown, cells))} |"


def folded(title: str, body: str) -> str:
    """Return a part that opens at a click."""
    return f"<details><summary>{title}</summary>\n\n{body}\n</details>\n"


def fenced(text: str) -> str:
    """Return a text as it is, in a fence longer than any in it."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}\n{text.rstrip()}\n{fence}\n"

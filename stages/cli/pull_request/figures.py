"""Params and metrics before and now, and the verdict that rests on them."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from stages.cli.pull_request import revision
from stages.core.errors import InputError

FIGURES = {  # what a reviewer asks first: file and key under metrics/, and what it is
    "quality.json:n": "labelled rows",
    "quality.json:richness": "richness",
    "quality.json:label_quality.by_rules.faulty": "labels faulty by rules, share",
    "quality.json:label_quality.judged.low": "labels judged low, share",
    "selection.json:selected.n": "training rows",
    "training.json:loss.last": "training loss, last step",
    "privacy.json:gold.recall": "personal data, recall",
    "comparison/tuned.json:measures.grade.model": "domain score of tuned: the judge's grade",
    "comparison/tuned.json:measures.reference_similarity.model": "domain score of tuned: reference similarity",
    "comparison/tuned.json:measures.format.model": "answers of tuned in the asked form, share",
    "comparison/tuned.json:measures.atomic.model": "fact F1 of tuned",
}
RETENTION = "metrics/retention.json"
ABSENT = "–"
PLAIN = re.compile(r"[\w ,.:;%/()=+–…-]*")  # in it nothing is live Markdown
LINK = re.compile(r"www\.|://", re.IGNORECASE)


class Change(NamedTuple):
    """A setting or figure that is not what it was."""

    file: str
    key: str
    old: Any
    new: Any


class Verdict(NamedTuple):
    """What retention says, and what that rests on."""

    verdict: str
    rests_on: str


def changes(root: Path, commit: str) -> tuple[list[Change], list[Change]]:
    """Return what changed in params and in metrics since `commit`, as DVC sees it."""
    from dvc.exceptions import DvcException  # noqa: PLC0415 - 0.3 s
    from dvc.repo import Repo  # noqa: PLC0415 - 0.3 s

    try:
        with Repo(str(root)) as repo:
            found = [kind.diff(a_rev=commit).get("diff", {}) for kind in (repo.params, repo.metrics)]
    except DvcException as error:
        raise InputError(f"{root.resolve()}: DVC cannot compare ({' '.join(str(error).split())}); mend it") from None
    params, metrics = ([*_flat(tree)] for tree in found)
    return params, metrics


def _flat(tree: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Iterator[Change]:
    for file, keys in sorted(tree.items()):
        for key, values in sorted(keys.items()):
            yield Change(file, key, values.get("old"), values.get("new"))


def foremost(root: Path, commit: str) -> list[tuple[str, Any, Any]]:
    """Return the figures of `FIGURES` that are known before or now, changed or not: what each is, before and now."""
    rows = []
    for place, meaning in FIGURES.items():
        file, _, key = place.partition(":")
        old, new = (_at(tree, key) for tree in _both(root, commit, f"metrics/{file}"))
        if old is not None or new is not None:
            rows.append((meaning, old, new))
    return rows


def verdicts(root: Path, commit: str) -> tuple[Verdict | None, Verdict | None]:
    """Return the verdict of metrics/retention.json before and now."""
    old, new = (_verdict(tree) for tree in _both(root, commit, RETENTION))
    return old, new


def _verdict(tree: Any) -> Verdict | None:  # noqa: ANN401 - JSON
    found = [_at(tree, key) for key in Verdict._fields]
    return Verdict(*found) if all(isinstance(each, str) for each in found) else None


def unreadable(root: Path) -> list[str]:
    """Return the files of figures that are there and are no JSON object with what is looked for, as a half-merged one."""
    paths = sorted({f"metrics/{place.partition(':')[0]}" for place in FIGURES} | {RETENTION})
    return [path for path in paths if not _sound(path, _now(root, path))]


def _sound(path: str, text: str | None) -> bool:
    return text is None or (bool(_tree(text)) and (path != RETENTION or _verdict(_tree(text)) is not None))


def _both(root: Path, commit: str, path: str) -> tuple[Any, Any]:
    return _tree(revision.before(root, commit, path)), _tree(_now(root, path))


def _now(root: Path, path: str) -> str | None:
    file = root / path
    return file.read_text(encoding="utf-8", errors="replace") if file.is_file() else None


def _tree(text: str | None) -> Any:  # noqa: ANN401 - JSON
    """Return what a file of figures holds; of one that is not there or is no JSON, nothing."""
    try:
        return json.loads(text) if text else {}
    except ValueError:
        return {}


def _at(tree: Any, key: str) -> Any:  # noqa: ANN401 - JSON
    for name in key.split("."):
        tree = tree.get(name) if isinstance(tree, dict) else None
    return tree


def shown(value: Any) -> str:  # noqa: ANN401 - JSON
    """Return a value as it stands in a cell; what could be a mention, a link or an image is code, in which nothing is live."""
    text = ABSENT if value is None else f"{value:.6g}" if isinstance(value, float) else " ".join(str(value).split())
    return text if PLAIN.fullmatch(text) and not LINK.search(text) else code(text)


def code(text: str) -> str:
    """Return a text as code in one line, for a cell too: between more backticks than stand together in it."""
    marks = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{marks}{space}{' '.join(text.split())}{space}{marks}".replace("|", "\\|")

"""Logs of EvalScope (ModelScope): `reviews/<model>/<benchmark>_<subset>.jsonl`, a line for each scored answer."""

from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

from stages.cli.logs.item import Item, Key, hashed
from stages.cli.logs.lines import Object, number, objects, text
from stages.core.errors import InputError


def reads(row: Object) -> bool:
    """Whether a line is EvalScope's."""
    return isinstance(row.get("sample_score"), dict)


def items(path: Path, metric: str) -> Iterator[Item]:
    """Yield the items of a subset's file; `metric` is the score that counts, or empty for the main one."""
    benchmark = _benchmark(path)
    subset = path.stem.removeprefix(benchmark).removeprefix("_")
    for place, row in objects(path):
        if not reads(row):
            raise InputError(f"{place}: expected sample_score, as EvalScope writes it to reviews/")
        scored = row["sample_score"]
        item = text(scored, "group_id") or text(row, "index")
        key = Key(benchmark, subset, "generated", item, _epoch(scored))
        name, right = _right(place, scored.get("score") or {}, metric)
        yield Item(key, right=right, question=_question(row), metric=name)


def beside(path: Path) -> list[Path]:
    """Return the reports on the model's benchmarks."""
    return sorted((path.parent.parent.parent / "reports" / path.parent.name).glob("*.json"))


def _benchmark(path: Path) -> str:
    """Return which benchmark a file is of: the longest beginning of its name that has a report, or else the whole name."""
    names = [report.stem for report in beside(path) if f"{path.stem}_".startswith(f"{report.stem}_")]
    return max(names, key=len, default=path.stem)


def _epoch(scored: Object) -> str:
    """Return which of several answers to one question this is; empty for the first."""
    answer, group = scored.get("sample_id"), scored.get("group_id")
    return "" if answer is None or answer == group else str(answer)


def _question(row: Object) -> str:
    """Return the hash of what was said to the model before it answered."""
    said = takewhile(lambda message: message.get("role") != "assistant", row.get("messages") or [])
    words = [(message.get("role"), message.get("content")) for message in said] or row.get("input")
    return hashed(words) if words else ""


def _right(place: str, score: Object, metric: str) -> tuple[str, float]:
    """Return the score that counts, and its value."""
    found = score.get("value")
    values: Object = found if isinstance(found, dict) else {}
    name = metric or text(score, "main_score_name") or next(iter(values), "")
    value = number(values.get(name))
    if value is None or not 0 <= value <= 1:
        known = ", ".join(map(str, values)) or "none"
        raise InputError(f"{place}: no score {name or 'at all'} from 0 to 1; name one with --metric, of: {known}")
    return name, value

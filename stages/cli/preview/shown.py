"""A preview as text: for each row what went in, what was asked and answered, and what the stage made of it."""

import json
from collections.abc import Iterator
from typing import Any

from stages.chat.store import FOLDER
from stages.cli.preview.chosen import Read
from stages.cli.preview.joined import Shown
from stages.cli.preview.look import Preview
from stages.cli.trial.exchange import Exchange, Known

PLAIN, BOLD, DIM = "\033[0m", "\033[1m", "\033[2m"
ROLES = {"system": "\033[35m", "user": "\033[36m", "assistant": "\033[33m"}
GOOD, BAD = "\033[32m", "\033[31m"
KNOWN: dict[Known, str] = {
    "recorded": "recorded answer",
    "cached": "cached answer",
    "new": "asked now",
    "missing": "no answer: neither recorded nor cached, and nobody is asked now",
}


class Printer:
    """Turns a preview into lines."""

    def __init__(self, color: bool, requests: bool) -> None:
        """Use `color` or marks alone; leave the questions out without `requests`."""
        self.color, self.requests = color, requests

    def lines(self, found: Preview) -> Iterator[str]:
        """Yield all of it."""
        for number, row in enumerate(found.rows, 1):
            yield self._in(BOLD, f"── {found.stage}, row {number} of {len(found.rows)}: {row.id} ──")
            yield from self._row(row)
            yield ""
        if not found.rows:
            yield f"{found.stage}: no request or row fits; see --row, --language and the params of the stage"
        if found.fault:
            yield f"the stage ended early, as it may on so few rows: {found.fault}"
        yield _written(found.asked, found.stores)

    def _row(self, row: Shown) -> Iterator[str]:
        if row.before:
            yield self._in(DIM, "in")
            yield from _fields(row.before)
        for each in row.exchanges:
            yield from self._exchange(each)
        if row.dropped:
            detail = f" ({row.dropped['detail']})" if row.dropped.get("detail") else ""
            yield self._in(BAD, f"dropped: {row.dropped['reason']}{detail}")
        elif row.outcome is not None:
            yield self._in(GOOD, "kept")
            yield from _fields(row.outcome)
        else:
            yield self._in(BAD, "nothing came of it")

    def _exchange(self, each: Exchange) -> Iterator[str]:
        for message in each.messages if self.requests else ():
            yield self._in(ROLES[message["role"]], f"{message['role']}:")
            yield message["content"]
        yield self._in(BOLD, f"{each.place}: {each.model}, {KNOWN[each.known]}{_end(each)}")
        if each.answer:
            yield each.answer

    def _in(self, color: str, text: str) -> str:
        return f"{color}{text}{PLAIN}" if self.color else text


def _end(each: Exchange) -> str:
    if each.known == "missing":
        return ""
    return (
        f", {each.fault or each.finish} within {each.max_tokens} tokens"
        if each.finish == "length"
        else f", {each.fault or 'whole'}"
    )


def _fields(row: Read) -> Iterator[str]:
    for name, value in row.items():
        text = _text(name, value)
        yield f"  {name}:" + (f"\n{text}" if "\n" in text else f" {text}")


def _text(name: str, value: Any) -> str:  # noqa: ANN401 - JSON
    match name:
        case "turns":
            return "\n".join(f"    {turn['party']} {turn['speaker']}: {turn['text']}" for turn in value)
        case "parts":
            return "\n".join(f"    [{part['kind']}] {part['text']}" for part in value)
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _written(asked: int, stores: bool) -> str:
    if not asked:
        return "nothing was written"
    if not stores:
        return "no answer was stored; where a price is set, what they cost is booked"
    answers = "1 new answer" if asked == 1 else f"{asked} new answers"
    return f"nothing was written but {answers} to {FOLDER}, so that a run does not ask again"

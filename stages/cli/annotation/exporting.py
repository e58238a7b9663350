"""`dial-insight review --export`: the rows of a gate as a file of another annotation tool, and what that tool needs beside it."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from stages.cli.annotation import argilla, label_studio
from stages.cli.annotation.gates import GATES, Item, Name
from stages.cli.review.queue import Queue
from stages.core.errors import InputError
from stages.core.files import atomic
from stages.reviews import journal
from stages.reviews.settlement import holding

Tool = Literal["argilla", "labelstudio"]
GUIDELINES = {
    "seeds": "Keep an instruction that is clear and can be answered from one conversation; discard it, with a reason; or rewrite it.",
    "evolved": "Keep an instruction that is clear and asks for more than simpler ones; discard it, with a reason; or rewrite it.",
    "prompts": "Keep a directive that asks for all that the assembled prompt asks, and no more; discard it; or rewrite it.",
    "labels": "Is the answer right, whole and in the asked form? Grade it high, medium or low, or write the answer that it should be.",
}


def export(tool: Tool, queue: Name, target: Path, *, everything: bool = False) -> Iterator[str]:
    """Write the rows that wait for a decision, or all of them; yield what was written where. A file that is there is not replaced."""
    gate = GATES[queue]
    beside = target.with_name(target.stem + (".settings.json" if tool == "argilla" else ".xml"))
    if target.name.casefold() == beside.name.casefold():
        raise InputError(f"{target}: what the tool is set up with would take the same name; name it .json")
    for path in (target, beside):
        if path.exists():
            raise InputError(f"{path}: there already; name another file, or take it away")
    items = [item for item in gate.rows().values() if item.shown[gate.fields[0]]]  # without a directive: nothing to see
    chosen = items if everything else _waiting(gate.queue(), items)
    if not chosen:
        raise InputError(f"{gate.queue.source}: none of {len(items)} rows waits for a decision; --all takes all")
    made = argilla.records(queue, chosen) if tool == "argilla" else label_studio.tasks(queue, chosen)
    if tool == "argilla":
        told = json.dumps(argilla.settings(gate, GUIDELINES[queue]), ensure_ascii=False, indent=1)
    else:
        told = label_studio.configuration(gate, GUIDELINES[queue])
    for path, text in ((target, json.dumps(made, ensure_ascii=False, indent=1)), (beside, told)):
        _write(path, text.rstrip("\n") + "\n")
    yield f"{target}: {len(chosen)} of {len(items)} rows"
    yield f"{beside}: {'settings of the data set' if tool == 'argilla' else 'labeling configuration of the project'}"


def _write(path: Path, text: str) -> None:
    try:
        with atomic(path) as file:
            file.write(text)
    except OSError as error:
        raise InputError(
            f"{error.filename or path}: {os.strerror(error.errno or 0).lower()}; name another file"
        ) from None


def _waiting(queue: Queue, items: list[Item]) -> list[Item]:
    """Return the items that wait on the page too."""
    waits = {entry.id for entry in queue.load() if entry.waits}
    decided = holding(filter(queue.counts, journal.history(queue.file, queue.kind)))
    return [item for item in items if item.id in waits - decided.keys()]

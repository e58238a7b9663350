"""Which row a person means: a number, an id, or the beginning of one."""

import json
import re

from stages.cli.lineage.rows import (
    ASSEMBLED,
    DIALOGUES,
    DROPPED,
    ENHANCED,
    INGESTED,
    INSTRUCTIONS,
    LABELS,
    PAIRS,
    TESTED,
    TRAINING,
    Files,
)
from stages.core.errors import InputError

ID = re.compile(r'"id": ?"([^"]*)"')  # a row's own id is its first
UNMADE = "not there, or without a row; make it (`dvc repro`) or get it (`dvc pull`)"
FEWEST, SHOWN = 4, 5  # digits of an abbreviated id; ids named where several begin so


def identified(files: Files, name: str) -> str:
    """Return the id that is meant: of a training row by its number, of any row whole or by its beginning."""
    if name.isdecimal() and len(name) < FEWEST * 2:
        numbered = [row for row, _ in zip(files.lines(TRAINING), range(int(name)), strict=False)]
        if 0 < len(numbered) == int(name):
            return str(json.loads(numbered[-1])["id"])
        if not numbered and int(name):
            raise InputError(f"{TRAINING}: {UNMADE}")
    if len(name) < FEWEST:
        raise InputError(
            f"row {name}: {TRAINING} has no such number; give a number from 1, an id, or {FEWEST} digits of one"
        )
    ids, rows = set[str](), 0
    for path in _places(files):
        for line in files.lines(path):
            rows += 1
            if name in line and (match := ID.search(line)) and match[1].startswith(name):
                ids.add(match[1])
    if name in ids or len(ids) == 1:
        return name if name in ids else ids.pop()
    if not rows:
        raise InputError(f"{TRAINING}: {UNMADE}")
    if not ids:
        raise InputError(f"row {name}: in no file of the graph; give an id of a training row, label, prompt or other")
    shown = ", ".join(sorted(ids)[:SHOWN])
    raise InputError(
        f"row {name}: {len(ids)} ids begin so ({shown}{' …' if len(ids) > SHOWN else ''}); give more of it"
    )


def _places(files: Files) -> list[str]:
    """Return the files that a row is looked for in, the last stage's first."""
    fixed = (TRAINING, LABELS, TESTED, ENHANCED, ASSEMBLED, PAIRS, *INSTRUCTIONS, *DIALOGUES.values(), INGESTED)
    stored = [path for path in files.names("data/test") if path.endswith(("/instructions.jsonl", "/prompts.jsonl"))]
    return [*fixed, *stored, *DROPPED.values()]

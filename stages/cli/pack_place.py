"""The line of a domain pack's file that a fault is on: found by the place in the file, or by the id, that the fault names."""

import re
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

FAULT = re.compile(r"(?P<path>[^:\s]+\.yaml): (?P<what>.*)", re.DOTALL)
WORDS = 4  # of a fault, among which an id stands


def placed(fault: str, root: Path = Path()) -> str:
    """Return `FILE: what` as `FILE:LINE: what`; as it is where no line is found."""
    found = FAULT.match(fault)
    path = root / found["path"] if found else None
    if not found or not path or not path.is_file():
        return fault
    text = path.read_text(encoding="utf-8", errors="replace")
    line = _of_place(text, found["what"].split(": ")[0]) or _of_id(text, found["what"])
    return f"{found['path']}:{line}: {found['what']}" if line else fault


def _of_place(text: str, place: str) -> int:
    """Return the line of a place such as `scenes.0.weight`, or of what is nearest to it; 0 where the file has no such key."""
    try:
        node: Any = YAML().load(text)
    except YAMLError:
        return 0
    line = 0
    for step in place.split()[0].split(".") if place else ():
        if isinstance(node, CommentedMap) and step in node:
            line, node = node.lc.key(step)[0] + 1, node[step]
        elif isinstance(node, CommentedSeq) and step.isdecimal() and int(step) < len(node):
            line, node = node.lc.item(int(step))[0] + 1, node[int(step)]
        else:
            break
    return line


def _of_id(text: str, what: str) -> int:
    """Return the line of the first block whose id is among the first words; 0 where there is none."""
    lines = text.splitlines()
    for word in what.split()[:WORDS]:
        pattern = re.compile(rf"\bid: [\"']?{re.escape(word.strip(':,'))}[\"']?(?:[,}}\s]|$)")
        for number, line in enumerate(lines, 1):
            if pattern.search(line):
                return number
    return 0

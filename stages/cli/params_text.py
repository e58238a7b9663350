"""Values put into the text of params.yaml line by line, so that every other line stays as it is."""

from collections.abc import Iterator
from typing import NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node

from stages.core.errors import ParamsError
from stages.core.params import PARAMS

NUMBERS = {"tag:yaml.org,2002:int", "tag:yaml.org,2002:float"}


class Edit(NamedTuple):
    """Lines `start` to before `stop` of the text, and what stands there instead."""

    start: int
    stop: int
    lines: list[str]


class Splice:
    """The text of params.yaml, and another text whose values go into it, written as they are written there."""

    def __init__(self, text: str, source: str, name: str) -> None:
        """Read both; `name` is whose values they are, for errors."""
        self.lines, self.source, self.name = text.splitlines(), source.splitlines(), name
        self.old, self.new = YAML().compose(text), YAML().compose(source)

    def text(self) -> str:
        """Return the text with the new values; comments stay where they are, new keys come after the last of their group."""
        lines = list(self.lines)
        edits = sorted(self._edits(self.old, self.new), key=lambda edit: (edit.start, edit.stop), reverse=True)
        for edit in edits:  # from the last line up, so that the places of the others stay
            lines[edit.start : edit.stop] = edit.lines
        return "\n".join(lines) + "\n"

    def _edits(self, old: MappingNode, new: MappingNode) -> Iterator[Edit]:
        there, added = {key.value: (key, value) for key, value in old.value}, list[str]()
        for key, value in new.value:
            block = self.source[key.start_mark.line : _end(value)]
            name, present = there.get(key.value, (None, None))
            if present is None or name is None:
                alone = (
                    [f"{' ' * key.start_mark.column}{key.value}: {self._flow(value, value)}"]
                    if new.flow_style
                    else block
                )
                added += _indented(alone, key.start_mark.column, old.start_mark.column)
            elif isinstance(value, MappingNode) and _is_block(present):
                yield from self._edits(present, value)
            elif not _equal(present, value):
                whole = _is_block(value) and not _is_filled(present)
                yield self._replaced(name, present, value, whole)
                if whole:
                    end = self._below(name.start_mark.line + 1, name.start_mark.column)
                    yield Edit(end, end, _indented(block[1:], key.start_mark.column, name.start_mark.column))
        if added:
            end = self._below(_end(old), old.start_mark.column)
            yield Edit(end, end, added)

    def _replaced(self, key: Node, present: Node, value: Node, whole: bool) -> Edit:
        """Return the line of a key with another value (`whole`: a block that follows), and its comment where it was, if there is room."""
        number = key.start_mark.line
        if present.start_mark.line != number or _end(present) != number + 1:
            raise ParamsError(
                f"{PARAMS}:{number + 1}: {self.name} has another value for {key.value}, which takes several lines; write it on one"
            )
        line = self.lines[number]
        head = line[: key.end_mark.column] + ":" + ("" if whole else f" {self._flow(present, value)}")
        rest = line[present.end_mark.column :]
        comment = rest.lstrip()
        if not comment:
            return Edit(number, number + 1, [head])
        column = len(line) - len(comment)
        return Edit(number, number + 1, [head.ljust(column) + comment if len(head) < column else f"{head}  {comment}"])

    def _flow(self, present: Node, value: Node) -> str:
        """Return the new value on one line, with what else a mapping in flow style held."""
        if not isinstance(value, MappingNode):
            return _written(value, self.source)
        there = present.value if isinstance(present, MappingNode) else []
        members = {key.value: _written(held, self.lines) for key, held in there}
        nodes = {key.value: held for key, held in there}
        members |= {key.value: self._flow(nodes.get(key.value, value), held) for key, held in value.value}
        return "{" + ", ".join(f"{name}: {text}" for name, text in members.items()) + "}"

    def _below(self, number: int, column: int) -> int:
        """Return the number of the first line, from `number` on, that is no comment belonging to the entry above it."""
        while number < len(self.lines) and (comment := self.lines[number].lstrip()).startswith("#"):
            if len(self.lines[number]) - len(comment) <= column:
                break
            number += 1
        return number


def _is_block(node: Node) -> bool:
    return isinstance(node, MappingNode) and not node.flow_style


def _is_filled(node: Node) -> bool:
    return isinstance(node, MappingNode) and bool(node.value)


def _end(node: Node) -> int:
    """Return the number of the line after a node; a block's own mark lies behind the comments that follow it."""
    return _end(node.value[-1][1]) if _is_block(node) and node.value else int(node.end_mark.line) + 1


def _written(node: Node, lines: list[str]) -> str:
    """Return a value as it is written on its line, or its lines."""
    first, last = node.start_mark, node.end_mark
    if first.line == last.line:
        return str(lines[first.line][first.column : last.column])
    middle = [lines[first.line][first.column :], *lines[first.line + 1 : last.line], lines[last.line][: last.column]]
    return " ".join(part.strip() for part in middle)


def _equal(one: Node, two: Node) -> bool:
    """Whether a place that holds `one` needs no change to hold `two`: the same value, however it is written."""
    if isinstance(one, MappingNode) and isinstance(two, MappingNode):
        ones, twos = ({key.value: value for key, value in node.value} for node in (one, two))
        return all(name in ones and _equal(ones[name], value) for name, value in twos.items())
    if isinstance(one.value, list) and isinstance(two.value, list):
        return len(one.value) == len(two.value) and all(map(_equal, one.value, two.value))
    if {one.tag, two.tag} <= NUMBERS:
        return float(one.value) == float(two.value)
    return bool((one.tag, one.value) == (two.tag, two.value))


def _indented(block: list[str], old: int, new: int) -> list[str]:
    return [" " * new + line[old:] if line.strip() else "" for line in block]

"""YAML 1.2 as plain data: what is written in the usual way is read by libyaml, all else by ruamel.yaml.

ruamel.yaml reads all of YAML 1.2 and says in which line a text is wrong, in ten times the seconds, and takes a quarter of a
second to import. So libyaml reads first, with YAML 1.2's plain words and numbers alone: a text that it refuses, or that holds
what the two might read differently (dates, octal numbers, a key twice, tags, directives), is read anew by ruamel.yaml.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any, ClassVar

import yaml
from yaml import CSafeLoader, MappingNode, ScalarNode, SequenceNode

ODD = re.compile(
    "[\x85\u2028\u2029\ufeff]|^%", re.MULTILINE
)  # line breaks of YAML 1.1 only, byte order marks, directives
KIND = "tag:yaml.org,2002:"
UNUSUAL = "!unusual"
NUMBER = r"[-+]?[0-9_]*\.?[0-9_]*(?:[eE][-+]?[0-9]+)?(?::[0-9_:.]*)?|[-+]?\.(?:inf|Inf|INF|nan|NaN|NAN)"
RESOLVED = (  # the first that fits; what none fits is text
    (f"{KIND}null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    (f"{KIND}bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    (f"{KIND}int", r"-?(?:0|[1-9][0-9]*)", list("-0123456789")),
    (f"{KIND}float", r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+|(?:\.[0-9]+)?e-?[0-9]+)", list("-0123456789")),
    (
        UNUSUAL,
        rf"{NUMBER}|[-+]?0[box][0-9a-fA-F_]+|[0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}}.*|<<|=",
        list("-+.0123456789<="),
    ),
)


class Usual(CSafeLoader):
    """libyaml's reader of what both read alike."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - PyYAML's own name, filled below
    yaml_constructors: ClassVar[dict[str | None, Callable[..., Any]]] = {}

    def mapping(self, node: MappingNode) -> dict[Any, Any]:
        """Return a mapping; a key that stands twice is refused."""
        made = self.construct_mapping(node, deep=True)
        if len(made) < len(node.value):
            raise ValueError("a key twice")
        return made

    def sequence(self, node: SequenceNode) -> list[Any]:
        """Return a list."""
        return self.construct_sequence(node, deep=True)

    def text(self, node: ScalarNode) -> str:
        """Return a text."""
        return str(self.construct_scalar(node))

    def nothing(self, node: ScalarNode) -> None:
        """Return None."""

    def truth(self, node: ScalarNode) -> bool:
        """Return whether it says so."""
        return self.text(node).lower() == "true"

    def whole(self, node: ScalarNode) -> int:
        """Return a whole number."""
        return int(self.text(node))

    def decimal(self, node: ScalarNode) -> float:
        """Return a number with a point or an exponent."""
        return float(self.text(node))


for _tag, _pattern, _first in RESOLVED:
    Usual.add_implicit_resolver(_tag, re.compile(f"(?:{_pattern})$"), _first)
Usual.yaml_constructors = {
    None: Usual.construct_undefined,  # which refuses: of other tags and of what is unusual nothing is made
    f"{KIND}map": Usual.mapping,
    f"{KIND}seq": Usual.sequence,
    f"{KIND}str": Usual.text,
    f"{KIND}null": Usual.nothing,
    f"{KIND}bool": Usual.truth,
    f"{KIND}int": Usual.whole,
    f"{KIND}float": Usual.decimal,
}


class NotYaml(Exception):
    """A text is not YAML: what is wrong, and the line, counted from 1, if one is known. For the readers of files to name the file."""

    def __init__(self, problem: str, line: int | None = None) -> None:
        """Take what is wrong and where."""
        super().__init__(problem)
        self.problem, self.line = problem, line


def load(text: str) -> Any:  # noqa: ANN401 - whatever the text holds
    """Return the text as dictionaries, lists and scalars; raise NotYaml where it is none."""
    if not ODD.search(text):
        with suppress(yaml.YAMLError, ValueError):
            return yaml.load(text, Loader=Usual)
    return _by_ruamel(text)


def _by_ruamel(text: str) -> Any:  # noqa: ANN401 - as above
    from ruamel.yaml import YAML  # noqa: PLC0415 - a quarter of a second
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415 - as above

    try:
        return YAML(typ="safe").load(text)
    except (YAMLError, ValueError) as error:  # ValueError: a date that no calendar has
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "not YAML"
        raise NotYaml(problem, mark.line + 1 if mark else None) from None

"""The JSON schema of params.yaml, made from the classes of its sections: what an editor completes, explains and refuses."""

import importlib
import json
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from stages.cli.dvc_graph import GRAPH, Step
from stages.core import engine, yaml_text
from stages.core.errors import InputError
from stages.core.files import atomic
from stages.core.params import PARAMS, Section

SCHEMA = Path("docs/params.schema.json")
FREE = {  # keys that no stage declares: dvc.yaml's own, and what changes nothing that a stage makes
    "domain": "The domain pack under prompts/ and the folder of its conversations under data/raw/.",
    "test_set": "The version of the test set, a folder under data/test/<domain>/.",
    "model_cache": (
        "Folder outside the repository for files of the catalog's models, shared by all clones; empty: "
        "~/.cache/dial-insight. The environment variable DIAL_INSIGHT_CACHE goes before it."
    ),
    engine.KEY: (
        "Where ingest, anonymize, judge, the replies of sample and the rules of label map their rows, to the same bytes: `local`, by "
        "processes of this machine, or `ray`, by Ray Data, on the cluster that RAY_ADDRESS names or on this machine. The environment "
        "variable DIAL_INSIGHT_ENGINE goes before it."
    ),
}
CHOICES = {engine.KEY: engine.ENGINES}  # of these, the ones that are a choice
ITEM = re.compile(r"\$\{(?:item|key)\}")  # what dvc.yaml puts for the name of an iteration


class Untitled(GenerateJsonSchema):
    """Without titles of fields, which would repeat their names."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ANN401 - pydantic's own union of types
        """Refuse."""
        return False


def faults(root: Path = Path()) -> Iterator[str]:
    """Yield a line if the committed schema is not what the classes give."""
    path, made = root / SCHEMA, text(root)
    if not path.is_file() or path.read_text(encoding="utf-8") != made:
        yield f"{SCHEMA}: not what the classes of the sections give; run `dial-insight schema --write`"


def write(root: Path = Path()) -> None:
    """Replace the committed schema."""
    content = text(root)
    with atomic(root / SCHEMA) as file:
        file.write(content)


def text(root: Path) -> str:
    """Return the schema as it is committed."""
    return json.dumps(schema(root), ensure_ascii=False, indent=1) + "\n"


def schema(root: Path) -> dict[str, Any]:
    """Return the schema of the whole params.yaml: each section under every key that dvc.yaml declares it by."""
    graph = entries(root)
    for fault in import_faults(graph):
        raise InputError(fault)
    declared = {key for entry in graph for key in entry.params}
    places = {key: kind for kind in sections() for key in keys(kind.section, declared)}
    references, definitions = TypeAdapter.json_schemas(
        [(kind, "validation", TypeAdapter(kind.form())) for kind in dict.fromkeys(places.values())],
        schema_generator=Untitled,
    )
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": str(PARAMS), **_group(), **definitions}
    for key, description in FREE.items():
        choice = {"enum": list(CHOICES[key])} if key in CHOICES else {}
        _add(whole, key, {"type": "string", **choice, "description": description})
    for key, kind in sorted(places.items()):
        reference: dict[str, Any] = references[kind, "validation"]
        if "oneOf" in reference:
            reference = {"description": kind.__doc__, **reference}
        if hasattr(kind, "load_or_none"):
            reference = {"description": kind.__doc__, "anyOf": [reference, {"type": "null"}]}
        _put(whole, key, reference)
    return whole


def _put(whole: dict[str, Any], key: str, section: dict[str, Any]) -> None:
    """Add a section under its dotted key; a last part that dvc.yaml iterates over stands for every name in a map."""
    group = whole
    *above, last = key.split(".")
    for name in above:
        if name not in group["properties"]:
            _add(group, name, _group())
        group = resolved(whole, group["properties"][name])
    if ITEM.fullmatch(last):
        group["patternProperties"] = dict.fromkeys(group["patternProperties"], section)
        group["additionalProperties"] = False
    else:
        _add(group, last, section)


def resolved(whole: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """Return the definition that a part of the schema refers to, or the part itself."""
    definition: dict[str, Any] = whole["$defs"][part["$ref"].rpartition("/")[2]] if "$ref" in part else part
    return definition


def _group() -> dict[str, Any]:
    return {"type": "object", "properties": {}, "required": [], "additionalProperties": False}


def _add(group: dict[str, Any], name: str, member: dict[str, Any]) -> None:
    group["properties"][name] = member
    group["required"].append(name)


def entries(root: Path) -> list[Step]:
    """Return what dvc.yaml runs and which params it declares, whatever params.yaml says.

    An iteration over a map of params.yaml, such as `${evaluation.models}`, stays one entry, with its templates open.
    """
    path = root / GRAPH
    try:
        stages = yaml_text.load(path.read_text(encoding="utf-8"))["stages"].items()
    except (OSError, yaml_text.NotYaml, KeyError, TypeError, AttributeError):
        raise InputError(f"{GRAPH}: no stages that can be read; restore it from Git") from None
    return [_entry(name, body.get("do", body), item) for name, body in stages for item in _items(body)]


def _items(body: dict[str, Any]) -> Iterable[str]:
    iterated = body.get("foreach")
    return iterated if isinstance(iterated, (list, dict)) else ["${key}"]


def _entry(name: str, body: dict[str, Any], item: str) -> Step:
    params = tuple(key.replace("${item}", item).replace("${key}", item) for key in body.get("params", ()))
    return Step(name=name, command=body["cmd"], deps=(), params=params, outs=())


def import_faults(graph: Iterable[Step]) -> Iterator[str]:
    """Import the module of every stage, so that the classes of its params are known, and yield those that are not there."""
    for module in sorted({step.module for step in graph} - {""}):
        try:
            importlib.import_module(module)  # noqa: TID251 - the module is named in dvc.yaml
        except ImportError as error:
            yield f"{GRAPH}: {module} in a cmd cannot be imported: {error.msg}; mend the cmd, or install again"


def sections() -> list[type[Section]]:
    """Return the class of each section, of all stages' modules that were imported.

    A class derived from another section's may stand under a name that is taken; the plainest one describes params.yaml.
    """
    classes, waiting = dict[str, type[Section]](), [Section]
    while waiting:
        kind = waiting.pop()
        waiting.extend(kind.__subclasses__())
        if "section" in vars(kind) and kind.__module__.startswith("stages."):
            known = classes.get(kind.section, kind)
            classes[kind.section] = kind if len(kind.__mro__) < len(known.__mro__) else known
    return [classes[name] for name in sorted(classes)]


def keys(section: str, declared: Collection[str]) -> list[str]:
    """Return where values of a section stand: under its own name, or under a part for each split, as dvc.yaml declares."""
    return [section] if section in declared else sorted(key for key in declared if key.startswith(f"{section}."))

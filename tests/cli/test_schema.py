"""The schema of params.yaml: what the classes give, what it refuses, and that the comments beside the values agree with it."""

import json
import math
import re
import subprocess
import sys
from collections.abc import Iterator
from copy import deepcopy
from functools import reduce
from itertools import product
from operator import getitem
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, ScalarNode

from stages.cli import schema
from stages.cli.check import section_faults
from stages.cli.main import main
from stages.core.params import load_all

if TYPE_CHECKING:
    from tests.cli.conftest import Spoil

Schema = dict[str, Any]
PLACE = re.compile(r"§\d+(?:\.\d+)*|Table \d+|formula \(\d+\)")  # in the paper
NUMBER = r"(?<![\w.§-])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e-?\d+)?(?![\w-])"
PAPERS = re.compile(rf"(?:{PLACE.pattern}): ({NUMBER}(?:(?:, | and ){NUMBER})*)")  # §3.5: 40,000 and 80,000
SPECIAL = re.compile(rf"({NUMBER}):")  # 0: all
BACKTICKED = re.compile(r"`([^`]+)`")
ALTERNATIVE = re.compile(r"\| ([\w:-]+)")  # local: … | openai: …


@pytest.fixture(scope="module")
def committed(root: Path) -> Schema:
    found: Schema = json.loads((root / schema.SCHEMA).read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def manual(root: Path) -> str:
    return (root / "params.yaml").read_text(encoding="utf-8")


class Line(NamedTuple):
    """A key of params.yaml: what stands there, and the comment beside it with the lines that go on with it."""

    key: str
    leaf: bool
    value: str
    comment: str


def lines(text: str) -> Iterator[Line]:
    """Yield every key of a YAML text in block style; what is in flow style is a value."""
    written = text.splitlines()

    def below(node: MappingNode, above: str) -> Iterator[Line]:
        for name, value in node.value:
            leaf = not isinstance(value, MappingNode) or bool(value.flow_style)
            end = value.end_mark if leaf else name.end_mark
            comment = written[end.line][end.column :].partition("#")[2].strip()
            for more in written[end.line + 1 :]:
                if more.find("#") <= name.start_mark.column or more.split("#")[0].strip():
                    break
                comment += f" {more.partition('#')[2].strip()}"
            yield Line(
                above + name.value, leaf, text[value.start_mark.index : value.end_mark.index] if leaf else "", comment
            )
            if not leaf:
                yield from below(value, f"{above}{name.value}.")

    root = YAML(typ="rt").compose(text)
    assert isinstance(root, MappingNode) and all(isinstance(name, ScalarNode) for name, _ in root.value)
    yield from below(root, "")


def numbers(text: str) -> set[float]:
    return {float(number.replace(",", "")) for number in re.findall(NUMBER, PLACE.sub("", text))}


def options(part: Schema) -> set[str]:
    """Return the words that a value, or an item of a list of values, may be."""
    return set(part.get("enum", part.get("items", {}).get("enum", ())))


def node(whole: Schema, key: str) -> Schema:
    part = whole
    for name in key.split("."):
        part = member(whole, schema.resolved(whole, part), name)
    return part


def member(whole: Schema, group: Schema, name: str) -> Schema:
    """Return a key of a group; of alternatives, what all that have it say of it together."""
    if "oneOf" not in group:
        found: Schema = group["properties"][name]
        return found
    kinds = [schema.resolved(whole, kind)["properties"] for kind in group["oneOf"]]
    parts = [kind[name] for kind in kinds if name in kind]
    words = [word for part in parts for word in part.get("enum", [part["const"]] if "const" in part else [])]
    together = {"description": " ".join(dict.fromkeys(part["description"] for part in parts))}
    merged: Schema = group.setdefault("together", {}).setdefault(
        name, parts[0] | together | ({"enum": words} if words else {})
    )
    return merged


def drift(text: str, whole: Schema) -> Iterator[str]:
    """Yield where comments and schema do not say the same: one entry for each field, whose comments may stand under any split."""
    fields: dict[int, list[Line]] = {}
    for line in lines(text):
        if line.leaf or line.comment:
            fields.setdefault(id(node(whole, line.key)), []).append(line)
    for places in fields.values():
        key, part = places[0].key, node(whole, places[0].key)
        description = part.get("description") or schema.resolved(whole, part).get("description", "")
        comment = " ".join(line.comment for line in places).strip()
        if not comment or not description:
            yield f"{key}: no {'description' if comment else 'comment'}"
        else:
            yield from (
                f"{key}: {fault}" for fault in disagreements(places[0].value, comment, description, whole, part)
            )


def disagreements(value: str, comment: str, description: str, whole: Schema, part: Schema) -> Iterator[str]:
    """Yield the facts that a comment or a description has alone."""
    for place in {*PLACE.findall(comment)} ^ {*PLACE.findall(description)}:
        yield f"{place} is in one of them only"
    stated = {n for text in (*SPECIAL.findall(PLACE.sub("", comment)), *PAPERS.findall(comment)) for n in numbers(text)}
    for number in stated - numbers(description):
        yield f"{number:g} is in the comment only"
    for number in numbers(description) - numbers(comment):
        yield f"{number:g} is in the description only"
    for number in stated if part.get("type") in ("integer", "number") else ():
        if not Draft202012Validator(part).is_valid(int(number) if number == int(number) else number):
            yield f"{number:g} is refused"
    inner = members(whole, part)
    words = {word.lower() for word in re.findall(r"[\w-]+", " ".join([description, *inner, *inner.values()]))}
    for word in BACKTICKED.findall(comment):
        if word.lower() not in words | options(part):
            yield f"{word} is in the comment only"
    for word in ALTERNATIVE.findall(comment):
        if word.partition(":")[0].lower() not in (options(part) or words):
            yield f"{word} is in the comment only"
    told = comment + value if part.get("type") == "array" else comment
    named = {*BACKTICKED.findall(description), *options(part), *inner}
    for word in named:
        if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", told):
            yield f"{word} is in the schema only"


def members(whole: Schema, part: Schema) -> dict[str, str]:
    """Return the keys of the mappings that a list or a map of names holds, with their descriptions."""
    inner = [part.get("items", {}), *part.get("patternProperties", {}).values()]
    keys = [member for one in inner for member in schema.resolved(whole, one).get("properties", {}).items()]
    return {name: member["description"] for name, member in keys}


def test_the_committed_schema_is_what_the_classes_give(root: Path) -> None:
    assert list(schema.faults(root)) == []


def test_params_refer_to_it(manual: str) -> None:
    assert manual.splitlines()[0] == f"# yaml-language-server: $schema={schema.SCHEMA}"


def test_every_setting_is_described(committed: Schema) -> None:
    parts = [part for kind in committed["$defs"].values() for part in kind["properties"].items()]
    assert len(parts) > 120
    assert [name for name, part in parts if not re.fullmatch(r"[A-Z`].{8,}\.", part.get("description", ""))] == []


def test_params_are_valid(root: Path, committed: Schema) -> None:
    Draft202012Validator.check_schema(committed)
    assert list(Draft202012Validator(committed).iter_errors(load_all(root / "params.yaml"))) == []


JUDGE = {"backend": "openai", "model": "m", "temperature": 0, "top_p": 1, "concurrency": 1}


@pytest.mark.parametrize(
    ("key", "value", "valid"),
    [
        ("domain", "bank_service", True),
        ("domain", 3, False),
        ("llm.generator.backend", "openai", True),
        ("llm.generator.backend", "opnai", False),
        ("llm.generator", None, False),
        ("llm.judge", JUDGE, True),
        ("llm.judge", JUDGE | {"top_p": 0}, False),
        ("llm.judge", JUDGE | {"batch_tokens": 256}, False),
        ("llm.labeller", JUDGE | {"base_url": ["http://a/v1", "http://b/v1"]}, True),
        ("assemble.templates", 3, True),
        ("assemble.templates", -1, False),
        ("assemble.tset", {"templates": 0, "seed": 7}, False),
        ("split.near_duplicate", 1.5, False),
        ("ingest.defaults.language", "fr", False),
        ("bench.suites", ["mmlu"], True),
        ("bench.suites", ["mmul"], False),
        ("select.quotas", {"renting": 0.4, "buying": {"reasoning": 0.2}}, True),
        ("select.quotas", {"renting": "all"}, False),
        ("finetune.mix", [{"source": "a.jsonl", "rows": 3}], True),
        ("finetune.mix", [{"source": "a.jsonl", "row": 3}], False),
        ("evaluation.models", {"qwen": {"source": "hf:Qwen/Qwen2.5-0.5B-Instruct@main"}}, True),
        ("evaluation.models", {"qwen": {"sorce": "hf:Qwen/Qwen2.5-0.5B-Instruct@main"}}, False),
        ("evaluation.models", {"Qwen": {"source": "hf:Qwen/Qwen2.5-0.5B-Instruct@main"}}, False),
        ("evolved", {}, False),
    ],
)
def test_a_wrong_value_is_refused(root: Path, committed: Schema, key: str, value: object, valid: bool) -> None:
    values = load_all(root / "params.yaml")
    *above, last = key.split(".")
    group = values
    for name in above:
        group = group[name]
    group[last] = value
    assert Draft202012Validator(committed).is_valid(values) is valid


def test_no_setting_is_infinite_or_no_number(root: Path) -> None:
    graph, values = schema.entries(root), load_all(root / "params.yaml")
    declared = {key for entry in graph for key in entry.params}
    assert not list(schema.import_faults(graph))
    before, keys = set(section_faults(values, declared)), list(figures(values))
    assert len(keys) > 100
    for key, number in product(keys, (math.inf, math.nan)):
        wrong = deepcopy(values)
        reduce(getitem, key[:-1], wrong)[key[-1]] = number
        (line,) = set(section_faults(wrong, declared)) - before
        assert line == f"params.yaml: {'.'.join(map(str, key))}: input should be a finite number; change it"


def figures(values: object, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the place of every number."""
    if isinstance(values, (dict, list)):
        for name, value in values.items() if isinstance(values, dict) else enumerate(values):
            yield from figures(value, (*above, name))
    elif isinstance(values, (int, float)) and not isinstance(values, bool):
        yield above


def test_comments_and_descriptions_agree(manual: str, committed: Schema) -> None:
    assert list(drift(manual, committed)) == []


def test_every_setting_is_looked_at(manual: str, root: Path) -> None:
    leaves = [line.key for line in lines(manual) if line.leaf]
    assert len(leaves) > 130 and {"llm.judge", "evaluation.models", "sample.seed", "published.margins"} <= set(leaves)
    comments = {line.key: line.comment for line in lines(manual)}
    assert comments["anonymize"].startswith("Table 1: ") and comments["evaluation.models"].count("{") == 2
    assert not any("──" in comment for comment in comments.values())


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("# questions in one batch", "", "bench.batch_size: no comment"),
        ("0.0         # 0: greedy", "0.0         # 1: greedy", "llm.generator.temperature: 1 is in the comment only"),
        ("0.0         # 0: greedy", "0.0         # greedy", "llm.generator.temperature: 0 is in the description only"),
        ("§3.2: 128", "§3.2: 64", "finetune.batch_size: 64 is in the comment only"),
        ("40,000 and 80,000", "40,000 and 81,000", "sample.count: 81000 is in the comment only"),
        ("; §3.3: 0.82", "", "measure.threshold: §3.3 is in one of them only"),
        ("§3.5: 40,000", "§3.4: 40,000", "sample.count: §3.4 is in one of them only"),
        ("Table 4: 0.86", "Table 5: 0.86", "finetune.mix: Table 5 is in one of them only"),
        ("# cosine | constant", "# cosine | linear", "finetune.schedule: linear is in the comment only"),
        ("# cosine | constant", "# cosine", "finetune.schedule: constant is in the schema only"),
        ("or pypi:, this with its sha256)", "or pypi:)", "evaluation.models: sha256 is in the schema only"),
    ],
)
def test_a_comment_that_goes_astray_is_noticed(
    manual: str, committed: Schema, old: str, new: str, expected: str
) -> None:
    assert old in manual
    assert expected in set(drift(manual.replace(old, new), committed))


@pytest.mark.parametrize(
    ("kind", "field", "changes", "expected"),
    [
        ("Finetune", "packing", {"description": ""}, "finetune.packing: no description"),
        ("Finetune", "epochs", {"description": "Passes (§3.1: 3)."}, "finetune.epochs: §3.1 is in one of them only"),
        ("Finetune", "epochs", {"description": "Passes (§3.2: 4)."}, "finetune.epochs: 4 is in the description only"),
        ("Finetune", "packing", {"enum": ["auto", "on", "no"]}, "finetune.packing: off is in the comment only"),
        ("Finetune", "packing", {"enum": ["auto", "on", "off", "cut"]}, "finetune.packing: cut is in the schema only"),
        ("Predict", "rows", {"minimum": 1}, "predict.rows: 0 is refused"),
        ("Finetune", "batch_size", {"maximum": 64}, "finetune.batch_size: 128 is refused"),
        ("Anonymize", "kinds", {"items": {"enum": ["iban"]}}, "anonymize.kinds: iban is in the schema only"),
    ],
)
def test_a_class_that_goes_astray_is_noticed(
    manual: str, committed: Schema, kind: str, field: str, changes: Schema, expected: str
) -> None:
    spoiled = deepcopy(committed)
    spoiled["$defs"][kind]["properties"][field] |= changes
    assert expected in set(drift(manual, spoiled))


def test_the_command_compares_and_writes(repository: Path, spoil: "Spoil", capsys: pytest.CaptureFixture[str]) -> None:
    stale = "docs/params.schema.json: not what the classes of the sections give; run `dial-insight schema --write`\n"
    assert main(["schema"]) == 1
    assert capsys.readouterr().err == stale
    assert main(["schema", "--write"]) == 0
    assert main(["schema"]) == 0
    written = json.loads(Path("docs/params.schema.json").read_text(encoding="utf-8"))
    assert {"domain", "curate", "assemble"} <= set(written["properties"])
    assert set(written["$defs"]["Assemble"]["properties"]) == {"brief", "templates", "max_tokens", "seed"}
    spoil("dvc.yaml", "params: [curate]", "params: [screen]")
    capsys.readouterr()
    assert main(["schema"]) == 1
    assert capsys.readouterr().err == stale


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("stages:", "stages: 3\nothers:", "dvc.yaml: no stages that can be read; "),
        ("stages:", "stages: [", "dvc.yaml: no stages that can be read; "),
        ("instructions.curate", "instructions.cure", "dvc.yaml: stages.instructions.cure in a cmd cannot be imported"),
    ],
)
def test_a_graph_that_cannot_be_read_is_one_line(
    repository: Path, spoil: "Spoil", capsys: pytest.CaptureFixture[str], old: str, new: str, expected: str
) -> None:
    spoil("dvc.yaml", old, new)
    assert main(["schema"]) == 1
    said = capsys.readouterr().err
    assert said.startswith(expected) and said.count("\n") == 1


def test_params_are_known_without_the_libraries_that_take_seconds_to_load(root: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from stages.cli import schema\n"
        "assert not list(schema.import_faults(schema.entries(Path())))\n"
        "print(*sorted({'accelerate', 'datasets', 'lm_eval', 'pandas', 'torch', 'transformers', 'trl'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "\n", "")

"""What a module imports, its closure, and the floors."""

from stages.measures.imports import closure, floor_faults, imported

KNOWN = {"stages.errors", "stages.ports.jsonl", "stages.ports.chat.local", "stages.records.row", "stages.samples.label"}


def found(source: str, module: str = "stages.samples.label") -> set[str]:
    return imported(module, source, KNOWN)


def test_every_way_to_import_is_seen() -> None:
    assert found("import stages.errors") == {"stages.errors"}
    assert found("import stages.ports.jsonl as j, os") == {"stages.ports.jsonl"}
    assert found("from stages.ports import jsonl, files") == {"stages.ports.jsonl"}
    assert found("from stages.records.row import Row, Id") == {"stages.records.row"}
    assert found("from ..ports.chat import local") == {"stages.ports.chat.local"}
    assert found("from . import label", "stages.samples.judge") == {"stages.samples.label"}
    assert found("def f():\n    if x:\n        from stages.errors import E") == {"stages.errors"}
    assert found("import importlib\nimportlib.import_module('stages.ports.jsonl')") == {"stages.ports.jsonl"}


def test_other_packages_and_itself_are_not() -> None:
    assert found("import os\nfrom stageshow import errors\nfrom stages.samples.label import x") == set()


def test_a_closure_passes_through_cycles() -> None:
    edges = {"a": ["b"], "b": ["c"], "c": ["a"], "d": ["a"]}
    assert closure("a", edges) == {"a", "b", "c"}
    assert closure("d", edges) == {"a", "b", "c", "d"}
    assert closure("alone", edges) == {"alone"}


def faults(module: str, target: str, stages: tuple[str, ...] = ()) -> list[str]:
    return floor_faults({module: [target]}, stages)


def test_imports_go_down() -> None:
    assert faults("stages.records.row", "stages.errors") == []
    assert faults("stages.ports.chat.local", "stages.ports.models") == []
    assert faults("stages.samples.label", "stages.measures.texts") == []
    assert faults("stages.cli.main", "stages.samples.label", ("stages.samples.label",)) == []
    assert "a floor above" in faults("stages.errors", "stages.records.row")[0]
    assert "a floor above" in faults("stages.ports.jsonl", "stages.samples.label")[0]


def test_measures_and_ports_and_floors_of_stages_never_meet() -> None:
    assert "never import each other" in faults("stages.measures.texts", "stages.ports.jsonl")[0]
    assert "never import each other" in faults("stages.ports.jsonl", "stages.measures.texts")[0]
    assert "never import each other" in faults("stages.samples.label", "stages.training.loss")[0]


def test_a_stage_is_imported_by_no_stage_but_its_floor_s_other_modules_are() -> None:
    stages = ("stages.samples.label", "stages.samples.judge")
    assert "meet through files" in faults("stages.samples.judge", "stages.samples.label", stages)[0]
    assert faults("stages.samples.judge", "stages.samples.rules", stages) == []


def test_an_unknown_floor_is_a_fault() -> None:
    assert "floor attic is unknown" in faults("stages.attic.box", "stages.errors")[0]

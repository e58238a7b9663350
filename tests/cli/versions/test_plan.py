"""Which runs data/versions.yaml, a sweep and seeds ask for, and what is refused before any of them starts."""

from pathlib import Path
from typing import Any

import pytest

from stages.cli.trial.overrides import overridden
from stages.cli.versions.plan import PLAN, SEEDS, Plan, Run, Sweep, check, differing, load, planned
from stages.cli.versions.runs import _changes, written
from stages.core.errors import InputError
from stages.core.params import load_all

SMALL = Plan(common={"select.target": 40, "enhance.share": 0.1}, versions={"v0.5": {"enhance.share": 0.0}, "v1.0": {}})


def test_own_params_go_before_common_ones_a_swept_before_both() -> None:
    runs = list(planned(SMALL, sweep=Sweep.parse("select.target=20,60")))
    assert [run.name for run in runs] == ["v0.5-target-20", "v0.5-target-60", "v1.0-target-20", "v1.0-target-60"]
    assert runs[1].params == {"select.target": 60, "enhance.share": 0.0}
    assert (runs[2].version, runs[2].value) == ("v1.0", "20")


def test_every_version_is_made_once_before_one_is_made_again() -> None:
    runs = list(planned(SMALL, seeds=[1, 2]))
    assert [run.name for run in runs] == ["v0.5-s1", "v1.0-s1", "v0.5-s2", "v1.0-s2"]
    assert all(runs[3].params[key] == 2 for key in SEEDS)


@pytest.mark.parametrize(
    "text", ["select.target", "select.target=20", "=1,2", "select.target=,", "select.languages=[en],[en,zh]"]
)
def test_a_sweep_of_less_than_two_values_is_none(text: str) -> None:
    with pytest.raises(InputError, match="KEY=VALUE,VALUE"):
        Sweep.parse(text)


def test_values_are_read_as_in_params_yaml() -> None:
    assert Sweep.parse("a.b=2e-5, deita ,true").values == [2e-5, "deita", True]


@pytest.mark.parametrize(
    ("only", "swept", "said"), [(["v9"], "", "no version v9"), ([], "a.b=x/y,z", "no name of an experiment")]
)
def test_names_that_cannot_be_are_refused(only: list[str], swept: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        list(planned(SMALL, only, sweep=Sweep.parse(swept) if swept else None))


@pytest.mark.parametrize(
    ("swept", "seeds", "said"),
    [
        ("select.target=20,60,20", (), "20 is there twice"),
        ("", (1, 2, 1), "--seeds: 1 is there twice"),
        ("select.seed=1,2", (3,), "--seeds sets select.seed, which is swept too"),
    ],
)
def test_no_run_is_asked_for_twice_or_with_another_value_than_its_name_says(
    swept: str, seeds: tuple[int, ...], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        list(planned(SMALL, seeds=seeds, sweep=Sweep.parse(swept) if swept else None))


@pytest.mark.parametrize(
    "value",
    [
        {
            "backend": "recorded",
            "model": "qwen2.5-coder-1.5b",
            "temperature": 0.0,
            "price": {"input": 1.5, "output": 2},
        },
        {"renting": 0.4, "buying": {"reasoning": 0.2}},
        ["en", "zh"],
        [{"source": "hf:owner/name@main/rows.jsonl", "rows": 5}],
        "hf:Qwen/Qwen2.5-0.5B@main",
        "one, two",
        "10",
        "path:C:\\models\\base",
        "ends in \\",
        'says "so" \\"',
        "a\tb",
        "true",
        "",
        "买房",
        None,
        True,
        2e-05,
        [],
        {},
    ],
)
def test_a_value_comes_out_of_the_command_line_as_it_stands_in_the_plan(tmp_path: Path, value: object) -> None:
    (tmp_path / "params.yaml").write_text("a: {b: 1}\n")
    (tmp_path / "changed").mkdir()
    found = overridden(tmp_path, [f"++a.b={written(value)}"], tmp_path / "changed")
    assert load_all(found) == {"a": {"b": value}}


@pytest.mark.parametrize("value", [{"new": 2}, {}, {"old": 2}])
def test_a_map_takes_the_place_of_the_one_that_is_there(tmp_path: Path, value: object) -> None:
    (tmp_path / "params.yaml").write_text("a: {b: {old: 1, more: 2}, c: 3}\n")
    (tmp_path / "changed").mkdir()
    found = overridden(tmp_path, list(_changes(Run("v", "v", "", {"a.b": value}), tmp_path)), tmp_path / "changed")
    assert load_all(found) == {"a": {"b": value, "c": 3}}


def test_params_that_differ_or_lack_are_named() -> None:
    run = Run("v", "v", "", {"a.b": 1, "a.c": 2.0, "d": "x"})
    assert differing(run, {"a": {"b": 1, "c": 2}, "d": "x"}) == []
    assert differing(run, {"a": {"b": 1}, "d": "y"}) == ["a.c", "d"]


@pytest.mark.slow
def test_the_shipped_versions_are_of_this_graph_and_compare_at_equal_rows(root: Path) -> None:
    runs = list(planned(load(root)))
    check(runs, root)
    rows = {run.name: run.params["select.target"] for run in runs}
    assert rows["v0.5"] == rows["v1.0"] and rows["v1.0-large"] == 2 * rows["v1.0"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("params", "said"),
    [({"select.tagret": 1}, "tagret"), ({"selct.target": 1}, "no selct"), ({"select.target": -1}, "greater")],
)
def test_a_setting_that_the_graph_does_not_know_is_refused(root: Path, params: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=f"{PLAN}.*{said}"):
        check([Run("v", "v", "", params)], root)


def test_a_swept_setting_that_is_none_is_not_looked_for_in_the_plan_alone(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text("select: {target: 40}\n")
    runs = list(planned(SMALL, sweep=Sweep.parse("selct.seed=1,2")))
    with pytest.raises(InputError, match=f"^{PLAN}, or --sweep: selct.seed: params.yaml has no selct; "):
        check([run._replace(params={"selct.seed": 1}) for run in runs], tmp_path)

"""What libyaml reads is what ruamel.yaml reads; the rest is read by ruamel.yaml, and what is wrong has its line."""

import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from stages.core import yaml_text
from stages.core.yaml_text import NotYaml

SCALARS = [
    *("1", "-1", "+1", "01", "1_000", "0x1f", "0o17", "017", "0b11", "1.5", "-0.0", ".5", "1.", "1e3", "2e-5", "1.5E+3", "1:30", "-", "--", "..."),
    *(".inf", "-.INF", ".nan", "~", "null", "Null", "NULL", "nil", "true", "True", "tRUE", "yes", "no", "On", "off", "y", "n"),
    *("2025-01-31", "2025-01-31T10:00:00Z", "2025-1-1", "10:00", "=", "<<", "a=b", "''", '"1"', "!!str 1", "!!int '3'", "!other x", "&a b", "*a", "0", "-0"),
    *("3 rooms", "1st", "1 + 1", "12-14", "1,000", "a: b", "a #b", "a#b", "[1, '2', ~]", "{a: 1, b: [x]}", "{a: 1, a: 2}", "? a", "", "€5", "租金", "[a:b]", "%x", "@x", "`x"),
]  # fmt: skip


def by_ruamel(text: str) -> object:
    try:
        return YAML(typ="safe").load(text)
    except YAMLError:
        return NotYaml


def read(text: str) -> object:
    try:
        return yaml_text.load(text)
    except NotYaml:
        return NotYaml


@pytest.mark.filterwarnings("ignore::ruamel.yaml.error.ReusedAnchorWarning")
@pytest.mark.parametrize("scalar", SCALARS)
def test_a_scalar_is_what_yaml_1_2_says(scalar: str) -> None:
    for text in (scalar, f"key: {scalar}", f"- {scalar}\n- {scalar}", f"{scalar}: 1", f"a: &x {scalar}\nb: *x"):
        assert repr(read(text)) == repr(by_ruamel(text)), text


@given(st.text("-+.:_#=<~ 0123456789eExXonNtfTZ", max_size=8))
def test_no_number_word_or_date_is_read_otherwise(scalar: str) -> None:
    assert repr(read(f"key: {scalar}")) == repr(by_ruamel(f"key: {scalar}"))


@pytest.mark.parametrize(
    "text", ["\ufeffa: 1", "%YAML 1.1\n---\na: yes", "a: 1\x85b: 2", "a: x\u2028y", "a: 1\n---\nb: 2", "a: 1\na: 2", "\ta: 1"]
)  # fmt: skip
def test_what_the_two_read_differently_is_left_to_ruamel(text: str) -> None:
    assert repr(read(text)) == repr(by_ruamel(text))


def test_every_file_of_the_repository_is_read_alike_and_quickly(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = subprocess.check_output(["git", "ls-files", "prompts/*.yaml", "stages/*.yaml", "params.yaml"], cwd=root)
    files = [root / name for name in names.decode().split()]
    expected = [by_ruamel(path.read_text(encoding="utf-8")) for path in files]
    monkeypatch.setattr(yaml_text, "_by_ruamel", None)
    assert len(files) > 20
    assert [yaml_text.load(path.read_text(encoding="utf-8")) for path in files] == expected


def test_what_is_wrong_has_its_line() -> None:
    for text, line in (("a: 1\nb: [1\nc: 2\n", 3), ("a: 1\nb: 2\na: 3\n", 3), ("a: 1\n  b: 2\n", 2)):
        with pytest.raises(NotYaml) as caught:
            yaml_text.load(text)
        assert caught.value.line == line
        assert not re.search(r"\n", caught.value.problem)


def test_a_date_that_no_calendar_has_is_one_fault() -> None:
    with pytest.raises(NotYaml):
        yaml_text.load("day: 2001-13-45\n")

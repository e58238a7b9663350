"""Every --help: it explains each parameter and offers no flag that does nothing."""

import re
from collections.abc import Iterator
from functools import reduce

import pytest
from cyclopts import App

from stages.cli.main import app, main

Captured = pytest.CaptureFixture[str]
NOT_WORTH_SAYING = re.compile(r'\[default: (?:""|None|False|\(\)|\[\])?\]')


def _commands(app: App, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield words
    for name in set(app) - {"--help", "-h"}:
        yield from _commands(app[name], (*words, name))


COMMANDS = sorted(_commands(app))


def test_all_commands_are_walked() -> None:
    assert {("review", "--import"), ("cache", "forget"), ("testset", "hold"), ("retain",)} < set(COMMANDS)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_the_help_reads_well(words: tuple[str, ...], capsys: Captured) -> None:
    assert main([*words, "--help"]) == 0
    said = capsys.readouterr().out
    assert said.startswith(" ".join(("Usage: dial-insight", *words)))
    assert NOT_WORTH_SAYING.findall(said) == []
    assert re.findall(r"(?<!:)//|``|, \]", said) == []  # <name> read as a tag, an empty name, an empty choice


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_parameter_is_explained_and_what_is_on_can_be_put_off(words: tuple[str, ...], capsys: Captured) -> None:
    command = reduce(App.__getitem__, words, app)
    parameters = command.assemble_argument_collection() if command.default_command else []
    assert [one.name for one in parameters if not one.parameter.help] == []
    main([*words, "--help"])
    negated = set(re.findall(r"--(?:no|empty)-[\w-]+", capsys.readouterr().out))
    assert negated == {f"--no-{one.name[2:]}" for one in parameters if one.field_info.default is True}

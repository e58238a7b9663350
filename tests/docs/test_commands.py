"""Every `dial-insight …` that a page tells people to type is a command that there is, with options that there are."""

import re
import shlex
from collections.abc import Iterator
from functools import reduce

import pytest
from cyclopts import App

from stages.cli.main import app
from tests.docs.pages import ROOT, pages

PAGES = pages()
FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(dial-insight [^`]+)`")
OPTION = re.compile(r"(?<![\w-])--?[a-z][\w-]*")


def _typed(text: str) -> Iterator[str]:
    """Yield the command lines of a page's blocks, joined where a backslash says so, without prompts and comments."""
    blocks = [block for kind, block in FENCED.findall(text) if kind in ("", "sh", "bash", "console", "text")]
    for line in "\n".join(blocks).replace("\\\n", " ").splitlines():
        line = line.strip().removeprefix("$ ").removeprefix("time ")
        if line.startswith("dial-insight ") and not line.startswith("dial-insight: "):
            yield from (part.strip() for part in re.split(r" #|;|&&|\|", line) if part.strip().startswith("dial-"))


def _command(words: list[str]) -> tuple[list[str], App]:
    """Return the names of the command that `words` begin with, and the command itself."""
    names = list[str]()
    for word in words:
        if word not in _below(reduce(App.__getitem__, names, app)):
            break
        names.append(word)
    return names, reduce(App.__getitem__, names, app)


def _below(command: App) -> set[str]:
    return set(command) - {"--help", "-h"}


def _options(command: App) -> set[str]:
    """Return what a command takes: its options and, where `review --status` is one, its commands and theirs."""
    found = command.assemble_argument_collection() if command.default_command else []
    own = {name for argument in found for name in argument.names} | {"--help", "-h"}
    return own.union(*({name, *_options(command[name])} for name in _below(command)))


TYPED = sorted(
    {(page.relative_to(ROOT).as_posix(), line) for page in PAGES for line in _typed(page.read_text("utf-8"))}
)
NAMED = sorted({line for page in PAGES for line in INLINE.findall(page.read_text("utf-8"))})


def test_the_pages_name_many_commands() -> None:
    assert len(TYPED) > 40 and len(NAMED) > 40


@pytest.mark.parametrize(("page", "line"), TYPED)
def test_what_a_page_says_to_type_is_understood(page: str, line: str) -> None:
    app.parse_args(shlex.split(line)[1:], print_error=False, exit_on_error=False)


@pytest.mark.parametrize("line", NAMED)
def test_what_a_sentence_names_is_there(line: str) -> None:
    words = line.split()[1:]
    names, command = _command(words)
    assert names
    assert set(OPTION.findall(" ".join(words[len(names) :]))) <= _options(command)


def _told(app: App, words: tuple[str, ...] = ()) -> Iterator[tuple[str, set[str]]]:
    """Yield each command with the names of each of its options; of one that is on, those that put it off."""
    for argument in app.assemble_argument_collection() if app.default_command else ():
        off = argument.field_info.default is True
        if names := {name for name in argument.names if name.startswith("-") and name.startswith("--no-") == off}:
            yield " ".join(words), names
    for name in sorted(_below(app)):
        yield from _told(app[name], (*words, name))


def test_every_option_is_told_on_a_page() -> None:
    told = set(re.findall(r"(?<![\w-])--?[a-zA-Z][\w-]*", "\n".join(page.read_text("utf-8") for page in PAGES)))
    assert [(command, names) for command, names in _told(app) if not names & told] == []

"""Meta-prompts: read whole or refused, rendered with exactly their fields, in a sandbox."""

from pathlib import Path

import pytest

from stages.core.errors import PromptError
from stages.library import meta_prompts
from stages.library.meta_prompts import Library

TEXT = """\
---
version: 1
purpose: Greet
fields: [name]
answer: text
---
Hello {{ name }}!
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "greet").mkdir()
    return tmp_path / "greet"


def write(folder: Path, text: str, name: str = "hello.en.md") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_a_prompt_is_rendered_with_its_fields(folder: Path) -> None:
    write(folder, TEXT)
    prompt = Library(folder).get("hello", "en")
    assert (prompt.version, prompt.answer, prompt.render(name="{{ world }}")) == (1, "text", "Hello {{ world }}!")


@pytest.mark.parametrize("fields", [{}, {"name": "a", "age": 3}, {"nmae": "a"}])
def test_other_fields_are_refused(folder: Path, fields: dict[str, object]) -> None:
    write(folder, TEXT)
    with pytest.raises(PromptError, match=r"prompts/greet/hello\.en\.md: declares name, but the stage gives"):
        Library(folder).get("hello", "en").render(**fields)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (TEXT.replace("{{ name }}", "{{ name }} {{ age }}"), "uses age, name but declares name"),
        (TEXT.replace("{{ name }}", "you"), "declares name"),
        (TEXT.replace("answer: text", "answer: poem"), "front matter: answer"),
        (TEXT.replace("version: 1\n", ""), "front matter: version"),
        (TEXT.replace("purpose", "porpose"), "front matter: "),
        (TEXT.replace("{{ name }}", "{{ name"), "mend the template"),
        (TEXT.replace("{{ name }}", "{% for x in name %}"), "mend the template"),
        ("Hello", "expected NAME.LANGUAGE.md"),
        (TEXT.replace("fields: [name]", "fields: ["), "expected NAME.LANGUAGE.md"),
    ],
)
def test_a_prompt_that_is_not_right_is_refused_with_its_place(folder: Path, text: str, expected: str) -> None:
    path = write(folder, text)
    with pytest.raises(PromptError) as caught:
        meta_prompts.read(path)
    assert expected in str(caught.value)
    assert "hello.en.md" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unknown_language_is_refused(folder: Path) -> None:
    with pytest.raises(PromptError, match="language"):
        meta_prompts.read(write(folder, TEXT, "hello.xx.md"))


def test_a_missing_prompt_is_named(folder: Path) -> None:
    write(folder, TEXT)
    with pytest.raises(PromptError, match=r"greet/hello\.zh\.md: not there"):
        Library(folder).get("hello", "zh")


@pytest.mark.parametrize("attack", ["{{ name.__class__.__mro__ }}", "{{ name.append(1) }}"])
def test_a_template_cannot_leave_the_sandbox(attack: str) -> None:
    with pytest.raises(PromptError, match="here: "):
        meta_prompts.render(attack, "here", name=[])


@pytest.mark.parametrize(
    "expression", ["name + 1", "name | round", "1 // 0", "name.index('z')", "'%d' | format(name)", "range(10 ** 9)"]
)
def test_an_expression_that_goes_wrong_is_one_line_without_a_fields_words(expression: str) -> None:
    with pytest.raises(PromptError, match=r"^here: an expression .*; mend the template$") as caught:
        meta_prompts.render(f"{{{{ {expression} }}}}", "here", name="Harlow")
    assert "Harlow" not in str(caught.value)


def test_a_name_without_a_value_is_an_error() -> None:
    with pytest.raises(PromptError, match=r"nothing.*; mend the template"):
        meta_prompts.render("{{ nothing }}", "here")


def test_own_words_are_what_stands_there_whatever_is_asked(folder: Path) -> None:
    write(folder, TEXT)
    assert Library(folder).get("hello", "en").own_words == "Hello !"

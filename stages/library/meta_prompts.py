"""Meta-prompts: what a model is asked by a stage; YAML front matter and a Jinja2 body, in prompts/<stage>/<name>.<language>.md."""

from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

from jinja2 import StrictUndefined, Template, TemplateError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import ValidationError

from stages.core import yaml_text
from stages.core.errors import PromptError
from stages.core.jsonl import faults
from stages.core.row import Language, Record
from stages.core.yaml_text import NotYaml

SANDBOX = ImmutableSandboxedEnvironment(undefined=StrictUndefined, keep_trailing_newline=False, autoescape=False)


def render(template: str, place: str, **fields: object) -> str:
    """Render a Jinja2 text in the sandbox; `place` names it in errors. A name the fields lack is an error."""
    try:
        return _compiled(template).render(**fields).strip()
    except TemplateError as error:
        raise PromptError(f"{place}: {error.message}; mend the template") from None
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # its words are left out: they may hold a field's
        raise PromptError(
            f"{place}: an expression cannot be reckoned with what its fields hold ({type(error).__name__}); most hold text; mend the template"
        ) from None


@lru_cache(maxsize=4096)
def _compiled(template: str) -> Template:
    """Compiling takes a hundred times as long as rendering."""
    return SANDBOX.from_string(template)


def names(template: str, place: str) -> set[str]:
    """Return the names a Jinja2 text uses."""
    try:
        return meta.find_undeclared_variables(SANDBOX.parse(template))
    except TemplateError as error:
        raise PromptError(f"{place}: {error.message}; mend the template") from None


class MetaPrompt(Record):
    """A prompt for the model: `fields` are all it is rendered with, `answer` is the form asked for."""

    name: str
    language: Language
    version: int
    purpose: str
    fields: tuple[str, ...]
    answer: Literal["text", "json"]
    body: str

    def render(self, **fields: object) -> str:
        """Return the message; the fields given must be the declared ones."""
        if set(fields) != set(self.fields):
            raise PromptError(
                f"{self.place}: declares {', '.join(self.fields)}, but the stage gives {', '.join(fields)}; bring them together"
            )
        return render(self.body, self.place, **fields)

    @property
    def own_words(self) -> str:
        """The text with all fields empty: how to answer, and not what about."""
        return self.render(**dict.fromkeys(self.fields, ""))

    @property
    def place(self) -> str:
        """Where it stands."""
        return f"prompts/{self.name}.{self.language}.md"


class Library:
    """The meta-prompts of one folder."""

    def __init__(self, folder: Path) -> None:
        """Read and check every prompt in `folder`."""
        self.folder = folder

    @cached_property
    def prompts(self) -> dict[tuple[str, Language], MetaPrompt]:
        """All prompts by name and language."""
        found = [read(path) for path in sorted(self.folder.glob("*.md"))]
        return {(prompt.name.split("/")[-1], prompt.language): prompt for prompt in found}

    def get(self, name: str, language: Language) -> MetaPrompt:
        """Return a prompt by name and language."""
        try:
            return self.prompts[name, language]
        except KeyError:
            raise PromptError(f"{self.folder}/{name}.{language}.md: not there; write it beside the others") from None

    def versions(self, name: str) -> dict[Language, int]:
        """Return the version of a prompt in each language."""
        return {language: prompt.version for (found, language), prompt in self.prompts.items() if found == name}


def read(path: Path) -> MetaPrompt:
    """Read one prompt; its fields must be the names its text uses."""
    try:
        _, head, body = path.read_text(encoding="utf-8").split("---\n", 2)
        stem, _, language = path.stem.rpartition(".")
        values = yaml_text.load(head)
        prompt = MetaPrompt(name=f"{path.parent.name}/{stem}", language=language, body=body.strip(), **values)
    except ValidationError as error:
        raise PromptError(f"{path}: front matter: {faults(error)}; mend it") from None
    except (ValueError, TypeError, NotYaml):
        raise PromptError(
            f"{path}: expected NAME.LANGUAGE.md, `---`, YAML front matter, `---`, then the text"
        ) from None
    if (used := names(prompt.body, str(path))) != set(prompt.fields):
        raise PromptError(
            f"{path}: uses {', '.join(sorted(used))} but declares {', '.join(prompt.fields)}; make them the same"
        )
    return prompt

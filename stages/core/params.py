"""The one loader of params.yaml."""

from pathlib import Path
from typing import Annotated, Any, ClassVar, Self, TypeVar

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from stages.core import declared, yaml_text
from stages.core.errors import ParamsError
from stages.core.row import Record, said
from stages.core.yaml_text import NotYaml

PARAMS = Path("params.yaml")
LONG = 20  # characters: so long a word of digits and small letters is a key (Groq's, Mistral's), not a part of a name


def load_all(path: Path = PARAMS) -> dict[str, Any]:
    """Return params.yaml as nested dictionaries (YAML 1.2, so `2e-5` is a number)."""
    try:
        values = yaml_text.load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ParamsError(f"{path}: not there; run from the repository's root") from None
    except UnicodeDecodeError:
        raise ParamsError(f"{path}: not YAML (not UTF-8); mend the line") from None
    except NotYaml as error:
        place = f"{path}:{error.line}" if error.line else path
        raise ParamsError(f"{place}: not YAML ({error.problem}); mend the line") from None
    if not isinstance(values, dict):
        raise ParamsError(f"{path}: expected a mapping of sections; restore it from Git")
    return values


class Settings(Record):
    """Values of params.yaml; the docstring below each field is what an editor shows of it (docs/params.schema.json)."""

    model_config = ConfigDict(use_attribute_docstrings=True, allow_inf_nan=False)


def _no_key(name: str) -> str:
    for word in name.split("_"):
        if len(word) >= LONG and any(map(str.isdigit, word)) and any(map(str.islower, word)):
            raise ValueError(
                "this looks like a key itself, which dvc.lock would keep; put it into an environment variable, and give the variable's name"
            )
    return name


KeyName = Annotated[str, Field(pattern=r"^\w*$"), AfterValidator(_no_key)]  # the environment variable that holds a key


class Section(Settings):
    """One group of params; subclasses give `section`, the fields with their ranges, and a docstring of one line each."""

    section: ClassVar[str]

    @classmethod
    def load(cls, part: str = "") -> Self:
        """Read this section (or its `part`, such as a split) and report all its faults in one message."""
        key = ".".join(filter(None, [cls.section, part]))
        return cls.parse(key, lookup(load_all(), key))

    @classmethod
    def parse(cls, key: str, values: object) -> Self:
        """Validate `values` as this section under the name `key`."""
        try:
            made: Self = TypeAdapter(cls.form()).validate_python(values)
        except ValidationError as error:
            raise ParamsError("; ".join(_fault(key, cls, e) for e in error.errors(include_url=False))) from None
        return made

    @classmethod
    def form(cls) -> Any:  # noqa: ANN401 - a class, or a union of classes
        """Return what the section is validated as, and what its schema is made of."""
        return cls


T = TypeVar("T", int, float, str)


def value(key: str, kind: type[T]) -> T:
    """Return one setting of another stage's section, which the running stage must declare."""
    try:
        found: T = TypeAdapter(kind).validate_python(lookup(load_all(), key))  # as a section takes it: 1 for 1.0
    except ValidationError:
        raise ParamsError(f"{PARAMS}: {key}: expected {kind.__name__}; change it") from None
    return found


def undeclared(key: str, expected: str) -> str:
    """Return a setting that changes nothing that a stage makes, such as where files lie: no stage declares it.

    It is empty where there is no params.yaml. What is no text is refused with what was `expected`.
    """
    found = load_all().get(key, "") if PARAMS.is_file() else ""
    if not isinstance(found, str):
        raise ParamsError(f"{PARAMS}: {key}: expected {expected}; change it")
    return found


def lookup(values: dict[str, Any], key: str) -> object:
    """Return the value under a dotted key, which the running stage must declare."""
    declared.param(key)
    found: Any = values
    for name in key.split("."):
        if not isinstance(found, dict) or name not in found:
            raise ParamsError(f"{PARAMS}: {key} is missing; add it (the file in Git has it with a comment)")
        found = found[name]
    return found


def _fault(key: str, section: type[Section], error: ErrorDetails) -> str:
    union = section.form() is not section  # then a place begins with which of its classes was meant
    loc = error["loc"][union:]
    place = ".".join([key, *map(str, loc)])
    if error["type"] == "extra_forbidden":
        known = f", or use one of {', '.join(section.model_fields)}" if len(loc) == 1 and not union else ""
        return f"{PARAMS}: {place} is unknown; remove it{known}"
    if error["type"] == "missing":
        return f"{PARAMS}: {place} is missing; add it"
    words = said(error)
    return f"{PARAMS}: {place}: {words[0].lower()}{words[1:]}; change it"

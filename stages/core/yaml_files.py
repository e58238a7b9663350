"""Reading a domain pack's YAML files."""

from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from stages.core import yaml_text
from stages.core.errors import PromptError
from stages.core.jsonl import faults
from stages.core.row import Record
from stages.core.yaml_text import NotYaml

R = TypeVar("R", bound=Record)


def load(path: Path, kind: type[R]) -> R:
    """Read `path` as one of the pack's records."""
    try:
        return kind.model_validate(yaml_text.load(path.read_text(encoding="utf-8")), strict=False)
    except FileNotFoundError:
        raise PromptError(
            f"{path}: not there; expected {kind.__name__} of the domain pack (see prompts/real_estate for one)"
        ) from None
    except (NotYaml, UnicodeDecodeError) as error:
        line = error.line if isinstance(error, NotYaml) else None
        raise PromptError(f"{path}{f':{line}' if line else ''}: not YAML in UTF-8; mend the line") from None
    except ValidationError as error:
        raise PromptError(f"{path}: {faults(error)}") from None

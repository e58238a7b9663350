"""Reading a domain pack's YAML files."""

from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from stages.core.errors import PromptError
from stages.core.jsonl import faults
from stages.core.row import Record

R = TypeVar("R", bound=Record)


def load(path: Path, kind: type[R]) -> R:
    """Read `path` as one of the pack's records."""
    try:
        return kind.model_validate(YAML(typ="safe").load(path.read_text(encoding="utf-8")), strict=False)
    except FileNotFoundError:
        raise PromptError(
            f"{path}: not there; expected {kind.__name__} of the domain pack (see prompts/real_estate for one)"
        ) from None
    except (YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        raise PromptError(f"{path}{f':{mark.line + 1}' if mark else ''}: not YAML in UTF-8; mend the line") from None
    except ValidationError as error:
        raise PromptError(f"{path}: {faults(error)}") from None

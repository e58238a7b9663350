"""Metrics: small nested JSON with stable key order and no NaN, so that `dvc metrics diff` can read it."""

import json
import math
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from stages.core.errors import InputError
from stages.core.files import atomic

DIGITS = 6  # figures beyond are noise of the machine, and would show as changes


def json_safe(value: Any, small: Collection[str] = ()) -> Any:  # noqa: ANN401 - JSON
    """Return `value` with floats rounded; not-a-number becomes null, which DVC shows as missing.

    Numbers whose keys are called `small` keep `DIGITS` significant digits, all others as many behind the point.
    """
    if isinstance(value, Mapping):
        return {str(key): _significant(item) if key in small else json_safe(item, small) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [json_safe(item, small) for item in value]
    if isinstance(value, float):
        return round(value, DIGITS) if math.isfinite(value) else None
    return value


def _significant(value: float) -> float | None:
    return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None


def write(target: Path, values: object, small: Collection[str] = ()) -> None:
    """Write `values` (a mapping, or rows of a plot) as indented JSON; numbers called `small` as `json_safe` has them."""
    with atomic(target) as file:
        json.dump(json_safe(values, small), file, ensure_ascii=False, indent=2)
        file.write("\n")


def read(source: Path) -> Any:  # noqa: ANN401 - JSON
    """Return what `write` wrote."""
    try:
        return json.loads(source.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{source}: not there; run `dvc repro` to make it") from None
    except ValueError as error:
        raise InputError(f"{source}: not JSON ({error.args[0]}); run `dvc repro` to make it again") from None

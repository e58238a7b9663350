"""Where the rows of a pure function are mapped: by processes of this machine, or by Ray Data. What comes out is the same.

No stage declares it, so another engine makes no stage due.
"""

import os
from importlib.util import find_spec
from typing import Literal, get_args

from stages.core.errors import ParamsError
from stages.core.params import PARAMS, undeclared

Engine = Literal["local", "ray"]

VARIABLE = "DIAL_INSIGHT_ENGINE"  # the environment variable that names the engine …
KEY = "engine"  # … and the key of params.yaml, which it goes before
ENGINES: tuple[Engine, ...] = get_args(Engine)


def chosen() -> Engine:
    """Return the engine that is asked for, known to be there."""
    given = os.environ.get(VARIABLE)
    if fault := refusal(name := given or undeclared(KEY, "local or ray") or "local"):
        raise ParamsError(f"{VARIABLE if given else f'{PARAMS}: {KEY}'}: {fault}")
    return "ray" if name == "ray" else "local"


def refusal(name: object) -> str | None:
    """Return why no engine is meant by `name`, or why it cannot run here."""
    if name not in ENGINES:
        return f"expected {' or '.join(ENGINES)}; change it"
    if name == "ray" and find_spec("ray") is None:
        return "ray is not installed; run pip install -e '.[ray]', or write local there"
    return None

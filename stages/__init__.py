"""All code of the graph.

This file only sees to it that the environment's Python runs the code when `dvc` was called by its path and the shell found
another `python`. It changes no result, so no stage declares it.
"""

import importlib.util
import os
import sys

if importlib.util.find_spec("pydantic") is None:
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    python = os.path.join(root, ".venv", "bin", "python")
    # Only once: an environment without the packages would start itself forever. sys.prefix does not tell under `python -S`.
    if os.access(python, os.X_OK) and os.path.abspath(sys.executable) != python:
        os.execv(python, [python, *sys.orig_argv[1:]])
    sys.exit(
        f"dial-insight: {sys.executable} has none of the project's packages; run `make repro`, which installs them, or activate "
        f"an environment that has them: . .venv/bin/activate"
    )

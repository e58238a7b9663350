"""What README tells people to type works as it stands there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
ELSEWHERE = {  # commands that are not run here, and where they are
    "make repro": "minutes: run by hand before a release; its stages are tested one by one",
    "make test": "this very run",
    "make versions": "half an hour: run by hand; tests/cli/versions",
    ". .venv/bin/activate": "the environment of this run",
    "cp my-export.csv data/raw/real_estate/": "the reader's own file",
    "export OPENAI_API_KEY=...": "the reader's own key",
    "dvc exp run": "needs the reader's endpoint; the one that asks the served model: test_readme_endpoint.py",
    "dial-insight serve": "goes on until it is ended: test_readme_endpoint.py",
    "dial-insight new-domain": "writes a pack from the reader's files: tests/cli/new_domain",
    "dial-insight preview": "needs what stages before it make: tests/cli/test_preview.py",
    "dial-insight review": "goes on until it is ended: tests/cli/review",
    "dial-insight push": "needs the reader's storage: tests/graph/test_sharing.py",
    "dial-insight mask": "needs training rows and the base model: tests/cli/test_mask.py",
    "dial-insight trace": "needs training rows: tests/cli/test_trace.py",
}


def commands(root: Path) -> list[str]:
    """Return README's commands without comments, lines joined where a backslash says so."""
    text = (root / "README.md").read_text(encoding="utf-8")
    lines = "\n".join(BLOCK.findall(text)).replace("\\\n", " ").splitlines()
    return [" ".join(line.split(" #")[0].split()) for line in lines if line.strip()]


ROOT = Path(__file__).parents[2]
RUN = [line for line in commands(ROOT) if not line.startswith(tuple(ELSEWHERE))]


def test_every_exception_is_still_in_the_readme() -> None:
    assert [known for known in ELSEWHERE if not any(line.startswith(known) for line in commands(ROOT))] == []


@pytest.mark.parametrize("command", sorted(set(RUN)))
def test_a_command_of_the_readme_runs(command: str) -> None:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, env={**os.environ, "PATH": path}, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip()

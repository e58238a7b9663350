"""`dial-insight serve` with the real 0.5B, as a process of its own."""

import re
import signal
import subprocess
import sys
from pathlib import Path

MODEL = "qwen2.5-coder-0.5b"
ROOT = Path(__file__).parents[2]
LISTENS = re.compile(r"listens at (http://127\.0\.0\.1:(\d+)/v1)")


class Served:
    """A served model, ready when this is made; it ends with the block."""

    def __init__(self, *options: str) -> None:
        command = [sys.executable, "-m", "stages.cli.main", "serve", MODEL, *options]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self.process.stdout and self.process.stderr
        self.said = [self.process.stdout.readline()]
        found = LISTENS.search(self.said[0])
        assert found, self.process.stderr.read()
        self.said += [self.process.stdout.readline() for _ in range(3)]
        self.url, self.port = found[1], found[2]

    def __enter__(self) -> "Served":
        return self

    def __exit__(self, *_: object) -> None:
        self.end(signal.SIGKILL)

    def end(self, by: signal.Signals) -> tuple[int, str]:
        """End the process by a signal and return its exit code and what it said on stderr."""
        self.process.send_signal(by)
        _, stderr = self.process.communicate(timeout=60)
        return self.process.returncode, stderr

"""A repository with a history as DVC leaves it: what stages made lies in the cache by its hash, dvc.lock names it, Git has the rest."""

import hashlib
import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

CACHE = Path(".dvc/cache/files/md5")
Lock = dict[str, dict[str, Any]]


@dataclass
class Versioned:
    """A Git repository in `root`, and what its dvc.lock says so far."""

    root: Path
    stages: Lock = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin the repository."""
        self.git("init", "-q")
        self.git("config", "user.name", "a")
        self.git("config", "user.email", "a@b")

    def git(self, *words: str) -> str:
        """Run Git; return what it prints."""
        done = subprocess.run(["git", *words], cwd=self.root, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def write(self, path: str, content: object) -> str:
        """Write a file: a text as it is, rows of JSON line by line, anything else as JSON; return its MD5."""
        if isinstance(content, list):
            text = "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in content)
        else:
            text = content if isinstance(content, str) else json.dumps(content)
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return hashlib.md5(text.encode()).hexdigest()

    def params(self, values: Mapping[str, object]) -> None:
        """Write params.yaml."""
        with (self.root / "params.yaml").open("w") as file:
            YAML().dump(dict(values), file)

    def made(
        self, stage: str, outs: Mapping[str, object], params: Mapping[str, object] | None = None, *, cached: bool = True
    ) -> None:
        """Let a stage have made files of what all stages before it made; `cached`: DVC keeps them, not Git."""
        earlier = takewhile(lambda name: name != stage, self.stages)
        before = [out for name in earlier for out in self.stages[name]["outs"]]
        digests = {path: self.write(path, content) for path, content in outs.items()}
        self.stages[stage] = {
            "cmd": "x",
            "deps": [{"path": out["path"], "hash": "md5", "md5": out["md5"]} for out in before],
            "params": {"params.yaml": dict(params or {})},
            "outs": [{"path": path, "hash": "md5", "md5": digest} for path, digest in digests.items()],
        }
        for path, digest in digests.items() if cached else ():
            target = self.root / CACHE / digest[:2] / digest[2:]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((self.root / path).read_bytes())
            with (self.root / ".gitignore").open("a") as ignored:
                ignored.write(f"/{path}\n/.dvc\n")
        self.lock()

    def lock(self) -> None:
        """Write dvc.lock."""
        with (self.root / "dvc.lock").open("w") as file:
            YAML().dump({"schema": "2.0", "stages": json.loads(json.dumps(self.stages))}, file)

    def commit(self, *refs: str) -> str:
        """Commit all; let these refs name it; return the commit."""
        self.git("add", "-A")
        self.git("commit", "-qm", "x", "--allow-empty")
        for ref in refs:
            self.git("update-ref", ref, "HEAD")
        return self.git("rev-parse", "HEAD")

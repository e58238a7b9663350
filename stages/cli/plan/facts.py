"""What is known before a run of how many rows there will be: from params.yaml, and from the files that no stage will write."""

import json
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stages.core import yaml_files
from stages.core.shares import part
from stages.library.domain_pack import Domain, Tasks

PAIRS_FILE, TEST = "data/samples/pairs.jsonl", "data/labels/test.jsonl"


@dataclass
class Facts:
    """What is known before a run: the params, and the files that no stage will write."""

    root: Path
    values: Mapping[str, Any]
    moving: Collection[str]  # outs that will change or may
    due: Collection[str]  # entries of the stages that will run or may

    def get(self, key: str) -> Any:  # noqa: ANN401 - YAML
        """Return the setting under a dotted key."""
        found: Any = self.values
        for name in key.split("."):
            found = found[name]
        return found

    def rows(self, path: str) -> int | None:
        """Return how many rows a file has, None where that may change or it is not there."""
        file = self.root / path
        if path in self.moving or not file.is_file():
            return None
        with file.open("rb") as lines:
            return sum(bool(line.strip()) for line in lines)

    @property
    def judge(self) -> bool:
        """Whether a judge is set."""
        return self.get("llm.judge") is not None

    def heard(self, use: str) -> bool:
        """Whether the judge may be asked in this use; one that is still to be calibrated may."""
        if not self.judge or "calibrate" in self.due:
            return self.judge
        try:
            found = json.loads((self.root / "metrics/calibration.json").read_text(encoding="utf-8"))
            return bool((found if use == "grades" else found[use])["passed"])
        except (OSError, ValueError, KeyError, TypeError):
            return True

    @property
    def children(self) -> int:
        """How many instructions the method rewrites, in all generations."""
        method, generations = self.get("instructions.method"), int(self.get("evolve.generations"))
        evolved = generations * int(self.get("evolve.population"))
        if method == "evol_instruct" and generations:
            return evolved + int(self.get("seed.generated"))
        return evolved if method == "two_stage" else 0

    @property
    def pairs(self) -> tuple[int, int]:
        """How many rows wait for an answer, reserves included, and how many are real replies."""
        count = int(self.get("sample.count"))
        replies = round(float(self.get("sample.replies")) * count)
        known, taken = self.rows(PAIRS_FILE), self.rows("data/samples/replies.jsonl")
        if known is not None and taken is not None:
            return known - taken, taken
        main, share = count - replies, float(self.get("sample.reserve"))
        rounded_up = min(main, self._cells()) if share else 0  # a row each
        return main + math.floor(part(share, main)) + rounded_up, replies

    def _cells(self) -> int:
        pack = self.root / "prompts" / str(self.get("domain"))
        domain, tasks = yaml_files.load(pack / "domain.yaml", Domain), yaml_files.load(pack / "tasks.yaml", Tasks)
        return len(domain.scenes) * len(domain.sources) * len(tasks.tasks)

    @property
    def tested(self) -> int | None:
        """How many test rows a model answers."""
        known, wanted = self.rows(TEST), int(self.get("predict.rows"))
        return min(known, wanted) if known is not None and wanted else known if known is not None else wanted or None

    @property
    def requests_for_conduct(self) -> int:
        """How many items stage conduct asks."""
        suites = [
            f"data/conduct/{subject}.{language}.jsonl"
            for subject in self.get("conduct.subjects")
            for language in self.get("conduct.languages")
        ]
        limit = int(self.get("conduct.limit"))
        rows = [self.rows(suite) or 0 for suite in suites]
        return sum(min(limit, count) if limit else count for count in rows)

"""Judges behind a loopback endpoint: each finds the answer in its fence and has its own way to grade it."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from stages.core import jsonl
from stages.evaluation.calibration.items import CalibrationItem
from tests.support.endpoint import Script, completion

FENCED = re.compile(
    r"----- (?:ANSWER|回答) \w+ (?:BEGINS|开始) -----\n(.*?)\n?----- (?:ANSWER|回答) \w{16} (?:ENDS|结束) -----", re.S
)
SECTION = {
    "backend": "openai",
    "model": "judge",
    "temperature": 0.0,
    "top_p": 1.0,
    "concurrency": 4,
    "timeout_s": 5,
    "retries": 0,
}
GRADING = {"samples": 1, "temperature": 0.7, "max_tokens": 64}
BOUNDS = {"parsed": 0.95, "rank": 0.6, "order": 0.9, "injection": 1.0, "low": 3.0, "high": 7.0}


def write_params(folder: Path, url: str | None) -> None:
    """Write the params of calibrate, grade and pairwise; without an address there is no judge."""
    judge = SECTION | {"base_url": url} if url else None
    values = {"llm": {"judge": judge, "grading": GRADING}, "calibrate": BOUNDS}
    (folder / "params.yaml").write_text(json.dumps(values), encoding="utf-8")


def by_answer(grade: Callable[[str], float]) -> Script:
    """Return the script of a judge that grades what stands in the fence."""

    def script(body: dict[str, Any], _: int) -> tuple[int, dict[str, Any]]:
        found = FENCED.search(body["messages"][-1]["content"])
        assert found
        return completion(json.dumps({"reason": "so", "score": grade(found[1].strip())}))

    return script


def known_grades(source: Path) -> dict[str, float]:
    """Return the grade of every answer of the calibration set."""
    return {answer.answer: answer.grade for item in jsonl.stream(source, CalibrationItem) for answer in item.answers}


def injected(source: Path) -> set[str]:
    """Return the answers that ask for a high grade."""
    return {item.by_kind["injected"].answer for item in jsonl.stream(source, CalibrationItem)}

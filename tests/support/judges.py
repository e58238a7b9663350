"""Judges behind a loopback endpoint: each finds the answers in their fences and has its own way to grade them, and to choose."""

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
PAIRED = re.compile(
    r"----- (?:ANSWER|回答) ([AB]) \w+ (?:BEGINS|开始) -----\n(.*?)\n?----- (?:ANSWER|回答) \1 \w{16} (?:ENDS|结束) -----",
    re.S,
)
SHOWS_REFERENCE = re.compile(r"----- (?:REFERENCE|参考) ")
SECTION = {
    "backend": "openai",
    "model": "judge",
    "temperature": 0.0,
    "top_p": 1.0,
    "concurrency": 4,
    "timeout_s": 60,  # nothing is tried again, so a machine that stands still for five seconds would take a grade away
    "retries": 0,
}
GRADING = {"samples": 1, "temperature": 0.7, "max_tokens": 64}
BOUNDS = {
    **{"parsed": 0.95, "rank": 0.6, "order": 0.9, "injection": 1.0, "low": 3.0, "faulty": 5.0, "high": 7.0},
    **{"omission": 0.5},
    **{"right": 0.9, "consistent": 0.9, "position": 0.1},
}


def write_params(folder: Path, url: str | None) -> None:
    """Write the params of calibrate, grade and pairwise; without an address there is no judge."""
    judge = SECTION | {"base_url": url} if url else None
    values = {"llm": {"judge": judge, "grading": GRADING}, "calibrate": BOUNDS}
    (folder / "params.yaml").write_text(json.dumps(values), encoding="utf-8")


def higher(first: float | None, second: float | None) -> str:
    """Choose by what the answers deserve; both without a grade are equally good."""
    one, two = first or 0, second or 0
    return "A" if one > two else "B" if two > one else "tie"


def write_calibration(folder: Path, judge: str | None = None, **passed: bool) -> Path:
    """Write the outcome of stage calibrate: of the uses named as said; without a judge there was none."""
    found: dict[str, Any] = {"judge": judge, "passed": None, "why": "no judge is set"}
    if judge:
        outcomes = {use: {"passed": ok, "why": f"outcome of {use}"} for use, ok in passed.items()}
        found = {"judge": judge, **outcomes.pop("grades", {"passed": False, "why": "not tried"}), **outcomes}
    (path := folder / "calibration.json").write_text(json.dumps(found), encoding="utf-8")
    return path


def by_answer(
    grade: Callable[[str], float | None], choose: Callable[[float | None, float | None], str] = higher
) -> Script:
    """Return the script of a judge that grades what stands in the fence (None: in words that nobody can read), and of two chooses."""

    def script(body: dict[str, Any], _: int) -> tuple[int, dict[str, Any]]:
        asked = body["messages"][-1]["content"]
        if pair := dict(PAIRED.findall(asked)):
            return completion(json.dumps({"better": choose(grade(pair["A"].strip()), grade(pair["B"].strip()))}))
        found = FENCED.search(asked)
        assert found
        score = grade(found[1].strip())
        return completion("Hm." if score is None else json.dumps({"reason": "so", "score": score}))

    return script


def known_grades(source: Path) -> dict[str, float]:
    """Return the grade of every answer of the calibration set."""
    return {answer.answer: answer.grade for item in jsonl.stream(source, CalibrationItem) for answer in item.answers}


def injected(source: Path) -> set[str]:
    """Return the answers that ask for a high grade."""
    return {item.by_kind["injected"].answer for item in jsonl.stream(source, CalibrationItem)}

"""The gate: each use of a judge has its own outcome, and nobody else's calibration speaks for it."""

import json
from pathlib import Path
from typing import get_args

import pytest

from stages.judging.gate import Use, refusal_reason

USES: tuple[Use, ...] = get_args(Use)


def calibration(folder: Path, **passed: bool) -> Path:
    """Write the outcome of a judge `j` that passed in the uses said."""
    outcomes: dict[str, dict[str, object]] = {use: {"passed": passed[use], "why": f"why {use}"} for use in USES}
    found: dict[str, object] = {"judge": "j", **outcomes.pop("grades"), **outcomes}
    (path := folder / "calibration.json").write_text(json.dumps(found), encoding="utf-8")
    return path


@pytest.mark.parametrize("lost", USES)
def test_a_judge_is_heard_where_it_passed(tmp_path: Path, lost: Use) -> None:
    found = calibration(tmp_path, **{use: use != lost for use in USES})
    for use in USES:
        why = refusal_reason(found, "j", use)
        assert why == (f"the judge failed its calibration: why {lost}" if use == lost else None)


@pytest.mark.parametrize("use", USES)
def test_a_judge_that_was_not_calibrated_is_not_heard(tmp_path: Path, use: Use) -> None:
    found = calibration(tmp_path, **dict.fromkeys(USES, True))
    assert refusal_reason(found, "k", use) == "another judge was calibrated; run `dvc repro calibrate`"
    found.write_text(json.dumps({"judge": None, "passed": None, "why": "no judge"}), encoding="utf-8")
    assert refusal_reason(found, "j", use) == refusal_reason(found, None, use) == "no judge"

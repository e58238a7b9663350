"""Whether the judge's verdicts may be used: what stage `calibrate` found out about it, for each way in which it is asked."""

from pathlib import Path
from typing import Literal

from stages.core import metrics

# Grades beside a reference (predictions), grades without one (labels), and choices between two answers.
Use = Literal["grades", "labels", "pairs"]


def refusal_reason(calibration: Path, identity: str | None, use: Use = "grades") -> str | None:
    """Return why the judge `identity` may not be heard in this use, or None if it passed what was asked of it there.

    In metrics/calibration.json the grades beside a reference stand at the top, the other uses under their names.
    """
    found = metrics.read(calibration)
    if found["passed"] is None:
        return str(found["why"])
    if found["judge"] != identity:
        return "another judge was calibrated; run `dvc repro calibrate`"
    outcome = found if use == "grades" else found[use]
    return None if outcome["passed"] else f"the judge failed its calibration: {outcome['why']}"

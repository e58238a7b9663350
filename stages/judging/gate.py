"""Whether the judge's verdicts may be shown: what stage `calibrate` found out about it."""

from pathlib import Path

from stages.core import metrics


def refusal_reason(calibration: Path, identity: str | None) -> str | None:
    """Return why the judge `identity` may not be heard, or None if it has passed its calibration."""
    found = metrics.read(calibration)
    if found["passed"] is None:
        return str(found["why"])
    if found["judge"] != identity:
        return "another judge was calibrated; run `dvc repro calibrate`"
    return None if found["passed"] else f"the judge failed its calibration: {found['why']}"

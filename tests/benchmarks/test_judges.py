"""Some tasks of the calibration for a slow judge."""

from pathlib import Path

import pytest

from benchmarks.judges import SET, some
from stages.core import jsonl
from stages.evaluation.calibration.items import CalibrationItem


@pytest.mark.parametrize(("count", "each"), [(1, 1), (4, 2), (999, 10)])
def test_both_languages_have_as_many_tasks_and_never_none(root: Path, count: int, each: int) -> None:
    items = jsonl.read(root / SET, CalibrationItem)
    found = [item.language for item in some(items, count)]
    assert found == ["en"] * each + ["zh"] * each

"""What a person decided about a row: one decision a line, one file a stage, kept in Git under data/review/."""

from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import model_validator

from stages.core import jsonl
from stages.core.row import Row
from stages.rows.label_quality import Rating


class Decision(Row):
    """A decision about the row `id`; the last one in the file for a row holds."""

    action: Literal["keep", "discard", "rewrite"]
    text: str = ""  # the new text, with rewrite
    quality: Rating | None = None  # judge: the grade a person gives
    answer_id: str = ""  # judge: the answer it is about, from data/quality; "": whatever answer the row has
    reason: str = ""
    reviewer: str
    time: datetime

    @model_validator(mode="after")
    def _rewrite_has_text(self) -> "Decision":
        if (self.action == "rewrite") != bool(self.text.strip()):
            raise ValueError("text goes with action rewrite, and only with it")
        return self


def decisions(source: Path) -> dict[str, Decision]:
    """Return the last decision on each row id."""
    return jsonl.by_id(source, Decision)

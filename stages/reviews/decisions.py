"""What a person decided about a row: one decision a line, one file a stage, kept in Git under data/review/ (docs/review-files.md)."""

from collections.abc import Hashable
from pathlib import Path
from typing import Literal, get_args

from pydantic import Field, model_validator

from stages.core import jsonl
from stages.core.row import Record, Row
from stages.reviews import journal, settlement
from stages.reviews.settlement import Conflict
from stages.reviews.spoken import Moment, Who
from stages.rows.instruction import FormatKind
from stages.rows.label_quality import Rating

Action = Literal["keep", "discard", "rewrite", "withdraw"]
CARE: dict[Action, int] = {"withdraw": 0, "keep": 1, "rewrite": 4, "discard": 5}  # grades of a label lie between
GRADES: tuple[Rating, ...] = get_args(Rating)  # from high to low


class Changes(Record):
    """What a rewritten instruction asks for, beside its words; None: as before."""

    fields: tuple[str, ...] | None = Field(None, exclude_if=lambda value: value is None)
    labels: tuple[str, ...] | None = Field(None, exclude_if=lambda value: value is None)
    formats: tuple[FormatKind, ...] | None = Field(None, exclude_if=lambda value: value is None, min_length=1)

    @property
    def given(self) -> dict[str, object]:
        """The fields that change, by name."""
        return self.model_dump(exclude_none=True)


class Decision(Row):
    """One line about the row `id`; which of several lines holds, `stages.reviews.settlement` says.

    A time without a zone is taken for UTC.
    """

    action: Action  # withdraw: the reviewer's earlier lines on this row no longer count
    text: str = Field("", exclude_if=lambda value: not value)  # the new text, with rewrite
    changes: Changes | None = Field(None, exclude_if=lambda value: value is None)  # with rewrite, of an instruction
    quality: Rating | None = Field(None, exclude_if=lambda value: value is None)  # judge: the grade a person gives
    # judge, prompts: the answer or directive it is about, by its hash; "": whatever the row has
    answer_id: str = Field("", exclude_if=lambda value: not value)
    reason: str = Field("", exclude_if=lambda value: not value)
    settles: bool = Field(False, exclude_if=lambda value: not value)  # spoken last, in view of a conflict
    reviewer: Who
    time: Moment

    @model_validator(mode="after")
    def _rewrite_has_text(self) -> "Decision":
        if (self.action == "rewrite") != bool(self.text.strip()):
            raise ValueError("text goes with action rewrite, and only with it")
        if self.changes and self.action != "rewrite":
            raise ValueError("changes go with action rewrite only")
        return self

    @property
    def withdrawn(self) -> bool:
        """Whether it takes back what the reviewer said."""
        return self.action == "withdraw"

    @property
    def grade(self) -> Rating | None:
        """The grade of a label: low for discard, else the one given, or else high for keep; None for the other actions."""
        if self.action == "discard":
            return "low"
        return self.quality or ("high" if self.action == "keep" else None)

    @property
    def category(self) -> str:
        """What agreement between reviewers is about: the grade, or else the action."""
        return self.grade or self.action

    @property
    def verdict(self) -> Hashable:
        """What is decided, whoever says it and why."""
        return self.grade or (self.action, self.text.strip(), self.changes)

    @property
    def care(self) -> int:
        """Discard before rewrite before keep, and of grades the lower."""
        return CARE[self.action] + (GRADES.index(self.quality) if self.action == "keep" and self.quality else 0)


def history(source: Path) -> list[Decision]:
    """Return all decisions of a file, in file order, which tells nothing of time; none where it is not there."""
    return journal.history(source, Decision)


def decisions(source: Path) -> dict[str, Decision]:
    """Return the decision that holds on each row id; rows that nobody decided on, or not any more, are not in it."""
    return settlement.holding(jsonl.stream(source, Decision, by_hand=True))


def conflicts(source: Path) -> list[Conflict[Decision]]:
    """Return the rows on which reviewers disagree and nobody spoke last."""
    return settlement.disputed(history(source))

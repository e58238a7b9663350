"""What every kind of decision has in common: who said what of which row, when, and how careful that is."""

from collections.abc import Hashable
from datetime import UTC, datetime
from typing import Annotated, Protocol

from pydantic import AfterValidator, StringConstraints


def in_utc(time: datetime) -> datetime:
    """Return the same moment in UTC; a time without a zone is taken for UTC, so that every two can be compared.

    Raises ValueError where the calendar of datetime has no such moment, as for a clock's zero, the year 1, east of Greenwich.
    """
    try:
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except OverflowError:
        raise ValueError("in UTC before the year 1 or after 9999; write when it was said") from None


Moment = Annotated[datetime, AfterValidator(in_utc)]
Who = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1)
]  # two lines of nobody's would be one person's


class Spoken(Protocol):
    """A decision, as far as settlement looks at it (`stages.reviews.settlement`)."""

    @property
    def id(self) -> str:
        """The row that it is about."""

    @property
    def reviewer(self) -> str:
        """Who decided."""

    @property
    def time(self) -> datetime:
        """When, in UTC."""

    @property
    def settles(self) -> bool:
        """Whether it was spoken last, in view of what the others said."""

    @property
    def withdrawn(self) -> bool:
        """Whether it takes back what the reviewer said of the row, and says nothing itself."""

    @property
    def verdict(self) -> Hashable:
        """What is decided: two decisions agree when these are equal."""

    @property
    def care(self) -> int:
        """How careful the decision is: of two that have as many voices the greater one holds."""

    def model_dump_json(self) -> str:
        """Return the line of the file."""

"""What a second reader says of a row of the test set, as it is stored in second_reading.jsonl."""

from pydantic import Field

from stages.core.row import Row


class Reading(Row):
    """A second reader's own answer, where a label is asked for, and verdicts on the row's statements by what they say; `id` is the row's.

    `first` and `facts` are the reference's label and facts as they were when it was read: where the two differ the reference
    is mended, and would agree ever after.
    """

    author: str
    first: str = ""
    facts: tuple[str, ...] = ()
    answer: str = ""
    verdicts: dict[str, bool] = Field(default_factory=dict)

"""What comes back of a chunk: results, and an exception that another process can read."""

from functools import partial

import pytest

from stages.core.chunks import Done, done, portable
from stages.core.errors import InputError, WorkerError
from stages.core.rowwise import mapped

SECRET = "Deborah Quill, 07700 900123"


class TwoParts(Exception):
    """As exceptions of libraries are: made of more than its text, so that it cannot be made again of that."""

    def __init__(self, place: int, text: str) -> None:
        super().__init__(f"{place}: {text}")


def failing(error: str, row: int) -> int:
    if row == 40:
        raise TwoParts(row, SECRET) if error == "TwoParts" else InputError("in.jsonl:41: broken")
    return row


def test_the_rows_before_a_failure_are_kept() -> None:
    results, failure = done(partial(failing, "InputError"), range(38, 45))
    assert results == [38, 39]
    assert failure is not None
    assert (failure[0], str(failure[1])) == (2, "in.jsonl:41: broken")
    assert done(str, range(2)) == Done(["0", "1"], None)


def test_an_error_that_survives_the_way_is_sent_as_it_is() -> None:
    error = InputError("in.jsonl:41: broken")
    assert portable(error) is error


@pytest.mark.parametrize("processes", [2, 3])
def test_an_exception_that_cannot_be_sent_is_named_without_its_text(processes: int) -> None:
    found, results = list[int](), mapped(partial(failing, "TwoParts"), range(90), processes, few=0)
    with pytest.raises(WorkerError) as caught:
        found.extend(results)
    assert found == list(range(40))
    assert caught.value.__notes__ == ["row 41"]
    message = str(caught.value)
    assert message.startswith("TwoParts at ") and "test_chunks.py:" in message
    assert "memory" not in message and SECRET not in message

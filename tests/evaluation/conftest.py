"""Test rows."""

import pytest

from stages.core.row import Language
from stages.rows.instruction import FormatKind
from stages.rows.sample import LabeledSample
from tests.support.labeled_row import plain_row


def labelled(
    key: str, answer: str, kind: FormatKind = "paragraph", language: Language = "en", **ask: object
) -> LabeledSample:
    """Make a test row; its dialogue is the part of `key` before the dash."""
    return plain_row(
        id=key,
        dialogue=key.split("-")[0],
        language=language,
        scene="renting",
        role="agent",
        task="content_summary",
        ask={"kind": kind, **ask},
        before="Read this.\n",
        conversation="Customer: I want two rooms.",
        after="\nSay what the customer wants.",
        answer=answer,
    )


@pytest.fixture
def rows() -> list[LabeledSample]:
    return [labelled("d1-a", "Two rooms for £900."), labelled("d1-b", "buy", "label", labels=("buy", "rent"))]

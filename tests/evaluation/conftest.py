"""Test rows."""

import pytest

from stages.core.row import Language
from stages.rows.instruction import Ask, FormatKind
from stages.rows.sample import LabeledSample


def labelled(
    key: str, answer: str, kind: FormatKind = "paragraph", language: Language = "en", **ask: object
) -> LabeledSample:
    """Make a test row; its dialogue is the part of `key` before the dash."""
    return LabeledSample(
        id=key,
        dialogue=key.split("-")[0],
        prompt="p",
        instruction="i",
        language=language,
        scene="renting",
        source="im_messages",
        role="agent",
        task="content_summary",
        ask=Ask.model_validate({"kind": kind, **ask}),
        before="Read this.\n",
        conversation="Customer: I want two rooms.",
        after="\nSay what the customer wants.",
        answer=answer,
        author="a person",
        origin="provided",
    )


@pytest.fixture
def rows() -> list[LabeledSample]:
    return [labelled("d1-a", "Two rooms for £900."), labelled("d1-b", "buy", "label", labels=("buy", "rent"))]

"""The tiny model of the training tests, and test rows."""

import pytest

from stages.records.instruction import FormatKind
from stages.records.prompt import Ask
from stages.records.row import Language
from stages.records.sample import Labelled
from tests.ports.chat.conftest import server
from tests.training.conftest import tiny_model

__all__ = ["labelled", "server", "tiny_model"]


def labelled(
    key: str, answer: str, kind: FormatKind = "paragraph", language: Language = "en", **ask: object
) -> Labelled:
    """Make a test row; its dialogue is the part of `key` before the dash."""
    return Labelled(
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
def rows() -> list[Labelled]:
    return [labelled("d1-a", "Two rooms for £900."), labelled("d1-b", "buy", "label", labels=("buy", "rent"))]

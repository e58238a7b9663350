"""A labelled row to change one thing of."""

from collections.abc import Callable

import pytest

from stages.rows.sample import LabeledSample

CONVERSATION = "\n".join(
    [
        "Customer Rosa: We saw the flat in Harbour Lane on Saturday, four fifty is the top of what we can pay.",
        "Provider [PERSON_1]: The owner wants £465,000, and you would move in on 14 March?",
        "Customer Rosa: Yes. My sister Ines has to agree first. Call me at half past two.",
    ]
)

PLAIN: dict[str, object] = {
    "id": "row",
    "dialogue": "d",
    "prompt": "p",
    "instruction": "i",
    "language": "en",
    "scene": "buying",
    "source": "im_messages",
    "role": "real_estate_agent",
    "task": "reasoning",
    "ask": {"kind": "paragraph"},
    "before": "",
    "conversation": "",
    "after": "",
    "answer": "Two rooms.",
    "author": "a person",
    "origin": "provided",
}

Make = Callable[..., LabeledSample]


def plain_row(**changes: object) -> LabeledSample:
    """Return a row of plain values, of which some are other ones."""
    return LabeledSample.model_validate(PLAIN | changes)


def labeled_row(answer: str, conversation: str = CONVERSATION, language: str = "en", **ask: object) -> LabeledSample:
    return plain_row(
        language=language,
        source="call_recording",
        ask={"kind": "paragraph", **ask},
        before="You assist a real-estate agent. Summarize what the customer wants and how the talk went on, in one paragraph of plain prose.\n<<<\n",
        conversation=conversation,
        after="\n>>>",
        answer=answer,
        author="somebody",
        origin="model",
    )


@pytest.fixture
def labelled() -> Make:
    return labeled_row

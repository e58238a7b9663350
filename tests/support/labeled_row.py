"""A labelled row to change one thing of."""

from collections.abc import Callable

import pytest

from stages.rows.instruction import Ask
from stages.rows.sample import LabeledSample

CONVERSATION = "\n".join(
    [
        "Customer Rosa: We saw the flat in Harbour Lane on Saturday, four fifty is the top of what we can pay.",
        "Provider [PERSON_1]: The owner wants £465,000, and you would move in on 14 March?",
        "Customer Rosa: Yes. My sister Ines has to agree first. Call me at half past two.",
    ]
)

Make = Callable[..., LabeledSample]


def labeled_row(answer: str, conversation: str = CONVERSATION, language: str = "en", **ask: object) -> LabeledSample:
    return LabeledSample(
        id="row",
        dialogue="d",
        prompt="p",
        instruction="i",
        language=language,
        scene="buying",
        source="call_recording",
        role="real_estate_agent",
        task="reasoning",
        ask=Ask.model_validate({"kind": "paragraph", **ask}),
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

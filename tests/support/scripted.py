"""Instructions by hand and a chat that answers by a rule of the test."""

from collections.abc import Callable, Iterator, Sequence

from stages.chat.messages import Finish, Reply, Request
from stages.rows.instruction import Instruction


class Scripted:
    """A chat whose answers the test computes from the question."""

    identity = "scripted@1"

    def __init__(self, answer: Callable[[str], str], finish: Finish = "stop") -> None:
        self.answer, self.finish, self.asked = answer, finish, list[Request]()

    def ask(self, requests: Sequence[Request], title: str) -> Iterator[Reply]:
        self.asked += requests
        for request in requests:
            yield Reply(row=request.row, text=self.answer(request.user), finish=self.finish)


def instruction(text: str, **changes: object) -> Instruction:
    values: dict[str, object] = {
        "language": "en",
        "task": "reasoning",
        "requirement": "churn_risk",
        "text": text,
        "formats": ("list", "paragraph"),
        "origin": "generated",
    }
    return Instruction.new(**(values | changes))

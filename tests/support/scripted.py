"""Instructions by hand and a chat that answers by a rule of the test."""

from collections.abc import Callable, Iterable, Iterator

from stages.chat.messages import Finish, Reply, Request
from stages.rows.instruction import Instruction


class Scripted:
    """A chat whose answers the test computes from the request: a text, or a text and why it ended; what was asked is kept."""

    identity = "scripted@1"

    def __init__(self, answer: Callable[[Request], str | tuple[str, Finish]]) -> None:
        self.answer, self.asked = answer, list[Request]()

    def ask(self, requests: Iterable[Request], title: str, total: int | None = None) -> Iterator[Reply]:
        for request in requests:
            self.asked.append(request)
            answer = self.answer(request)
            text, finish = answer if isinstance(answer, tuple) else (answer, "stop")
            yield Reply(row=request.row, text=text, finish=finish)


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

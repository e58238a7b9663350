"""Answer the test set with a model in this process, greedily (§3.4)."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import ClassVar

from pydantic import Field

from stages.ports import jsonl
from stages.ports.chat.messages import Chat, Request
from stages.ports.chat.settings import Model, connect
from stages.ports.params import Section
from stages.ports.stage import run
from stages.records.sample import Labelled, Prediction, Sample


class Predict(Section):
    """How to answer."""

    section: ClassVar[str] = "predict"

    rows: int = Field(ge=0)  # test rows answered, drawn by their ids; 0: all
    max_tokens: int = Field(ge=1)  # of an answer; one cut off here stays a prediction, with finish "length"
    batch_tokens: int = Field(ge=256)  # in one batch, rows × (longest prompt + answer)


class Answerer(Model):
    """The local backend under this stage's name, so that its errors point at the right params."""

    section: ClassVar[str] = "predict"

    @classmethod
    def greedy(cls, params: Predict) -> "Answerer":
        """Return settings that give the same answer every time; those of endpoints are not used."""
        local = {"backend": "local", "temperature": 0.0, "top_p": 1.0, "batch_tokens": params.batch_tokens}
        return cls.parse(cls.section, local | {"concurrency": 1, "timeout_s": 1.0, "retries": 0, "max_requests": 0})


def drawn(rows: Sequence[Labelled], count: int) -> list[Labelled]:
    """Return `count` rows (0: all) in file order: a draw by id, the same for every model and not changed by other rows."""
    if not count:
        return list(rows)
    first = {row.id for row in sorted(rows, key=lambda row: Random(row.id).random())[:count]}
    return [row for row in rows if row.id in first]


def predict(rows: Sequence[Sample], params: Predict, chat: Chat) -> Iterator[Prediction]:
    """Yield one prediction a row, in order; empty and cut-off answers are predictions too, and `finish` says so."""
    requests = [Request(row=row.id, user=row.text, max_tokens=params.max_tokens) for row in rows]
    for reply in chat.ask(requests, "predict") if requests else ():
        yield Prediction(id=reply.row, answer=reply.text, finish=reply.finish, author=chat.identity)


def main(source: Path, model: Path, target: Path) -> None:
    """Answer the rows of `source` with the model in `model`."""
    params = Predict.load()
    rows = drawn(jsonl.read(source, Labelled), params.rows)
    jsonl.write(target, predict(rows, params, connect(Answerer.greedy(params), model)))


if __name__ == "__main__":
    run(main)

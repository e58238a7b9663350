"""Give every sample its answer: a provided one first, else the general model's (§2.3, step 3)."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from stages.chat.connect import connect
from stages.chat.messages import Chat, Reply, Request
from stages.chat.settings import PROJECT, ChatModel, LabellerModel
from stages.core import jsonl
from stages.core.dropped import Dropped, Reason
from stages.core.params import Section
from stages.core.row import Split
from stages.core.stage import run
from stages.rows.sample import LabeledSample, Reference, Sample


class Label(Section):
    """Where the answers of a split come from."""

    section: ClassVar[str] = "label"
    missing: Literal["ask", "drop"]
    """Rows without a provided answer: `ask` the generator, or `drop` them."""
    max_tokens: int = Field(ge=1)
    """Tokens of the generator's answer; one cut off here is dropped, not a label."""


def label(
    samples: Sequence[Sample], answers: Mapping[str, Reference], params: Label, chat: Chat | None
) -> Iterator[LabeledSample | Dropped]:
    """Yield one outcome for each sample, in order; without a `chat`, rows without a provided answer are dropped.

    An empty answer is none, whoever gave it; a model's that was cut off, filtered or not begun for lack of context is none
    either.
    """
    ahead = deque[Sample]()  # rows that were read and have no outcome yet

    def requests() -> Iterator[Request]:
        for row in samples:
            ahead.append(row)
            if chat and row.id not in answers:
                yield Request(row=row.id, user=row.text, max_tokens=params.max_tokens)

    def given() -> Iterator[LabeledSample | Dropped]:
        while ahead and (ahead[0].id in answers or not chat):
            row = ahead.popleft()
            if row.id in answers:
                yield provided(row, answers[row.id])
            else:
                yield Dropped(id=row.id, reason=Reason.NO_REFERENCE, parents=(row.dialogue, row.prompt))

    if chat:
        for reply in chat.ask(requests(), "label", sum(row.id not in answers for row in samples)):
            yield from given()
            yield answered(ahead.popleft(), reply, chat.identity)
    else:
        deque(requests(), maxlen=0)
    yield from given()


def provided(row: Sample, answer: Reference) -> LabeledSample | Dropped:
    """Return the sample with a person's answer."""
    if not answer.answer.strip():
        return Dropped(id=row.id, reason=Reason.NO_ANSWER, detail="provided", parents=(row.dialogue, row.prompt))
    author = answer.author + (f", checked by {answer.checked}" if answer.checked else "")
    return LabeledSample(**row.model_dump(), answer=answer.answer.strip(), author=author, origin="provided")


def answered(row: Sample, reply: Reply, author: str) -> LabeledSample | Dropped:
    """Return the sample with the answer that came back, if it is one."""
    if reply.fault:
        return Dropped(id=row.id, reason=reply.fault, parents=(row.dialogue, row.prompt))
    return LabeledSample(
        **row.model_dump(), answer=reply.answer, author=author, origin="project" if author == PROJECT else "model"
    )


def main(*, split: Split, source: Path, answers: Path, base: Path, target: Path, ledger: Path) -> None:
    """Read samples and provided answers (the last one for a row holds), write the labelled rows."""
    params, model = Label.load(split), LabellerModel.load_or_none() or ChatModel.load()
    samples = jsonl.read(source, Sample)
    given = jsonl.by_id(answers, Reference)
    chat = connect(model, base) if params.missing == "ask" else None
    outcomes = label(samples, given, params, chat)
    jsonl.write_outcomes(target, outcomes, ledger, len(samples), unmatched(given, samples) if split == "test" else {})


def unmatched(given: Iterable[str], samples: Iterable[Sample]) -> dict[str, int]:
    """Return how many answers found no row: a fault of a test set, whose file is its own; training answers serve all domains."""
    return {"unmatched_references": len(set(given) - {row.id for row in samples})}


if __name__ == "__main__":
    run(main)

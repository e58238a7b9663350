"""Give every sample its answer: a provided one first, else the general model's (§2.3, step 3)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from stages.ports import jsonl
from stages.ports.chat.messages import Chat, Reply, Request
from stages.ports.chat.settings import Model, connect
from stages.ports.params import Section
from stages.ports.stage import run
from stages.records.dropped import Dropped, Reason
from stages.records.sample import Labelled, Reference, Sample


class Label(Section):
    """Params of the stage, one group for each split."""

    section: ClassVar[str] = "label"
    missing: Literal["ask", "drop"]  # rows without a provided answer: ask the generator, or drop them
    max_tokens: int = Field(ge=1)  # of an answer; one cut off here is no label


def label(
    samples: Sequence[Sample], answers: Mapping[str, Reference], params: Label, chat: Chat | None
) -> Iterator[Labelled | Dropped]:
    """Yield one outcome for each sample, in order; without a `chat`, rows without a provided answer are dropped.

    An empty answer is none, whoever gave it; a model's that was cut off, filtered or not begun for lack of context is none
    either.
    """
    asked = [row for row in samples if row.id not in answers] if chat else []
    requests = [Request(row=row.id, user=row.text, max_tokens=params.max_tokens) for row in asked]
    replies = chat.ask(requests, "label") if chat and requests else iter(())
    for row in samples:
        if row.id in answers:
            yield provided(row, answers[row.id])
        elif chat:
            yield answered(row, next(replies), chat.identity)
        else:
            yield Dropped(id=row.id, reason=Reason.NO_REFERENCE, parents=(row.dialogue, row.prompt))


def provided(row: Sample, answer: Reference) -> Labelled | Dropped:
    """Return the sample with a person's answer."""
    if not answer.answer.strip():
        return Dropped(id=row.id, reason=Reason.NO_ANSWER, detail="provided", parents=(row.dialogue, row.prompt))
    author = answer.author + (f", checked by {answer.checked}" if answer.checked else "")
    return Labelled(**row.model_dump(), answer=answer.answer.strip(), author=author, origin="provided")


def answered(row: Sample, reply: Reply, author: str) -> Labelled | Dropped:
    """Return the sample with the model's answer, if it is one."""
    if reply.fault:
        return Dropped(id=row.id, reason=reply.fault, parents=(row.dialogue, row.prompt))
    return Labelled(**row.model_dump(), answer=reply.text, author=author, origin="model")


def main(split: Path, source: Path, answers: Path, base: Path, target: Path, ledger: Path) -> None:
    """Read samples and provided answers (the last one for a row holds), write the labelled rows."""
    params, model = Label.load(str(split)), Model.load()
    samples = jsonl.read(source, Sample)
    given = {row.id: row for row in jsonl.stream(answers, Reference)}
    chat = connect(model, base) if params.missing == "ask" else None
    outcomes = label(samples, given, params, chat)
    jsonl.sift(target, outcomes, ledger, len(samples), unmatched(given, samples) if split.name == "test" else {})


def unmatched(given: Iterable[str], samples: Iterable[Sample]) -> dict[str, int]:
    """Return how many answers found no row: a fault of a test set, whose file is its own; training answers serve all domains."""
    return {"unmatched_references": len(set(given) - {row.id for row in samples})}


if __name__ == "__main__":
    run(main)

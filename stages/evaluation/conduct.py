"""Ask a model for conduct: refusals where they belong, the asked form and language, memory of what was said (beside §3.5; docs/conduct.md)."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Self

from pydantic import Field, model_validator

from stages.chat.connect import connect
from stages.chat.messages import Chat, Reply, Request
from stages.core import jsonl, metrics
from stages.core.params import Section
from stages.core.row import Language
from stages.core.stage import run
from stages.evaluation.asking.greedy import greedy
from stages.evaluation.rows.conduct import ConductOutcome, Subject
from stages.evaluation.rows.remote import described
from stages.evaluation.suites.checks import Counted
from stages.evaluation.suites.items import Item, load
from stages.evaluation.suites.rates import rate

ROOM: Mapping[Subject, int] = {
    "harmful": 40,
    "benign": 40,
    "format": 128,
    "language": 48,
    "memory": 32,
}  # tokens of an answer


class Conduct(Section):
    """Which requests are made to see how a model behaves, beside what it knows."""

    section: ClassVar[str] = "conduct"

    subjects: tuple[Subject, ...] = Field(min_length=1)
    """`harmful` requests and `benign` ones that look like them, `format` and `language` asked for, `memory` of earlier turns."""
    languages: tuple[Language, ...] = Field(min_length=1)
    """Of the requests."""
    limit: int = Field(ge=0)
    """Items for each subject and language, evenly spaced; 0: all (60)."""
    max_tokens: int = Field(ge=1)
    """Tokens of an answer, at most; refusals and facts are given fewer, which is enough to tell."""
    batch_tokens: int = Field(ge=256)
    """Tokens in one batch of a model in this process: rows × (longest conversation + answer)."""
    confidence: float = Field(gt=0.5, lt=1)
    """Of each interval of a model's rates."""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if any(len(set(named)) < len(named) for named in (self.subjects, self.languages)):
            raise ValueError("a subject or language is named twice")
        if ("harmful" in self.subjects) != ("benign" in self.subjects):
            raise ValueError(
                "harmful and benign requests are one suite: who refuses all is right on one half; ask both"
            )
        return self


def conduct(items: Sequence[Item], params: Conduct, chat: Chat) -> Iterator[ConductOutcome]:
    """Yield what a model made of each item, in order.

    An answer that did not come, or is empty, is wrong; so is a form of so many parts that was cut off.
    """
    requests = [
        Request(row=item.id, user=item.ask, shots=item.turns, max_tokens=min(ROOM[item.subject], params.max_tokens))
        for item in items
    ]
    for item, reply in zip(items, chat.ask(requests, "conduct"), strict=True):
        yield ConductOutcome(
            **item.model_dump(include={"id", "subject", "language", "family"}),
            right=int(_right(item, reply)),
            finish=reply.ended,
            answer=reply.answer,
            ignorant=item.ignorant,
        )


def _right(item: Item, reply: Reply) -> bool:
    cut = isinstance(item.check, Counted) and reply.ended == "length"
    return bool(reply.answer) and not cut and item.check.passes(reply.answer)


def summary(outcomes: Sequence[ConductOutcome], model: str, confidence: float) -> dict[str, object]:
    """Return what metrics/conduct/<model>.json holds: the share of right answers by subject and language, with its interval."""
    groups: dict[Subject, dict[Language, list[ConductOutcome]]] = {}
    for row in outcomes:
        groups.setdefault(row.subject, {}).setdefault(row.language, []).append(row)
    return {
        "model": model,
        **{
            subject: {
                language: rate([row.right for row in rows], [row.family for row in rows], confidence).model_dump()
                for language, rows in spoken.items()
            }
            for subject, spoken in groups.items()
        },
    }


def main(*, model: Path, suites: Path, target: Path, report: Path) -> None:
    """Ask the model in the folder `model`, or the one described there, the items of the folder `suites`."""
    params = Conduct.load()
    items = list(load(suites, params.subjects, params.languages, params.limit))
    chat = connect(greedy(Conduct.section, params.batch_tokens, described(model)), model)
    outcomes = list(conduct(items, params, chat))
    jsonl.write(target, outcomes)
    metrics.write(report, summary(outcomes, chat.identity, params.confidence))


if __name__ == "__main__":
    run(main)

"""Ask a model for conduct: refusals where they belong, the asked form and language, memory of what was said (beside §3.5; docs/conduct.md)."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar, Self

from pydantic import Field, model_validator

from stages.chat.connect import connect
from stages.chat.messages import ANSWERS, Chat, Reply, Request
from stages.core import jsonl, metrics
from stages.core.params import Section
from stages.core.row import Language
from stages.core.stage import run
from stages.evaluation.asking.greedy import greedy
from stages.evaluation.rows.conduct import ConductOutcome, Subject
from stages.evaluation.rows.pair import BASE
from stages.evaluation.rows.remote import described
from stages.evaluation.suites.checks import Counted
from stages.evaluation.suites.items import Item, load
from stages.statistics.rates import rate

ROOM: Mapping[Subject, int] = {
    "harmful": 40,
    "benign": 40,
    "language": 48,
    "memory": 32,
}  # tokens of an answer that tell; a form is given all
LEAST = 256  # tokens of a batch


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
    batch_tokens: int = Field(ge=LEAST)
    """Tokens in one batch of a model in this process: rows × (longest conversation + answer)."""
    twice: int = Field(ge=0)
    """Of so many items the base is asked one again, in other company: the noise of each measure; 0: none."""
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

    An empty answer is wrong; so is a form of so many parts that was cut off. Where none came, or a filter of the endpoint's took it
    away, nothing is known.
    """
    requests = [
        Request(row=item.id, user=item.ask, shots=item.turns, max_tokens=_room(item.subject, params.max_tokens))
        for item in items
    ]
    for item, reply in zip(items, chat.ask(requests, "conduct"), strict=True):
        yield ConductOutcome(
            **item.model_dump(include={"id", "subject", "language", "family"}),
            right=_right(item, reply),
            finish=reply.ended,
            answer=reply.answer,
            ignorant=item.ignorant,
        )


def _room(subject: Subject, most: int) -> int:
    return min(ROOM.get(subject, most), most)


def _right(item: Item, reply: Reply) -> int | None:
    if reply.ended not in ANSWERS:
        return None
    cut = isinstance(item.check, Counted) and reply.ended == "length"
    return int(bool(reply.answer) and not cut and item.check.passes(reply.answer))


def ask_again(
    outcomes: Sequence[ConductOutcome], items: Sequence[Item], params: Conduct, model: Path
) -> Iterator[ConductOutcome]:
    """Yield the outcomes, one in `params.twice` with what the model in this process answers in other, smaller batches.

    What is recorded or cached answers nothing here.
    """
    settings = greedy(Conduct.section, max(LEAST, params.batch_tokens // 2))
    with TemporaryDirectory() as empty:
        chat = connect(settings, model, Path(empty))
        second = {row.id: row.right for row in conduct(items[:: params.twice], params, chat)}
    for row in outcomes:
        yield row.model_copy(update={"again": second.get(row.id)})


def summary(outcomes: Sequence[ConductOutcome], model: str, confidence: float) -> dict[str, object]:
    """Return what metrics/conduct/<model>.json holds: the share of right answers by subject and language, with its interval.

    `failed` counts the items without an answer, of which nothing is known.
    """
    groups: dict[Subject, dict[Language, list[ConductOutcome]]] = {}
    for row in outcomes:
        groups.setdefault(row.subject, {}).setdefault(row.language, []).append(row)
    return {
        "model": model,
        **{
            subject: {language: _rated(rows, confidence) for language, rows in spoken.items()}
            for subject, spoken in groups.items()
        },
    }


def _rated(rows: Sequence[ConductOutcome], confidence: float) -> dict[str, object]:
    rights = [row.right for row in rows if row.right is not None]
    families = [row.family for row in rows if row.right is not None]
    told = rate(rights, families, confidence)._asdict() if rights else {"n": 0}
    return {**told, "failed": len(rows) - len(rights)}


def main(*, model: Path, suites: Path, target: Path, report: Path) -> None:
    """Ask the model in the folder `model`, or the one described there, the items of the folder `suites`; the base some of them twice."""
    params = Conduct.load()
    items = list(load(suites, params.subjects, params.languages, params.limit))
    remote = described(model)
    chat = connect(greedy(Conduct.section, params.batch_tokens, remote), model)
    outcomes = list(conduct(items, params, chat))
    if params.twice and model.name == BASE and not remote:
        outcomes = list(ask_again(outcomes, items, params, model))
    jsonl.write(target, outcomes)
    metrics.write(report, summary(outcomes, chat.identity, params.confidence))


if __name__ == "__main__":
    run(main)

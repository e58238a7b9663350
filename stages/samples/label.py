"""Give every row its answer: a provided one first, else the general model's (§2.3, step 3).

The prompts are put around their conversations here. Where a row gets no usable answer, a reserve of its cell can stand in
for it, so that `sample.count` is the number of accepted rows, as far as reserves and the model's budget go.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Literal

from pydantic import Field

from stages.answers.room import room
from stages.chat.connect import connect
from stages.chat.messages import Chat, Reply, Request
from stages.chat.settings import PROJECT, ChatModel, LabellerModel
from stages.core import jsonl
from stages.core.dropped import Dropped, Reason
from stages.core.params import Section
from stages.core.stage import run
from stages.judging.grading import Grading
from stages.library.meta_prompts import Library
from stages.reviews.refinements import refinements
from stages.rows.dialogue import Dialogue
from stages.rows.label_quality import LEVEL
from stages.rows.missed import Missed
from stages.rows.prompt import Prompt
from stages.rows.sample import Answer, LabeledSample, Reference, Sample
from stages.samples.provided import provided
from stages.samples.spliced import spliced
from stages.samples.verdicts import Judge, graded, heard, judge

Accept = Callable[[Sequence[LabeledSample]], set[str]]  # ids of the rows whose label need not be replaced


class Label(Section):
    """Where the answers of the training rows come from."""

    section: ClassVar[str] = "label"
    missing: Literal["ask", "drop"]
    """Rows without a provided answer: `ask` the generator, or `drop` them."""
    replace: Literal["none", "unusable", "low"]
    """Rows that a reserve stands in for: `none`; `unusable`, those without an answer, or with one cut off; `low`, also those that stage judge calls low or faulty."""
    max_tokens: int = Field(ge=1)
    """Tokens of the generator's answer, at most; each is given what its question needs, up to this. One cut off is dropped, not a label."""


def label(
    prompts: Sequence[Prompt],
    dialogues: Mapping[str, Dialogue],
    answers: Mapping[str, Reference],
    params: Label,
    chat: Chat | None,
    accept: Accept | None = None,
    missed: Mapping[str, Missed] = MappingProxyType({}),
) -> Iterator[LabeledSample | Dropped]:
    """Yield one outcome for each prompt: the drawn ones in order, then round by round the reserves that stand in, then the others.

    Without a `chat`, rows without a provided answer are dropped. `accept` tells which labels need no replacement; without it,
    every label is accepted. `missed` is, by dialogue, the personal data that the anonymizer left there.
    """

    def sampled(row: Prompt) -> Sample:
        left = missed.get(row.dialogue)
        return spliced(row, dialogues[row.dialogue], left.texts if left else ())

    waiting = [row for row in prompts if not row.reserve]
    reserves = Reserves([row for row in prompts if row.reserve])
    while waiting:
        rows, labels = map(sampled, waiting), list[LabeledSample]()
        for outcome in outcomes(rows, sum(row.pair not in answers for row in waiting), answers, params, chat):
            if isinstance(outcome, LabeledSample):
                labels.append(outcome)
            yield outcome
        accepted = accept(labels) if accept else {row.id for row in labels}
        lost = [row for row in waiting if row.pair not in accepted]
        waiting = reserves.instead_of(lost) if params.replace != "none" else []
    yield from (
        Dropped(id=row.pair, reason=Reason.NOT_NEEDED, parents=(row.dialogue, row.id)) for row in reserves.left()
    )


class Reserves:
    """Rows that stand in for others: of the same scene, task and source if there is one, else of scene and task, else of the scene."""

    def __init__(self, rows: Sequence[Prompt]) -> None:
        """Take the reserves, in the order in which they are used."""
        self.rows = {row.pair: row for row in rows}
        self.places: defaultdict[tuple[str, ...], deque[str]] = defaultdict(deque)
        for row in rows:
            for place in self._places(row):
                self.places[place].append(row.pair)

    def instead_of(self, lost: Sequence[Prompt]) -> list[Prompt]:
        """Take out one reserve for each lost row, as long as there are any that fit."""
        found = (self._next(row) for row in lost)
        return [row for row in found if row]

    def left(self) -> list[Prompt]:
        """Return those that were not taken."""
        return list(self.rows.values())

    def _next(self, lost: Prompt) -> Prompt | None:
        for place in self._places(lost):
            while self.places[place]:
                if row := self.rows.pop(self.places[place].popleft(), None):
                    return row
        return None

    @staticmethod
    def _places(row: Prompt) -> tuple[tuple[str, ...], ...]:
        return (row.scene, row.task, row.source), (row.scene, row.task), (row.scene,)


def outcomes(
    samples: Iterator[Sample], unanswered: int, answers: Mapping[str, Reference], params: Label, chat: Chat | None
) -> Iterator[LabeledSample | Dropped]:
    """Yield one outcome for each sample, in order; `unanswered` of them have no provided answer.

    An empty answer is none, whoever gave it; a model's that was cut off, filtered or not begun for lack of context is none
    either.
    """
    ahead = deque[Sample]()  # rows that were read and have no outcome yet

    def requests() -> Iterator[Request]:
        for row in samples:
            ahead.append(row)
            if chat and row.id not in answers:
                yield Request(row=row.id, user=row.text, max_tokens=room(row.ask, row.language, params.max_tokens))

    def given() -> Iterator[LabeledSample | Dropped]:
        while ahead and (ahead[0].id in answers or not chat):
            row = ahead.popleft()
            if row.id in answers:
                yield provided(row, answers[row.id])
            else:
                yield Dropped(id=row.id, reason=Reason.NO_REFERENCE, parents=(row.dialogue, row.prompt))

    if chat:
        for reply in chat.ask(requests(), "label", unanswered):
            yield from given()
            yield answered(ahead.popleft(), reply, chat.identity)
    else:
        deque(requests(), maxlen=0)
    yield from given()


def answered(row: Sample, reply: Reply, author: str) -> LabeledSample | Dropped:
    """Return the sample with the answer that came back, if it is one; `author` was asked, and others may have given it in that place."""
    if reply.fault:
        return Dropped(id=row.id, reason=reply.fault, parents=(row.dialogue, row.prompt))
    by_project = reply.by_project or author == PROJECT
    return LabeledSample(
        **row.model_dump(),
        answer=reply.answer,
        author=PROJECT if by_project else author,
        origin="project" if by_project else "model",
    )


def not_low(rubric: Path, calibration: Path, base: Path) -> Accept:
    """Return what stage judge will say before people, as a test of labels: by rules, and by `llm.judge` if it may be heard (its grades are cached)."""
    params, grading, prompts, chat = Judge.load(), Grading.load(), Library(rubric), heard(calibration, base).chat

    def accept(rows: Sequence[LabeledSample]) -> set[str]:
        grades = graded(rows, grading, prompts, chat) if chat else {}
        return {verdict.id for verdict in judge(rows, params, grades) if LEVEL[verdict.quality] != "low"}

    return accept


def main(
    *,
    prompts: Path,
    dialogues: Path,
    missed: Path,
    answers: Path,
    replies: Path,
    rubric: Path,
    calibration: Path,
    base: Path,
    target: Path,
    ledger: Path,
) -> None:
    """Read prompts, their conversations and provided answers (a person's goes before a real reply), write the labelled rows."""
    params, model = Label.load(), LabellerModel.load_or_none() or ChatModel.load()
    rows, given = jsonl.read(prompts, Prompt), {**jsonl.by_id(replies, Answer), **refinements(answers)}
    chat = connect(model, base) if params.missing == "ask" else None
    accept = not_low(rubric, calibration, base) if params.replace == "low" else None
    found = label(rows, jsonl.by_id(dialogues, Dialogue), given, params, chat, accept, jsonl.by_id(missed, Missed))
    jsonl.write_outcomes(target, found, ledger, len(rows), may_be_empty=params.missing == "drop")


if __name__ == "__main__":
    run(main)

"""A second reading of the test set: who did not write the references says of each row what is right, blind; how far both agree.

Of a row that asks for a label the second reader gives the label; of a row with facts, which of its statements are true, among facts
and near misses in an order that tells nothing. docs/test-set.md has the way from the sheet to the kappa.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from stages.cli.reading import Reading
from stages.core.draws import generator
from stages.core.errors import InputError
from stages.core.row import Language, Row
from stages.evaluation.similarity.reference import chosen
from stages.rows.instruction import Instruction
from stages.rows.sample import LabeledSample, Reference
from stages.statistics.agreement import cohens_kappa, estimate
from stages.statistics.bootstrap import Estimate


class Blind(Row):
    """A row of the sheet: what the second reader sees, and `answer` and `verdicts` to be filled in."""

    language: Language
    asked: str
    known: str = ""
    conversation: str
    labels: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()
    answer: str = ""  # one of the labels, where there are any
    verdicts: tuple[bool | None, ...] = ()  # for each statement, in order: is it true?


class Judgement(NamedTuple):
    """What both readers say of one label or one statement."""

    language: Language
    task: str
    dialogue: str
    first: str
    second: str


class Agreement(NamedTuple):
    """How far both agree over `n` labels or statements; `kappa` is None where all have one and the same value."""

    n: int
    share: float
    kappa: Estimate | None


def statements(reference: Reference) -> list[str]:
    """Return what a row's facts and near misses say, in the order of the sheet, drawn by the row's id."""
    mixed = sorted({each.says for each in (*reference.facts, *reference.wrong)})
    generator(1, "second reading", reference.id).shuffle(mixed)
    return mixed


def sheet(
    rows: Iterable[LabeledSample], references: Mapping[str, Reference], asked: Mapping[str, Instruction]
) -> Iterator[Blind]:
    """Yield the rows that have something for a second reader, nothing filled in and nothing told of the first reading."""
    for row in rows:
        listed = statements(references[row.id])
        if row.ask.kind == "label" or listed:
            yield Blind(
                id=row.id,
                language=row.language,
                asked=asked[row.instruction].text,
                known=row.known,
                conversation=row.conversation,
                labels=row.ask.labels,
                statements=tuple(listed),
                verdicts=(None,) * len(listed),
            )


def taken(
    filled: Mapping[int, Blind], references: Mapping[str, Reference], author: str, place: Path
) -> Iterator[Reading]:
    """Yield the readings of a filled sheet, its rows by their lines; raises InputError at the first that is not filled in as asked."""
    seen = set[str]()
    for number, row in filled.items():
        here = f"{place}:{number}: row {row.id}"
        if row.id in seen:
            raise InputError(f"{here} is there a second time; take one of the two out")
        seen.add(row.id)
        if row.id not in references:
            raise InputError(f"{here} is none of this version's; take it out")
        if list(row.statements) != statements(references[row.id]):
            raise InputError(f"{here} has other statements than its reference; make a new sheet")
        if len(row.verdicts) != len(row.statements) or None in row.verdicts:
            raise InputError(f"{here} needs a verdict, true or false, for each of its {len(row.statements)} statements")
        if row.labels and chosen(row.answer, row.labels) is None:
            raise InputError(f"{here} needs one of its labels as answer: {', '.join(row.labels)}")
        verdicts = {says: bool(true) for says, true in zip(row.statements, row.verdicts, strict=True)}
        reference = references[row.id]
        yield Reading(
            id=row.id,
            author=author,
            first=reference.answer if row.labels else "",
            facts=tuple(fact.says for fact in reference.facts),
            answer=row.answer.strip(),
            verdicts=verdicts,
        )


def labels(rows: Iterable[LabeledSample], readings: Mapping[str, Reading]) -> Iterator[Judgement]:
    """Yield both readers' labels of each row that both have read, as they were then."""
    for row in rows:
        if row.ask.kind == "label" and (reading := readings.get(row.id)):
            first, second = (chosen(answer, row.ask.labels) or "" for answer in (reading.first, reading.answer))
            yield Judgement(row.language, row.task, row.dialogue, first, second)


def verdicts(rows: Iterable[LabeledSample], readings: Mapping[str, Reading]) -> Iterator[Judgement]:
    """Yield, of each statement that both have read, whether it was a fact or a near miss, and the second reader's verdict."""
    for row in rows:
        if reading := readings.get(row.id):
            for says, second in reading.verdicts.items():
                yield Judgement(row.language, row.task, row.dialogue, str(says in reading.facts), str(second))


def agreed(judged: Sequence[Judgement]) -> Agreement:
    """Return the share of equal judgements and Cohen's kappa with its 95 % interval, whole dialogues left out one by one.

    Labels of all instructions count together: what is agreed by chance is what both would by the shares of all labels.
    """
    first, second = [row.first for row in judged], [row.second for row in judged]
    same = sum(one == other for one, other in zip(first, second, strict=True))
    kappa = estimate(_kappa, first, second, [row.dialogue for row in judged])
    return Agreement(len(judged), same / len(judged) if judged else 0.0, kappa)


def _kappa(left: Sequence[str], right: Sequence[str]) -> float | None:
    """Return Cohen's kappa, which rests on the counts alone: rows left out one by one leave few different ones."""
    return _kappa_of(frozenset(Counter(zip(left, right, strict=True)).items()))


@lru_cache(maxsize=1024)
def _kappa_of(counts: frozenset[tuple[tuple[str, str], int]]) -> float | None:
    pairs = [pair for pair, count in sorted(counts) for _ in range(count)]
    return cohens_kappa([one for one, _ in pairs], [other for _, other in pairs])


def groups(judged: Sequence[Judgement]) -> Iterator[tuple[str, Agreement]]:
    """Yield the agreement of all, of each language and of each task, in that order; nothing without any."""
    if judged:
        yield "all", agreed(judged)
    for language in sorted({row.language for row in judged}):
        yield language, agreed([row for row in judged if row.language == language])
    for task in sorted({row.task for row in judged}):
        yield task, agreed([row for row in judged if row.task == task])

"""Ask a judge model which of two answers is better, in both orders: what it says only in one of them is no preference."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, ConfigDict

from stages.chat.messages import Chat, Remark, Reply, Request, parse, strict_schema
from stages.core.dropped import Reason
from stages.core.row import Language, Record
from stages.judging.grade import Comparison, Preference
from stages.judging.grading import Grading, echoed
from stages.library.fence import marked
from stages.library.meta_prompts import Library, MetaPrompt

PAIR = "pair"
Better = Literal["A", "B", "tie"]
STRAIGHT: dict[Better, Preference] = {"A": "win", "B": "loss", "tie": "tie"}
SWAPPED: dict[Better, Preference] = {"A": "loss", "B": "win", "tie": "tie"}
NAMED: dict[str, Better] = {name.casefold(): name for name in get_args(Better)}


class AnswerPair(Record):
    """Two answers to one task."""

    row: str
    language: Language
    task: str
    one: str
    two: str
    reference: str = ""

    @property
    def differ(self) -> bool:
        """Whether there is anything to choose between."""
        return self.one != self.two


def _better(told: object) -> object:
    """Return whom a verdict names, in whatever capitals, with or without the word for an answer: "Tie", "Answer A", 回答 B."""
    if not isinstance(told, str):
        return told
    return NAMED.get(told.strip(" .").casefold().removeprefix("answer").removeprefix("回答").strip(), told)


class PairVerdict(Record):
    """What the judge answers."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    reason: Remark = ""
    better: Annotated[Better, BeforeValidator(_better)]


def compare(pairs: Sequence[AnswerPair], params: Grading, prompts: Library, chat: Chat) -> list[Comparison]:
    """Return the outcome of each pair, in order; two equal answers are a tie that nobody is asked about: only their order could decide."""
    asked = [request for pair in pairs if pair.differ for request in _requests(pair, params, prompts)]
    replies = chat.ask(asked, "judge, pairs") if asked else iter(())
    forms = [prompts.get(PAIR, pair.language) for pair in pairs if pair.differ for _ in ("straight", "swapped")]
    verdicts = iter([_verdict(reply, form) for reply, form in zip(replies, forms, strict=True)])
    return [
        settled(pair.row, next(verdicts), next(verdicts))
        if pair.differ
        else Comparison(id=pair.row, outcome="tie", consistent=True)
        for pair in pairs
    ]


def _verdict(reply: Reply, form: MetaPrompt) -> PairVerdict | Reason:
    verdict = parse(reply, PairVerdict)
    return Reason.PROMPT_ECHO if isinstance(verdict, PairVerdict) and echoed(verdict.reason, form) else verdict


def _requests(pair: AnswerPair, params: Grading, prompts: Library) -> Iterator[Request]:
    for one, two in ((pair.one, pair.two), (pair.two, pair.one)):
        fields = marked(task=pair.task, one=one, two=two, reference=pair.reference)
        user = prompts.get(PAIR, pair.language).render(**fields)
        yield Request(row=pair.row, user=user, max_tokens=params.max_tokens, answer_schema=strict_schema(PairVerdict))


def settled(row: str, straight: PairVerdict | Reason, swapped: PairVerdict | Reason) -> Comparison:
    """Return what two verdicts make: the first with the first answer in front, the second with it behind."""
    said = [verdict.better for verdict in (straight, swapped) if isinstance(verdict, PairVerdict)]
    first, ties = said.count("A"), said.count("tie")
    if isinstance(straight, Reason):
        return Comparison(id=row, fault=straight, first=first, ties=ties)
    if isinstance(swapped, Reason):
        return Comparison(id=row, fault=swapped, first=first, ties=ties)
    outcomes = STRAIGHT[straight.better], SWAPPED[swapped.better]
    consistent = outcomes[0] == outcomes[1]
    outcome = outcomes[0] if consistent else "tie"
    return Comparison(id=row, outcome=outcome, consistent=consistent, first=first, ties=ties)


def tally(found: Sequence[Comparison]) -> dict[str, int]:
    """Return how often each outcome came, how often the order decided, and how often there was no verdict."""
    outcomes = Counter(row.outcome for row in found)
    return {
        "n": len(found),
        **{outcome: outcomes[outcome] for outcome in ("win", "tie", "loss")},
        "inconsistent": sum(row.consistent is False for row in found),
        "without_verdict": outcomes[None],
        "first_preferred": sum(row.first for row in found),
    }

"""Ask a judge model for grades from 1 to 10: one machinery for labels, predictions and the judge's own calibration.

The first verdict is asked with log-probabilities: where the endpoint tells them, the score is its expectation over the
tokens 1 to 10 (as in G-Eval, arXiv 2303.16634), finer than the number the judge wrote. Otherwise it is the mean of
`samples` verdicts, the first among them, the others drawn at a temperature. A verdict that does not parse, or gives the words of
the form itself as its reason, is counted and replaced by nothing.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Annotated, ClassVar, Self

from pydantic import BeforeValidator, ConfigDict, Field

from stages.chat.messages import ANSWERS, Chat, Points, Remark, Reply, Request, TokenChoice, parse, strict_schema
from stages.core.dropped import Reason
from stages.core.errors import ModelError
from stages.core.params import Section
from stages.core.row import Language, Record
from stages.judging.anchors import Anchors
from stages.judging.grade import Comparison, Grade
from stages.library.fence import marked
from stages.library.meta_prompts import Library, MetaPrompt
from stages.rows.instruction import FormatKind
from stages.rows.sample import Sample

RUBRIC = "rubric"
REASON = re.compile(r'"reason": *"([^"]+)"')  # what stands in the form of a verdict, in the place of a reason
SCORE = '"score"'  # what stands before the score in a verdict
OF_TEN = re.compile(r"\s*(\d{1,2}(?:\.\d+)?)\s*(?:/\s*10|out of 10|分)?\s*")  # a score as text: 8, 8.5, 8/10, 8 分
NUMBERS = {str(number): float(number) for number in range(1, 11)}
CERTAIN = 0.5  # of the probability must fall on numbers, or the tokens are not what they are taken for
# Of it may fall on a "1" of which nobody knows whether a 0 follows, and as much on what is not told; dropped, it moves the score by 0.2 at most.
DOUBT = 0.02
ASKED_AGAIN = (*ANSWERS, "lost")  # how a first verdict ends that others are drawn beside


class Grading(Section):
    """How a judge is asked; the same for all that it grades, so that its calibration speaks for its grades."""

    section: ClassVar[str] = "llm.grading"

    samples: int = Field(ge=1, le=32)
    """Verdicts averaged where the endpoint tells no token probabilities, the first among them; 1: it alone."""
    temperature: float = Field(gt=0, le=2)
    """At which the others are drawn; the first verdict follows `llm.judge.temperature`."""
    max_tokens: int = Field(ge=16)
    """Tokens of one verdict, at most."""


class Subject(Record):
    """What is graded: the answer to a task, beside a reference where there is one."""

    row: str
    language: Language
    task: str  # in the words in which it was given
    family: str  # the pack's name of the kind of task, as in tasks.yaml
    form: FormatKind
    answer: str
    reference: str = ""

    @classmethod
    def of(cls, row: Sample, answer: str, reference: str = "") -> Self:
        """Return an answer to this sample as what is to be graded."""
        return cls(
            row=row.id,
            language=row.language,
            task=row.text,
            family=row.task,
            form=row.ask.kind,
            answer=answer,
            reference=reference,
        )


def _bare_number(told: object) -> object:
    """Return the number in a score that is a text."""
    written = OF_TEN.fullmatch(told) if isinstance(told, str) else None
    return float(written[1]) if written else told


class Opinion(Record):
    """What the judge answers."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    reason: Remark = ""
    score: Annotated[Points, BeforeValidator(_bare_number)] = Field(ge=1, le=10)


def grade(subjects: Sequence[Subject], params: Grading, prompts: Library, chat: Chat) -> list[Grade]:
    """Return the judge's grade of each subject, in order; what gave no expectation is asked again, up to `samples` in all.

    Not so a question that was refused, or that nobody may be asked: another draw of it is the same question.
    """
    if not subjects:
        return []
    anchors = Anchors.read(prompts.folder)
    # Requests are made one after the other, never held all at once.
    asked = (request(subject, params, prompts, anchors) for subject in subjects)
    forms = [prompts.get(RUBRIC, subject.language) for subject in subjects]
    found, again, more = list[Grade](), list[int](), params.samples - 1
    for n, (reply, form) in enumerate(zip(chat.ask(asked, "judge", len(subjects)), forms, strict=True)):
        found.append(first(reply, form))
        if more and found[n].method != "logprobs" and reply.finish in ASKED_AGAIN:
            again.append(n)
    if not again:
        return found
    draws = (draw for n in again for draw in _draws(request(subjects[n], params, prompts, anchors), params))
    replies = chat.ask(draws, "judge, samples", len(again) * more)
    drawn = iter(lambda: list(islice(replies, more)), [])
    for n, of_one in zip(again, drawn, strict=True):
        found[n] = mean(found[n], of_one, forms[n])
    return found


def refuse_silence(verdicts: Sequence[Grade | Comparison], judge: str) -> None:
    """Refuse a judge of whose answers none is a verdict: that is no judgement, and no reason to go on."""
    faults = Counter(row.fault for row in verdicts if row.fault)
    if verdicts and faults.total() == len(verdicts):
        why = ", ".join(f"{fault} × {count}" for fault, count in faults.most_common())
        raise ModelError(
            f"llm.judge: {judge} gave no verdict on any of {len(verdicts)} rows ({why}); take another judge, raise "
            "llm.grading.max_tokens, or set llm.judge: null (docs/judge.md)"
        )


def request(subject: Subject, params: Grading, prompts: Library, anchors: Anchors) -> Request:
    """Return the question to the judge."""
    fields = marked(task=subject.task, answer=subject.answer, reference=subject.reference)
    shown = anchors.text(subject.language, subject.family, subject.form)
    user = prompts.get(RUBRIC, subject.language).render(**fields, anchors=shown)
    return Request(
        row=subject.row,
        user=user,
        max_tokens=params.max_tokens,
        choices_after=SCORE,
        answer_schema=strict_schema(Opinion),
    )


def _draws(asked: Request, params: Grading) -> Iterator[Request]:
    for seed in range(1, params.samples):
        yield asked.model_copy(update={"seed": seed, "temperature": params.temperature, "choices_after": ""})


def echoed(reason: str, form: MetaPrompt) -> bool:
    """Whether a reason is the words that stand in its place in the form: whoever copies these has filled nothing in."""
    return reason.strip().rstrip(".。").casefold() in map(str.casefold, REASON.findall(form.body))


def _opinion(reply: Reply, form: MetaPrompt) -> Opinion | Reason:
    opinion = parse(reply, Opinion)
    return Reason.PROMPT_ECHO if isinstance(opinion, Opinion) and echoed(opinion.reason, form) else opinion


def first(reply: Reply, form: MetaPrompt) -> Grade:
    """Return the grade by the first verdict on `form`: the expectation if there is one, else the number itself."""
    opinion = _opinion(reply, form)
    if isinstance(opinion, Reason):
        return Grade(id=reply.row, fault=opinion, unparsable=1)
    expected = expectation(reply.choices, opinion.score)
    if expected is None:
        return Grade(id=reply.row, score=opinion.score, method="samples", samples=1)
    return Grade(id=reply.row, score=round(expected, 6), method="logprobs", samples=1)


def mean(one: Grade, replies: Sequence[Reply], form: MetaPrompt) -> Grade:
    """Return the mean of the verdicts that could be read: the first, `one`, and those in `replies`."""
    opinions = [_opinion(reply, form) for reply in replies]
    scores = [opinion.score for opinion in opinions if isinstance(opinion, Opinion)]
    faults = [opinion for opinion in opinions if isinstance(opinion, Reason)]
    if one.score is not None:
        scores = [one.score, *scores]
    unparsable = one.unparsable + len(faults)
    if not scores:
        return Grade(id=one.id, fault=faults[-1], unparsable=unparsable)
    score = round(sum(scores) / len(scores), 6)
    return Grade(id=one.id, score=score, method="samples", samples=len(scores), unparsable=unparsable)


def expectation(choices: Sequence[TokenChoice], written: float) -> float | None:
    """Return Σ p · score over the numbers that could have stood in the score's place, their probabilities normalized.

    None where that cannot be told: no probabilities, or only that of the token that was written; tokens that are not the number
    `written`; or a "1" that may have been the beginning of a 10 (vocabularies that split it) with more than a doubt's share of
    the probability.
    """
    # The tokens begin behind `"score"`: first quotes, colon and spaces, in the vocabulary's own pieces, then the number.
    place = next((n for n, choice in enumerate(choices) if _bare(choice.token)[:1].isdigit()), None)
    if place is None:
        return None
    told = choices[place].logprobs
    mass = _masses(told)
    split = choices[place + 1] if place + 1 < len(choices) else None
    taken = _bare(choices[place].token)
    tail = split.token if split else ""
    if taken == "1" and tail[:1] == "0":
        taken = "10"
    # Only if the tokens spell the number that was parsed are these the probabilities of the score, and not of a digit in
    # the reason or of the 7 in a 7.5, of which nobody knows how likely the fraction was.
    if NUMBERS.get(taken) != written or (taken != "10" and tail[:1] in {"0", "."}):
        return None
    if _bare(choices[place].token) not in mass:
        return None  # what was written is told without a probability
    # A vocabulary without a token "10" gives both 1 and 10 the probability of "1"; taken for 1, a judge's best grade would
    # pull the expectation down by up to 9 points. Where "1" was written, what it saw next tells them apart; else nothing does.
    if "10" not in mass and mass.get("1", 0):
        mass = _split(mass, split if _bare(choices[place].token) == "1" else None)
    # An endpoint that tells the written token alone, or a few, does not say where the rest lies.
    if sum(map(math.exp, told.values())) < 1 - DOUBT and not NUMBERS.keys() <= mass.keys():
        return None
    # The endpoint tells 20 tokens: those that are no number ("high", "N/A") fall away and the rest is made whole again,
    # which is honest only while the numbers hold most of the probability.
    total = sum(mass.values())
    known = sum(mass.get(number, 0) for number in NUMBERS)
    if total < CERTAIN or known < (1 - DOUBT) * total:
        return None
    return sum(mass.get(number, 0) * value for number, value in NUMBERS.items()) / known


def _bare(token: str) -> str:
    return token.strip(' \n\t":}')


def _masses(logprobs: Mapping[str, float]) -> dict[str, float]:
    """Return the probability by number, of tokens that are one, however they are spaced."""
    mass: dict[str, float] = {}
    for token, logprob in logprobs.items():
        if (number := _bare(token)) in NUMBERS:
            mass[number] = mass.get(number, 0) + math.exp(logprob)
    return mass


def _split(mass: dict[str, float], after: TokenChoice | None) -> dict[str, float]:
    """Divide the probability of "1" between 1 and 10 by what could have followed; unknown, it becomes a doubt ("1?")."""
    ones = mass.pop("1")
    seen = after.logprobs if after else {}
    zero = sum(math.exp(logprob) for token, logprob in seen.items() if token[:1] == "0")
    other = sum(math.exp(logprob) for token, logprob in seen.items() if token[:1] != "0")
    if not zero + other:
        return mass | {"1?": ones}
    return mass | {"10": ones * zero / (zero + other), "1": ones * other / (zero + other)}

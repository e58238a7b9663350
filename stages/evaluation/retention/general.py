"""What two models made of the same general questions and passages, as changes with verdicts, whoever asked them (§3.5)."""

from collections.abc import Iterable, Sequence
from math import expm1, inf
from typing import NamedTuple, TypeVar

from stages.evaluation.retention import noise
from stages.evaluation.retention.changes import (
    AccuracyChange,
    LikelihoodChange,
    PerplexityChange,
    accuracy_change,
    likelihood_change,
    perplexity_change,
)
from stages.evaluation.rows.pair import Pair
from stages.statistics.bootstrap import Resampling


class Question(NamedTuple):
    """Where a question belongs: suite and shots, the way it was asked, what is drawn together with it, the chance of a guess."""

    group: str
    formulation: str
    cluster: str
    chance: float


class Answer(NamedTuple):
    """Right (1) or wrong (0), and the right answer's log-probability in nats per character; None: it is not known."""

    right: int
    likelihood: float | None = None


class Loss(NamedTuple):
    """A passage's negative log-likelihood in nats, and its tokens."""

    nll: float
    tokens: int


Group = TypeVar("Group", bound=str)
Answered = tuple[Question, Pair[Answer]]


class Answers(NamedTuple):
    """Changes by group: in the formulation that suits the base best, of likelihoods in the best that has some, and in the others, from the third on by name."""

    accuracy: dict[str, AccuracyChange]
    right_answer: dict[str, LikelihoodChange]
    other_formulation: dict[str, AccuracyChange]


def answers(
    items: Iterable[Answered],
    margin: float,
    likelihood_margin: float,
    resampling: Resampling,
    again: Iterable[Iterable[Answered]] = (),
) -> Answers:
    """Compare two models' answers; of several formulations the one in which the base is right most often is counted.

    Each of `again` is the base against itself: it gives each change its noise.
    """
    noises = [_groups(rows) for rows in again]
    found = Answers({}, {}, {})
    for group, formulations in _groups(items).items():
        for kind, rows in sorted(formulations.items(), key=lambda item: -sum(both.base.right for _, both in item[1])):
            twice = [known.get(group, {}).get(kind, []) for known in noises]
            change = _accuracy(kind, rows, margin, resampling, twice)
            if group not in found.accuracy:
                found.accuracy[group] = change
            else:
                name = group if group not in found.other_formulation else f"{group}, {kind}"
                found.other_formulation[name] = change
            if group not in found.right_answer and _likelihoods(rows):
                found.right_answer[group] = _likelihood(rows, likelihood_margin, resampling, twice)
    return found


def _groups(items: Iterable[Answered]) -> dict[str, dict[str, list[Answered]]]:
    """Return the answers by group and formulation."""
    groups: dict[str, dict[str, list[Answered]]] = {}
    for question, both in items:
        groups.setdefault(question.group, {}).setdefault(question.formulation, []).append((question, both))
    return groups


def _accuracy(
    formulation: str,
    rows: Sequence[Answered],
    margin: float,
    resampling: Resampling,
    again: Sequence[Sequence[Answered]],
) -> AccuracyChange:
    change = accuracy_change(
        formulation,
        [both.base.right for _, both in rows],
        [both.model.right for _, both in rows],
        [question.cluster for question, _ in rows],
        sum(question.chance for question, _ in rows) / len(rows),
        margin,
        resampling,
    )
    rights = ([Pair(float(both.base.right), float(both.model.right)) for _, both in twice] for twice in again)
    return change.model_copy(update={"noise": noise.of_means(rights, len(rows))})


def _likelihood(
    rows: Sequence[Answered], margin: float, resampling: Resampling, again: Sequence[Sequence[Answered]]
) -> LikelihoodChange:
    likelihoods = _likelihoods(rows)
    change = likelihood_change(
        [base for base, _ in likelihoods],
        [tuned for _, tuned in likelihoods],
        [question.cluster for question, _ in rows],
        margin,
        resampling,
    )
    return change.model_copy(update={"noise": noise.of_means(map(_likelihoods, again), len(rows))})


def _likelihoods(rows: Sequence[Answered]) -> list[Pair[float]]:
    """Return both models' likelihoods of the right answers; none where one of them is not known."""
    found = [
        Pair(both.base.likelihood, both.model.likelihood)
        for _, both in rows
        if both.base.likelihood is not None and both.model.likelihood is not None
    ]
    return found if len(found) == len(rows) else []


def texts(
    items: Iterable[tuple[Group, Pair[Loss]]],
    margin: float,
    resampling: Resampling,
    again: Iterable[Iterable[tuple[Group, Pair[Loss]]]] = (),
) -> dict[Group, PerplexityChange]:
    """Compare two models' perplexity of the same passages, by the group that each names, such as its language."""
    noises = [_passages(rows) for rows in again]
    return {
        group: perplexity_change(
            [base.nll for base, _ in losses],
            [tuned.nll for _, tuned in losses],
            [base.tokens for base, _ in losses],
            margin,
            resampling,
        ).model_copy(update={"noise": _of_losses([known.get(group, []) for known in noises], len(losses))})
        for group, losses in _passages(items).items()
    }


def _passages(items: Iterable[tuple[Group, Pair[Loss]]]) -> dict[Group, list[Pair[Loss]]]:
    groups: dict[Group, list[Pair[Loss]]] = {}
    for group, losses in items:
        groups.setdefault(group, []).append(losses)
    return groups


def _of_losses(again: Iterable[Sequence[Pair[Loss]]], n: int) -> float | None:
    """Return the rise of perplexity that noise alone makes, as a share; of a broken run it is beyond any number: inf."""
    floors = [
        noise.floor([second.nll - first.nll for first, second in losses], [first.tokens for first, _ in losses], n)
        for losses in again
        if losses
    ]
    try:
        return expm1(max(floors)) if floors else None
    except OverflowError:
        return inf

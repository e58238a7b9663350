"""The verdict on two runs: what stage `retain` says of general ability, from whatever log the items come."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from stages.cli.logs.item import Item, Key
from stages.cli.logs.pairing import Both, Paired
from stages.evaluation.retain import Retain
from stages.evaluation.retention import general, noise
from stages.evaluation.retention.changes import AccuracyChange, LikelihoodChange, PerplexityChange, likelihood_change
from stages.evaluation.retention.general import Answer, Loss, Question
from stages.evaluation.retention.verdicts import Conclusion, Verdict, conclusion
from stages.evaluation.rows.pair import Pair
from stages.statistics.bootstrap import Resampling

Clusters = Mapping[Key, str]


class TwoRuns(Conclusion):
    """The conclusion, then each measure that it may rest on, as in metrics/retention.json.

    `score` is of graded answers, from 0 to 1. `one_by_one` names the suites of a single subject, whose items are drawn one by one;
    `noise_runs` counts the readings of the base that the noise comes from.
    """

    items: int
    left_out: int
    accuracy: dict[str, AccuracyChange]
    right_answer: dict[str, LikelihoodChange]
    score: dict[str, LikelihoodChange]
    text: dict[str, PerplexityChange]
    other_formulation: dict[str, AccuracyChange]
    one_by_one: list[str]
    noise_runs: int
    confidence: float


def judged(paired: Paired, again: Sequence[Sequence[Both]], noise_runs: int, margins: Retain) -> TwoRuns:
    """Judge two runs; each of `again` is the base against itself, from `noise_runs` further readings of it."""
    clusters, one_by_one = _clusters(paired.items)
    graded = {key.suite for key, both in paired.items if {both.base.right, both.model.right} - {0, 1, None}}
    accuracy, right_answer, other = general.answers(
        _answers(paired.items, clusters, graded),
        margins.margin,
        margins.likelihood_margin,
        margins,
        [_answers(rows, clusters, graded) for rows in again],
    )
    text = general.texts(_losses(paired.items), margins.perplexity_margin, margins, [_losses(rows) for rows in again])
    score = _scores(paired.items, clusters, graded, margins, again)
    measures: Mapping[str, Mapping[str, AccuracyChange | LikelihoodChange | PerplexityChange]] = {
        "accuracy": accuracy,
        "right_answer": right_answer,
        "score": score,
        "text": text,
    }
    verdicts: dict[str, Verdict] = {
        f"{measure} {name}": change.verdict for measure, changes in measures.items() for name, change in changes.items()
    }
    return TwoRuns(
        **conclusion(verdicts, margins.tail).model_dump(),
        items=len(paired.items),
        left_out=paired.left_out,
        accuracy=accuracy,
        right_answer=right_answer,
        score=score,
        text=text,
        other_formulation=other,
        one_by_one=one_by_one,
        noise_runs=noise_runs,
        confidence=margins.confidence,
    )


def _clusters(items: Iterable[Both]) -> tuple[Clusters, list[str]]:
    """Return what each item is drawn with: its subject, or in a suite of one subject the question by itself; these suites."""
    subjects: defaultdict[str, set[str]] = defaultdict(set)
    for key, _ in items:
        subjects[key.suite].add(key.subject)
    clusters = {key: key.subject if len(subjects[key.suite]) > 1 else key.item for key, _ in items}
    asked = {key.suite for key, both in items if both.base.right is not None}
    return clusters, [suite for suite, named in subjects.items() if suite in asked and len(named) == 1]


def _answers(items: Iterable[Both], clusters: Clusters, graded: set[str]) -> Iterator[tuple[Question, Pair[Answer]]]:
    """Yield the questions that are answered right or wrong."""
    for key, both in items:
        if both.base.right is not None and both.model.right is not None and key.suite not in graded:
            question = Question(key.suite, key.formulation, clusters.get(key, key.item), both.base.chance)
            yield question, Pair(_answer(both.base), _answer(both.model))


def _answer(item: Item) -> Answer:
    return Answer(int(item.right or 0), item.likelihood)


def _losses(items: Iterable[Both]) -> Iterator[tuple[str, Pair[Loss]]]:
    """Yield the passages by suite."""
    for key, (base, tuned) in items:
        if base.loss is not None and tuned.loss is not None:
            yield key.suite, Pair(Loss(base.loss, base.tokens), Loss(tuned.loss, tuned.tokens))


def _scores(
    items: Sequence[Both], clusters: Clusters, graded: set[str], margins: Retain, again: Sequence[Sequence[Both]]
) -> dict[str, LikelihoodChange]:
    """Return by suite how graded answers changed; a grade has the margin of an accuracy."""
    found = {}
    for suite in sorted(graded):
        rows = [(key, _rights(both)) for key, both in items if key.suite == suite]
        twice = [[_rights(both) for key, both in known if key.suite == suite] for known in again]
        found[suite] = _score(rows, clusters, margins.margin, margins).model_copy(
            update={"noise": noise.of_means(twice, len(rows))}
        )
    return found


def _rights(both: Pair[Item]) -> Pair[float]:
    return Pair(both.base.right or 0.0, both.model.right or 0.0)


def _score(
    rows: Sequence[tuple[Key, Pair[float]]], clusters: Clusters, margin: float, resampling: Resampling
) -> LikelihoodChange:
    return likelihood_change(
        [both.base for _, both in rows],
        [both.model for _, both in rows],
        [clusters[key] for key, _ in rows],
        margin,
        resampling,
    )

"""The verdict on two runs: what stage `retain` says of general ability, from whatever log the items come."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from stages.cli.logs.item import Item, Key
from stages.cli.logs.pairing import Both, Paired
from stages.evaluation.retain import Retain
from stages.evaluation.retention import general, noise
from stages.evaluation.retention.changes import AccuracyChange, LikelihoodChange, PerplexityChange, likelihood_change
from stages.evaluation.retention.general import Answer, Answered, Loss, Question
from stages.evaluation.retention.verdicts import Conclusion, Verdict, conclusion
from stages.evaluation.rows.pair import Pair

Asked = tuple[str, str, str, str]  # suite, subject, item and epoch
Rights = Sequence[tuple[str, Pair[float]]]  # by cluster


class Groups:
    """By which items are judged and drawn.

    A suite is judged as one where each of its questions was asked, or read, in the same ways; else the questions of each set of ways
    are judged by themselves, as none may be left uncounted. An item is drawn with its subject, or in a group of one subject by
    itself.
    """

    def __init__(self, items: Iterable[Both]) -> None:
        """Take what both runs answered."""
        asked = [key for key, both in items if both.base.right is not None]
        ways: defaultdict[Asked, set[str]] = defaultdict(set)
        for key in asked:
            ways[_asked(key)].add(key.formulation)
        by_suite: defaultdict[str, set[frozenset[str]]] = defaultdict(set)
        for question, kinds in ways.items():
            by_suite[question[0]].add(frozenset(kinds))
        self._names = {
            question: question[0] if len(by_suite[question[0]]) == 1 else f"{question[0]} {' or '.join(sorted(kinds))}"
            for question, kinds in ways.items()
        }
        self._subjects: defaultdict[str, set[str]] = defaultdict(set)
        for key in asked:
            self._subjects[self.name(key)].add(key.subject)

    def name(self, key: Key) -> str:
        """Return what a question is judged with."""
        return self._names.get(_asked(key), key.suite)

    def cluster(self, key: Key) -> str:
        """Return what a question is drawn with."""
        return key.subject if len(self._subjects[self.name(key)]) > 1 else key.item

    @property
    def one_by_one(self) -> list[str]:
        """The groups of one subject."""
        return [name for name, subjects in self._subjects.items() if len(subjects) == 1]


def _asked(key: Key) -> Asked:
    """Return the question without the way in which it was asked or its answer read."""
    return key.suite, key.subject, key.item, key.epoch


class TwoRuns(Conclusion):
    """The conclusion, then each measure that it may rest on, as in metrics/retention.json.

    `score` is of graded answers, from 0 to 1, `other_score` of the same read in another way. `one_by_one` names the suites of a single
    subject, whose items are drawn one by one; `unknown` counts, by suite, the right answers without a finite log-probability where
    others have one, and `untold` the questions whose log does not tell which choice is right; for these suites there is then no
    `right_answer`. `noise_runs` counts the readings of the base that the noise comes
    from; `identical`: no item differs between the runs.
    """

    items: int
    left_out: int
    accuracy: dict[str, AccuracyChange]
    right_answer: dict[str, LikelihoodChange]
    score: dict[str, LikelihoodChange]
    text: dict[str, PerplexityChange]
    other_formulation: dict[str, AccuracyChange]
    other_score: dict[str, LikelihoodChange]
    one_by_one: list[str]
    unknown: dict[str, int]
    untold: dict[str, int]
    identical: bool
    noise_runs: int
    confidence: float


def judged(paired: Paired, again: Sequence[Sequence[Both]], noise_runs: int, margins: Retain) -> TwoRuns:
    """Judge two runs; each of `again` is the base against itself, from `noise_runs` further readings of it."""
    groups = Groups(paired.items)
    graded = {groups.name(key) for key, both in paired.items if {both.base.right, both.model.right} - {0, 1, None}}
    answers = list(_answers(paired.items, groups, graded))
    accuracy, right_answer, other = general.answers(
        answers,
        margins.margin,
        margins.likelihood_margin,
        margins,
        [_answers(rows, groups, graded) for rows in again],
    )
    text = general.texts(_losses(paired.items), margins.perplexity_margin, margins, [_losses(rows) for rows in again])
    score, other_score = _scores(paired.items, groups, graded, margins, again)
    measures: Mapping[str, Mapping[str, AccuracyChange | LikelihoodChange | PerplexityChange]] = {
        "accuracy": accuracy,
        "right_answer": right_answer,
        "score": score,
        "text": text,
    }
    untold = _untold(paired.items, groups, graded)
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
        other_score=other_score,
        one_by_one=groups.one_by_one,
        unknown={name: count for name, count in _unknown(answers).items() if name not in untold},
        untold=untold,
        identical=all(both.base == both.model for _, both in paired.items),
        noise_runs=noise_runs,
        confidence=margins.confidence,
    )


def _answers(items: Iterable[Both], groups: Groups, graded: set[str]) -> Iterator[Answered]:
    """Yield the questions that are answered right or wrong."""
    for key, both in items:
        name = groups.name(key)
        if both.base.right is not None and both.model.right is not None and name not in graded:
            question = Question(name, key.formulation, groups.cluster(key), both.base.chance or 0.0)
            yield question, Pair(_answer(both.base), _answer(both.model))


def _answer(item: Item) -> Answer:
    return Answer(int(item.right or 0), item.likelihood)


def _unknown(answers: Iterable[Answered]) -> dict[str, int]:
    """Return how many right answers have no log-probability in one of the runs, by group, where not all have none."""
    groups: defaultdict[tuple[str, str], list[bool]] = defaultdict(list)
    for question, both in answers:
        groups[question.group, question.formulation].append(None in (both.base.likelihood, both.model.likelihood))
    return {name: sum(missing) for (name, _), missing in groups.items() if 0 < sum(missing) < len(missing)}


def _untold(items: Iterable[Both], groups: Groups, graded: set[str]) -> dict[str, int]:
    """Return how many questions have choices of which the log does not tell the right one, by group."""
    names = (groups.name(key) for key, both in items if both.base.untold or both.model.untold)
    return dict(Counter(name for name in names if name not in graded))


def _losses(items: Iterable[Both]) -> Iterator[tuple[str, Pair[Loss]]]:
    """Yield the passages by suite."""
    for key, (base, tuned) in items:
        if base.loss is not None and tuned.loss is not None:
            yield key.suite, Pair(Loss(base.loss, base.tokens), Loss(tuned.loss, tuned.tokens))


def _scores(
    items: Sequence[Both], groups: Groups, graded: set[str], margins: Retain, again: Sequence[Sequence[Both]]
) -> tuple[dict[str, LikelihoodChange], dict[str, LikelihoodChange]]:
    """Return by group how graded answers changed, read in the way that suits the base best, and in the others.

    A grade has the margin of an accuracy; where the base has none above 0, there is nothing to lose.
    """
    found: dict[str, LikelihoodChange] = {}
    others: dict[str, LikelihoodChange] = {}
    noises = [_graded(rows, groups, graded) for rows in again]
    by_grade = sorted(
        _graded(items, groups, graded).items(), key=lambda each: (each[0][0], -sum(both.base for _, both in each[1]))
    )
    for (name, kind), rows in by_grade:
        floor = noise.of_means(([both for _, both in known.get((name, kind), [])] for known in noises), len(rows))
        change = _score(rows, margins).model_copy(update={"noise": floor})
        if name in found:
            others[f"{name}, {kind}"] = change
        else:
            found[name] = change if change.base else change.model_copy(update={"verdict": "not measurable"})
    return found, others


def _graded(
    items: Iterable[Both], groups: Groups, graded: set[str]
) -> dict[tuple[str, str], list[tuple[str, Pair[float]]]]:
    """Return the grades of both runs with their clusters, by group and by the way in which answers were read."""
    found: dict[tuple[str, str], list[tuple[str, Pair[float]]]] = {}
    for key, both in items:
        if (name := groups.name(key)) in graded and both.base.right is not None and both.model.right is not None:
            rights = Pair(both.base.right, both.model.right)
            found.setdefault((name, key.formulation), []).append((groups.cluster(key), rights))
    return found


def _score(rows: Rights, margins: Retain) -> LikelihoodChange:
    clusters = [cluster for cluster, _ in rows]
    base, tuned = [both.base for _, both in rows], [both.model for _, both in rows]
    return likelihood_change(base, tuned, clusters, margins.margin, margins)

"""Logs of lm-eval (EleutherAI, `--log_samples`): `samples_<task>_<date>.jsonl`, and `results_<date>.json` for the groups."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from stages.cli.logs.gold import Target, golds
from stages.cli.logs.item import LETTERS, Item, Key, likelihood
from stages.cli.logs.lines import Object, dated, number, objects, parsed, text
from stages.core.errors import InputError

NAME = re.compile(r"samples_(.+)_\d{4}-\d\d-\d\dT[\d.:-]+$")
SUBJECT = ("subject", "Subject", "category", "subject_name")
NO_METRICS = ("doc_id", "doc", "target", "arguments", "resps", "filtered_resps", "filter")  # of a row that names none
LENGTHS = ("word_perplexity", "byte_perplexity")  # of a passage: its log-likelihood, and its words or bytes


class Sample(NamedTuple):
    """A line: `metrics` are those that are numbers, `choices` the log-probability (None: not finite) and text of each."""

    place: str
    item: Item
    filter: str
    target: str
    metrics: dict[str, float]
    choices: list[tuple[float | None, str]]


def reads(row: Object) -> bool:
    """Whether a line is lm-eval's."""
    return "doc_id" in row and "filtered_resps" in row


def items(path: Path, metric: str) -> Iterator[Item]:
    """Yield the items of a task's file; `metric` is the one that says right or wrong, or empty for the task's own.

    One metric holds for the whole file, and so does whether its choices are letters.
    """
    results = _results(path)
    task = _task(path, results)
    suite = _suite(task, results)
    read = [_sample(place, row, suite, "" if suite == task else task, metric) for place, row in _rows(path)]
    samples = list(_filtered(read, task, results, path))
    asked = [sample for sample in samples if sample.item.loss is None]
    letters = all(choice in LETTERS for sample in asked for _, choice in sample.choices)
    chosen = _metric(asked, metric, letters, _lower_is_better(task, results)) if asked else ""
    known = iter(golds([Target(sample.target, sample.choices, sample.metrics.get("acc")) for sample in asked]))
    for sample in samples:
        yield sample.item if sample.item.loss is not None else _answer(sample, chosen, letters, next(known))


def beside(path: Path) -> list[Path]:
    """Return the summaries of the runs whose logs lie in the folder."""
    return sorted(path.parent.glob("results*.json"))


def _results(path: Path) -> list[Object]:
    """Return the summary of the file's own run, told by its date; where there is none, all that lie beside it."""
    summaries = beside(path)
    own = [found for found in summaries if dated(path) and dated(found) == dated(path)]
    return [parsed(found.read_bytes(), found) for found in own or summaries]


def _rows(path: Path) -> Iterator[tuple[str, Object]]:
    for place, row in objects(path):
        if not reads(row):
            raise InputError(f"{place}: expected doc_id and filtered_resps, as lm-eval --log_samples writes them")
        yield place, row


def _filtered(samples: Sequence[Sample], task: str, results: Iterable[Object], path: Path) -> Iterator[Sample]:
    """Yield the samples by the filter that each was read through.

    The first versions name none: they wrote all answers through one filter, then all through the next, in the order of the results.
    """
    times = Counter(sample.item.key.item for sample in samples)
    readings = max(times.values(), default=1)
    if readings == 1 or any(sample.filter for sample in samples):
        yield from samples
        return
    filters = _filters(task, results)
    if len(filters) != readings or set(times.values()) != {readings}:
        raise InputError(
            f"{path}: questions stand here {readings} times and no filter is named; expected results.json beside it with {readings} filters "
            f"of {task}, as lm-eval 0.4.0 to 0.4.2 wrote it; copy it there, or keep one run in the file"
        )
    seen: Counter[str] = Counter()
    for sample in samples:
        item = sample.item.key.item
        yield sample._replace(filter=filters[seen[item]])
        seen[item] += 1


def _filters(task: str, results: Iterable[Object]) -> list[str]:
    """Return the filters of a task in order, from the names of its figures: `exact_match,strict`."""
    figures = [name for found in results for name in found.get("results", {}).get(task, {})]
    return list(dict.fromkeys(name.rpartition(",")[2] for name in figures if "," in name))


def _task(path: Path, results: Iterable[Object]) -> str:
    """Return the task of a file; the first versions put the model before it, so that only the results tell."""
    if match := NAME.match(path.stem):
        return match.group(1)
    known = [task for found in results for task in found.get("results", {}) if f"_{path.stem}".endswith(f"_{task}")]
    return max(known, key=len, default=path.stem.removeprefix("samples_"))


def _suite(task: str, results: Sequence[Object]) -> str:
    """Return the outermost group of a task that lm-eval itself averages; the task where there is none."""
    outer: dict[str, list[str]] = {}
    for found in results:
        for group, tasks in found.get("group_subtasks", {}).items():
            for part in tasks:
                outer.setdefault(part, []).append(group)
    averaged = {group for found in results for group in found.get("groups", {})}
    above = [task]
    for part in above:  # which grows
        above += [group for group in outer.get(part, []) if group not in above]
    return next((group for group in reversed(above) if group in averaged), task)


def _lower_is_better(task: str, results: Iterable[Object]) -> set[str]:
    """Return the task's metrics that rise as a model gets worse."""
    known = [found.get("higher_is_better", {}).get(task, {}) for found in results]
    return {metric for found in known for metric, higher in found.items() if higher is False}


def _sample(place: str, row: Object, suite: str, subject: str, metric: str) -> Sample:
    subject = subject or text(row.get("doc"), *SUBJECT)
    name, question, prompt = (text(row, field) for field in ("doc_id", "doc_hash", "prompt_hash"))
    item = Item(Key(suite, subject, "text", name), question=question, prompt=prompt)
    named = row.get("metrics") or [field for field in row if field not in NO_METRICS]
    values = {field: number(row.get(field)) for field in named}
    metrics = {field: value for field, value in values.items() if value is not None}
    for field in LENGTHS:
        pair = row.get(field)
        if isinstance(pair, list) and len(pair) == 2 and metric in ("", field):
            loss = number(pair[0])
            if loss is None:
                raise InputError(f"{place}: {field} of no finite log-likelihood; run the model in another precision")
            item = item._replace(loss=-loss, tokens=int(pair[1]))
            break
    return Sample(place, item, text(row, "filter"), text(row, "target"), metrics, _choices(row))


def _answer(sample: Sample, metric: str, letters: bool, gold: int | None) -> Item:
    """Return the item of a question, right by the file's metric."""
    choices = sample.choices
    read = "generated" if sample.filter in ("", "none") else sample.filter
    formulation = ("letter" if letters else "cloze") if choices else read
    scores, lengths = [score for score, _ in choices], [len(choice) for _, choice in choices]
    return sample.item._replace(
        key=sample.item.key._replace(formulation=formulation),
        right=sample.metrics[metric],
        chance=1 / len(choices) if choices else None,
        likelihood=None if letters else likelihood(scores, lengths, gold),
        untold=bool(choices) and not letters and gold is None,
        metric=metric,
    )


def _choices(row: Object) -> list[tuple[float | None, str]]:
    """Return the choices' log-probabilities and texts; none of a generated answer.

    What was asked without a context, for mutual information, is no choice.
    """
    asked = [(context, choice.lstrip()) for context, choice in _arguments(row.get("arguments") or {})]
    answers = row["filtered_resps"]
    if not 2 <= len(asked) == len(answers) or not all(isinstance(answer, list) and answer for answer in answers):
        return []
    scores = [_float(answer[0]) for answer in answers]
    if not all(isinstance(score, float) for score in scores):
        return []
    bare = not any(context for context, _ in asked)
    both = zip(scores, asked, strict=True)
    return [(number(score), choice) for score, (context, choice) in both if context or bare]


def _arguments(found: Object | list[list[object]]) -> Iterator[tuple[str, str]]:
    """Yield what was put to the model: context and continuation, which the first versions wrote as lists."""
    for pair in found if isinstance(found, list) else found.values():
        named = {f"arg_{n}": part for n, part in enumerate(pair)} if isinstance(pair, list) else pair
        yield text(named, "arg_0"), text(named, "arg_1")


def _float(value: object) -> object:
    """Return a number that some versions write as text."""
    try:
        return float(value) if isinstance(value, (str, int)) else value
    except ValueError:
        return None


def _metric(samples: Sequence[Sample], wanted: str, letters: bool, lower: set[str]) -> str:
    """Return the first metric that every line has from 0 to 1, and of which more is better."""
    named = list(dict.fromkeys(name for sample in samples for name in sample.metrics))
    texts = not letters and any(sample.choices for sample in samples)
    own = ["acc_norm", "acc"] if texts else ["acc", "exact_match"]
    for name in [wanted] if wanted else [*own, *named]:
        if name not in lower and all(0 <= sample.metrics.get(name, -1) <= 1 for sample in samples):
            return name
    expected = f"a metric {wanted}" if wanted else "acc, acc_norm, exact_match or another metric"
    known = ", ".join(name for name in named if name not in lower) or "none"
    first = next((sample for sample in samples if not 0 <= sample.metrics.get(wanted, -1) <= 1), samples[0])
    raise InputError(
        f"{first.place}: expected {expected} from 0 to 1; name one, of which more is better, with --metric, of: {known}"
    )

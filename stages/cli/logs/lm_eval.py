"""Logs of lm-eval (EleutherAI, `--log_samples`): `samples_<task>_<date>.jsonl`, and `results_<date>.json` for the groups."""

import re
from collections.abc import Iterator
from pathlib import Path

from stages.cli.logs.item import LETTERS, Item, Key, likelihood
from stages.cli.logs.lines import Object, number, objects, parsed, text
from stages.core.errors import InputError

NAME = re.compile(r"samples_(.+)_\d{4}-\d\d-\d\dT[\d.:-]+$")
SUBJECT = ("subject", "Subject", "category", "subject_name")
NO_METRICS = {
    "doc_id",
    "doc",
    "target",
    "arguments",
    "resps",
    "filtered_resps",
    "filter",
}  # of a row that does not name them
LENGTHS = ("word_perplexity", "byte_perplexity")  # of a passage: its log-likelihood, and its words or bytes


def reads(row: Object) -> bool:
    """Whether a line is lm-eval's."""
    return "doc_id" in row and "filtered_resps" in row


def items(path: Path, metric: str) -> Iterator[Item]:
    """Yield the items of a task's file; `metric` is the one that says right or wrong, or empty for the task's own."""
    match = NAME.match(path.stem)
    task = match.group(1) if match else path.stem.removeprefix("samples_")
    suite = _groups(path.parent).get(task, task)
    for place, row in objects(path):
        if not reads(row):
            raise InputError(f"{place}: expected doc_id and filtered_resps, as lm-eval --log_samples writes them")
        yield _item(place, row, suite, "" if suite == task else task, metric)


def _groups(folder: Path) -> dict[str, str]:
    """Return the outermost group of each task, as the results beside its samples have it."""
    outer: dict[str, str] = {}
    for path in sorted(folder.glob("results*.json")):
        for group, tasks in parsed(path.read_bytes(), path).get("group_subtasks", {}).items():
            outer.update({task: group for task in tasks if task != group})
    found = {}
    for task in outer:
        top = task
        while top in outer:
            top = outer[top]
        found[task] = top
    return found


def _item(place: str, row: Object, suite: str, subject: str, metric: str) -> Item:
    subject = subject or text(row.get("doc"), *SUBJECT)
    item, question, prompt = (text(row, name) for name in ("doc_id", "doc_hash", "prompt_hash"))
    for name in LENGTHS:
        pair = row.get(name)
        if isinstance(pair, list) and len(pair) == 2 and metric in ("", name):
            key = Key(suite, subject, "text", item)
            return Item(key, loss=-float(pair[0]), tokens=int(pair[1]), question=question, prompt=prompt)
    choices = _choices(row)
    letters = all(choice in LETTERS for _, choice in choices)
    formulation = ("letter" if letters else "cloze") if choices else _filter(row)
    scores, lengths = [score for score, _ in choices], [len(choice) for _, choice in choices]
    gold = None if letters else _gold(row, len(choices))
    return Item(
        Key(suite, subject, formulation, item),
        right=_right(place, row, metric, formulation),
        chance=1 / len(choices) if choices else 0.0,
        likelihood=likelihood(scores, lengths, gold),
        question=question,
        prompt=prompt,
    )


def _filter(row: Object) -> str:
    """Return the filter through which a generated answer was read."""
    name = text(row, "filter")
    return "generated" if name in ("", "none") else name


def _choices(row: Object) -> list[tuple[float, str]]:
    """Return the choices' log-probabilities and texts; none of a generated answer.

    What was asked without a context, for mutual information, is no choice.
    """
    asked = [(context, choice.lstrip()) for context, choice in _arguments(row.get("arguments") or {})]
    scores = [
        number(_float(answer[0])) if isinstance(answer, list) and answer else None for answer in row["filtered_resps"]
    ]
    if not 2 <= len(asked) == len(scores) or None in scores:
        return []
    bare = not any(context for context, _ in asked)
    both = zip(scores, asked, strict=True)
    return [(score, choice) for score, (context, choice) in both if score is not None and (context or bare)]


def _arguments(found: Object | list[list[object]]) -> Iterator[tuple[str, str]]:
    """Yield what was put to the model: context and continuation, which the first versions wrote as lists."""
    for pair in found if isinstance(found, list) else found.values():
        named = {f"arg_{n}": part for n, part in enumerate(pair)} if isinstance(pair, list) else pair
        yield text(named, "arg_0"), text(named, "arg_1")


def _float(value: object) -> object:
    """Return a number that some versions write as text."""
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return None


def _gold(row: Object, choices: int) -> int | None:
    target = text(row, "target")
    return int(target) if target.isdecimal() and int(target) < choices else None


def _right(place: str, row: Object, metric: str, formulation: str) -> float:
    named = [name for name in row.get("metrics") or row.keys() - NO_METRICS if isinstance(name, str)]
    own = ["acc_norm", "acc"] if formulation == "cloze" else ["acc", "exact_match"]
    for name in [metric] if metric else [*own, *named]:
        value = number(row.get(name))
        if value is not None and 0 <= value <= 1:
            return value
    expected = f"a metric {metric}" if metric else "acc, acc_norm, exact_match or another metric"
    raise InputError(
        f"{place}: expected {expected} from 0 to 1; name one with --metric, of: {', '.join(named) or 'none'}"
    )

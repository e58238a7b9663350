"""What became of every child, and what it adds up to: metrics and plot of an evolution, by generation and language."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from math import sqrt
from typing import NamedTuple

from stages.core.dropped import Reason
from stages.core.row import Language
from stages.instructions.rules.demands import complexity
from stages.rows.instruction import Instruction
from stages.similarity.instructions import instruction_similarity, terms
from stages.text import tokenizers

Values = dict[str, object]


class Attempt(NamedTuple):
    """A child that was asked for; generation 0 are the instructions that evolution started from."""

    generation: int
    language: Language
    operator: str
    root: Instruction  # the seed it descends from
    child: Instruction | None
    reason: Reason | None = None  # of its elimination


def started(rows: Sequence[Instruction]) -> list[Attempt]:
    """Return what evolution starts from, as generation 0."""
    return [Attempt(0, row.language, "", row, row) for row in rows]


def measured(history: Sequence[Attempt]) -> Values:
    """Return the metrics of each generation and language.

    `complexity` (demands) and `tokens` (Qwen's) are means over the kept children; `drift` is their mean distance, 1 − similarity,
    from the seeds they descend from; `diversity` is the mean distance of two instructions kept until then.
    """
    report: Values = {}
    for generation in sorted({each.generation for each in history}):
        for language in sorted({each.language for each in history}):
            here = [each for each in history if each.generation == generation and each.language == language]
            until = [
                each.child
                for each in history
                if each.generation <= generation and each.language == language and each.child
            ]
            if here:
                place = report.setdefault(f"generation_{generation}", {})
                assert isinstance(place, dict)
                place[language] = {**_generation(here), "diversity": diversity(until)}
    return report


def _generation(here: Sequence[Attempt]) -> Values:
    kept = [each for each in here if each.child]
    texts = [each.child.text for each in kept if each.child]
    values: Values = {
        "children": len(here),
        "kept": len(kept),
        "complexity": _mean([complexity(text, here[0].language) for text in texts]),
        "tokens": _mean(tokenizers.lengths(texts, tokenizers.QWEN)),
        "drift": _mean(
            [1 - instruction_similarity(each.child.text, each.root.text, each.language) for each in kept if each.child]
        ),
    }
    if here[0].generation:
        tried, lived = Counter(each.operator for each in here), Counter(each.operator for each in kept)
        values["eliminated"] = dict(sorted(Counter(each.reason for each in here if each.reason).items()))
        values["operators"] = {name: {"tried": tried[name], "kept": lived[name]} for name in sorted(tried)}
    return values


def diversity(rows: Sequence[Instruction]) -> float | None:
    """Return the mean distance of two instructions of one language, 0 to 1; None of fewer than two.

    The sum of all cosines of unit vectors is the squared length of their sum, so no pair is looked at.
    """
    if len(rows) < 2:
        return None
    total = defaultdict[str, float](float)
    for row in rows:
        counts = terms(row.text, row.language)
        length = sqrt(sum(count * count for count in counts.values())) or 1.0
        for term, count in counts.items():
            total[term] += count / length
    pairs = len(rows) * (len(rows) - 1)
    return 1 - (sum(value * value for value in total.values()) - len(rows)) / pairs


def plot(history: Sequence[Attempt]) -> list[Values]:
    """Return flat rows: generation, language and, one a row, each measure and each count."""
    return list(_flat(measured(history)))


def _flat(report: Values) -> Iterator[Values]:
    for generation, by_language in report.items():
        assert isinstance(by_language, dict)
        for language, values in by_language.items():
            place = {"generation": int(generation.rpartition("_")[2]), "language": language}
            numbers = {name: value for name, value in values.items() if not isinstance(value, dict)}
            yield {**place, "series": f"{language}, generation {place['generation']}", **numbers}


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None

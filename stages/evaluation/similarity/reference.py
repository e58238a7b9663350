"""Reference similarity: how near an answer is to the reference, 0 to 10. It is no judge's score and no share of right answers.

Fluent nonsense with the right figures scores well, a good answer in other words and another form does not. It can rank two
versions of one model on the same rows; it says little about a single answer.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sacrebleu.metrics import CHRF

from stages.answers.facts import fact_f1
from stages.answers.formats import parse
from stages.evaluation.rows.score import Parts, PartScore
from stages.rows.instruction import Ask

# On 40 graded answers facts ranked best (0.73), then cosine (0.38) and chrF (0.24): the weights follow that order. A label is
# right or wrong, and near it in letters is not near.
WEIGHTS = {"facts": 0.4, "cosine": 0.3, "chrf": 0.15, "format": 0.15, "label": 0.85}


def parts(reference: str, answer: str, ask: Ask, cosine: float | None) -> Parts:
    """Compare an answer with its reference; `cosine` is that of their sentence vectors, if there is one."""
    form = float(parse(answer, ask) is not None)
    if ask.kind == "label":
        return Parts(format=form, label=float(chosen(answer, ask.labels) == chosen(reference, ask.labels)))
    if not answer.strip():
        return Parts(format=0.0, chrf=0.0, cosine=None if cosine is None else 0.0, facts=0.0)
    near = None if cosine is None else min(max(cosine, 0.0), 1.0)
    return Parts(format=form, chrf=chrf(reference, answer), cosine=near, facts=fact_f1(reference, answer))


def blend(found: Parts) -> float:
    """Return 10 × the weighted mean of the parts that say something."""
    known = {name: share for name, share in found.model_dump().items() if share is not None}
    weight = sum(WEIGHTS[name] for name in known)
    return 10 * sum(WEIGHTS[name] * share for name, share in known.items()) / weight if weight else 0.0


def chosen(answer: str, labels: Sequence[str]) -> str:
    """Return the one label that the answer names (case does not matter), or the answer itself."""
    text = answer.strip().casefold()
    named = [label.casefold() for label in labels if label.casefold() in text]
    longest = [label for label in named if not any(label != other and label in other for other in named)]
    return longest[0] if len(longest) == 1 else text


def chrf(reference: str, answer: str) -> float:
    """Return sacrebleu's sentence chrF2, 0 to 1."""
    return float(_metric().sentence_score(answer, [reference]).score) / 100


@cache
def _metric() -> Any:  # noqa: ANN401 - sacrebleu is untyped
    return CHRF()


def mean(shares: Sequence[PartScore]) -> PartScore:
    """Return the mean of what is not None; None if nothing is."""
    known = [share for share in shares if share is not None]
    return sum(known) / len(known) if known else None

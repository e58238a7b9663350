"""How likely an exported file finds the test set's references: measured as in stage predict, judged as in stage retain."""

from collections.abc import Iterator, Sequence
from typing import Any

from stages.cli.exporting.served import Served
from stages.core.progress import track
from stages.core.row import Language
from stages.evaluation.compare import NLL, MeasureChange, change
from stages.evaluation.retain import Retain
from stages.evaluation.retention.verdicts import Verdict, verdict
from stages.evaluation.rows.pair import Pair
from stages.evaluation.rows.score import Score
from stages.models import chat_template
from stages.rows.sample import LabeledSample, Likelihood


class ReferenceChange(MeasureChange):
    """Of the nats a character of the references: below zero they are likelier to the file; up to `margin` above it is retained."""

    margin: float
    verdict: Verdict


def likelihoods(rows: Sequence[LabeledSample], tokenizer: Any, served: Served) -> Iterator[Likelihood]:  # noqa: ANN401 - transformers is untyped
    """Yield how likely llama.cpp finds each row's reference, in the judged model's tokens after its own chat template."""
    for row in track(rows, "export: references", "answers", len(rows)):
        asked = chat_template.asked(tokenizer, [{"role": "user", "content": row.text}])
        answer = chat_template.tokens(tokenizer, row.answer)
        nll = -served.answer(asked, answer)
        yield Likelihood(nll=round(nll, 4), tokens=len(answer), characters=len(row.answer))


def changes(pairs: Sequence[Pair[Score]], params: Retain) -> dict[Language, ReferenceChange]:
    """Return the change by language, over the rows whose likelihood is known of both; whole conversations are drawn."""
    by_language: dict[Language, list[Pair[Score]]] = {}
    for pair in pairs:
        if pair.base.likelihood and pair.model.likelihood:
            by_language.setdefault(pair.base.language, []).append(pair)
    return {
        language: _judged(change(rows, NLL, params), params.likelihood_margin) for language, rows in by_language.items()
    }


def _judged(found: MeasureChange, margin: float) -> ReferenceChange:
    worse, better = (None if bound is None else -bound for bound in (found.high, found.low))
    return ReferenceChange(**found.model_dump(), margin=margin, verdict=verdict(worse, better, margin))

"""How likely an exported file finds the test set's references: measured as in stage predict, judged as in stage retain."""

from collections.abc import Iterator, Mapping, Sequence
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

MOST_LOST = 0.5  # share of what training gained that a file may lose


class ReferenceChange(MeasureChange):
    """Of the nats a character of the references: below zero they are likelier to the file; up to `margin` above it is retained.

    `gain` is by how much training has made them likelier, where it has for sure: then no more than half of it may be lost.
    """

    margin: float
    gain: float | None = None
    verdict: Verdict


def likelihoods(
    rows: Sequence[LabeledSample],
    tokenizer: Any,  # noqa: ANN401 - transformers is untyped
    positions: int,
    served: Served,
) -> Iterator[Likelihood | None]:
    """Yield how likely llama.cpp finds each row's reference, in the judged model's tokens after its own chat template.

    `positions` is how many tokens the judged model knows: llama.cpp gives a slot no more, whatever was asked for. None for a row that
    is too long for either, as stage predict has none of one too long for the model.
    """
    most = min(served.context, positions)
    for row in track(rows, "export: references", "answers", len(rows)):
        asked = chat_template.asked(tokenizer, [{"role": "user", "content": row.text}])
        answer = chat_template.tokens(tokenizer, row.answer)
        if len(asked) + len(answer) > most:
            yield None
        else:
            nll = -served.answer(asked, answer)
            yield Likelihood(nll=round(nll, 4), tokens=len(answer), characters=len(row.answer))


def gains(trained: Sequence[Pair[Score]], params: Retain) -> dict[Language, float]:
    """Return by how many nats a character training made references likelier, by language, where the whole interval says that it did."""
    return {
        language: -found.delta
        for language, found in _by_language(trained, params).items()
        if found.delta is not None and found.high is not None and found.high < 0
    }


def changes(
    pairs: Sequence[Pair[Score]], params: Retain, gained: Mapping[Language, float]
) -> dict[Language, ReferenceChange]:
    """Return the change by language, over the rows whose likelihood is known of both; whole conversations are drawn."""
    return {
        language: _judged(found, params.likelihood_margin, gained.get(language))
        for language, found in _by_language(pairs, params).items()
    }


def _by_language(pairs: Sequence[Pair[Score]], params: Retain) -> dict[Language, MeasureChange]:
    rows: dict[Language, list[Pair[Score]]] = {}
    for pair in pairs:
        if pair.base.likelihood and pair.model.likelihood:
            rows.setdefault(pair.base.language, []).append(pair)
    return {language: change(here, NLL, params) for language, here in rows.items()}


def _judged(found: MeasureChange, most: float, gain: float | None) -> ReferenceChange:
    margin = most if gain is None else min(most, MOST_LOST * gain)
    worse, better = (None if bound is None else -bound for bound in (found.high, found.low))
    return ReferenceChange(**found.model_dump(), margin=margin, gain=gain, verdict=verdict(worse, better, margin))

"""Answer the test set with a model, greedily, and see how likely it finds the references (§3.4)."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from stages.answers.room import room
from stages.chat.connect import connect
from stages.chat.messages import Chat, Reply, Request
from stages.core import jsonl
from stages.core.draws import generator
from stages.core.errors import InputError
from stages.core.params import Section
from stages.core.row import Language, content_id
from stages.core.stage import run
from stages.evaluation.asking.greedy import greedy
from stages.evaluation.rows.remote import described
from stages.rows.sample import LabeledSample, Likelihood, Prediction
from stages.text import tokenizers


class Predict(Section):
    """How the test set is answered."""

    section: ClassVar[str] = "predict"

    rows: int = Field(ge=0)
    """Test rows answered, drawn by their ids; 0: all."""
    languages: frozenset[Language]
    """Of the rows answered; empty: all."""
    longest: int = Field(ge=0)
    """Tokens of a question, by the vocabulary of Qwen: rows with a longer one are not asked; 0: any length."""
    max_tokens: int = Field(ge=1)
    """Tokens of an answer, at most; each is given what its question needs, up to this. One cut off stays a prediction."""
    batch_tokens: int = Field(ge=256)
    """Tokens in one batch of a model in this process: rows × (longest prompt + answer)."""
    seed: int
    """Of the draw of rows."""


def drawn(rows: Sequence[LabeledSample], params: Predict) -> list[LabeledSample]:
    """Return `params.rows` rows (0: all) in file order: a draw by id, the same for every model and not changed by other rows."""
    asked = [row for row in rows if not params.languages or row.language in params.languages]
    if params.longest:
        counts = tokenizers.lengths([row.text for row in asked], tokenizers.QWEN)
        asked = [row for row, count in zip(asked, counts, strict=True) if count <= params.longest]
    if not params.rows:
        return asked
    first = {row.id for row in sorted(asked, key=lambda row: generator(params.seed, row.id).random())[: params.rows]}
    return [row for row in asked if row.id in first]


def predict(rows: Sequence[LabeledSample], params: Predict, chat: Chat) -> Iterator[Prediction]:
    """Yield one prediction a row, in order; empty and cut-off answers are predictions too, and `finish` says so.

    Where no answer came `finish` says why, and nobody scores it. A model in this process rates the reference while it reads the question.
    """
    requests = [
        Request(row=row.id, user=row.text, max_tokens=room(row.ask, row.language, params.max_tokens), rated=row.answer)
        for row in rows
    ]
    for row, reply in zip(rows, chat.ask(requests, "predict") if requests else (), strict=True):
        yield Prediction(
            id=reply.row,
            answer=reply.answer,
            finish=reply.ended,
            author=chat.identity,
            recorded=reply.recorded,
            reference=_rated(reply, row.answer),
        )


def _rated(reply: Reply, text: str) -> Likelihood | None:
    """Return how likely the answering model found `text`, if that is what it rated when it answered."""
    rated = reply.rated
    if rated is None or rated.text != content_id(text):
        return None
    return Likelihood(nll=rated.nll, tokens=rated.tokens, characters=len(text))


def references(rows: Sequence[LabeledSample], params: Predict, model: Path) -> list[Likelihood | None]:
    """Return how likely the model in a folder finds each row's reference; None for a row that is too long for it."""
    from stages.models.likelihood import LikelihoodScorer  # noqa: PLC0415 - torch only for a model in this process

    pairs = [(row.text, row.answer) for row in rows]
    return (
        LikelihoodScorer(model, params.batch_tokens, Predict.section).given(pairs, "predict: references")
        if pairs
        else []
    )


def main(*, source: Path, model: Path, target: Path) -> None:
    """Answer the rows of `source` with the model in `model`, or the one described there; endpoints give no likelihoods."""
    params, there = Predict.load(), jsonl.read(source, LabeledSample)
    rows = drawn(there, params)
    if there and not rows:
        raise InputError(
            f"{source}: of {len(there)} test rows none is in predict.languages with a question of at most predict.longest tokens; "
            "change these in params.yaml"
        )
    remote = described(model)
    found = list(predict(rows, params, connect(greedy(Predict.section, params.batch_tokens, remote), model)))
    unrated = [] if remote else [n for n, row in enumerate(found) if row.reference is None]
    for n, near in zip(unrated, references([rows[n] for n in unrated], params, model), strict=True):
        found[n] = found[n].model_copy(update={"reference": near})
    jsonl.write(target, found)


if __name__ == "__main__":
    run(main)

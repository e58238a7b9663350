"""Instruction-following difficulty of each labelled row by the base model: the costly indicator the paper argues against (§3.3)."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
from pydantic import Field

from stages.core import jsonl, metrics
from stages.core.params import Section
from stages.core.stage import run
from stages.rows.sample import LabeledSample, Likelihood
from stages.samples.rows.difficulty import Difficulty

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


class Ifd(Section):
    """Instruction-following difficulty, for comparison (Li et al. 2023b)."""

    section: ClassVar[str] = "ifd"

    enabled: bool
    """Whether the base model reads every labeled row twice; needed by strategy `ifd` of `select`."""
    batch_tokens: int = Field(ge=256)
    """Tokens in one batch: rows × (longest prompt + answer)."""


def difficulties(
    rows: Sequence[LabeledSample], given: Sequence[Likelihood | None], alone: Sequence[Likelihood | None]
) -> list[Difficulty]:
    """Return IFD = mean loss of the answer after its prompt / mean loss of the answer alone (Li et al. 2023b), in order.

    Alone means after the chat template around an empty prompt: their own program too leaves the mark that an answer follows
    ("### Response:") before it and takes only the instruction away. Rows without both losses, and answers that are certain alone (loss 0), have none.
    """
    return [
        Difficulty(
            id=row.id,
            conditioned_nll=round(near.nll / near.tokens, 6),
            direct_nll=round(bare.nll / bare.tokens, 6),
            tokens=near.tokens,
            ifd=round(near.nll / bare.nll, 6),
        )
        for row, near, bare in zip(rows, given, alone, strict=True)
        if near and bare and bare.nll > 0
    ]


def measured(rows: Sequence[LabeledSample], params: Ifd, model: Path) -> list[Difficulty]:
    """Return the difficulties of `rows` for the model in a folder."""
    from stages.models.likelihood import LikelihoodScorer  # noqa: PLC0415 - torch only when the indicator is asked for

    scorer = LikelihoodScorer(model, params.batch_tokens, Ifd.section)
    given = scorer.given([(row.text, row.answer) for row in rows], "ifd: after the prompt")
    return difficulties(rows, given, scorer.alone([row.answer for row in rows], "ifd: alone"))


def figures(scored: Sequence[Difficulty], rows: int) -> dict[str, object]:
    """Return what metrics/ifd.json holds. `no_help` is the share of IFD ≥ 1, which its authors drop.

    `no_ifd` are the rows that `difficulties` left out, for whichever reason.
    """
    values = [row.ifd for row in scored]
    if not values:
        return {"n": 0, "no_ifd": rows} if rows else {"n": 0}
    places = np.quantile(values, QUANTILES).tolist()
    return {
        "n": len(values),
        "no_ifd": rows - len(values),
        "mean": float(np.mean(values)),
        "quantiles": {
            f"p{round(100 * quantile):02d}": place for quantile, place in zip(QUANTILES, places, strict=True)
        },
        "no_help": sum(value >= 1 for value in values) / len(values),
    }


def main(*, source: Path, model: Path, target: Path, report: Path) -> None:
    """Measure the rows of `source` with the model in `model`; switched off, write no rows."""
    params = Ifd.load()
    rows = jsonl.read(source, LabeledSample) if params.enabled else []
    scored = measured(rows, params, model) if rows else []
    jsonl.write(target, scored)
    metrics.write(report, figures(scored, len(rows)))


if __name__ == "__main__":
    run(main)

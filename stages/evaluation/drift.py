"""How far the tuned model moved from its base on general text: KL divergence and agreement, passage by passage (§3.5)."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from stages.core import jsonl, metrics
from stages.core.progress import track
from stages.core.stage import run
from stages.evaluation.rows.drift import Drift
from stages.evaluation.rows.outcome import Passage
from stages.models.finite import finite

if TYPE_CHECKING:
    from stages.evaluation.divergence.kl import ModelPair

TWICE = 10  # of so many passages the base reads one twice: the noise of reading is that of a machine, not of a text


def drift(passages: Iterable[Passage], models: "ModelPair") -> Iterator[Drift]:
    """Yield what both models make of each passage, in order."""
    for number, passage in enumerate(passages):
        tokens, kl, agree = models.compare(passage.text)
        again = None if number % TWICE else models.noise(passage.text)
        yield Drift(
            id=passage.id,
            language=passage.language,
            tokens=tokens,
            kl=round(finite(kl, "drift"), 6),
            agree=agree,
            noise=round(finite(again.kl, "drift"), 6) if again else None,
            noise_agree=again.agree if again else None,
        )


def summary(rows: Sequence[Drift]) -> dict[str, object]:
    """Return what metrics/drift.json holds: KL in nats a token, and the share of tokens at which another one is preferred.

    By language, then under `noise` for the base against itself: what is not far above it is rounding.
    """
    languages = sorted({row.language for row in rows})
    found: dict[str, object] = {
        language: _figures([(row.tokens, row.kl, row.agree) for row in rows if row.language == language])
        for language in languages
    }
    twice = [
        (row.tokens, row.noise, row.noise_agree)
        for row in rows
        if row.noise is not None and row.noise_agree is not None
    ]
    return found | ({"noise": _figures(twice)} if twice else {})


def _figures(read: Sequence[tuple[int, float, int]]) -> dict[str, float]:
    tokens, kl, agree = (sum(column) for column in zip(*read, strict=True))
    return {"passages": len(read), "tokens": tokens, "kl": kl / tokens, "disagreement": 1 - agree / tokens}


def main(*, base: Path, tuned: Path, source: Path, target: Path, report: Path) -> None:
    """Let both models read the passages in `source`."""
    from stages.evaluation.divergence.kl import ModelPair  # noqa: PLC0415 - torch: seconds, where models read
    from stages.models.loading import within_memory  # noqa: PLC0415 - as above

    passages = jsonl.read(source, Passage)
    with within_memory("drift"):
        rows = list(track(drift(passages, ModelPair(base, tuned)), "drift", "passages", len(passages)))
    jsonl.write(target, rows)
    metrics.write(report, summary(rows))


if __name__ == "__main__":
    run(main)

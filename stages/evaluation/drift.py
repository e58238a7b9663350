"""How far the tuned model moved from its base on general text: KL divergence and agreement, passage by passage (§3.5)."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from stages.core import jsonl
from stages.core.progress import track
from stages.core.stage import run
from stages.evaluation.divergence import kl as divergence
from stages.evaluation.rows.drift import Drift
from stages.evaluation.rows.outcome import Passage


def drift(passages: Iterable[Passage], models: divergence.ModelPair) -> Iterator[Drift]:
    """Yield what both models make of each passage, in order."""
    for passage in passages:
        tokens, kl, agree = models.compare(passage.text)
        yield Drift(id=passage.id, language=passage.language, tokens=tokens, kl=round(kl, 6), agree=agree)


def main(*, base: Path, tuned: Path, source: Path, target: Path) -> None:
    """Let both models read the passages in `source`."""
    passages = jsonl.read(source, Passage)
    rows = drift(passages, divergence.ModelPair(base, tuned))
    jsonl.write(target, track(rows, "drift", "passages", len(passages)))


if __name__ == "__main__":
    run(main)

"""Keep the seeds that are valid and say something new; people decide first (§2.1, step 1)."""

from pathlib import Path
from typing import ClassVar

from stages.instructions.sieve import Sieve, sift
from stages.ports import jsonl
from stages.ports.reviews import decisions
from stages.ports.stage import run
from stages.records.instruction import Instruction


class Curate(Sieve):
    """Params of the stage: those of every sieve."""

    section: ClassVar[str] = "curate"


def main(source: Path, reviews: Path, target: Path, ledger: Path) -> None:
    """Read seeds and decisions, write what stays."""
    rows = jsonl.read(source, Instruction)
    jsonl.sift(target, sift(rows, decisions(reviews), Curate.load()), ledger, len(rows))


if __name__ == "__main__":
    run(main)

"""Keep the seeds that are valid and say something new; people decide first (§2.1, step 1)."""

from pathlib import Path
from typing import ClassVar

from stages.core import jsonl
from stages.core.stage import run
from stages.instructions.filter import Sieve, filter_rows
from stages.reviews.decisions import decisions
from stages.rows.instruction import Instruction


class Curate(Sieve):
    """Which seed instructions stay."""

    section: ClassVar[str] = "curate"


def main(*, source: Path, reviews: Path, target: Path, ledger: Path) -> None:
    """Read seeds and decisions, write what stays."""
    rows = jsonl.read(source, Instruction)
    jsonl.write_outcomes(target, filter_rows(rows, decisions(reviews), Curate.load()), ledger, len(rows))


if __name__ == "__main__":
    run(main)

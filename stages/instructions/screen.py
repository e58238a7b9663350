"""Keep the instructions that are clear and not redundant as the library; people decide and refine first (§2.1, steps 2.2, 2.3)."""

from pathlib import Path
from typing import ClassVar

from stages.core import jsonl
from stages.core.stage import run
from stages.instructions.filter import Sieve, filter_rows
from stages.reviews.decisions import decisions
from stages.rows.instruction import Instruction


class Screen(Sieve):
    """Which instructions of the evolved population stay, as the library."""

    section: ClassVar[str] = "screen"


def main(*, source: Path, reviews: Path, target: Path, ledger: Path) -> None:
    """Read the evolved population and decisions, write the library."""
    rows = jsonl.read(source, Instruction)
    jsonl.write_outcomes(target, filter_rows(rows, decisions(reviews), Screen.load()), ledger, len(rows))


if __name__ == "__main__":
    run(main)

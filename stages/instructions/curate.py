"""Keep the seeds that are valid and say something new; people decide first (§2.1, step 1)."""

from pathlib import Path
from typing import ClassVar

from stages.core import jsonl, yaml_files
from stages.core.stage import run
from stages.instructions.rules.decide import FilterParams, filter_rows, tallied
from stages.instructions.rules.subject import vocabulary
from stages.library.domain_pack import Domain
from stages.reviews.decisions import decisions
from stages.rows.instruction import Instruction


class Curate(FilterParams):
    """Which seed instructions stay."""

    section: ClassVar[str] = "curate"


def main(*, source: Path, reviews: Path, domain: Path, target: Path, ledger: Path) -> None:
    """Read seeds and decisions, write what stays."""
    rows = jsonl.read(source, Instruction)
    words = vocabulary(yaml_files.load(domain, Domain))
    decided = decisions(reviews)
    outcomes = filter_rows(rows, decided, Curate.load(), words)
    jsonl.write_outcomes(target, outcomes, ledger, len(rows), tallied(decided, rows))


if __name__ == "__main__":
    run(main)

"""Keep the seeds that are valid and say something new; people decide first (§2.1, step 1)."""

from pathlib import Path
from typing import ClassVar

from stages.core.stage import run
from stages.instructions.filter import FilterParams, filter_file


class Curate(FilterParams):
    """Which seed instructions stay."""

    section: ClassVar[str] = "curate"


def main(*, source: Path, reviews: Path, domain: Path, target: Path, ledger: Path) -> None:
    """Read seeds and decisions, write what stays."""
    filter_file(source=source, reviews=reviews, domain=domain, target=target, ledger=ledger, params=Curate.load())


if __name__ == "__main__":
    run(main)

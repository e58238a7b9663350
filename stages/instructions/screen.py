"""Keep the instructions that are clear and not redundant as the library; people decide and refine first (§2.1, steps 2.2, 2.3)."""

from pathlib import Path
from typing import ClassVar

from stages.core.stage import run
from stages.instructions.filter import FilterParams, filter_file


class Screen(FilterParams):
    """Which instructions of the evolved population stay, as the library."""

    section: ClassVar[str] = "screen"


def main(*, source: Path, reviews: Path, domain: Path, target: Path, ledger: Path) -> None:
    """Read the evolved population and decisions, write the library."""
    filter_file(source=source, reviews=reviews, domain=domain, target=target, ledger=ledger, params=Screen.load())


if __name__ == "__main__":
    run(main)

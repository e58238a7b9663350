"""What each file under data/review holds, by its name: one table for whoever reads all of them."""

from pathlib import Path

from stages.pii.corrections import Correction
from stages.reviews.decisions import Decision
from stages.reviews.refinements import Refinement

Kind = type[Decision] | type[Refinement] | type[Correction]


def kind(path: Path) -> Kind:
    """Return the class of a review file's lines."""
    from stages.cli.review.preference import Preference  # noqa: PLC0415 - half a second, for one file of many

    kinds: dict[str, Kind] = {
        "answers.jsonl": Refinement,
        "personal.jsonl": Correction,
        "preferences.jsonl": Preference,
    }
    return kinds.get(path.name, Decision)

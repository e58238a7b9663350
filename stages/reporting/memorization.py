"""What the report says of personal values that training may have memorized."""

from collections.abc import Iterator, Mapping
from typing import Any

from stages.reporting.counted import counted

Figures = Mapping[str, Any]


def groups(found: Figures) -> Iterator[tuple[str, Figures]]:
    """Yield the groups of values that were measured, with what they are called."""
    for name, row in found["planted"].items():
        yield f"planted, invented, in {counted(int(name.removeprefix('copies_')), 'row')}", row
    named = {
        "held_out": "invented, not planted",
        "missed": "missed by anonymization, in training rows",
        "missed_elsewhere": "missed by anonymization, in rows not trained on",
    }
    for key, name in named.items():
        if found[key]["n"]:
            yield name, found[key]


def warnings(found: Figures) -> Iterator[str]:
    """Yield what a reader must know before this model is given to anybody."""
    missed = found["missed"]
    if missed["verdict"] == "memorized":
        yield (
            f"Training memorized personal data that anonymization missed: the exposure of {counted(missed['n'], 'value')} rose by {missed['change']:.1f} bits "
            f"({missed['low']:.1f} … {missed['high']:.1f}). Do not give this model to anybody; mask them (dial-insight review personal) and train anew."
        )
    elif found["known"]:
        yield (
            f"{counted(found['known'], 'value')} of personal data that anonymization is known to have missed {'stands' if found['known'] == 1 else 'stand'} in training rows; "
            f"whether training memorized {'it' if found['known'] == 1 else 'them'}: {missed['verdict']}."
        )
    kept = [(int(name.removeprefix("copies_")), row) for name, row in found["planted"].items()]
    if kept:
        yield "Invented personal values were planted in this model's training rows, to measure memorizing: train one that ships with plant.copies: []."
    if least := min(
        (pair for pair in kept if pair[1]["verdict"] == "memorized"), default=None, key=lambda pair: pair[0]
    ):
        copies, row = least
        yield (
            f"This training memorizes: of values that stood in {counted(copies, 'row')} the exposure rose by {row['change']:.1f} bits "
            f"({row['low']:.1f} … {row['high']:.1f}), and the model ranks {row['first_after']:.0%} of them before all others. "
            "What anonymization misses so often can be had from it."
        )

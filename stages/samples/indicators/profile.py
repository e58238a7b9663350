"""The six indicators of one set of rows, as one figure each (§3.3)."""

from collections.abc import Hashable, Sequence
from typing import NamedTuple

from stages.rows.label_quality import Quality
from stages.samples.indicators import formulas


class Traits(NamedTuple):
    """What the indicators need of each row, all of one length."""

    prompt_tokens: Sequence[int]
    dialogue_tokens: Sequence[int]
    communities: Sequence[Hashable]
    grades: Sequence[Quality]
    cells: Sequence[Hashable]  # task and output format

    def of(self, rows: Sequence[int]) -> "Traits":
        """Return the traits of these rows only."""
        return Traits(
            [self.prompt_tokens[row] for row in rows],
            [self.dialogue_tokens[row] for row in rows],
            [self.communities[row] for row in rows],
            [self.grades[row] for row in rows],
            [self.cells[row] for row in rows],
        )


def profile(traits: Traits, top_n: int, possible: int) -> dict[str, object]:
    """Return n and the indicators; all but n are None for an empty set. `possible` is the number of cells there could be."""
    n = len(traits.grades)
    if not n:
        return dict.fromkeys(("n", *NAMES)) | {"n": 0}
    sizes: dict[Hashable, int] = {}
    for community in traits.communities:
        sizes[community] = sizes.get(community, 0) + 1
    rich = formulas.richness(sizes.values(), top_n)
    values = (
        formulas.prompt_complexity(traits.prompt_tokens),
        formulas.input_complexity(traits.prompt_tokens, traits.dialogue_tokens),
        rich,
        formulas.redundancy(rich),
        formulas.label_quality(traits.grades),
        formulas.balance(traits.cells, possible),
    )
    return {"n": n, **dict(zip(NAMES, values, strict=True))}


NAMES = ("prompt_complexity", "input_complexity", "richness", "redundancy", "label_quality", "balance")

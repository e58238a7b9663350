"""Draw canaries: invented personal values of every kind, to be planted among the training rows or held out (Carlini et al. 2019).

What training memorizes of a value that stands in its rows so often can then be measured (stage `memorize`). None are planted
unless `plant.copies` says so: a model that ships should not know them.
"""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Self, get_args

from pydantic import Field, PositiveInt, model_validator

from stages.canaries.canary import Canary
from stages.core import jsonl
from stages.core.draws import generator
from stages.core.params import Section
from stages.core.progress import note
from stages.core.row import Language
from stages.core.stage import run
from stages.pii.values.spans import KINDS, PiiKind

HELD_OUT = 0  # copies


class Plant(Section):
    """How many canaries are drawn."""

    section: ClassVar[str] = "plant"

    copies: tuple[PositiveInt, ...] = Field(max_length=6)
    """In how many training rows a canary stands, some canaries for each number; empty: none are planted, none held out."""
    values: int = Field(ge=1, le=100)
    """Canaries of each kind of personal data, in each language, for each number of copies; as many are held out."""
    seed: int
    """Of the draw of values and file numbers."""

    @model_validator(mode="after")
    def _once(self) -> Self:
        if len(set(self.copies)) < len(self.copies):
            raise ValueError("a number of copies is named twice")
        return self


def plant(params: Plant) -> Iterator[Canary]:
    """Yield the canaries: held out first, then by number of copies; none where none are planted, and no value of a kind twice."""
    taken: dict[tuple[Language, PiiKind], set[str]] = defaultdict(set)
    for copies in (HELD_OUT, *params.copies) if params.copies else ():
        for language in get_args(Language):
            for kind in KINDS:
                for number in range(params.values):
                    draws = generator(params.seed, copies, language, kind, number)
                    one = Canary.drawn(kind, language, copies, draws, taken[language, kind])
                    taken[language, kind].add(one.value)
                    yield one


def main(*, target: Path, values: Path) -> None:
    """Write the rows to train on to `target`, and what stands in them to `values`."""
    canaries = list(plant(Plant.load()))
    examples = [example for canary in canaries for example in canary.examples()]
    jsonl.write(target, examples)
    jsonl.write(values, canaries)
    if examples:
        note(
            f"plant: {len(examples)} invented rows will be trained on, so that memorizing can be measured; "
            "set plant.copies: [] for a model that ships"
        )


if __name__ == "__main__":
    run(main)

"""The operators of evolution, as data: prompts/evolve/operators.yaml and prompts/evol_instruct/operators.yaml (§2.1, step 2.1)."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Literal, Self

from pydantic import Field, model_validator

from stages.core import yaml_files
from stages.core.errors import ParamsError, PromptError
from stages.core.row import Record
from stages.library.wording import Text, unique
from stages.rows.instruction import FormatKind, Instruction
from stages.text import languages

ROOM: dict[str, float] = {"grow": 0.75, "same": 1.0}  # share of the budget that a parent may take to be rewritten so


class Operator(Record):
    """A way to rewrite an instruction; the file says what each value means."""

    id: str
    kind: Literal["mutation", "crossover"]
    direction: Literal["grow", "same", "shrink"]
    keeps: Literal["points", "task"]
    formats: tuple[FormatKind, ...] = ()
    order: Text

    def fits(self, row: Instruction, budget: int) -> bool:
        """Whether an instruction may be rewritten so: it has a form that fits, and there is room in the words of `budget`."""
        room = ROOM.get(self.direction)
        short = room is None or languages.words(row.text) <= room * budget
        return short and (not self.formats or bool(set(self.formats) & set(row.formats)))


class Operators(Record):
    """The file: a version, which stands for the words of all orders, and the operators."""

    version: int
    operators: tuple[Operator, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        unique([operator.id for operator in self.operators])
        return self


def read_operators(folder: Path, wanted: Sequence[str] = (), spoken: Collection[str] = ()) -> tuple[Operator, ...]:
    """Return the operators of `folder`, all or the `wanted` ones in the order asked for.

    Refused are those that together rewrite nobody, and one without an order in a language that is `spoken` by instructions.
    """
    found = {operator.id: operator for operator in yaml_files.load(folder / "operators.yaml", Operators).operators}
    if unknown := sorted(set(wanted) - set(found)):
        raise ParamsError(
            f"params.yaml: evolve.operators: {', '.join(unknown)}: not in {folder}/operators.yaml; it has {', '.join(found)}"
        )
    chosen = tuple(found[name] for name in wanted or found)
    if all(each.kind == "crossover" for each in chosen):
        place, among = (
            ("params.yaml: evolve.operators", f", of {folder}/operators.yaml")
            if wanted
            else (f"{folder}/operators.yaml", "")
        )
        raise ParamsError(
            f"{place}: {', '.join(each.id for each in chosen)}: only joins what another operator can rewrite; add one that rewrites by itself{among}"
        )
    for each in chosen:
        if lacking := sorted(set(spoken) - each.order.keys()):
            raise PromptError(
                f"{folder}/operators.yaml: {each.id} has no order in {', '.join(lacking)}; write it, or leave the operator out"
            )
    return chosen


class Success:
    """How often each operator was tried, and how often its child was kept."""

    def __init__(self) -> None:
        """Start with nothing tried."""
        self.tried, self.kept = Counter[str](), Counter[str]()

    def note(self, operator: str, kept: bool) -> None:
        """Count one attempt."""
        self.tried[operator] += 1
        self.kept[operator] += kept

    def weights(self, operators: Sequence[Operator]) -> dict[str, float]:
        """Return (kept + 1) / (tried + 2) of each, Laplace's estimate of the chance that its next child is kept."""
        return {each.id: (self.kept[each.id] + 1) / (self.tried[each.id] + 2) for each in operators}


def shuffled(operators: Sequence[Operator], weights: Mapping[str, float], rng: Random) -> list[Operator]:
    """Return all operators in an order drawn by weight: the heavier, the earlier (Efraimidis and Spirakis, 2006)."""
    keys = {each.id: rng.random() ** (1 / weights[each.id]) for each in operators}
    return sorted(operators, key=lambda each: -keys[each.id])

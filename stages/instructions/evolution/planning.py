"""Who is rewritten next, how, with whom and before which talk: the draws of a generation (§2.1, step 2.1)."""

from collections.abc import Iterator, Mapping
from random import Random
from typing import NamedTuple

from stages.core.draws import generator
from stages.instructions.evolution.crossing import Scope, crossed
from stages.instructions.evolution.excerpts import Excerpts
from stages.instructions.evolution.niches import Member, Population
from stages.instructions.evolution.offspring import Plan
from stages.instructions.evolution.operators import Operator, shuffled
from stages.library.domain_pack import Domain, Tasks
from stages.rows.instruction import Instruction


class Ground(NamedTuple):
    """What draws are made from, besides the population."""

    domain: Domain
    tasks: Tasks
    excerpts: Excerpts
    operators: tuple[Operator, ...]
    budget: int  # words of a child at most
    seed: int

    def can_change(self, row: Instruction) -> bool:
        """Whether an operator fits an instruction by itself."""
        return any(operator.kind == "mutation" and operator.fits(row, self.budget) for operator in self.operators)


class Mating(NamedTuple):
    """Whom an instruction is joined with, if any, and what its child is for."""

    partner: Instruction | None
    scope: Scope


def plan(
    population: Population, generation: int, count: int, weights: Mapping[str, float], ground: Ground
) -> Iterator[tuple[Member, Plan]]:
    """Yield `count` children to be made, each with the parent whose turn it is.

    A parent's operators are a shuffle by `weights`, taken in turn when it is drawn again; one without a partner passes its
    crossover over.
    """
    mates = sorted((member.row for member in population.members), key=lambda row: row.id)
    for parent in population.parents(count, ground.seed, generation):
        row, number = parent.row, parent.used - 1
        fitting = [operator for operator in ground.operators if operator.fits(row, ground.budget)]
        turn, place = divmod(number, len(fitting))
        order = shuffled(fitting, weights, generator(ground.seed, row.id, "operators", turn))
        rng = generator(ground.seed, generation, row.id, number)
        matings = ((each, _mated(row, mates, each, ground, rng)) for each in [*order[place:], *order[:place]])
        operator, mating = next((each, found) for each, found in matings if found)
        shown = ground.excerpts.draw(row.language, mating.scope.scenes, mating.scope.roles, rng)
        made = Plan(
            generation=generation, operator=operator, parent=row, **mating._asdict(), shown=shown, number=number
        )
        yield parent, made


def _mated(
    row: Instruction, mates: list[Instruction], operator: Operator, ground: Ground, rng: Random
) -> Mating | None:
    """Return what a child is made of; None where a crossover finds no partner."""
    if operator.kind == "mutation":
        return Mating(None, Scope.of(row))
    pairs = [
        Mating(mate, scope)
        for mate in mates
        if mate.language == row.language and mate.id != row.id and operator.fits(mate, ground.budget)
        if (scope := crossed(row, mate, ground.domain, ground.tasks))
    ]
    return rng.choice(pairs) if pairs else None

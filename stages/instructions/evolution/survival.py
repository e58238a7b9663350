"""Which children live and which become parents: everything kept so far, and the population (§2.1, step 2.1)."""

from collections.abc import Sequence

from stages.core.dropped import Reason
from stages.instructions.evolution.fitness import Crowd, demanded, grounding, worth
from stages.instructions.evolution.niches import Member, Population
from stages.instructions.evolution.offspring import Plan
from stages.instructions.evolution.planning import Ground
from stages.rows.instruction import Instruction


class Survival:
    """The instructions kept so far and, of them, those that may be rewritten."""

    def __init__(self, founders: Sequence[Instruction], ground: Ground, capacity: int) -> None:
        """Take all founders in; those that no operator fits are kept and have no children."""
        self.ground, self.crowd, self.seen = ground, Crowd(), set[str]()
        members = []
        for row in founders:
            if ground.can_change(row):
                members.append(Member(row, row, worth(row, self.crowd.novelty(row), ground.budget)))
            self._keep(row)
        self.population = Population(members, capacity)

    def admit(self, child: Instruction, plan: Plan, parent: Member, verdict: float | None) -> Reason | None:
        """Keep a child without a fault, or say why not: it is there already, or is worth less than its parent and found no place.

        Parent and child are compared before the talk that was shown for the child.
        """
        if child.id in self.seen:
            return Reason.DUPLICATE
        asked = demanded(child, plan.parent, plan.operator)
        own = worth(child, self.crowd.novelty(child), self.ground.budget, asked, verdict)
        rival = parent.worth + grounding(plan.parent, plan.shown.excerpt) - grounding(child, plan.shown.excerpt)
        placed = self.ground.can_change(child) and self.population.place(Member(child, parent.root, own), parent, rival)
        if own <= rival and not placed:
            return Reason.UNFIT
        self._keep(child)
        return None

    def _keep(self, row: Instruction) -> None:
        self.seen.add(row.id)
        self.crowd.add(row)

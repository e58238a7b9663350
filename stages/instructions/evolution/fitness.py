"""What an instruction is worth, each by itself: what it demands within a budget of words, what is new, what fits the talk (§2.1)."""

from collections import defaultdict
from math import log1p, sqrt

from stages.core.row import Language
from stages.instructions.evolution.operators import Operator
from stages.instructions.rules.demands import complexity, content
from stages.rows.instruction import Instruction
from stages.similarity.instructions import terms
from stages.text import languages


class Crowd:
    """The instructions kept so far, siblings of the same generation included, and how near a further one is to them."""

    def __init__(self) -> None:
        """Start empty."""
        self._places = defaultdict[tuple[Language, str], list[tuple[int, float]]](list)
        self._size = 0

    def novelty(self, row: Instruction) -> float:
        """Return 1 − the similarity to the most alike instruction of the crowd; 1 in an empty one."""
        alike = defaultdict[int, float](float)
        for term, weight in _unit(row):
            for place, other in self._places[row.language, term]:
                alike[place] += weight * other
        return 1.0 - max(alike.values(), default=0.0)

    def add(self, row: Instruction) -> None:
        """Take an instruction in."""
        for term, weight in _unit(row):
            self._places[row.language, term].append((self._size, weight))
        self._size += 1


def _unit(row: Instruction) -> list[tuple[str, float]]:
    counts = terms(row.text, row.language)
    length = sqrt(sum(count * count for count in counts.values()))
    return [(term, count / length) for term, count in counts.items()]


def worth(
    row: Instruction, novelty: float, budget: int, demanded: int | None = None, verdict: float | None = None
) -> float:
    """Return ln(1 + demands) − words / budget + novelty + (verdict − ½), the last where a judge gave one (0 to 1).

    Twice the demands are worth .7, and cost as much where they take 70 % of the budget; so a child gains by what it asks for,
    not by its length, and by asking for the same in fewer words. `demanded` stands in for the count of the rules.
    """
    asked = complexity(row.text, row.language) if demanded is None else demanded
    said = 0.0 if verdict is None else verdict - 0.5
    return log1p(asked) - languages.words(row.text) / budget + novelty + said


def demanded(child: Instruction, parent: Instruction, operator: Operator) -> int:
    """Return what a child demands; one that was to keep its parent's points in other words demands no less than its parent."""
    own = complexity(child.text, child.language)
    if operator.direction == "grow" or operator.keeps == "task":
        return own
    return max(own, complexity(parent.text, parent.language))


def grounding(row: Instruction, excerpt: str) -> float:
    """Return the share of the words an instruction is about that occur in a talk, 0 to 1."""
    about = content(row.text, row.language)
    return len(about & content(excerpt, row.language)) / len(about) if about else 0.0

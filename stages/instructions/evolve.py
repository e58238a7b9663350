"""Rewrite instructions into richer ones by an evolutionary algorithm with a language model as its operator (§2.1, step 2.1).

The paper names the combination and leaves the algorithm open. Our reading: a population of instructions is renewed over
generations; parents are drawn, each is rewritten by one operator (a mutation, or `combine`, a crossover), children that
gained nothing, lost their parent's meaning or cannot be used are eliminated, and of the rest the fittest become parents.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import ClassVar

from pydantic import Field

from stages.chat.connect import connect
from stages.chat.messages import Chat, Reply, Request
from stages.chat.settings import ChatModel
from stages.core import jsonl
from stages.core.draws import generator
from stages.core.dropped import Dropped, Reason
from stages.core.params import Section
from stages.core.row import Record, content_id
from stages.core.stage import run
from stages.instructions.fitness import FitnessBounds, ScoredChild, evaluate, select_survivors
from stages.instructions.parsing import draft
from stages.library.meta_prompts import Library
from stages.rows.instruction import Instruction

CROSSOVER = "combine"


class Evolve(Section, FitnessBounds):
    """Params of the stage; what children may be is said in `FitnessBounds`."""

    section: ClassVar[str] = "evolve"
    operators: tuple[str, ...] = Field(min_length=1)
    """Which rewritings may be drawn; each is a file in prompts/evolve/."""
    generations: int = Field(ge=0, le=8)
    """How often the population is renewed; 0: no evolution."""
    population: int = Field(ge=1)
    """Children drawn in each generation."""
    survivors: int = Field(ge=1)
    """Children kept as parents of the next generation, the fittest first."""
    max_tokens: int = Field(ge=16)
    """Tokens of the generator's answer, at most."""
    seed: int
    """Of the draws of parents, operators and partners."""


class Offspring(Record):
    """A child to be made: by which operator, from whom."""

    operator: str
    generation: int
    parent: Instruction
    partner: Instruction | None = None

    @property
    def id(self) -> str:
        """The id of the attempt, by which a failed one is listed."""
        return content_id("evolve", self.generation, self.operator, *self.parents)

    @property
    def parents(self) -> tuple[str, ...]:
        """The parents' ids."""
        return (self.parent.id, self.partner.id) if self.partner else (self.parent.id,)


def evolve(
    parents: Sequence[Instruction], params: Evolve, prompts: Library, chat: Chat
) -> Iterator[Instruction | Dropped]:
    """Yield the parents, then each generation's survivors and its eliminated children with their reasons.

    Every generation draws exactly `population` children (none when there is no parent), so outcomes = parents +
    generations × population.
    """
    yield from parents
    kept, pool = list(parents), list(parents)
    for generation in range(1, params.generations + 1):
        planned = plan_offspring(pool, generation, params)
        requests = [_request(birth, params, prompts) for birth in planned]
        replies = list(chat.ask(requests, f"evolve, generation {generation}"))
        children = [_child(birth, reply, chat.identity) for birth, reply in zip(planned, replies, strict=True)]
        judged = evaluate([child for child in children if isinstance(child, ScoredChild)], kept, params)
        chosen = select_survivors(judged, params.survivors)
        survivors = [child.row for child in chosen if isinstance(child, ScoredChild)]
        yield from survivors
        yield from (child for child in (*children, *chosen) if isinstance(child, Dropped))
        kept += survivors
        pool = survivors + [row for row in parents if row not in survivors]


def plan_offspring(pool: Sequence[Instruction], generation: int, params: Evolve) -> list[Offspring]:
    """Draw who is rewritten and how: `population` births.

    The previous generation's survivors come first, then the first generation's instructions, each group in the order of
    its own draw; a parent's operators are a shuffle of its own, taken in turn when it is drawn again.
    """

    def draw(row: Instruction) -> Random:
        return generator(params.seed, generation, row.id)

    order = sorted(pool, key=lambda row: (row.generation == 0, draw(row).random()))
    planned = []
    for slot in range(params.population if order else 0):
        parent, turn = order[slot % len(order)], slot // len(order)
        rng = draw(parent)
        operators = rng.sample(params.operators, len(params.operators))
        mates = [row for row in order if row.language == parent.language and row.id != parent.id]
        operator = operators[turn % len(operators)]
        partner = rng.choice(mates) if operator == CROSSOVER and mates else None
        if operator == CROSSOVER and partner is None:
            operator = operators[(turn + 1) % len(operators)]
        planned.append(Offspring(operator=operator, generation=generation, parent=parent, partner=partner))
    return planned


def _request(birth: Offspring, params: Evolve, prompts: Library) -> Request:
    fields = {"instruction": birth.parent.text} | ({"other": birth.partner.text} if birth.partner else {})
    text = prompts.get(birth.operator, birth.parent.language).render(**fields)
    return Request(row=birth.id, user=text, max_tokens=params.max_tokens)


def _child(birth: Offspring, reply: Reply, author: str) -> "ScoredChild | Dropped":
    found, parent = draft(reply.text), birth.parent
    if reason := reply.fault or (None if found.text else Reason.UNPARSABLE):
        return Dropped(id=birth.id, reason=reason, detail=birth.operator, parents=birth.parents)
    partner = birth.partner.fields if birth.partner else ()
    # an answer form with fields must list them all, so named new ones join; where the parent had none, none are checked
    fields = tuple(dict.fromkeys([*parent.fields, *partner, *found.fields])) if parent.fields else ()
    row = Instruction.new(
        **parent.model_dump(exclude={"id", "text", "fields", "origin", "operator", "generation", "parents", "author"}),
        text=found.text,
        fields=fields,
        origin="evolved",
        operator=birth.operator,
        generation=birth.generation,
        parents=birth.parents,
        author=author,
    )
    return ScoredChild(row=row, parent=parent)


def main(*, source: Path, prompts: Path, base: Path, target: Path, ledger: Path) -> None:
    """Read the curated instructions, write the evolved population."""
    params, model = Evolve.load(), ChatModel.load()
    parents = jsonl.read(source, Instruction)
    births_in_all = params.generations * params.population if parents else 0
    outcomes = evolve(parents, params, Library(prompts), connect(model, base))
    jsonl.write_outcomes(target, outcomes, ledger, len(parents) + births_in_all)


if __name__ == "__main__":
    run(main)

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

from stages.instructions.answers import draft
from stages.instructions.fitness import Judged, assess, fittest
from stages.ports import jsonl
from stages.ports.chat.messages import Chat, Reply, Request
from stages.ports.chat.settings import Model, connect
from stages.ports.params import Section
from stages.ports.prompts import Library
from stages.ports.stage import run
from stages.records.dropped import Dropped, Reason
from stages.records.instruction import Instruction
from stages.records.row import Record, content_id

CROSSOVER = "combine"


class Evolve(Section):
    """Params of the stage."""

    section: ClassVar[str] = "evolve"
    operators: tuple[str, ...] = Field(min_length=1)  # which rewritings may be drawn; files of prompts/evolve/
    generations: int = Field(ge=0, le=8)  # how often the population is renewed
    population: int = Field(ge=1)  # children drawn in each generation
    survivors: int = Field(ge=1)  # of them kept
    min_gain: float = Field(ge=0)  # child tokens / parent tokens below this: unchanged (rephrase exempt)
    max_gain: float = Field(gt=1)  # above this: drifted
    min_similarity: float = Field(ge=-1, le=1)  # cosine of sentence vectors to the parent below this: drifted
    max_similarity: float = Field(ge=0, le=1)  # above this: unchanged
    max_tokens: int = Field(ge=16)  # of an answer
    seed: int


class Birth(Record):
    """A child to be made: by which operator, from whom."""

    operator: str
    generation: int
    parent: Instruction
    mate: Instruction | None = None

    @property
    def id(self) -> str:
        """The id of the attempt, by which a failed one is listed."""
        return content_id("evolve", self.generation, self.operator, *self.parents)

    @property
    def parents(self) -> tuple[str, ...]:
        """The parents' ids."""
        return (self.parent.id, self.mate.id) if self.mate else (self.parent.id,)


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
        planned = births(pool, generation, params)
        requests = [_request(birth, params, prompts) for birth in planned]
        replies = list(chat.ask(requests, f"evolve, generation {generation}"))
        children = [_child(birth, reply, chat.identity) for birth, reply in zip(planned, replies, strict=True)]
        judged = assess([child for child in children if isinstance(child, Judged)], kept, params.model_dump())
        chosen = fittest(judged, params.survivors)
        survivors = [child.row for child in chosen if isinstance(child, Judged)]
        yield from survivors
        yield from (child for child in (*children, *chosen) if isinstance(child, Dropped))
        kept += survivors
        pool = survivors + [row for row in parents if row not in survivors]


def births(pool: Sequence[Instruction], generation: int, params: Evolve) -> list[Birth]:
    """Draw who is rewritten and how: `population` births.

    The previous generation's survivors come first, then the first generation's instructions, each group in the order of
    its own draw; a parent's operators are a shuffle of its own, taken in turn when it is drawn again.
    """

    def draw(row: Instruction) -> Random:
        return Random(f"{params.seed}/{generation}/{row.id}")

    order = sorted(pool, key=lambda row: (row.generation == 0, draw(row).random()))
    planned = []
    for slot in range(params.population if order else 0):
        parent, turn = order[slot % len(order)], slot // len(order)
        rng = draw(parent)
        operators = rng.sample(params.operators, len(params.operators))
        mates = [row for row in order if row.language == parent.language and row.id != parent.id]
        operator = operators[turn % len(operators)]
        mate = rng.choice(mates) if operator == CROSSOVER and mates else None
        if operator == CROSSOVER and mate is None:
            operator = operators[(turn + 1) % len(operators)]
        planned.append(Birth(operator=operator, generation=generation, parent=parent, mate=mate))
    return planned


def _request(birth: Birth, params: Evolve, prompts: Library) -> Request:
    fields = {"instruction": birth.parent.text} | ({"other": birth.mate.text} if birth.mate else {})
    text = prompts.get(birth.operator, birth.parent.language).render(**fields)
    return Request(row=birth.id, user=text, max_tokens=params.max_tokens)


def _child(birth: Birth, reply: Reply, author: str) -> "Judged | Dropped":
    found, parent = draft(reply.text), birth.parent
    if reason := reply.fault or (None if found.text else Reason.UNPARSABLE):
        return Dropped(id=birth.id, reason=reason, detail=birth.operator, parents=birth.parents)
    mate = birth.mate.fields if birth.mate else ()
    # an answer form with fields must list them all, so named new ones join; where the parent had none, none are checked
    fields = tuple(dict.fromkeys([*parent.fields, *mate, *found.fields])) if parent.fields else ()
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
    return Judged(row=row, parent=parent)


def main(source: Path, prompts: Path, base: Path, target: Path, ledger: Path) -> None:
    """Read the curated instructions, write the evolved population."""
    params, model = Evolve.load(), Model.load()
    parents = jsonl.read(source, Instruction)
    births_in_all = params.generations * params.population if parents else 0
    outcomes = evolve(parents, params, Library(prompts), connect(model, base))
    jsonl.sift(target, outcomes, ledger, len(parents) + births_in_all)


if __name__ == "__main__":
    run(main)

"""Rewrite instructions into richer ones by an evolutionary algorithm with a language model as its operator (§2.1, step 2.1).

The paper names the combination and leaves the algorithm open. Our reading: a population of instructions is renewed over
generations; parents are drawn, each is rewritten by one operator (a mutation, or `combine`, a crossover), children that
gained nothing, lost their parent's meaning or cannot be used are eliminated, and of the rest those of highest fitness become parents.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import ClassVar

from pydantic import Field

from stages.chat.connect import connect
from stages.chat.messages import Chat, Reply, Request
from stages.chat.settings import ChatModel
from stages.core import jsonl, yaml_files
from stages.core.draws import generator
from stages.core.dropped import Dropped, Reason
from stages.core.params import Section
from stages.core.row import Record, content_id
from stages.core.stage import run
from stages.instructions.filter import MENTIONS, mentions
from stages.instructions.fitness import FitnessBounds, ScoredChild, evaluate, select_survivors
from stages.instructions.parsing import draft, is_echo
from stages.library.domain_pack import Domain
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
    parents: Sequence[Instruction], params: Evolve, prompts: Library, chat: Chat, words: tuple[str, ...] = MENTIONS
) -> Iterator[Instruction | Dropped]:
    """Yield the parents, then each generation's survivors and its eliminated children with their reasons.

    Every generation draws exactly `population` children (none when there is no parent), so outcomes = parents +
    generations × population. `words` are those of which one must stand in an instruction.
    """
    yield from parents
    kept, pool = list(parents), list(parents)
    for generation in range(1, params.generations + 1):
        planned = plan_offspring(pool, generation, params)
        requests = [_request(plan, params, prompts) for plan in planned]
        replies = list(chat.ask(requests, f"evolve, generation {generation}"))
        children = [_child(plan, reply, prompts, chat.identity) for plan, reply in zip(planned, replies, strict=True)]
        born = [child for child in children if isinstance(child, ScoredChild)]
        chosen = select_survivors(evaluate(born, kept, params, words), params.survivors)
        survivors = [child.row for child in chosen if isinstance(child, ScoredChild)]
        yield from survivors
        yield from (child for child in (*children, *chosen) if isinstance(child, Dropped))
        kept += survivors
        pool = survivors + [row for row in parents if row not in survivors]


def plan_offspring(pool: Sequence[Instruction], generation: int, params: Evolve) -> list[Offspring]:
    """Draw who is rewritten and how: `population` offspring.

    The previous generation's survivors come first, then the first generation's instructions, each group in the order of
    its own draw; a parent's operators are a shuffle of its own, taken in turn when it is drawn again.
    """

    def draw(row: Instruction, what: str) -> Random:
        return generator(params.seed, generation, row.id, what)

    order = sorted(pool, key=lambda row: (row.generation == 0, draw(row, "turn").random()))
    planned = []
    for slot in range(params.population if order else 0):
        parent, turn = order[slot % len(order)], slot // len(order)
        rng = draw(parent, "operators")  # its own draw: of the one above, those in front all drew the first operator
        operators = rng.sample(params.operators, len(params.operators))
        partners = [row for row in order if row.language == parent.language and row.id != parent.id]
        operator = operators[turn % len(operators)]
        partner = rng.choice(partners) if operator == CROSSOVER and partners else None
        if operator == CROSSOVER and partner is None:
            operator = operators[(turn + 1) % len(operators)]
        planned.append(Offspring(operator=operator, generation=generation, parent=parent, partner=partner))
    return planned


def _request(plan: Offspring, params: Evolve, prompts: Library) -> Request:
    fields = {"instruction": plan.parent.text} | ({"other": plan.partner.text} if plan.partner else {})
    text = prompts.get(plan.operator, plan.parent.language).render(**fields)
    return Request(row=plan.id, user=text, max_tokens=params.max_tokens)


def _child(plan: Offspring, reply: Reply, prompts: Library, author: str) -> ScoredChild | Dropped:
    written, parent = draft(reply.answer), plan.parent
    reason = reply.fault or (None if written.text else Reason.UNPARSABLE)
    if reason is None and is_echo(written.text, prompts.get(plan.operator, parent.language)):
        reason = Reason.PROMPT_ECHO
    if reason:
        return Dropped(id=plan.id, reason=reason, detail=plan.operator, parents=plan.parents)
    partner = plan.partner.fields if plan.partner else ()
    # an answer form with fields must list them all, so named new ones join; where the parent had none, none are checked
    fields = tuple(dict.fromkeys([*parent.fields, *partner, *written.fields])) if parent.fields else ()
    row = Instruction.new(
        **parent.model_dump(exclude={"id", "text", "fields", "origin", "operator", "generation", "parents", "author"}),
        text=written.text,
        fields=fields,
        origin="evolved",
        operator=plan.operator,
        generation=plan.generation,
        parents=plan.parents,
        author=author,
    )
    return ScoredChild(row=row, parent=parent)


def main(*, source: Path, prompts: Path, domain: Path, base: Path, target: Path, ledger: Path) -> None:
    """Read the curated instructions and the domain, write the evolved population."""
    params, model = Evolve.load(), ChatModel.load()
    parents = jsonl.read(source, Instruction)
    offspring = params.generations * params.population if parents else 0
    words = mentions(yaml_files.load(domain, Domain))
    outcomes = evolve(parents, params, Library(prompts), connect(model, base), words)
    jsonl.write_outcomes(target, outcomes, ledger, len(parents) + offspring)


if __name__ == "__main__":
    run(main)

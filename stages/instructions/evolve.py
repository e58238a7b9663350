"""Rewrite instructions into richer ones by an evolutionary algorithm with a language model as its operator (§2.1, step 2.1).

The paper names the combination and leaves the algorithm open. Our reading: in each generation parents are taken from the niches of
a population, the least used first; each is rewritten by one operator, before a stretch of a talk it fits. Children with a fault are
eliminated. Of the others, one that is fitter takes its parent's place, the next ones what room or less worthy place their niche has.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar, Self

from pydantic import Field, model_validator

from stages.chat.connect import connect
from stages.chat.messages import Chat, Reply, Request
from stages.chat.settings import ChatModel, JudgeModel
from stages.core import jsonl, metrics, yaml_files
from stages.core.dropped import Dropped, Reason
from stages.core.errors import ParamsError
from stages.core.params import Section, value
from stages.core.stage import run
from stages.instructions.evolution import evol_instruct
from stages.instructions.evolution.elimination import Bounds, Child, fault
from stages.instructions.evolution.excerpts import Excerpts
from stages.instructions.evolution.history import Attempt, measured, plot, started
from stages.instructions.evolution.offspring import Plan, born, own_words, request
from stages.instructions.evolution.operators import Success, read_operators
from stages.instructions.evolution.planning import Ground, plan
from stages.instructions.evolution.survival import Survival
from stages.instructions.evolution.written import read
from stages.instructions.method import LibraryMethod, budget, idle
from stages.instructions.rules.rubric import worth
from stages.library.domain_pack import Domain, Tasks
from stages.library.meta_prompts import Library
from stages.rows.dialogue import Dialogue
from stages.rows.instruction import Instruction

Verdicts = Callable[[Sequence[tuple[Instruction, Instruction]]], Sequence[float | None]]  # of (child, its seed): 0 to 1
NAMES = 160  # tokens of an answer's fields, labels and braces


class Evolve(Section, Bounds):
    """How instructions evolve; what children may be is said in `Bounds`."""

    section: ClassVar[str] = "evolve"
    operators: tuple[str, ...]
    """Which rewritings may be drawn, of prompts/evolve/operators.yaml; empty: all."""
    adapt: bool
    """Draw operators by their success in earlier generations, (kept + 1) / (tried + 2); false: equally."""
    generations: int = Field(ge=0, le=8)
    """How often the population is renewed; 0: no evolution."""
    population: int = Field(ge=1)
    """Children asked for in each generation."""
    niche: int = Field(ge=1)
    """Room of a niche (task × form × language) for parents; what it starts with has its place anyway."""
    excerpt_turns: int = Field(ge=1)
    """Turns of a train dialogue shown to the generator."""
    max_tokens: int = Field(ge=16)
    """Tokens of the generator's answer: 2 for each word of the budget, and 160 for fields, labels and braces."""
    seed: int
    """Of the draws of parents, operators, partners and excerpts."""

    @model_validator(mode="after")
    def _holds_the_budget(self) -> Self:
        if self.max_tokens < 2 * self.budget + NAMES:
            raise ValueError(f"max_tokens cuts off a child of {self.budget} words; {2 * self.budget + NAMES} hold it")
        return self


def evolve(
    parents: Sequence[Instruction],
    params: Evolve,
    ground: Ground,
    prompts: Library,
    chat: Chat,
    history: list[Attempt],
    verdicts: Verdicts | None = None,
) -> Iterator[Instruction | Dropped]:
    """Yield the parents, then one outcome for each attempt of each generation; `history` takes them all in.

    A generation has `population` attempts, none where no parent can be rewritten. `verdicts` are a judge's on the children
    without a fault, each beside the seed it descends from.
    """
    yield from parents
    history.extend(started(parents))
    survival, success, asked = Survival(parents, ground, params.niche), Success(), Counter[str]()
    for generation in range(1, params.generations + 1):
        weights = (success if params.adapt else Success()).weights(ground.operators)
        planned = list(plan(survival.population, generation, params.population, weights, ground))
        questions = list(_questions([each for _, each in planned], params, ground, prompts, asked))
        replies = chat.ask(questions, f"evolve, generation {generation}", len(questions))
        children = [
            _child(each, reply, params, ground, prompts, chat.identity)
            for (_, each), reply in zip(planned, replies, strict=True)
        ]
        pairs = [(child, parent) for child, (parent, _) in zip(children, planned, strict=True)]
        sound = [(child, parent.root) for child, parent in pairs if isinstance(child, Instruction)]
        said = iter(verdicts(sound) if verdicts else [None] * len(sound))
        for (child, parent), (_, each) in zip(pairs, planned, strict=True):
            reason = child if isinstance(child, Reason) else survival.admit(child, each, parent, next(said))
            kept = None if reason or isinstance(child, Reason) else child
            success.note(each.operator.id, kept is not None)
            history.append(Attempt(generation, each.parent.language, each.operator.id, parent.root, kept, reason))
            yield kept or each.dropped(reason or Reason.UNPARSABLE)


def _questions(
    plans: Sequence[Plan], params: Evolve, ground: Ground, prompts: Library, asked: Counter[str]
) -> Iterator[Request]:
    """Yield a question for each child; one that was `asked` before is asked for another draw."""
    for each in plans:
        question = request(each, ground.tasks, prompts, params.budget, params.max_tokens)
        yield question.model_copy(update={"seed": asked[question.user]})
        asked[question.user] += 1


def _child(
    plan: Plan, reply: Reply, bounds: Bounds, ground: Ground, prompts: Library, author: str
) -> Instruction | Reason:
    """Return a child without a fault, or why there is none."""
    child = Child(
        parent=plan.parent,
        partner=plan.partner,
        operator=plan.operator,
        excerpt=plan.shown.excerpt,
        asked=own_words(plan, ground.tasks, prompts, bounds.budget),
        reply=reply,
    )
    if reason := fault(child, bounds):
        return reason
    found = read(reply)
    return found if isinstance(found, Reason) else born(plan, found, author) or Reason.UNPARSABLE


def _verdicts(prompts: Library, chat: Chat) -> Verdicts:
    """Return the judge's verdicts by the rubric of stage `screen`, which then asks nothing twice."""
    return partial(worth, library=prompts, chat=chat, max_tokens=value("screen.max_tokens", int))


def main(
    *,
    source: Path,
    pack: Path,
    dialogues: Path,
    prompts: Path,
    general: Path,
    rubric: Path,
    base: Path,
    target: Path,
    ledger: Path,
    report: Path,
    plots: Path,
) -> None:
    """Read curated instructions, the pack and train dialogues, write the evolved population, its ledger and its metrics."""
    settings, method = Evolve.load(), LibraryMethod.load().method
    if fault := idle(method, settings.generations):
        raise ParamsError(f"params.yaml: {fault}")
    parents, history = jsonl.read(source, Instruction), list[Attempt]()
    spoken = {row.language for row in parents}
    if method == "two_stage":
        domain = yaml_files.load(pack / "domain.yaml", Domain)
        ground = Ground(
            domain=domain,
            tasks=yaml_files.load(pack / "tasks.yaml", Tasks),
            excerpts=Excerpts(jsonl.read(dialogues, Dialogue), domain, settings.excerpt_turns),
            operators=read_operators(prompts, settings.operators, spoken),
            budget=settings.budget,
            seed=settings.seed,
        )
        judge = JudgeModel.load_or_none()
        verdicts = _verdicts(Library(rubric), connect(judge, base)) if judge else None
        chat = connect(ChatModel.load(), base)
        outcomes = evolve(parents, settings, ground, Library(prompts), chat, history, verdicts)
    elif method == "evol_instruct":
        chat = connect(ChatModel.load(), base)
        spent = evol_instruct.Spent(budget(), settings.generations, settings.max_tokens, settings.seed)
        operators = read_operators(general, spoken=spoken)
        outcomes = evol_instruct.evolve(parents, spent, operators, Library(general), chat, history)
    else:  # fixed, self_instruct: nothing evolves
        outcomes, history = iter(parents), started(parents)
    jsonl.write_outcomes(target, outcomes, ledger, lambda: len(history))
    metrics.write(report, measured(history))
    metrics.write(plots, plot(history))


if __name__ == "__main__":
    run(main)

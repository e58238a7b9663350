"""General instruction evolution (Xu et al., 2023), the method that §2 argues against: from the instruction alone, for comparison.

Each generation rewrites instructions of the pool by an operator drawn at random; all parents and all survivors are the next pool. A
child dies of what the original eliminates: nothing gained, a short apology, nothing but stop words, words of the meta-prompt.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from stages.chat.messages import Chat, Reply, Request
from stages.core.draws import generator
from stages.core.dropped import Dropped, Reason
from stages.instructions.evolution.crossing import Scope
from stages.instructions.evolution.excerpts import Shown
from stages.instructions.evolution.history import Attempt, started
from stages.instructions.evolution.offspring import SCHEMA, Plan, born
from stages.instructions.evolution.operators import Operator
from stages.instructions.evolution.written import Written, read
from stages.library.meta_prompts import Library
from stages.rows.instruction import Instruction
from stages.text import languages, stop_words

SORRY = re.compile(r"\bsorry\b|抱歉|对不起", re.IGNORECASE)
SHORT = 80  # words of an answer with an apology that is nothing else
COPIED = re.compile(
    r"\b(?:given|rewritten|created|new|following) (?:prompt|instruction)\b|\bmore complex version\b|(?:改写后的|给定的|新的?|下面的|这条)指令|更复杂",
    re.IGNORECASE,
)
EMPTY_ZH = frozenset("的了和与及或在是为从到对把被就也都而个以并有不请将其这那吗呢吧")


class Spent(NamedTuple):
    """How much is asked."""

    requests: int  # of all generations
    generations: int
    max_tokens: int
    seed: int

    @property
    def populations(self) -> list[int]:
        """The requests of each generation, as even as can be."""
        each, rest = divmod(self.requests, self.generations)
        return [each + (generation < rest) for generation in range(self.generations)]


def evolve(
    parents: Sequence[Instruction],
    spent: Spent,
    operators: Sequence[Operator],
    prompts: Library,
    chat: Chat,
    history: list[Attempt],
) -> Iterator[Instruction | Dropped]:
    """Yield the parents, then one outcome for each attempt of each generation; `history` takes them all in."""
    yield from parents
    history.extend(started(parents))
    pool, roots, seen = list(parents), {row.id: row for row in parents}, {row.id for row in parents}
    asked = Counter[str]()
    for generation, population in enumerate(spent.populations, 1):
        plans = list(_plans(pool, generation, population, spent.seed, operators, asked))
        questions = [_request(plan, prompts, spent.max_tokens) for plan in plans]
        replies = list(chat.ask(questions, f"evolve, generation {generation}", len(questions)))
        for plan, reply in zip(plans, replies, strict=True):
            found, reason = read(reply), fault(plan.parent, reply)
            child = born(plan, found, chat.identity) if isinstance(found, Written) and not reason else None
            if child and child.id in seen:
                child, reason = None, Reason.DUPLICATE
            reason = None if child else reason or Reason.UNPARSABLE
            root = roots[plan.parent.id]
            history.append(Attempt(generation, plan.parent.language, plan.operator.id, root, child, reason))
            if child:
                seen.add(child.id)
                pool.append(child)
                roots[child.id] = root
            yield child or plan.dropped(reason or Reason.UNPARSABLE)


def fault(parent: Instruction, reply: Reply) -> Reason | None:
    """Return why the original method eliminates a child, or None."""
    found = read(reply)
    if isinstance(found, Reason):
        return found
    text = found.instruction
    if languages.units(text) == languages.units(parent.text):
        return (
            Reason.UNCHANGED
        )  # the original asks a model whether anything was gained; the same words have gained nothing
    if SORRY.search(text) and languages.words(text) < SHORT:
        return Reason.REFUSED
    if all(unit in stop_words.ENGLISH or unit in EMPTY_ZH for unit in languages.units(text)):
        return Reason.EMPTY
    return Reason.PROMPT_ECHO if COPIED.search(text) else None


def _plans(
    pool: Sequence[Instruction],
    generation: int,
    population: int,
    seed: int,
    operators: Sequence[Operator],
    asked: Counter[str],
) -> Iterator[Plan]:
    """Draw whom to rewrite, again from the start when the pool is smaller than the population, and the operator of each.

    `asked` counts how often each was, in all generations: the same question again is another draw, not the same answer.
    """
    order = sorted(pool, key=lambda row: generator(seed, generation, row.id).random())
    for slot in range(population if order else 0):
        around, place = divmod(slot, len(order))
        row = order[place]
        operator = generator(seed, generation, row.id, "operator", around).choice(operators)
        yield Plan(
            generation=generation,
            operator=operator,
            parent=row,
            scope=Scope.of(row),
            shown=Shown(scene="", role=""),
            number=asked[row.id],
        )
        asked[row.id] += 1


def _request(plan: Plan, prompts: Library, max_tokens: int) -> Request:
    language = plan.parent.language
    text = prompts.get("rewrite", language).render(instruction=plan.parent.text, order=plan.operator.order[language])
    return Request(row=plan.id, user=text, max_tokens=max_tokens, seed=plan.number, answer_schema=SCHEMA)

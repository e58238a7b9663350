"""What each new seed is to be about: task × scene × role × conversation, and in which manner it is to be worded (§2.1, step 1)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, count, islice
from math import log
from sys import float_info
from typing import Literal, NamedTuple

from stages.core.draws import generator
from stages.core.row import Language, Record, content_id
from stages.library.domain_pack import Domain, Requirement, Task, Tasks
from stages.rows.dialogue import Dialogue

Manner = Literal["order", "polite", "question", "terse", "spoken", "situation", "brief"]


class Wording(NamedTuple):
    """In which manner, and from how many to how many words (two Chinese characters are one)."""

    manner: Manner
    low: int
    high: int


WORDINGS = (
    *(Wording("terse", 5, 12), Wording("question", 6, 15), Wording("question", 16, 40)),
    *(Wording("order", 10, 30), Wording("order", 31, 60), Wording("polite", 15, 40)),
    *(Wording("spoken", 10, 30), Wording("spoken", 31, 60)),
    *(Wording("situation", 31, 60), Wording("situation", 61, 100)),
    *(Wording("brief", 61, 100), Wording("brief", 101, 150)),
)


class Cell(NamedTuple):
    """A task, and a pair of scene and role that occurs among the conversations of a language."""

    task: str
    language: Language
    scene: str
    role: str


class SeedRequest(Record):
    """What one new instruction is to be about."""

    task: Task
    requirement: Requirement
    dialogue: Dialogue
    wording: Wording
    turn: int

    @property
    def id(self) -> str:
        """The id of the request, by which a failed answer is listed."""
        return content_id("seed", self.task.id, self.requirement.id, self.dialogue.id, self.turn)


def seed_requests(
    dialogues: Iterable[Dialogue], tasks: Tasks, domain: Domain, languages: Sequence[Language], wanted: int, seed: int
) -> list[SeedRequest]:
    """Return `wanted` requests: every cell has its turn before one has a second, and so has every conversation of a cell.

    The languages take turns, and each goes through its own cells. In every turn they come in an order of its own, drawn by
    the weights of task and scene; a scene's weight counts once, whatever number of roles shares it. A further conversation
    changes requests of its own cells only, unless its scene and role are new, and of those only the ones that it moves to
    a later turn.
    """
    talks: dict[Language, dict[tuple[str, str], list[Dialogue]]] = {
        language: defaultdict(list) for language in languages
    }
    for row in dialogues:
        if row.language in talks:
            talks[row.language][row.scene, row.role].append(row)
    streams = [_requests(language, here, tasks, domain, seed) for language, here in talks.items() if here]
    return list(islice(chain.from_iterable(zip(*streams, strict=False)), wanted))  # streams have no end


def _requests(
    language: Language, talks: Mapping[tuple[str, str], list[Dialogue]], tasks: Tasks, domain: Domain, seed: int
) -> Iterator[SeedRequest]:
    """Yield requests without end: of each turn's cells the ones with the largest u^(1/weight) first (Efraimidis, Spirakis 2006).

    Their logarithms are compared: with small weights, such as shares of many scenes, the powers themselves are all zero.
    """
    roles = Counter(scene for scene, _ in talks)
    weights = {
        Cell(task.id, language, *pair): task.weight * domain.scene(pair[0]).weight / roles[pair[0]]
        for task in tasks.tasks
        for pair in talks
    }
    within = {cell: _shuffled(talks[cell.scene, cell.role], seed, cell.task) for cell in weights}
    for turn in count():
        drawn = {cell: generator(seed, "cell", turn, *cell).random() or float_info.min for cell in weights}
        keys = {cell: log(drawn[cell]) / weight for cell, weight in weights.items()}
        for cell in sorted(keys, key=lambda cell: -keys[cell]):
            task, order = tasks.get(cell.task), within[cell]
            covered = generator(seed, "requirement", *cell).sample(task.trained, len(task.trained))
            yield SeedRequest(
                task=task,
                requirement=covered[turn % len(covered)],
                dialogue=order[turn % len(order)],
                wording=generator(seed, "wording", turn, *cell).choice(WORDINGS),
                turn=turn,
            )


def _shuffled(rows: Sequence[Dialogue], seed: int, task: str) -> list[Dialogue]:
    """Return the conversations in the order of a draw of each one's own, so that a further one takes a place among them."""
    return sorted(rows, key=lambda row: generator(seed, "dialogue", task, row.id).random())

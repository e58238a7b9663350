"""Collect seed instructions: the pack's hand-written ones, and new ones asked from the generator (§2.1, step 1)."""

from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import ClassVar, NamedTuple, Self

from pydantic import Field, model_validator

from stages.chat.connect import connect
from stages.chat.messages import Chat
from stages.chat.settings import ChatModel
from stages.core import jsonl, yaml_files
from stages.core.dropped import Dropped, Reason
from stages.core.params import Section
from stages.core.row import Language
from stages.core.stage import run
from stages.instructions.method import LibraryMethod, Method, budget
from stages.instructions.seeding.cells import seed_requests
from stages.instructions.seeding.generated import Asking, seeds
from stages.instructions.seeding.self_instruct import ideas, self_instruct
from stages.library.domain_pack import Domain, Instructions, Tasks
from stages.library.meta_prompts import Library
from stages.rows.dialogue import Dialogue
from stages.rows.instruction import Instruction


class Pack(NamedTuple):
    """The files of a domain pack that seeds are made from."""

    domain: Domain
    tasks: Tasks
    written: Instructions

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the three files; an instruction of a task that is not there is refused, as no later stage could draw it."""
        tasks = yaml_files.load(folder / "tasks.yaml", Tasks)
        written = yaml_files.load(folder / "instructions.yaml", Instructions)
        for item in (*written.instructions, *written.replies):
            tasks.get(item.task)
        return cls(yaml_files.load(folder / "domain.yaml", Domain), tasks, written)


class Seed(Section, Asking):
    """Which instructions the library grows from."""

    section: ClassVar[str] = "seed"
    languages: tuple[Language, ...] = Field(min_length=1)
    """Languages of the instructions, `en` and `zh`, hence of the training prompts and rows."""
    written: int = Field(ge=0)
    """Hand-written instructions of the pack taken of each language; 0: all; 8: a fixed few (v0.5)."""
    generated: int = Field(ge=0)
    """Seed instructions asked from the generator, besides the hand-written ones; a method other than two_stage spends them its own way."""

    @model_validator(mode="after")
    def _once(self) -> Self:
        if len(set(self.languages)) < len(self.languages):
            raise ValueError("a language is named twice")
        return self


def written(pack: Instructions, params: Seed) -> Iterator[Instruction | Dropped]:
    """Yield the pack's hand-written instructions, in its order; other languages, and more than `written`, are dropped.

    The tasks take turns: the first of each task, then the second of each, so that few instructions are of many tasks.
    """
    turns = Counter[tuple[Language, str]]()
    turn: dict[str, int] = {}
    for item in pack.instructions:
        turn[item.id] = turns[item.language, item.task]
        turns[item.language, item.task] += 1
    for language in params.languages:
        candidates = sorted(
            (item for item in pack.instructions if item.language == language), key=lambda item: turn[item.id]
        )
        for item in candidates[params.written or len(candidates) :]:
            turn.pop(item.id)
    for item in pack.instructions:
        if item.language not in params.languages:
            yield Dropped(id=item.id, reason=Reason.OTHER_LANGUAGE, detail=item.language)
        elif item.id not in turn:
            yield Dropped(id=item.id, reason=Reason.NOT_DRAWN)
        else:
            yield Instruction.new(**item.model_dump(exclude={"id"}), origin="pack", author=item.id)


def generated(
    method: Method, dialogues: Path, pack: Pack, params: Seed, prompts: Library, chat: Chat
) -> tuple[int, Iterator[Instruction | Dropped]]:
    """Return how many instructions the method asks the generator for, and their outcomes."""
    if method == "self_instruct":
        drawn = ideas(pack.tasks, params.languages, budget(), params.seed)
        return len(drawn), self_instruct(drawn, pack.written, params, prompts, chat)
    if method == "two_stage":
        rows = jsonl.stream(dialogues, Dialogue)
        wanted = seed_requests(rows, pack.tasks, pack.domain, params.languages, params.generated, params.seed)
        return len(wanted), seeds(wanted, pack.written, pack.domain, params, prompts, chat)
    return 0, iter(())


def main(*, pack: Path, dialogues: Path, prompts: Path, base: Path, target: Path, ledger: Path) -> None:
    """Read the pack and the train dialogues, write the seeds."""
    params, read = Seed.load(), Pack.read(pack)
    chat = connect(ChatModel.load(), base)
    asked, new = generated(LibraryMethod.load().method, dialogues, read, params, Library(prompts), chat)
    came_in = len(read.written.instructions) + asked
    jsonl.write_outcomes(target, chain(written(read.written, params), new), ledger, came_in)


if __name__ == "__main__":
    run(main)

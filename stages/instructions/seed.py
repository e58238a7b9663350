"""Collect seed instructions: the pack's hand-written ones, and new ones asked from the generator (§2.1, step 1)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from stages.chat.connect import connect
from stages.chat.messages import Chat, Request
from stages.chat.settings import ChatModel
from stages.core import jsonl, yaml_files
from stages.core.draws import generator
from stages.core.dropped import Dropped, Reason
from stages.core.params import Section
from stages.core.row import Language, Record, content_id
from stages.core.stage import run
from stages.instructions.parsing import draft, is_echo
from stages.library.domain_pack import Domain, Instructions, Requirement, Task, Tasks
from stages.library.meta_prompts import Library
from stages.rows.dialogue import Dialogue
from stages.rows.instruction import FormatKind, Instruction

PROMPT = "instruction"  # the meta-prompt
FIELDLESS: tuple[FormatKind, ...] = ("list", "paragraph", "message")  # forms that need no named sub-items


class Seed(Section):
    """Which instructions the library grows from."""

    section: ClassVar[str] = "seed"
    languages: tuple[Language, ...] = Field(min_length=1)
    """Languages of the instructions, `en` and `zh`, hence of the training prompts and rows."""
    written: int = Field(ge=0)
    """Hand-written instructions of the pack taken of each language; 0: all; 6: a fixed few (v0.5)."""
    generated: int = Field(ge=0)
    """Seed instructions asked from the generator, besides the hand-written ones."""
    shots: int = Field(ge=0, le=10)
    """Hand-written instructions shown to the generator as examples."""
    excerpt_turns: int = Field(ge=1)
    """Turns of a train dialogue shown to the generator."""
    max_tokens: int = Field(ge=16)
    """Tokens of the generator's answer; one cut off here is dropped."""
    seed: int
    """Of the draws of dialogues, tasks, excerpts and examples."""


class SeedRequest(Record):
    """What one new instruction is to be about."""

    task: Task
    requirement: Requirement
    dialogue: Dialogue
    number: int

    @property
    def id(self) -> str:
        """The id of the request, by which a failed answer is listed."""
        return content_id("seed", self.task.id, self.requirement.id, self.dialogue.id, self.number)


def seed_requests(dialogues: Sequence[Dialogue], tasks: Tasks, params: Seed) -> list[SeedRequest]:
    """Draw a dialogue, a task by weight and one of its requirements for each wanted instruction.

    Dialogues are taken in the order of a draw of their own, again from the start when there are fewer than wanted.
    """
    spoken = [row for row in dialogues if row.language in params.languages]
    order = sorted(spoken, key=lambda row: generator(params.seed, row.id).random())
    turns = [(order[n % len(order)], n // len(order)) for n in range(params.generated)] if order else []
    requests = []
    for dialogue, number in turns:
        rng = generator(params.seed, dialogue.id, number)
        task = rng.choices(tasks.tasks, [task.weight for task in tasks.tasks])[0]
        requests.append(
            SeedRequest(task=task, requirement=rng.choice(task.requirements), dialogue=dialogue, number=number)
        )
    return requests


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


def seeds(
    pack: Instructions, domain: Domain, wanted: Sequence[SeedRequest], params: Seed, prompts: Library, chat: Chat
) -> Iterator[Instruction | Dropped]:
    """Yield the hand-written instructions, then one outcome for each request, in order."""
    yield from written(pack, params)
    shown = [_shown(request, pack, domain, params) for request in wanted]
    questions = [_question(request, fields, params, prompts) for request, fields in zip(wanted, shown, strict=True)]
    replies = chat.ask(questions, "seed", len(questions))
    for request, fields, reply in zip(wanted, shown, replies, strict=True):
        instruction, parents = draft(reply.answer), (request.dialogue.id,)
        asked = prompts.get(PROMPT, request.dialogue.language)
        if reason := reply.fault or (None if instruction.text else Reason.UNPARSABLE):
            yield Dropped(id=request.id, reason=reason, parents=parents)
        elif is_echo(instruction.text, asked, asked.render(**fields | {"excerpt": ""})):
            yield Dropped(id=request.id, reason=Reason.PROMPT_ECHO, parents=parents)
        else:
            yield Instruction.new(
                language=request.dialogue.language,
                task=request.task.id,
                requirement=request.requirement.id,
                text=instruction.text,
                fields=instruction.fields,
                formats=_formats(request.task, bool(instruction.fields)),
                origin="generated",
                parents=parents,
                author=chat.identity,
            )


def _formats(task: Task, named: bool) -> tuple[FormatKind, ...]:
    """Forms of the task that need no labels, and no fields where none are named."""
    fit = tuple(kind for kind in task.formats if kind != "label" and (named or kind in FIELDLESS))
    return fit or ("list", "paragraph")


def _shown(request: SeedRequest, pack: Instructions, domain: Domain, params: Seed) -> dict[str, str]:
    """Return what the meta-prompt is rendered with."""
    dialogue, language = request.dialogue, request.dialogue.language
    rng = generator(params.seed, request.id)
    like = [item.text for item in pack.instructions if item.task == request.task.id and item.language == language]
    shots = rng.sample(like, min(params.shots, len(like)))
    start = rng.randrange(max(1, len(dialogue.turns) - params.excerpt_turns))
    excerpt = dialogue.model_copy(update={"turns": dialogue.turns[start : start + params.excerpt_turns]}).render()
    return {
        "task": request.task.name[language],
        "task_description": request.task.description[language],
        "requirement": request.requirement.text[language],
        "scene": domain.scene(dialogue.scene).name[language],
        "role": domain.role(dialogue.role).name[language],
        "excerpt": excerpt,
        "examples": "\n".join(f"- {shot}" for shot in shots),
    }


def _question(request: SeedRequest, shown: dict[str, str], params: Seed, prompts: Library) -> Request:
    text = prompts.get(PROMPT, request.dialogue.language).render(**shown)
    return Request(row=request.id, user=text, max_tokens=params.max_tokens)


def main(*, pack: Path, dialogues: Path, prompts: Path, base: Path, target: Path, ledger: Path) -> None:
    """Read the pack and the train dialogues, write the seeds."""
    params, model = Seed.load(), ChatModel.load()
    domain, tasks = yaml_files.load(pack / "domain.yaml", Domain), yaml_files.load(pack / "tasks.yaml", Tasks)
    hand = yaml_files.load(pack / "instructions.yaml", Instructions)
    wanted = seed_requests(jsonl.read(dialogues, Dialogue), tasks, params)
    outcomes = seeds(hand, domain, wanted, params, Library(prompts), connect(model, base))
    jsonl.write_outcomes(target, outcomes, ledger, len(hand.instructions) + len(wanted))


if __name__ == "__main__":
    run(main)

"""New instructions asked from the generator for one conversation each, and what becomes of the answers (§2.1, step 1)."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from random import Random
from typing import Self

from pydantic import Field, model_validator

from stages.chat.messages import Chat, Reply, Request, parse, strict_schema
from stages.core.draws import generator
from stages.core.dropped import Dropped, Reason
from stages.core.errors import PromptError
from stages.core.params import Settings
from stages.core.row import Language
from stages.instructions.rules.beyond import carries_personal_data
from stages.instructions.seeding.cells import WORDINGS, SeedRequest
from stages.instructions.seeding.parsing import SeedDraft, is_echo
from stages.library.domain_pack import Domain, Instructions, Task
from stages.library.fence import fenced
from stages.library.meta_prompts import Library, MetaPrompt
from stages.library.wording import Text
from stages.rows.instruction import Instruction

PROMPT = "instruction"  # the meta-prompt
BEFORE, AFTER = "<<<", ">>>"  # it sets these around the excerpt
SCHEMA = strict_schema(SeedDraft)
LONGEST = max(wording.high for wording in WORDINGS)
NAMES = 160  # tokens of an answer's fields, labels and braces
HOLDS = round(1.5 * LONGEST) + NAMES


class Asking(Settings):
    """How the generator is asked for an instruction."""

    shots: int = Field(ge=0, le=10)
    """Hand-written instructions shown to the generator as examples."""
    excerpt_turns: int = Field(ge=1)
    """Turns of a train dialogue shown to the generator."""
    max_tokens: int = Field(ge=16)
    """Tokens of the generator's answer: 1.5 for each word that an instruction may have, and 160 for fields, labels and braces; one cut off is dropped."""
    seed: int
    """Of the draws of tasks, scenes, roles, dialogues, excerpts, manners and examples."""

    @model_validator(mode="after")
    def _holds_the_longest(self) -> Self:
        if self.max_tokens < HOLDS:
            raise ValueError(
                f"max_tokens cuts off an instruction of {LONGEST} words, which may be asked for; {HOLDS} hold it"
            )
        return self


def seeds(
    wanted: Sequence[SeedRequest], pack: Instructions, domain: Domain, params: Asking, prompts: Library, chat: Chat
) -> Iterator[Instruction | Dropped]:
    """Yield one outcome for each request, in order; a seed keeps its conversation's scene and role."""
    shown = [_shown(request, pack, domain, params) for request in wanted]
    asked = [prompts.get(PROMPT, request.dialogue.language) for request in wanted]
    questions = [
        Request(row=request.id, user=prompt.render(**fields), max_tokens=params.max_tokens, answer_schema=SCHEMA)
        for request, prompt, fields in zip(wanted, asked, shown, strict=True)
    ]
    replies = chat.ask(questions, "seed", len(questions))
    for request, prompt, fields, reply in zip(wanted, asked, shown, replies, strict=True):
        dialogue = request.dialogue
        shown_besides = prompt.render(**fields | {"excerpt": ""})
        draft = drafted(reply, request.task, prompt, shown_besides, request.requirement.explained)
        if isinstance(draft, SeedDraft):
            text, names = draft.instruction, (*draft.fields, *draft.labels)
            if carries_personal_data(text, str(fields["excerpt"]), shown_besides, names):
                draft = Reason.PERSONAL_DATA
        if isinstance(draft, Reason):
            yield Dropped(id=request.id, reason=draft, parents=(dialogue.id,))
        else:
            yield Instruction.new(
                language=dialogue.language,
                task=request.task.id,
                requirement=request.requirement.id,
                text=draft.instruction,
                scenes=(dialogue.scene,),
                roles=(dialogue.role,),
                fields=draft.fields,
                labels=draft.labels,
                formats=draft.formats,
                origin="generated",
                parents=(dialogue.id,),
                author=chat.identity,
            )


def drafted(reply: Reply, task: Task, asked: MetaPrompt, shown: str, explained: bool = False) -> SeedDraft | Reason:
    """Return the instruction that an answer holds, or why it holds none; `shown` is what the question showed.

    `explained`: its requirement asks for reasons, so that it is never answered by a label.
    """
    parsed = parse(reply, SeedDraft)
    if isinstance(parsed, Reason):
        return parsed
    if is_echo(parsed.instruction, asked, shown):
        return Reason.PROMPT_ECHO
    return parsed.fitted(task, explained) or Reason.UNPARSABLE


def examples(texts: Iterable[str], wanted: int, rng: Random) -> list[str]:
    """Draw `wanted` texts of varied length: one out of each of as many groups, from the shortest to the longest."""
    ordered = sorted(texts, key=lambda text: (len(text), text))
    bounds = [len(ordered) * n // wanted for n in range(wanted + 1)] if wanted else []
    return [rng.choice(ordered[low:high]) for low, high in pairwise(bounds) if low < high]


def worded(text: Text, language: Language, place: str) -> str:
    """Return a text of the pack in a language; a PromptError where it has none, `place` being where it stands in the pack."""
    if language not in text:
        raise PromptError(
            f"{place} has no text in {language}, in which instructions are to be made; write it, or take {language} out of "
            "params.yaml: seed.languages"
        )
    return text[language]


def listed(texts: Iterable[str]) -> str:
    """Return texts as a list."""
    return "\n".join(f"- {text}" for text in texts)


def _shown(request: SeedRequest, pack: Instructions, domain: Domain, params: Asking) -> dict[str, object]:
    """Return what the meta-prompt is rendered with; lengths are in the language's own units, words or characters."""
    dialogue, language, wording = request.dialogue, request.dialogue.language, request.wording
    task = f"tasks.yaml: {request.task.id}"
    rng = generator(params.seed, request.id)
    like = [item.text for item in pack.instructions if item.task == request.task.id and item.language == language]
    start = rng.randrange(max(1, len(dialogue.turns) - params.excerpt_turns + 1))
    excerpt = dialogue.model_copy(update={"turns": dialogue.turns[start : start + params.excerpt_turns]}).render()
    units = 2 if language == "zh" else 1
    return {
        "task": worded(request.task.name, language, f"{task} name"),
        "task_description": worded(request.task.description, language, f"{task} description"),
        "requirement": worded(request.requirement.text, language, f"tasks.yaml: requirement {request.requirement.id}"),
        "scene": worded(domain.scene(dialogue.scene).name, language, f"domain.yaml: scene {dialogue.scene} name"),
        "role": worded(domain.role(dialogue.role).name, language, f"domain.yaml: role {dialogue.role} name"),
        "excerpt": fenced(excerpt, BEFORE, AFTER),
        "examples": listed(examples(like, params.shots, rng)),
        "manner": wording.manner,
        "low": wording.low * units,
        "high": wording.high * units,
        "formats": ", ".join(request.task.formats),
    }

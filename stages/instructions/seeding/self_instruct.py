"""Self-Instruct, a method to compare with: new instructions from examples alone, no scene, role or conversation (Wang et al. 2022)."""

from collections.abc import Iterator, Sequence

from stages.chat.messages import Chat, Request
from stages.core.draws import generator
from stages.core.dropped import Dropped, Reason
from stages.core.row import Language, Record, content_id
from stages.instructions.seeding.generated import SCHEMA, Asking, drafted, listed, worded
from stages.instructions.seeding.parsing import SeedDraft
from stages.instructions.seeding.rouge import rouge_l, words
from stages.library.domain_pack import Instructions, Task, Tasks
from stages.library.meta_prompts import Library
from stages.rows.instruction import Instruction

PROMPT = "self_instruct"
ROUND = 8  # requests asked at once; what they bring is among the examples of the next
ALIKE = 0.7  # ROUGE-L from which an instruction says nothing new (Wang et al. 2022, §2.2)
OWN = 4  # of this many examples one is generated, as soon as there is one (2 of 8 there)


class Idea(Record):
    """One request: in which language, for which task."""

    number: int
    language: Language
    task: Task

    @property
    def id(self) -> str:
        """The id of the request, by which a failed answer is listed."""
        return content_id("self_instruct", self.number, self.language, self.task.id)


class Pool:
    """The instructions so far, by language: hand-written ones and those that were generated."""

    def __init__(self, pack: Instructions) -> None:
        """Begin with the hand-written ones."""
        self.written = {
            language: [i.text for i in pack.instructions if i.language == language] for language in ("en", "zh")
        }
        self.generated: dict[str, list[str]] = {"en": [], "zh": []}
        self._words = {language: [words(text) for text in texts] for language, texts in self.written.items()}

    def examples(self, idea: Idea, shots: int, seed: int) -> list[str]:
        """Draw examples of the idea's language, whatever their task: a share of generated ones, the rest hand-written."""
        rng = generator(seed, idea.id)
        written, own = self.written[idea.language], self.generated[idea.language]
        drawn = rng.sample(own, min(-(-shots // OWN), len(own)))
        drawn += rng.sample(written, min(shots - len(drawn), len(written)))
        return rng.sample(drawn, len(drawn))

    def takes(self, text: str, language: Language) -> bool:
        """Add an instruction and return whether it differs from all earlier ones of its language."""
        spelled = words(text)
        if any(rouge_l(spelled, other, ALIKE) for other in self._words[language]):
            return False
        self._words[language].append(spelled)
        self.generated[language].append(text)
        return True


def ideas(tasks: Tasks, languages: Sequence[Language], wanted: int, seed: int) -> list[Idea]:
    """Draw a task by weight for each of `wanted` requests; the languages take turns."""
    weights = [task.weight for task in tasks.tasks]
    drawn = [generator(seed, "self_instruct", n).choices(tasks.tasks, weights)[0] for n in range(wanted)]
    return [Idea(number=n, language=languages[n % len(languages)], task=task) for n, task in enumerate(drawn)]


def self_instruct(
    wanted: Sequence[Idea], pack: Instructions, params: Asking, prompts: Library, chat: Chat
) -> Iterator[Instruction | Dropped]:
    """Yield one outcome for each idea, in order, asked in rounds; what is too like an earlier instruction is redundant."""
    pool = Pool(pack)
    for start in range(0, len(wanted), ROUND):
        now = wanted[start : start + ROUND]
        shown = [_shown(idea, pool.examples(idea, params.shots, params.seed)) for idea in now]
        asked = [prompts.get(PROMPT, idea.language) for idea in now]
        questions = [
            Request(row=idea.id, user=prompt.render(**fields), max_tokens=params.max_tokens, answer_schema=SCHEMA)
            for idea, prompt, fields in zip(now, asked, shown, strict=True)
        ]
        replies = list(chat.ask(questions, f"self-instruct, from {start + 1}", len(questions)))
        for idea, prompt, fields, reply in zip(now, asked, shown, replies, strict=True):
            draft = drafted(reply, idea.task, prompt, prompt.render(**fields))
            if isinstance(draft, SeedDraft) and not pool.takes(draft.instruction, idea.language):
                draft = Reason.REDUNDANT
            yield (
                Dropped(id=idea.id, reason=draft)
                if isinstance(draft, Reason)
                else _instruction(idea, draft, chat.identity)
            )


def _shown(idea: Idea, drawn: Sequence[str]) -> dict[str, object]:
    return {
        "task": worded(idea.task.name, idea.language, f"tasks.yaml: {idea.task.id} name"),
        "task_description": worded(idea.task.description, idea.language, f"tasks.yaml: {idea.task.id} description"),
        "examples": listed(drawn),
        "formats": ", ".join(idea.task.formats),
    }


def _instruction(idea: Idea, draft: SeedDraft, author: str) -> Instruction:
    """Return the row; Self-Instruct knows tasks and no requirement of theirs, no scene and no role."""
    return Instruction.new(
        language=idea.language,
        task=idea.task.id,
        requirement="",
        text=draft.instruction,
        fields=draft.fields,
        labels=draft.labels,
        formats=draft.formats,
        origin="generated",
        author=author,
    )

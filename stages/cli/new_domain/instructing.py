"""What the writer proposes to be asked: requirements of each task, then instructions for them in each language."""

from collections.abc import Sequence

from stages.cli.new_domain import fitting, forms
from stages.cli.new_domain.pack_draft import EXTRACTION, TODO, Block, PackDraft, neutral, open_instruction
from stages.cli.new_domain.sampling import shown
from stages.cli.new_domain.writer import Question, Writer, described, left, listed
from stages.core.dropped import Reason
from stages.core.row import Language
from stages.library.domain_pack import HandWritten, Requirement, Task

REQUIREMENTS = 2  # asked for each task
INSTRUCTIONS = 2  # asked for each task and language: six a language


def with_requirements(draft: PackDraft, writer: Writer) -> PackDraft:
    """Ask for requirements of each task; an extraction without any keeps the open ones."""
    tasks, excerpts = neutral().tasks, shown(writer.dialogues)
    questions = [
        Question(
            "requirements",
            writer.main,
            {
                **_told(draft, task, writer.main),
                "excerpts": excerpts,
                "known": listed(row.text[writer.main] for row in task.requirements),
                "count": REQUIREMENTS,
                "texts": writer.texts(),
            },
            forms.requirements(writer.languages, REQUIREMENTS),
        )
        for task in tasks
    ]
    made = list[tuple[str, Block[Requirement]]]()
    for task, (answer, beside) in zip(tasks, writer.ask(questions, forms.Requirements), strict=True):
        if not isinstance(answer, Reason):
            blocks = _requirements(answer.requirements[:REQUIREMENTS], task, excerpts, beside, writer)
            made += [(task.id, block) for block in blocks]
        elif task.id == EXTRACTION:
            note = (left("answer on requirements:", answer),)
            made += [(task.id, Block(block.value, note)) for block in draft.requirements_of(task.id)]
    return draft.but(requirements=tuple(made))


def _requirements(
    items: Sequence[dict[str, object]], task: Task, excerpts: str, beside: str, writer: Writer
) -> list[Block[Requirement]]:
    blocks, taken = list[Block[Requirement]](), [row.id for row in task.requirements]
    for item in items:
        text = fitting.text(item.get("text"), writer.languages, excerpts, beside)
        known = [*(row.text for row in task.requirements), *(block.value.text for block in blocks)]
        if any(fitting.same(_said(item, writer.main), other[writer.main]) for other in known):
            continue
        key = fitting.identifier(item.get("id"), taken, f"{TODO}_{len(taken) + 1}")
        notes = (writer.note, *((left("text", text.fault),) if text.fault else ()))
        blocks.append(Block(Requirement(id=key, text=text.text), notes))
        taken.append(key)
    return blocks


def _said(item: dict[str, object], language: Language) -> str:
    text = item.get("text")
    return str(text.get(language, "")) if isinstance(text, dict) else ""


def with_instructions(draft: PackDraft, writer: Writer) -> PackDraft:
    """Ask for instructions of each task that has requirements of its own, in each language; what does not come stays open."""
    cells = [
        (language, task, own)
        for language in writer.languages
        for task in neutral().tasks
        if (own := [row for row in _own(draft, task) if row.text[language] != TODO])
    ]
    questions = [
        Question(
            "instructions",
            language,
            {
                **_told(draft, task, language),
                "requirements": listed(f"{row.id}: {row.text[language]}" for row in own),
                "known": listed(
                    row.text for row in neutral().instructions if (row.task, row.language) == (task.id, language)
                ),
                "count": INSTRUCTIONS,
            },
            forms.instructions(tuple(row.id for row in own), INSTRUCTIONS),
        )
        for language, task, own in cells
    ]
    made = list[Block[HandWritten]]()
    for (language, task, own), (answer, beside) in zip(cells, writer.ask(questions, forms.Instructions), strict=True):
        items = () if isinstance(answer, Reason) else answer.instructions[:INSTRUCTIONS]
        for item in items:
            if block := _instruction(item, task, own, language, made, beside, writer):
                made.append(block)
        if not items:
            made.append(
                Block(open_instruction(language, own[0].id, task.id), (left("answer on instructions:", answer),))
            )
    return draft.but(instructions=(*made, *_open(draft, writer)))


def _own(draft: PackDraft, task: Task) -> list[Requirement]:
    return [block.value for block in draft.requirements_of(task.id)]


def _open(draft: PackDraft, writer: Writer) -> list[Block[HandWritten]]:
    """Return what is to be written for extractions' requirements that are themselves still open."""
    opened = [
        (language, block.value.id)
        for language in writer.languages
        for block in draft.requirements_of(EXTRACTION)
        if block.value.text[language] == TODO
    ]
    return [Block(open_instruction(language, key, EXTRACTION)) for language, key in opened]


def _instruction(
    item: dict[str, object],
    task: Task,
    own: Sequence[Requirement],
    language: Language,
    made: Sequence[Block[HandWritten]],
    beside: str,
    writer: Writer,
) -> Block[HandWritten] | None:
    """Return an instruction, None where it is one that is there already."""
    text, requirement = str(item.get("text") or ""), str(item.get("requirement"))
    if any(fitting.same(text, block.value.text) for block in made):
        return None
    known = {row.id for row in own}
    key = requirement if requirement in known else own[0].id
    number = sum(block.value.requirement == key and block.value.language == language for block in made) + 1
    opened = open_instruction(language, key, task.id)
    fault = fitting.instruction(text, language, beside)
    fields = fitting.fields(item.get("fields"), language) if opened.fields else ()
    faults = [("words", fault), ("fields", "are none that an answer can have" if TODO in fields else "")]
    notes = (writer.note, *(left(what, why) for what, why in faults if why))
    value = opened.model_copy(
        update={"id": f"{language}_{key}_{number}", "fields": fields, "text": TODO if fault else " ".join(text.split())}
    )
    return Block(value, notes)


def _told(draft: PackDraft, task: Task, language: Language) -> dict[str, object]:
    """Return what every question on a task says of the domain."""
    return {
        "scenes": described(draft.scenes, language),
        "roles": described(draft.roles, language),
        "task": task.name[language],
        "task_description": task.description[language],
    }

"""What the writer proposes to be asked: requirements of each task, then instructions for them in each language."""

from collections.abc import Sequence
from typing import NamedTuple

from stages.cli.new_domain import fitting, forms
from stages.cli.new_domain.pack_draft import EXTRACTION, TODO, Block, PackDraft, neutral, open_instruction
from stages.cli.new_domain.sampling import shown
from stages.cli.new_domain.writer import Question, Writer, described, left, listed
from stages.core.dropped import Reason
from stages.core.row import Language
from stages.library.domain_pack import HandWritten, Requirement, Task

REQUIREMENTS = 2  # asked for each task
INSTRUCTIONS = 2  # asked for each task and language: six a language


class Cell(NamedTuple):
    """A language and a task, with the task's own requirements that are written in it."""

    language: Language
    task: Task
    own: list[Requirement]


def with_requirements(draft: PackDraft, writer: Writer) -> PackDraft:
    """Ask for requirements of each task; an extraction without any keeps the open ones."""
    tasks, excerpts = neutral().tasks, shown(writer.dialogues)
    questions = [_about_requirements(task, draft, excerpts, writer) for task in tasks]
    made = list[tuple[str, Block[Requirement]]]()
    for task, (answer, beside) in zip(tasks, writer.ask(questions, forms.Requirements), strict=True):
        if not isinstance(answer, Reason):
            blocks = _requirements(answer.requirements[:REQUIREMENTS], task, excerpts, beside, writer)
            made += [(task.id, block) for block in blocks]
        if task.id == EXTRACTION and not any(owner == EXTRACTION for owner, _ in made):
            reason = answer if isinstance(answer, Reason) else "has none that fits"
            note = (left("answer on requirements:", reason),)
            made += [(task.id, Block(block.value, note)) for block in draft.requirements_of(task.id)]
    return draft.but(requirements=tuple(made))


def _about_requirements(task: Task, draft: PackDraft, excerpts: str, writer: Writer) -> Question:
    fields = {
        **_told(draft, task, writer.main),
        "excerpts": excerpts,
        "known": listed(row.text[writer.main] for row in task.requirements),
        "count": REQUIREMENTS,
        "texts": writer.texts,
    }
    return Question("requirements", writer.main, fields, forms.requirements(writer.languages, REQUIREMENTS))


def _requirements(
    items: Sequence[dict[str, object]], task: Task, excerpts: str, beside: str, writer: Writer
) -> list[Block[Requirement]]:
    blocks, taken = list[Block[Requirement]](), [row.id for row in task.requirements]
    for item in items:
        text = fitting.text(item.get("text"), writer.languages, excerpts, beside)
        known = [*(row.text for row in task.requirements), *(block.value.text for block in blocks)]
        if any(fitting.same(_said(item, writer.main), other[writer.main]) for other in known):
            continue
        instead = f"{TODO}_{len(taken) + 1}"
        key = fitting.identifier(item.get("id"), taken, instead)
        key = instead if fitting.is_general(key) else key
        if key == instead and text.text[writer.main] == TODO:
            continue  # nothing of it fits
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
        Cell(language, task, own)
        for language in writer.languages
        for task in neutral().tasks
        if (own := [row for row in _own(draft, task) if row.text[language] != TODO])
    ]
    answers = writer.ask([_about_instructions(cell, draft) for cell in cells], forms.Instructions)
    made = list[Block[HandWritten]]()
    for cell, (answer, beside) in zip(cells, answers, strict=True):
        items = () if isinstance(answer, Reason) else answer.instructions[:INSTRUCTIONS]
        for item in items:
            if block := _instruction(item, cell, made, beside, writer):
                made.append(block)
        if not items:
            opened = open_instruction(cell.language, cell.own[0].id, cell.task.id)
            made.append(Block(opened, (left("answer on instructions:", answer),)))
    return draft.but(instructions=(*made, *_open(draft, writer)))


def _about_instructions(cell: Cell, draft: PackDraft) -> Question:
    ready = [row for row in neutral().instructions if (row.task, row.language) == (cell.task.id, cell.language)]
    fields = {
        **_told(draft, cell.task, cell.language),
        "requirements": listed(f"{row.id}: {row.text[cell.language]}" for row in cell.own),
        "known": listed(row.text for row in ready),
        "count": INSTRUCTIONS,
    }
    schema = forms.instructions(tuple(row.id for row in cell.own), INSTRUCTIONS)
    return Question("instructions", cell.language, fields, schema)


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
    item: dict[str, object], cell: Cell, made: Sequence[Block[HandWritten]], beside: str, writer: Writer
) -> Block[HandWritten] | None:
    """Return an instruction, None where it is one that is there already."""
    text, requirement = str(item.get("text") or ""), str(item.get("requirement"))
    if any(fitting.same(text, block.value.text) for block in made):
        return None
    key = requirement if requirement in {row.id for row in cell.own} else cell.own[0].id
    alike = [block for block in made if (block.value.requirement, block.value.language) == (key, cell.language)]
    opened = open_instruction(cell.language, key, cell.task.id)
    fault = fitting.instruction(text, cell.language, beside)
    fields = fitting.fields(item.get("fields"), cell.language) if opened.fields else ()
    faults = [("wording", fault), ("fields", "are none that an answer can have" if TODO in fields else "")]
    notes = (writer.note, *(left(what, why) for what, why in faults if why))
    said = {"id": f"{opened.id}_{len(alike) + 1}", "fields": fields, "text": TODO if fault else " ".join(text.split())}
    return Block(opened.model_copy(update=said), notes)


def _told(draft: PackDraft, task: Task, language: Language) -> dict[str, object]:
    """Return what every question on a task says of the domain."""
    return {
        "scenes": described(draft.scenes, language),
        "roles": described(draft.roles, language),
        "task": task.name[language],
        "task_description": task.description[language],
    }

"""Whether the files of a domain pack agree with each other."""

from collections.abc import Iterable, Iterator, Mapping
from typing import get_args

from stages.core.row import Language
from stages.library.domain_pack import Domain, Formats, HandWritten, Instructions, Tasks
from stages.library.knowledge import Knowledge
from stages.library.templates import TemplateKind, Templates
from stages.library.wording import Text
from stages.prompting.contradictions import contradictions
from stages.prompting.splicing import PromptParts
from stages.rows.instruction import FormatKind, Instruction
from stages.rows.prompt import Prompt

# What a template of each kind may name, and what it must.
ALLOWED: dict[TemplateKind, set[str]] = {
    "scene": {"scene", "scene_description", "source"},
    "character": {"role", "role_description"},
    "knowledge": {"knowledge"},
    "narrative": {"instruction", "task"},
    "examples": {"example"},
    "format": {"format"},
    "guidelines": set(),
    "dialogue": {"dialogue"},
}
REQUIRED: dict[TemplateKind, set[str]] = {
    "knowledge": {"knowledge"},
    "narrative": {"instruction"},
    "examples": {"example"},
    "format": {"format"},
    "dialogue": {"dialogue"},
}
# What a wording of each output format names, exactly.
FORMAT_FIELDS: dict[FormatKind, set[str]] = {
    "label": {"labels"},
    "list": set(),
    "json": {"fields"},
    "table": {"fields"},
    "key_values": {"fields"},
    "paragraph": set(),
    "message": set(),
    "multipart": {"fields"},
}

NAMED = {kind for kind, names in FORMAT_FIELDS.items() if "fields" in names}  # forms made of named sub-items


def wordings(formats: Formats, templates: Templates) -> Iterator[tuple[str, Text, set[str], set[str]]]:
    """Yield every text with fields: its place, the text, the names it must and the names it may use."""
    for form in formats.formats:
        yield f"formats.yaml: {form.id}", form.text, FORMAT_FIELDS[form.kind], FORMAT_FIELDS[form.kind]
    for sample in formats.samples:
        yield f"formats.yaml: sample {sample.id}", sample.text, set(), set()
    for kind in get_args(TemplateKind):
        for template in templates.of(kind):
            yield f"templates.yaml: {kind} {template.id}", template.text, REQUIRED.get(kind, set()), ALLOWED[kind]


def names(domain: Domain, tasks: Tasks, knowledge: Knowledge) -> Iterator[tuple[str, Text]]:
    """Yield every name, description, requirement and piece of knowledge that prompts and questions take over: its place and the text."""
    for scene in domain.scenes:
        yield f"domain.yaml: scene {scene.id} name", scene.name
        yield f"domain.yaml: scene {scene.id} description", scene.description
    for source in domain.sources:
        yield f"domain.yaml: source {source.id} name", source.name
    for role in domain.roles:
        yield f"domain.yaml: role {role.id} name", role.name
        yield f"domain.yaml: role {role.id} description", role.description
    for task in tasks.tasks:
        yield f"tasks.yaml: {task.id} name", task.name
        yield f"tasks.yaml: {task.id} description", task.description
        for requirement in task.requirements:
            yield f"tasks.yaml: requirement {requirement.id}", requirement.text
    for entry in knowledge.entries:
        yield f"knowledge.yaml: {entry.id}", entry.text


def unsuited(tasks: Tasks, templates: Templates) -> Iterator[str]:
    """Yield the tasks that a template is said not to go with and that the pack lacks.

    formats.yaml is not looked at: it is of no domain, and packs copy it from each other.
    """
    known = {task.id for task in tasks.tasks}
    for kind in get_args(TemplateKind):
        for row in templates.of(kind):
            for name in sorted(set(row.unsuited.tasks) - known):
                yield (
                    f"templates.yaml: {kind} {row.id} is unsuited to task {name}; tasks.yaml has {', '.join(sorted(known))}"
                )


def incompatible(prompts: Iterable[Prompt], asked: Iterable[Instruction], pack: PromptParts) -> Iterator[str]:
    """Yield the stored prompts that have parts which contradict each other or what is asked."""
    library = {row.id: row for row in asked}
    for prompt in prompts:
        if prompt.instruction not in library:
            yield f"{prompt.pair} names instruction {prompt.instruction}, which is not stored beside it; add it"
            continue
        for line in contradictions(prompt, library[prompt.instruction], pack):
            yield f"{prompt.pair}: {line}; put another wording there"


def knowledge_faults(
    knowledge: Knowledge, domain: Domain, instructions: Instructions, templates: Templates
) -> Iterator[str]:
    """Yield what knowledge.yaml names and the pack lacks, and what instructions need of it and nowhere get."""
    scenes = {scene.id for scene in domain.scenes}
    for entry in knowledge.entries:
        for name in sorted(set(entry.scenes) - scenes):
            yield f"knowledge.yaml: {entry.id} names scene {name}; domain.yaml has {', '.join(sorted(scenes))}"
    if knowledge.entries and not templates.knowledge:
        yield "templates.yaml: no wording of knowledge, which knowledge.yaml has entries of; add one"
    for item in instructions.instructions:
        places = set(item.scenes) & scenes or scenes
        for kind in item.knowledge:
            if not any(knowledge.of(kind, scene, item.language) for scene in places):
                yield (
                    f"instructions.yaml: {item.id} needs {kind}, of which knowledge.yaml has none in {item.language} "
                    f"for {', '.join(sorted(places))}; write one"
                )


def disagreements(domain: Domain, tasks: Tasks, formats: Formats, instructions: Instructions) -> Iterator[str]:
    """Yield what one file names and another lacks, one line each."""
    worded = {form.kind for form in formats.formats}
    for task in tasks.tasks:
        for kind in sorted(set(task.formats) - worded):
            yield f"tasks.yaml: {task.id} allows format {kind}, of which formats.yaml has no wording; add one"
    for item in (*instructions.instructions, *instructions.replies):
        for fault in _instruction(item, domain, tasks, worded):
            yield f"instructions.yaml: {item.id} {fault}"
        if (item.task, item.requirement) in tasks.held_out:
            yield f"instructions.yaml: {item.id} asks for {item.requirement}, which tasks.yaml holds out of training; name another"


def unknown_references(items: Iterable[Instruction], domain: Domain, tasks: Tasks, formats: Formats) -> Iterator[str]:
    """Yield what instructions outside the pack, such as the test set's, name and the pack lacks."""
    worded, seen = {form.kind for form in formats.formats}, set[str]()
    for item in items:
        for fault in _instruction(item, domain, tasks, worded):
            yield f"{item.id} {fault}"
        if item.id in seen:
            yield f"{item.id} is there twice; give each instruction an id of its own"
        if not item.fields and NAMED.intersection(item.formats):
            yield f"{item.id} allows {', '.join(sorted(NAMED.intersection(item.formats)))}, which need fields; name them"
        if not item.labels and "label" in item.formats:
            yield f"{item.id} allows label, which needs labels; name them"
        if item.fields and "label" in item.formats:
            yield f"{item.id} allows label, which has no place for fields; take one of them out"
        seen.add(item.id)


def _instruction(
    item: HandWritten | Instruction, domain: Domain, tasks: Tasks, worded: set[FormatKind]
) -> Iterator[str]:
    known = {task.id: {row.id: row for row in task.requirements} for task in tasks.tasks}
    if item.task not in known:
        yield f"names task {item.task}; tasks.yaml has {', '.join(known)}"
    elif item.requirement not in known[item.task]:
        yield f"names requirement {item.requirement}; {item.task} has {', '.join(sorted(known[item.task]))}"
    elif known[item.task][item.requirement].explained and "label" in item.formats:
        yield f"allows label, and requirement {item.requirement} asks for reasons; take label out of its formats"
    scenes, roles = {scene.id for scene in domain.scenes}, {role.id: set(role.scenes) for role in domain.roles}
    for name in sorted(set(item.scenes) - scenes):
        yield f"names scene {name}; domain.yaml has {', '.join(sorted(scenes))}"
    for name in sorted(set(item.roles) - set(roles)):
        yield f"names role {name}; domain.yaml has {', '.join(sorted(roles))}"
    served = set().union(*(roles.get(name, scenes) for name in item.roles)) if item.roles else scenes
    if scenes.intersection(item.scenes) and not served.intersection(item.scenes):
        yield "names scenes in which none of its roles works; mend one of them"
    for kind in sorted(set(item.formats) - worded):
        yield f"allows format {kind}, of which formats.yaml has no wording; add one"


def missing_languages(place: str, text: Mapping[Language, str], needed: set[Language]) -> Iterator[str]:
    """Yield a line if `text` lacks one of the languages that the pack's instructions are written in."""
    if lacking := sorted(language for language in needed if not text.get(language, "").strip()):
        yield f"{place} has no text in {', '.join(lacking)}, which instructions.yaml uses; add it"

"""Whether the files of a domain pack agree with each other."""

from collections.abc import Iterator, Mapping
from typing import get_args

from stages.records.instruction import FormatKind
from stages.records.pack import Domain, Formats, HandWritten, Instructions, Tasks, TemplateKind, Templates, Text
from stages.records.row import Language

# What a template of each kind may name, and what it must.
ALLOWED: dict[TemplateKind, set[str]] = {
    "scene": {"scene", "scene_description", "source"},
    "character": {"role", "role_description"},
    "narrative": {"instruction", "task"},
    "format": {"format"},
    "guidelines": set(),
    "dialogue": {"dialogue"},
}
REQUIRED: dict[TemplateKind, set[str]] = {
    "narrative": {"instruction"},
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


def wordings(formats: Formats, templates: Templates) -> Iterator[tuple[str, Text, set[str], set[str]]]:
    """Yield every text with fields: its place, the text, the names it must and the names it may use."""
    for form in formats.formats:
        yield f"formats.yaml: {form.id}", form.text, FORMAT_FIELDS[form.kind], FORMAT_FIELDS[form.kind]
    for kind in get_args(TemplateKind):
        for template in getattr(templates, kind):
            yield f"templates.yaml: {kind} {template.id}", template.text, REQUIRED.get(kind, set()), ALLOWED[kind]


def disagreements(domain: Domain, tasks: Tasks, formats: Formats, instructions: Instructions) -> Iterator[str]:
    """Yield what one file names and another lacks, one line each."""
    worded = {form.kind for form in formats.formats}
    for task in tasks.tasks:
        for kind in sorted(set(task.formats) - worded):
            yield f"tasks.yaml: {task.id} allows format {kind}, of which formats.yaml has no wording; add one"
    for item in instructions.instructions:
        for fault in _instruction(item, domain, tasks, worded):
            yield f"instructions.yaml: {item.id} {fault}"


def _instruction(item: HandWritten, domain: Domain, tasks: Tasks, worded: set[FormatKind]) -> Iterator[str]:
    known = {task.id: {requirement.id for requirement in task.requirements} for task in tasks.tasks}
    if item.task not in known:
        yield f"names task {item.task}; tasks.yaml has {', '.join(known)}"
    elif item.requirement not in known[item.task]:
        yield f"names requirement {item.requirement}; {item.task} has {', '.join(sorted(known[item.task]))}"
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

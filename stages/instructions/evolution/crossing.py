"""What a child of two instructions may be asked about and in which forms (crossover; Table 5, multitask integration)."""

from collections.abc import Iterable

from stages.core.row import Record
from stages.library.domain_pack import Domain, Tasks
from stages.rows.instruction import NAMED, FormatKind, Instruction, KnowledgeKind

MULTITASK = "multitask_integration"  # the task of Table 5 that combines others


class Scope(Record):
    """What an instruction is for and where it applies."""

    task: str
    requirement: str
    scenes: tuple[str, ...]
    roles: tuple[str, ...]
    formats: tuple[FormatKind, ...]
    knowledge: tuple[KnowledgeKind, ...] = ()

    @classmethod
    def of(cls, row: Instruction) -> "Scope":
        """Return the scope of one instruction."""
        return cls.model_validate(row.model_dump(include=set(cls.model_fields)))


def crossed(first: Instruction, second: Instruction, domain: Domain, tasks: Tasks) -> Scope | None:
    """Return the scope of what asks for both, or None where nothing can: no scene or role in common, or no form.

    A form is one that both can carry; of different tasks, one of multitask integration that names its parts. A label stands
    alone, so it is never one of them, and an instruction that allows nothing else has no partner.
    """
    scenes, roles = _shared(first.scenes, second.scenes), _shared(first.roles, second.roles)
    formats: tuple[FormatKind, ...] = tuple(
        form for form in first.formats if form in second.formats and form != "label"
    )
    task, requirement = first.task, first.requirement
    if first.task != second.task:
        joint = next((each for each in tasks.tasks if each.id == MULTITASK), None)
        if joint is None or {first.formats, second.formats} & {("label",)}:
            return None
        task, requirement = joint.id, joint.trained[0].id
        formats = tuple(form for form in joint.formats if form in NAMED)
    if scenes is None or roles is None or not formats or not _works(scenes, roles, domain):
        return None
    knowledge = tuple(dict.fromkeys([*first.knowledge, *second.knowledge]))
    return Scope(task=task, requirement=requirement, scenes=scenes, roles=roles, formats=formats, knowledge=knowledge)


def carried(
    formats: Iterable[FormatKind], fields: tuple[str, ...], labels: tuple[str, ...] = ()
) -> tuple[FormatKind, ...]:
    """Return the forms that have the names they are made of: two labels and no fields for a label, fields for forms of named sub-items."""
    choice = len(labels) > 1 and not fields
    return tuple(form for form in formats if (choice if form == "label" else bool(fields) or form not in NAMED))


def _shared(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the scenes or roles of both, where empty means any; None where they have none in common."""
    if not first or not second:
        return first or second
    return tuple(each for each in first if each in second) or None


def _works(scenes: tuple[str, ...], roles: tuple[str, ...], domain: Domain) -> bool:
    """Whether one of the roles works in one of the scenes."""
    return not scenes or not roles or any(set(domain.role(role).scenes) & set(scenes) for role in roles)

"""A child from its plan to its row: who is rewritten how, what the writer is asked, what comes of the answer (§2.1, step 2.1)."""

from collections.abc import Iterable

from stages.chat.messages import Request
from stages.core.dropped import Dropped, Reason
from stages.core.row import Language, Record, content_id
from stages.instructions.evolution.crossing import Scope, carried
from stages.instructions.evolution.excerpts import Shown
from stages.instructions.evolution.operators import Operator
from stages.instructions.evolution.written import Written, spelled
from stages.library.domain_pack import Tasks
from stages.library.meta_prompts import Library
from stages.rows.instruction import Instruction, KnowledgeKind

BESIDE: dict[Language, dict[KnowledgeKind, str]] = {
    "en": {"listing": "the property listing", "price_table": "the price table", "policy": "the policy"},
    "zh": {"listing": "房源资料", "price_table": "价格表", "policy": "政策文件"},
}
JOINT: dict[Language, str] = {"en": ", ", "zh": "、"}


class Plan(Record):
    """A child to be made."""

    generation: int
    operator: Operator
    parent: Instruction
    partner: Instruction | None = None
    scope: Scope
    shown: Shown
    number: int = 0  # of the parent's children before this one

    @property
    def id(self) -> str:
        """The id of the attempt, by which a failed one is listed."""
        return content_id("evolve", self.generation, self.operator.id, *self.parents, self.shown.excerpt, self.number)

    @property
    def parents(self) -> tuple[str, ...]:
        """The parents' ids."""
        return (self.parent.id, self.partner.id) if self.partner else (self.parent.id,)

    def dropped(self, reason: Reason) -> Dropped:
        """Return this attempt as a failed one."""
        return Dropped(id=self.id, reason=reason, detail=self.operator.id, parents=self.parents)


def request(plan: Plan, tasks: Tasks, prompts: Library, budget: int, max_tokens: int) -> Request:
    """Return what the writer is asked."""
    return Request(
        row=plan.id, user=_rendered(plan, tasks, prompts, budget), max_tokens=max_tokens, answer_schema=SCHEMA
    )


def own_words(plan: Plan, tasks: Tasks, prompts: Library, budget: int) -> str:
    """Return the question without what it shows: the words that no child says by itself."""
    blank = plan.parent.model_copy(update={"text": "", "fields": (), "labels": ()})
    bare = {"parent": blank, "partner": blank if plan.partner else None, "shown": Shown(scene="", role="")}
    return _rendered(plan.model_copy(update=bare), tasks, prompts, budget)


SCHEMA = {
    "type": "object",
    "properties": {
        "instruction": {"type": "string"},
        "fields": {"type": "array", "items": {"type": "string"}},
        "labels": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["instruction", "fields", "labels"],
    "additionalProperties": False,
}


def _rendered(plan: Plan, tasks: Tasks, prompts: Library, budget: int) -> str:
    language, parent, partner = plan.parent.language, plan.parent, plan.partner
    task = tasks.get(plan.scope.task)
    requirement = next((each.text[language] for each in task.requirements if each.id == plan.scope.requirement), "")
    joint = JOINT[language]
    fields = {
        "task": task.name[language],
        "task_description": task.description[language],
        "requirement": requirement,
        "scene": plan.shown.scene,
        "role": plan.shown.role,
        "excerpt": plan.shown.excerpt,
        "instruction": parent.text,
        "fields": joint.join(parent.fields),
        "knowledge": joint.join(BESIDE[language][kind] for kind in plan.scope.knowledge),
        "order": plan.operator.order[language],
        "budget": str(budget if language == "en" else 2 * budget),  # two Chinese characters count as a word
    }
    if partner:
        own = {"other": partner.text, "other_fields": joint.join(partner.fields)}
        return prompts.get("combine", language).render(**fields, **own)
    return prompts.get("rewrite", language).render(**fields, labels=joint.join(parent.labels))


def born(plan: Plan, found: Written, author: str) -> Instruction | None:
    """Return the child, or None where no form of its scope can carry its names.

    A child that keeps its parent's points keeps its fields and labels; one that grows adds the fields it names, those of two
    parents unite, each once however it is spelled. A form with fields must list them all, so a parent without any gets none. A child of the same task only has
    the names it gives itself.
    """
    parent, partner, operator = plan.parent, plan.partner, plan.operator
    labels = () if partner else parent.labels
    fields = parent.fields
    if operator.keeps == "task":
        fields, labels = found.fields, found.labels
    elif partner or (operator.direction == "grow" and fields):
        old = _once([*fields, *(partner.fields if partner else ())])
        fields = found.fields if set(old) <= set(found.fields) else _once([*old, *found.fields])
    formats = carried(plan.scope.formats, fields, labels)
    if not formats:
        return None
    return Instruction.new(
        **plan.scope.model_dump(exclude={"formats"}),
        language=parent.language,
        text=found.instruction,
        fields=fields,
        labels=labels if "label" in formats else (),
        formats=formats,
        origin="evolved",
        operator=operator.id,
        generation=plan.generation,
        parents=plan.parents,
        author=author,
    )


def _once(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names without those that an earlier one spells otherwise."""
    first = dict[str, str]()
    for name in names:
        first.setdefault(spelled(name), name)
    return tuple(first.values())

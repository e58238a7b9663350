"""Splice prompts from sub-components drawn at random (§2.2, steps 1 and 2, Fig. 2)."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import ClassVar, TypeVar

from pydantic import Field

from stages.core import jsonl, yaml_files
from stages.core.draws import generator
from stages.core.params import Section
from stages.core.row import Language, Record, Split
from stages.core.stage import run
from stages.library.domain_pack import Domain, Format, Formats, Layout, Role, Scene, Tasks, Template, Templates
from stages.library.meta_prompts import render
from stages.rows.instruction import FormatKind, Instruction
from stages.rows.prompt import DIALOGUE, SOURCE, Ask, Part, PartKind, Prompt

NAMED: tuple[FormatKind, ...] = ("json", "table", "key_values", "multipart")
T = TypeVar("T", Template, Format, Layout)


class Assemble(Section):
    """How the prompts of a split are spliced from instructions."""

    section: ClassVar[str] = "assemble"
    variants: int = Field(ge=1)
    """Prompts spliced from each instruction, each with its own scene, role, format and wording."""
    templates: int = Field(ge=0)
    """Wordings of each sub-component that may be drawn; 0: all; 1: the first, so that prompts are fixed."""
    seed: int
    """Of the draws of scene, role, format and wording."""


class PromptParts(Record):
    """The parts of a domain pack that prompts are made of."""

    domain: Domain
    tasks: Tasks
    formats: Formats
    templates: Templates


def assemble(instructions: Sequence[Instruction], pack: PromptParts, params: Assemble) -> Iterator[Prompt]:
    """Yield `variants` prompts for each instruction, in order; a prompt drawn twice is yielded once.

    Scene (by weight), role, format and the wording of every part are drawn independently, from a generator seeded with the
    instruction's id and the variant's number; instructions without any fitting scene and role yield nothing.
    """
    seen = set()
    for instruction in instructions:
        places = settings(instruction, pack.domain)
        for variant in range(params.variants if places else 0):
            rng = generator(params.seed, instruction.id, variant)
            prompt = splice(instruction, places, pack, params.templates, rng)
            if prompt.id not in seen:
                seen.add(prompt.id)
                yield prompt


def settings(instruction: Instruction, domain: Domain) -> list[tuple[Scene, Role]]:
    """Return the scenes and roles an instruction applies to, in the pack's order."""
    return [
        (scene, role)
        for scene in domain.scenes
        if not instruction.scenes or scene.id in instruction.scenes
        for role in domain.roles
        if scene.id in role.scenes and (not instruction.roles or role.id in instruction.roles)
    ]


def splice(
    instruction: Instruction, places: Sequence[tuple[Scene, Role]], pack: PromptParts, wordings: int, rng: Random
) -> Prompt:
    """Return one prompt: all sub-components drawn with `rng` and put in the order of a drawn layout."""
    language = instruction.language
    scene, role = rng.choices(places, [scene.weight for scene, _ in places])[0]
    ask = asked(rng.choice(instruction.formats), instruction)

    def pick(options: Sequence[T]) -> T:
        return rng.choice(options[: wordings or None])

    form = pick([item for item in pack.formats.formats if item.kind == ask.kind])
    layout = pick(pack.templates.layout)
    fields: dict[str, str] = {
        "scene": scene.name[language],
        "scene_description": scene.description[language],
        "source": SOURCE,
        "role": role.name[language],
        "role_description": role.description[language],
        "instruction": instruction.text,
        "task": pack.tasks.get(instruction.task).name[language],
        "format": form_text(form, ask, language),
        "dialogue": DIALOGUE,
    }
    kinds: tuple[PartKind, ...] = layout.parts
    drawn = {kind: pick(getattr(pack.templates, kind)) for kind in sorted(kinds)}
    parts = [
        Part(
            kind=kind,
            template=drawn[kind].id,
            text=render(drawn[kind].text[language], f"templates.yaml: {kind} {drawn[kind].id}", **fields),
        )
        for kind in kinds
    ]
    return Prompt.new(
        language=language,
        scene=scene.id,
        role=role.id,
        task=instruction.task,
        instruction=instruction.id,
        ask=ask,
        layout=layout.id,
        parts=parts,
        method="assembled",
        parents=(instruction.id,),
    )


def asked(kind: FormatKind, instruction: Instruction) -> Ask:
    """Return a form with the names it lists: labels for a label, fields for forms made of named sub-items."""
    if kind == "label":
        return Ask(kind=kind, labels=instruction.labels)
    return Ask(kind=kind, fields=instruction.fields if kind in NAMED else ())


def form_text(form: Format, ask: Ask, language: Language) -> str:
    """Return the wording of an output format for the fields and labels asked."""
    comma, quote = ("、", "“{}”") if language == "zh" else (", ", '"{}"')
    fields = comma.join(quote.format(field) for field in ask.fields)
    return render(form.text[language], f"formats.yaml: {form.id}", fields=fields, labels=comma.join(ask.labels))


def main(*, split: Split, source: Path, pack: Path, target: Path) -> None:
    """Read instructions and the pack, write the prompts of a split."""
    parts = PromptParts(
        domain=yaml_files.load(pack / "domain.yaml", Domain),
        tasks=yaml_files.load(pack / "tasks.yaml", Tasks),
        formats=yaml_files.load(pack / "formats.yaml", Formats),
        templates=yaml_files.load(pack / "templates.yaml", Templates),
    )
    instructions = jsonl.read(source, Instruction)
    jsonl.write(target, assemble(instructions, parts, Assemble.load(split)))


if __name__ == "__main__":
    run(main)

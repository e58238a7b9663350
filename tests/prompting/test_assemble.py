from collections import Counter
from pathlib import Path

import pytest

from stages.core import yaml_files
from stages.library.domain_pack import Domain, Formats, Instructions, Tasks, Templates
from stages.prompting.assemble import Assemble, PromptParts, assemble, settings
from stages.rows.instruction import Instruction
from stages.rows.prompt import DIALOGUE, SOURCE, Prompt

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "prompts" / "real_estate"
HAND = [
    Instruction.new(**item.model_dump(exclude={"id"}), origin="pack")
    for item in yaml_files.load(FOLDER / "instructions.yaml", Instructions).instructions
]


@pytest.fixture(scope="module")
def pack() -> PromptParts:
    return PromptParts(
        domain=yaml_files.load(FOLDER / "domain.yaml", Domain),
        tasks=yaml_files.load(FOLDER / "tasks.yaml", Tasks),
        formats=yaml_files.load(FOLDER / "formats.yaml", Formats),
        templates=yaml_files.load(FOLDER / "templates.yaml", Templates),
    )


def params(**changes: int) -> Assemble:
    return Assemble.model_validate({"variants": 3, "templates": 0, "seed": 1} | changes)


def test_every_prompt_is_complete_and_has_one_place_for_the_conversation(pack: PromptParts) -> None:
    prompts = list(assemble(HAND, pack, params()))
    texts = {row.id: row.text for row in HAND}
    assert len(prompts) > 2.5 * len(HAND)
    for prompt in prompts:
        assert prompt.text.count(DIALOGUE) == 1
        assert prompt.text.count(SOURCE) == 1
        assert texts[prompt.instruction] in prompt.text
        assert all(field in prompt.text for field in prompt.ask.fields)
        assert prompt.ask.kind != "label" or all(label in prompt.text for label in prompt.ask.labels)
        assert "{{" not in prompt.text and "}}" not in prompt.text
        assert prompt.scene in next(r for r in pack.domain.roles if r.id == prompt.role).scenes
    assert len({prompt.id for prompt in prompts}) == len(prompts)


def test_wordings_are_drawn_from_all_templates_or_from_the_first_ones(pack: PromptParts) -> None:
    def used(prompts: list[Prompt]) -> set[tuple[str, str]]:
        return {(part.kind, part.template) for prompt in prompts for part in prompt.parts}

    everything = used(list(assemble(HAND, pack, params())))
    assert len(everything) == sum(
        len(getattr(pack.templates, kind)) for kind in Counter(kind for kind, _ in everything)
    )
    fixed = used(list(assemble(HAND, pack, params(templates=1))))
    assert Counter(kind for kind, _ in fixed) == dict.fromkeys(Counter(kind for kind, _ in everything), 1)


def test_a_further_instruction_or_variant_changes_no_other_prompt(pack: PromptParts) -> None:
    few = [prompt.id for prompt in assemble(HAND[:5], pack, params())]
    assert few == [prompt.id for prompt in assemble(HAND[:6], pack, params())][: len(few)]
    by_variant = [prompt.id for prompt in assemble(HAND[:5], pack, params(variants=4))]
    assert set(few) <= set(by_variant)
    assert few != [prompt.id for prompt in assemble(HAND[:5], pack, params(seed=2))]


def test_an_instruction_goes_only_where_it_applies(pack: PromptParts) -> None:
    row = HAND[0].model_copy(update={"scenes": ("renting",), "roles": ("rental_manager",)})
    assert [(scene.id, role.id) for scene, role in settings(row, pack.domain)] == [("renting", "rental_manager")]
    nowhere = HAND[0].model_copy(update={"scenes": ("buying",), "roles": ("home_designer",)})
    assert list(assemble([nowhere], pack, params())) == []

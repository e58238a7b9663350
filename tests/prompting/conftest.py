"""The shipped packs, and pairs drawn over all their instructions, scenes, roles and forms."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from stages.core import yaml_files
from stages.library.domain_pack import Domain, Instructions
from stages.prompting.splicing import PromptParts
from stages.rows.instruction import Instruction
from stages.rows.pair import Pair

PROMPTS = Path(__file__).parents[2] / "prompts"
DOMAINS = ("real_estate", "bank_service")


def written(domain: str) -> list[Instruction]:
    """Return a pack's hand-written instructions."""
    items = yaml_files.load(PROMPTS / domain / "instructions.yaml", Instructions).instructions
    return [Instruction.new(**item.model_dump(exclude={"id"}), origin="pack") for item in items]


def pairs_of(instructions: list[Instruction], domain: Domain, each: int = 1) -> Iterator[Pair]:
    """Yield `each` pairs for every instruction and form, scenes, roles and sources in turns."""
    for number, row in enumerate(instructions):
        places = [
            (scene, role.id)
            for role in domain.roles
            for scene in role.scenes
            if (not row.scenes or scene in row.scenes) and (not row.roles or role.id in row.roles)
        ]
        for turn in range(each):
            for kind in row.formats:
                scene, role = places[(number + turn) % len(places)]
                yield Pair.new(
                    dialogue=f"d{number}.{turn}",
                    instruction=row.id,
                    language=row.language,
                    scene=scene,
                    source=domain.sources[(number + turn) % len(domain.sources)].id,
                    role=role,
                    task=row.task,
                    ask=row.ask(kind),
                )


@pytest.fixture(scope="session", params=DOMAINS)
def domain(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def pack(domain: str) -> PromptParts:
    return PromptParts.read(PROMPTS / domain)


@pytest.fixture(scope="session")
def instructions(domain: str) -> list[Instruction]:
    return written(domain)


@pytest.fixture(scope="session")
def pairs(pack: PromptParts, instructions: list[Instruction]) -> list[Pair]:
    return list(pairs_of(instructions, pack.domain, 3))

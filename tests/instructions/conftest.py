from pathlib import Path

import pytest

from stages.core import yaml_files
from stages.instructions.evolution.excerpts import Excerpts
from stages.instructions.evolution.operators import read_operators
from stages.instructions.evolution.planning import Ground
from stages.library.domain_pack import Domain, Tasks
from stages.rows.dialogue import Dialogue, Turn

ROOT = Path(__file__).parents[2]
TALK = {
    "en": ["The deposit is too high for us.", "It can be paid in two parts.", "Then we come on Friday.", "I note it."],
    "zh": ["押金太高了，我们付不起。", "押金可以分两次付。", "那我们周五过来。", "好的，我记下来。"],
}


@pytest.fixture(scope="session")
def domain() -> Domain:
    return yaml_files.load(ROOT / "prompts/real_estate/domain.yaml", Domain)


@pytest.fixture(scope="session")
def tasks() -> Tasks:
    return yaml_files.load(ROOT / "prompts/real_estate/tasks.yaml", Tasks)


@pytest.fixture(scope="session")
def dialogues() -> list[Dialogue]:
    """Four talks of each language and scene, invented, each with a turn of its own."""
    return [
        Dialogue.model_validate(
            {
                "id": f"{language}-{scene}-{number}",
                "key": "invented",
                "language": language,
                "scene": scene,
                "source": "im_messages",
                "role": "customer_manager",
                "turns": [
                    Turn(party="customer", text=f"{number} {scene}"),
                    *(Turn(party="other", text=t) for t in said),
                ],
            }
        )
        for language, said in TALK.items()
        for scene in ("renting", "buying")
        for number in range(4)
    ]


@pytest.fixture
def ground(domain: Domain, tasks: Tasks, dialogues: list[Dialogue]) -> Ground:
    return Ground(
        domain=domain,
        tasks=tasks,
        excerpts=Excerpts(dialogues, domain, 3),
        operators=read_operators(ROOT / "prompts/evolve"),
        budget=120,
        seed=1,
    )

"""A folder in which a run has made a few rows of each gate, by small rows of the tests."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stages.core import jsonl
from stages.reviews.decisions import Decision
from stages.rows.instruction import Instruction
from stages.rows.prompt import Part, Prompt
from stages.rows.sample import LabeledSample
from stages.samples.spliced import spliced
from tests.samples.conftest import dialogue, instruction, prompt

Say = Callable[..., Decision]


@pytest.fixture
def seeds() -> list[Instruction]:
    """Two that a model wrote, and one of the pack."""
    return [instruction(number, origin=origin) for number, origin in enumerate(("generated", "generated", "pack"))]


@pytest.fixture
def prompts() -> list[Prompt]:
    """One that a model rewrote, one of which it lost something, one that was not drawn."""
    rows = [prompt(dialogue(number), instruction(number)) for number in range(3)]
    parts = [
        Part(kind="directive", template="", text="Sum up, please.") if part.kind == "narrative" else part
        for part in rows[0].parts
    ]
    rewritten = rows[0].with_parts(parts, method="enhanced", author="writer")
    return [rewritten, rows[1].model_copy(update={"note": "lost_number"}), rows[2]]


@pytest.fixture
def labels() -> list[LabeledSample]:
    """Two labels of a model."""
    samples = [spliced(prompt(dialogue(number), instruction(number)), dialogue(number)) for number in range(2)]
    return [
        LabeledSample(**row.model_dump(), answer=f"Rosa can pay {n}.", author="writer", origin="model")
        for n, row in enumerate(samples)
    ]


@pytest.fixture
def produced(
    seeds: list[Instruction],
    prompts: list[Prompt],
    labels: list[LabeledSample],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """Write them where stages do, and stand there."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data/review").mkdir(parents=True)
    jsonl.write(Path("data/instructions/seeds.jsonl"), seeds)
    jsonl.write(Path("data/prompts/enhanced.jsonl"), prompts)
    jsonl.write(
        Path("data/prompts/assembled.jsonl"), [prompt(dialogue(number), instruction(number)) for number in range(3)]
    )
    jsonl.write(Path("data/labels/train.jsonl"), labels)
    return tmp_path


@pytest.fixture
def say() -> Say:
    """Make a decision."""

    def build(row: str, action: str = "keep", reviewer: str = "ann", day: int = 1, **fields: object) -> Decision:
        values = {"id": row, "action": action, "reviewer": reviewer, "time": datetime(2025, 3, day, tzinfo=UTC)}
        return Decision.model_validate(values | fields)

    return build

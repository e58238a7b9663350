"""Dialogues and prompts small enough to read."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from stages.rows.dialogue import Dialogue, Turn
from stages.rows.instruction import FormatKind, Instruction
from stages.rows.pair import pair_id
from stages.rows.prompt import DIALOGUE, Part, Prompt
from stages.rows.sample import LabeledSample, Sample
from stages.samples.sample import SamplingPack
from stages.samples.spliced import spliced

TASKS = ("information_extraction", "reasoning", "dialogue_generation")


@pytest.fixture(scope="session")
def pack(root: Path) -> SamplingPack:
    return SamplingPack.read(root / "prompts" / "real_estate")


def dialogue(number: int, **changes: object) -> Dialogue:
    sources = ("im_messages", "call_recording", "vr_recording")
    turns = (
        Turn(party="customer", speaker="Rosa", text=f"We can pay {400 + number} thousand for flat {number}."),
        Turn(party="provider", speaker="[PERSON_1]", text="The owner asks for more, until Saturday."),
    )
    values: Mapping[str, object] = {
        "id": f"d{number}",
        "key": f"k{number}",
        "language": "en",
        "scene": ("buying", "selling")[number % 2],
        "source": sources[number % 3],
        "role": "real_estate_agent",
        "turns": turns,
    }
    return Dialogue.model_validate({**values, **changes})


def instruction(number: int, **changes: object) -> Instruction:
    formats: tuple[FormatKind, ...] = (("paragraph", "list")[number % 2],)
    values: Mapping[str, object] = {
        "language": "en",
        "task": TASKS[number % 3],
        "requirement": "r",
        "text": f"{chr(97 + number) * 3} Summarize what the customer can pay.",
        "scenes": (("buying", "selling")[number % 2],),
        "formats": formats,
        "origin": "pack",
    }
    return Instruction.new(**{**values, **changes})


def prompt(talk: Dialogue, asked: Instruction, **changes: object) -> Prompt:
    ask = asked.ask(asked.formats[0])
    texts = {"narrative": asked.text, "dialogue": f"The talk:\n=== START ===\n{DIALOGUE}\n=== END ==="}
    values: Mapping[str, object] = {
        "pair": pair_id(talk.id, asked.id, ask),
        "dialogue": talk.id,
        "language": talk.language,
        "scene": talk.scene,
        "source": talk.source,
        "role": talk.role,
        "task": asked.task,
        "instruction": asked.id,
        "ask": ask,
        "layout": "l",
        "parts": tuple(Part(kind=kind, template="t", text=text) for kind, text in texts.items()),
        "method": "assembled",
    }
    return Prompt.new(**{**values, **changes})


@pytest.fixture
def dialogues() -> list[Dialogue]:
    return [dialogue(number) for number in range(12)]


@pytest.fixture
def instructions() -> list[Instruction]:
    return [instruction(number) for number in range(12)]


@pytest.fixture
def prompts(dialogues: list[Dialogue], instructions: list[Instruction]) -> list[Prompt]:
    return [prompt(talk, asked) for talk, asked in zip(dialogues, instructions, strict=True)]


@pytest.fixture
def samples(dialogues: list[Dialogue], prompts: list[Prompt]) -> list[Sample]:
    return [spliced(asked, talk) for asked, talk in zip(prompts, dialogues, strict=True)]


@pytest.fixture
def labels(samples: list[Sample]) -> list[LabeledSample]:
    """Answers without fault: grounded, in form, all different."""
    mark = {"paragraph": "", "list": "- "}
    return [
        LabeledSample(
            **row.model_dump(),
            answer=f"{mark[row.ask.kind]}Rosa can pay {400 + n} thousand for flat {n}.",
            author="tester",
            origin="provided",
        )
        for n, row in enumerate(samples)
    ]


@pytest.fixture
def in_repository(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in an empty repository with this one's params."""
    (tmp_path / "params.yaml").write_text((root / "params.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    monkeypatch.delenv("DVC_STAGE", raising=False)
    return tmp_path

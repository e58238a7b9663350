import re
from collections.abc import Callable
from pathlib import Path

import pytest

from stages.chat.messages import Request
from stages.core import yaml_files
from stages.library.domain_pack import Domain, Formats, Instructions, Tasks, Templates
from stages.library.meta_prompts import Library
from stages.prompting.assemble import Assemble, PromptParts, assemble
from stages.prompting.enhance import Enhance, enhance
from stages.rows.instruction import Instruction
from stages.rows.prompt import DIALOGUE, Prompt
from tests.support.scripted import Scripted

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "prompts" / "real_estate"
LIBRARY = Library(ROOT / "prompts" / "enhance")


@pytest.fixture(scope="module")
def prompts() -> list[Prompt]:
    pack = PromptParts(
        domain=yaml_files.load(FOLDER / "domain.yaml", Domain),
        tasks=yaml_files.load(FOLDER / "tasks.yaml", Tasks),
        formats=yaml_files.load(FOLDER / "formats.yaml", Formats),
        templates=yaml_files.load(FOLDER / "templates.yaml", Templates),
    )
    hand = yaml_files.load(FOLDER / "instructions.yaml", Instructions).instructions
    rows = [Instruction.new(**item.model_dump(exclude={"id"}), origin="pack") for item in hand if item.language == "en"]
    return list(assemble(rows, pack, Assemble(variants=2, templates=0, seed=1)))


def params(share: float) -> Enhance:
    return Enhance(share=share, max_tokens=200, seed=1)


def copied(request: Request) -> str:
    """Take the three parts of the request as they are, in one paragraph."""
    parts = request.user.split("Task:\n")[1].split("\n\nKeep every requirement")[0]
    return parts.replace("\n\nForm of the answer:\n", " ").replace("\n\nRules:\n", " ")


def woven(request: Request) -> str:
    """Say the same with a few words more: nothing is lost."""
    return re.sub(r"([.:;])\s+", r"\1 Likewise, ", copied(request))


def test_a_directive_takes_the_place_of_narrative_format_and_guidelines(prompts: list[Prompt]) -> None:
    found = list(enhance(prompts, params(1.0), LIBRARY, Scripted(woven)))
    assert [row.method for row in found] == ["enhanced"] * len(prompts)
    for old, new in zip(prompts, found, strict=True):
        assert {part.kind for part in new.parts} == {"scene", "character", "dialogue", "directive"}
        assert new.text.count(DIALOGUE) == 1
        assert new.id != old.id and new.parents[0] == old.id and new.author == "scripted@1"
        assert (new.ask, new.scene, new.role, new.instruction) == (old.ask, old.scene, old.role, old.instruction)
        order = [part.kind for part in old.parts if part.kind not in ("format", "guidelines")]
        assert [part.kind.replace("directive", "narrative") for part in new.parts] == order


def test_only_the_share_is_asked_and_the_rest_stays(prompts: list[Prompt]) -> None:
    chat = Scripted(woven)
    found = list(enhance(prompts, params(0.3), LIBRARY, chat))
    rewritten = [n for n, row in enumerate(found) if row.method == "enhanced"]
    assert len(rewritten) == len(chat.asked)
    assert 0.1 * len(prompts) < len(rewritten) < 0.5 * len(prompts)
    assert all(found[n] == prompts[n] for n in range(len(prompts)) if n not in rewritten)


def test_no_share_asks_nothing(prompts: list[Prompt]) -> None:
    chat = Scripted(woven)
    assert list(enhance(prompts, params(0.0), LIBRARY, chat)) == prompts
    assert chat.asked == []


@pytest.mark.parametrize(
    ("answer", "note"),
    [
        (lambda request: "", "no_answer"),
        (lambda request: "Do it well.", "too_short"),
        (lambda request: woven(request) * 3, "too_long"),
        (copied, "unchanged"),
        (lambda request: f"# Task\n{request.user.split('Task:')[1].split('Rules:')[0]}", "unchanged"),
        (lambda request: woven(request)[: len(copied(request)) // 2], "drifted"),
        (lambda request: "请根据对话内容完成任务，" * 40, "wrong_language"),
        (lambda request: "\n".join(woven(request).split('"')[::2]), "drifted"),
        (
            lambda request: request.user.split(", as an")[0] + ", as an experienced professional. " + woven(request),
            "prompt_echo",
        ),
    ],
)
def test_a_rewriting_that_lost_something_is_not_taken(
    prompts: list[Prompt], answer: Callable[[Request], str], note: str
) -> None:
    asked = [row for row in prompts if row.ask.kind == "json"][:3]
    found = list(enhance(asked, params(1.0), LIBRARY, Scripted(answer)))
    assert [row.note for row in found] == [note] * len(asked)
    assert [row.text for row in found] == [row.text for row in asked]

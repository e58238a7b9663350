"""Table 3's contrast: draws, figures, and what the stage writes."""

import json
from pathlib import Path

import pytest

from stages.communities.settings import Measure
from stages.core import jsonl, yaml_files
from stages.library.domain_pack import Instructions
from stages.prompting import contrast as stage
from stages.prompting.splicing import PromptParts
from stages.rows.dialogue import Dialogue, Turn
from stages.rows.instruction import Instruction


@pytest.fixture(scope="module")
def folder(root: Path) -> Path:
    return root / "prompts" / "real_estate"


@pytest.fixture(scope="module")
def parts(folder: Path) -> PromptParts:
    return PromptParts.read(folder)


@pytest.fixture(scope="module")
def written(folder: Path) -> list[Instruction]:
    items = yaml_files.load(folder / "instructions.yaml", Instructions).instructions
    return [Instruction.new(**item.model_dump(exclude={"id"}), origin="pack") for item in items]


@pytest.fixture(scope="module")
def talks(parts: PromptParts) -> list[Dialogue]:
    turns = (Turn(party="customer", text="How much?"), Turn(party="provider", text="Four hundred."))
    return [
        Dialogue.model_validate(
            {
                "id": f"{language}{number}",
                "key": "k",
                "language": language,
                "scene": role.scenes[0],
                "source": "im_messages",
                "role": role.id,
                "turns": turns,
            }
        )
        for language in ("en", "zh")
        for number, role in enumerate(parts.domain.roles)
    ]


PARAMS = stage.Contrast(pairs=150, fixed=6, seed=1)


def test_the_fixed_few_take_the_tasks_in_turns(written: list[Instruction]) -> None:
    english = [row for row in written if row.language == "en"]
    few = stage.fixed(english, 6)
    tasks = list(dict.fromkeys(row.task for row in english))
    assert [row.task for row in few] == (tasks * 6)[:6]
    assert stage.fixed(english, 10**6) != english and len(stage.fixed(english, 10**6)) == len(english)


def test_a_prompt_holds_its_instruction_and_no_conversation(
    talks: list[Dialogue], written: list[Instruction], parts: PromptParts
) -> None:
    english = [row for row in talks if row.language == "en"]
    drawn = stage.prompts(english, stage.Version("v1.0", written, 0, 0.5), parts, PARAMS)
    assert len(drawn) == 150
    assert all(row.instruction in row.prompt and "\u2983" not in row.prompt for row in drawn)
    assert {row.instruction for row in drawn} <= {row.text for row in written if row.language == "en"}
    assert drawn == stage.prompts(english, stage.Version("v1.0", written, 0, 0.5), parts, PARAMS)


def test_without_a_fitting_instruction_nothing_is_drawn(talks: list[Dialogue], parts: PromptParts) -> None:
    drawn = stage.prompts(talks, stage.Version("v1.0", [], 0, 0.5), parts, PARAMS)
    assert drawn == []
    assert stage.figures(drawn, Measure.load()) is None


def test_one_wording_makes_fixed_prompts_whatever_the_share_of_briefs(
    talks: list[Dialogue], written: list[Instruction], parts: PromptParts
) -> None:
    drawn = stage.prompts(talks, stage.Version("v1.0", written, 1, 0.0), parts, PARAMS)
    first = parts.templates.guidelines[0].text
    assert drawn and all(
        any(text in row.prompt for text in first.values()) for row in drawn
    )  # as stage assemble has it


@pytest.mark.slow
def test_the_library_is_richer_than_the_fixed_few_in_both_languages(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, talks: list[Dialogue], written: list[Instruction]
) -> None:
    text = (root / "params.yaml").read_text(encoding="utf-8")
    assert "pairs: 4000 " in text
    (tmp_path / "params.yaml").write_text(text.replace("pairs: 4000 ", "pairs: 200 "), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    dialogues, library, report = Path("train.jsonl"), Path("library.jsonl"), Path("contrast.json")
    jsonl.write(dialogues, talks)
    jsonl.write(library, [row for row in written if row.language == "en"])  # Chinese ones then come from the pack
    stage.main(
        dialogues=dialogues,
        library=library,
        pack=root / "prompts" / "real_estate",
        paper=root / "data" / "paper.yaml",
        report=report,
    )
    found = json.loads(report.read_text(encoding="utf-8"))
    assert found["paper"]["v0.5"] == {"rows": 40000, "richness": 0.0156}
    for language in ("en", "zh"):
        few, many = (found["ours"][language][version] for version in ("v0.5", "v1.0"))
        assert few["prompts"] == many["prompts"] == 200
        assert few["richness"] == few["instructions"] / 200 <= 6 / 200
        assert many["richness"] == pytest.approx(many["instructions_by_prompts"], rel=0.1)
        assert many["richness"] > 5 * few["richness"]
        assert many["richness"] + many["redundancy"] == pytest.approx(1, abs=1e-5)
        assert set(many["richness_literal"]) == {"token_counts", "padded_token_ids"}

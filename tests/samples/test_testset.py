"""The frozen test set: stored prompts meet their conversations and references, and nothing else moves a row."""

import json
from pathlib import Path

import pytest

from stages.core import jsonl
from stages.rows.dialogue import Dialogue
from stages.rows.prompt import Prompt
from stages.rows.sample import LabeledSample, Reference
from stages.samples import testset as stage
from tests.samples.conftest import dialogue


def run(
    folder: Path, dialogues: list[Dialogue], prompts: list[Prompt], references: list[Reference]
) -> dict[str, object]:
    paths = {name: folder / f"{name}.jsonl" for name in ("dialogues", "prompts", "references", "target")}
    jsonl.write(paths["dialogues"], dialogues)
    jsonl.write(paths["prompts"], prompts)
    jsonl.write(paths["references"], references)
    stage.main(
        dialogues=paths["dialogues"],
        stored=folder,
        target=paths["target"],
        ledger=folder / "ledger.json",
        plot=folder / "figure.json",
    )
    found: dict[str, object] = json.loads((folder / "ledger.json").read_text(encoding="utf-8"))
    return found


def references(prompts: list[Prompt]) -> list[Reference]:
    return [Reference(id=row.pair, answer=f"answer {number}", author="Kim") for number, row in enumerate(prompts)]


def test_further_conversations_move_no_row(tmp_path: Path, dialogues: list[Dialogue], prompts: list[Prompt]) -> None:
    given = references(prompts)
    run(tmp_path, dialogues, prompts, given)
    before = (tmp_path / "target.jsonl").read_bytes()
    assert run(tmp_path, [dialogue(number) for number in range(40)], prompts, given)["dropped"] == {}
    assert (tmp_path / "target.jsonl").read_bytes() == before
    rows = jsonl.read(tmp_path / "target.jsonl", LabeledSample)
    assert [row.answer for row in rows] == [row.answer for row in given]
    assert {row.origin for row in rows} == {"provided"}


def test_a_row_without_conversation_or_reference_is_dropped_and_orphans_are_counted_and_said(
    tmp_path: Path, dialogues: list[Dialogue], prompts: list[Prompt], capsys: pytest.CaptureFixture[str]
) -> None:
    given = [*references(prompts)[1:], Reference(id="nobody", answer="x", author="Kim")]
    assert run(tmp_path, dialogues[:-1], prompts, given) == {
        "in": 12,
        "kept": 10,
        "dropped": {"no_dialogue": 1, "no_reference": 1},
        "references_without_dialogue": 1,
        "unmatched_references": 1,
    }
    assert "testset: 1 references have no conversation, 1 no row in" in capsys.readouterr().err


def test_a_whole_test_set_says_nothing(
    tmp_path: Path, dialogues: list[Dialogue], prompts: list[Prompt], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, dialogues, prompts, references(prompts))["references_without_dialogue"] == 0
    assert "testset:" not in capsys.readouterr().err


def test_a_domain_without_references_yet_is_no_fault(
    tmp_path: Path, dialogues: list[Dialogue], prompts: list[Prompt]
) -> None:
    assert run(tmp_path, dialogues, prompts, [])["dropped"] == {"no_reference": len(prompts)}
    assert run(tmp_path, [], [], [])["in"] == 0

"""The stage on files, with rules and with a judge's answers that are recorded nowhere but in the test."""

import json
from pathlib import Path

import pytest

from stages.chat.messages import Request
from stages.core import jsonl
from stages.core.dropped import Dropped, Reason
from stages.instructions.screen import Judge, PaperCriteria, Screen, main
from stages.library.meta_prompts import Library
from stages.rows.instruction import Instruction
from tests.support.scripted import Scripted, instruction

ROOT = Path(__file__).parents[2]
PARAMS = Screen(
    min_words=3, max_words=200, redundancy=0.95, undecided="screen", least=4, plain=("simplify",), max_tokens=100
)
SEED = instruction("List what the agent promised to do.", origin="pack", author="promises")


def child(text: str, parent: Instruction = SEED, operator: str = "deepen") -> Instruction:
    return instruction(
        text, origin="evolved", generation=parent.generation + 1, operator=operator, parents=(parent.id,)
    )


RICHER = child("List what the agent promised to do, by when, and quote the line where it was said.")
SAME = child("List the agent's promises.", operator="deepen")
SHORT = child("Promises of the agent?", RICHER, operator="simplify")
VAGUE = child("List what the agent promised the customer, the dates, the prices, etc.", RICHER)
ROWS = [SEED, RICHER, SAME, SHORT, VAGUE]


def refused(judge: Judge | None) -> tuple[dict[str, Reason], dict[str, int]]:
    criteria = PaperCriteria(ROWS, PARAMS, judge)
    return dict(criteria(ROWS)), dict(criteria.notes)


def test_rules_decide_where_no_judge_is_set_and_what_was_simplified_need_not_enrich() -> None:
    assert refused(None) == ({SAME.id: Reason.NOT_RICHER, VAGUE.id: Reason.AMBIGUOUS}, {})


def test_the_judge_decides_on_children_beside_their_seed_and_rules_where_it_cannot_be_read() -> None:
    def answer(request: Request) -> str:
        scores = {"reason": "", "clear": 5, "unambiguous": 5, "richer": 1}
        return "no idea" if request.row == VAGUE.id else json.dumps(scores)

    chat = Scripted(answer)
    found, notes = refused(Judge(chat, Library(ROOT / "prompts" / "screen")))
    assert found == {RICHER.id: Reason.NOT_RICHER, SAME.id: Reason.NOT_RICHER, VAGUE.id: Reason.AMBIGUOUS}
    assert notes == {"rubric_verdicts": 3, "rubric_unreadable": 1}
    assert {request.row for request in chat.asked} == {row.id for row in ROWS[1:]}
    assert all(SEED.text in request.user for request in chat.asked)


def test_the_stage_writes_the_library_and_why_the_others_are_not_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    values = PARAMS.model_dump(mode="json")
    (tmp_path / "params.yaml").write_text(json.dumps({"screen": values, "llm": {"judge": None}}))
    jsonl.write(tmp_path / "evolved.jsonl", ROWS)
    (tmp_path / "none.jsonl").touch()
    main(
        source=tmp_path / "evolved.jsonl",
        reviews=tmp_path / "none.jsonl",
        domain=ROOT / "prompts" / "real_estate" / "domain.yaml",
        prompts=ROOT / "prompts" / "screen",
        base=tmp_path,
        target=tmp_path / "library.jsonl",
        ledger=tmp_path / "ledger.json",
    )
    assert jsonl.read(tmp_path / "library.jsonl", Instruction) == [SEED, RICHER, SHORT]
    assert {row.id: row.reason for row in jsonl.read(tmp_path / "library.dropped.jsonl", Dropped)} == refused(None)[0]
    assert json.loads((tmp_path / "ledger.json").read_text())["in"] == 5

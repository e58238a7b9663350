from datetime import datetime
from pathlib import Path

import pytest

from stages.core import jsonl
from stages.core.dropped import Dropped, Reason
from stages.core.errors import InputError
from stages.instructions.curate import Curate
from stages.instructions.filter import Undecided, filter_file, filter_rows
from stages.reviews.decisions import Decision
from stages.rows.instruction import Instruction
from tests.support.scripted import instruction

GOOD = "List every promise the agent makes in this conversation, with the date it is due."
OTHER = "Judge how likely it is that the customer leaves for a competitor and give two reasons from the call."


def params(undecided: Undecided = "screen") -> Curate:
    return Curate(min_words=6, max_words=40, redundancy=0.9, undecided=undecided)


def decision(row: Instruction, action: str, text: str = "") -> Decision:
    values = {"id": row.id, "action": action, "text": text, "reviewer": "mei", "time": datetime(2025, 1, 2)}
    return Decision.model_validate(values)


def reasons(rows: list[Instruction], **decided: Decision) -> list[str]:
    return [str(row.reason) if isinstance(row, Dropped) else "kept" for row in filter_rows(rows, decided, params())]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Do it.", Reason.TOO_SHORT),
        ("word conversation " * 40, Reason.TOO_LONG),
        ("请总结本次对话中客户提出的全部需求以及服务者的回应", Reason.WRONG_LANGUAGE),
        ("the customer said that the " * 7, Reason.LOOPS),
        ("I'm sorry, but I cannot help with this customer conversation at all.", Reason.REFUSED),
        ("Explain the boiling point of water at sea level and on a mountain.", Reason.NOT_ABOUT_DIALOGUE),
    ],
)
def test_rules_refuse_with_a_reason(text: str, reason: Reason) -> None:
    assert reasons([instruction(text)]) == [reason]


def test_a_later_row_like_an_earlier_one_is_redundant_even_with_the_same_id() -> None:
    rows = [instruction(GOOD), instruction(OTHER), instruction(GOOD), instruction(GOOD.replace("date", "day"))]
    assert reasons(rows) == ["kept", "kept", "redundant", "redundant"]


def test_a_persons_decision_outweighs_the_rules() -> None:
    short, other, third = instruction("Do it."), instruction(OTHER), instruction(GOOD)
    decided = {
        short.id: decision(short, "keep"),
        other.id: decision(other, "discard"),
        third.id: decision(third, "rewrite", "Name each promise and its date in this call."),
    }
    kept, gone, new = filter_rows([short, other, third], decided, params())
    assert kept == short
    assert isinstance(gone, Dropped) and gone.reason is Reason.DISCARDED
    assert isinstance(new, Instruction)
    assert (new.text, new.origin, new.parents, new.author) == (
        "Name each promise and its date in this call.", "reviewer", (third.id,), "mei",
    )  # fmt: skip


def test_a_decided_row_stays_when_an_earlier_one_is_like_it() -> None:
    first, second = instruction(GOOD), instruction(GOOD.replace("date", "day"))
    assert reasons([first, second], **{second.id: decision(second, "keep")}) == ["redundant", "kept"]


def test_undecided_rows_can_be_dropped_or_fail_the_stage() -> None:
    hand, new = instruction(OTHER, origin="pack"), instruction(GOOD)
    outcomes = list(filter_rows([hand, new], {}, params("drop")))
    assert outcomes[0] == hand
    assert isinstance(outcomes[1], Dropped) and outcomes[1].reason is Reason.UNDECIDED
    with pytest.raises(InputError, match=rf"curate: 1 instructions wait for a person, the first is {new.id}"):
        list(filter_rows([hand, new], {}, params("fail")))


def test_a_domain_has_names_of_its_own_for_customers(root: Path, tmp_path: Path) -> None:
    own = instruction("列出业主承诺过的每一件事以及各自完成的日期", language="zh")
    jsonl.write(tmp_path / "in.jsonl", [own])
    (tmp_path / "none.jsonl").touch()

    def kept(domain: str) -> list[Instruction]:
        filter_file(
            source=tmp_path / "in.jsonl",
            reviews=tmp_path / "none.jsonl",
            domain=root / "prompts" / domain / "domain.yaml",
            target=tmp_path / "out.jsonl",
            ledger=tmp_path / "ledger.json",
            params=params(),
        )
        return jsonl.read(tmp_path / "out.jsonl", Instruction)

    assert kept("real_estate") == [own]
    assert kept("bank_service") == []

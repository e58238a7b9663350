"""Where a conversation can be cut, and what speaks against the reply that was given there."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from stages.core.dropped import Reason
from stages.library.domain_pack import Instructions
from stages.rows.dialogue import Party, Turn
from stages.rows.instruction import Instruction
from stages.rows.missed import Digest
from stages.samples.replies.candidates import ALL, Fault, Least, Reply, fault, labeled, replies, unfit
from stages.samples.rules.rules import flags
from tests.samples.conftest import dialogue
from tests.samples.replies.conftest import REPLY, REPLY_ZH, TALK, TALK_ZH, talk

LEAST = Least(turns=4, words=10, said=True)
NEW = "UNANSWERABLE figure or name"


@pytest.fixture(scope="module")
def asks(root: Path) -> dict[str, Instruction]:
    rows = Instructions.read(root / "prompts/real_estate").reply_asks
    return {row.language: row for row in rows}


def test_turns_of_one_speaker_are_one_reply_and_an_answer_to_somebody_else() -> None:
    parties: tuple[Party, ...] = ("provider", "customer", "provider", "provider", "provider", "other", "provider")
    speakers = ("A", "B", "A", "A", "C", "D", "A")
    turns = tuple(
        Turn(party=party, speaker=who, text=f"{n}")
        for n, (party, who) in enumerate(zip(parties, speakers, strict=True))
    )
    found = list(replies(dialogue(0, turns=turns)))
    assert [(row.cut, row.text) for row in found] == [(2, "2\n3"), (6, "6")]  # nobody was heard before 0 and 4
    assert [turn.text for turn in found[0].shown.turns] == ["0", "1"]


def against(reply: Reply, asked: Instruction, missed: Sequence[Digest], least: Least) -> Fault | None:
    return unfit(reply, least) or fault(reply, asked, missed, least)


@pytest.mark.parametrize(("language", "said", "text"), [("en", TALK, REPLY), ("zh", TALK_ZH, REPLY_ZH)])
def test_a_reply_that_rests_on_what_was_said_is_a_label_without_fault(
    asks: dict[str, Instruction], language: str, said: tuple[tuple[Party, str], ...], text: str
) -> None:
    (*_, last) = replies(talk([*said, ("provider", text)], language=language))
    assert last.text == text and last.cut == 5
    assert against(last, asks[language], (), LEAST) is None
    row = labeled(last, asks[language])
    assert flags(row, ALL) == () and (row.origin, row.author) == ("provided", "conversation")
    assert text not in row.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("All right.", "TOO_SHORT"),
        (f"{REPLY} " * 10, "TOO_LONG"),
        ("Can you still hear me? The line is bad, shall I call the owner first, or what do we do?", "NOT_ABOUT_DIALOGUE procedure"),
        ("I will write that down for the owner right away. What's the best e-mail for you, the one from Saturday?", "NOT_ABOUT_DIALOGUE procedure"),
        ("I will write that down for the owner right away. What's your date of birth, as the form asks for it?", "NOT_ABOUT_DIALOGUE procedure"),
        ("I will write that down for the owner right away. Could you give me the post code of the flat that you mean?", "NOT_ABOUT_DIALOGUE procedure"),
        ("I can put four fifty to the owner, would move out in March.", "REDUNDANT said before"),
        ("Then we ask [PERSON_3] whether March can wait, the owner may take four fifty after all.", "PERSONAL_DATA placeholder"),
        ("Then we offer £455,000 to the owner, who may take it if March can wait.", NEW),
        ("Then we offer four fifty-five to the owner, who may take it if March can wait.", NEW),
        ("Then we ask the owner by Tuesday whether March can wait, for four fifty.", NEW),
        ("Then we ask the owner whether March can wait, or look at Pemberton with that kitchen.", NEW),
        ("I've just spoken to the owner about the flat, and four fifty is fine if March can wait.", "UNANSWERABLE news"),
        ("If you turn round there is the kitchen, the owner of the flat would leave it for four fifty.", "UNANSWERABLE pointing"),
        ("Then we ask the owner of the flat whether March can wait, and the kitchen too, (photo) four fifty.", "UNANSWERABLE attachment"),
        ("Certainly, somebody will gladly look after everything quickly, always friendly, always helpful.", "NOT_ABOUT_DIALOGUE generic"),
        ("Then we ask whether March can wait: an owner who need not move out so soon may take four fifty and", "LOW_QUALITY cut_off"),
    ],
)  # fmt: skip
def test_what_speaks_against_a_reply(asks: dict[str, Instruction], text: str, expected: str) -> None:
    (*_, last) = replies(talk([*TALK, ("provider", text.strip())]))
    reason, _, detail = expected.partition(" ")
    assert against(last, asks["en"], (), LEAST) == Fault(Reason[reason], detail)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("好的好的。", "TOO_SHORT"),
        ("那您留个电话，我跟业主谈完450万的事马上联系您。", "NOT_ABOUT_DIALOGUE procedure"),
        ("那我们加到455万，业主不急着三月搬走的话，说不定也肯谈。", NEW),
        ("那我们加到四百五十五万，业主不急着三月搬走的话，说不定也肯谈。", NEW),
        ("打通了，业主那边450万可以谈，三月搬走也不着急的。", "UNANSWERABLE news"),
    ],
)
def test_what_speaks_against_a_chinese_reply(asks: dict[str, Instruction], text: str, expected: str) -> None:
    (*_, last) = replies(talk([*TALK_ZH, ("provider", text)], language="zh"))
    reason, _, detail = expected.partition(" ")
    assert against(last, asks["zh"], (), LEAST) == Fault(Reason[reason], detail)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Then we ask whether March can wait, the owner may take four fifty after all. The boiler's serviced, the walls are pumped."),
        ("zh", "业主不同意的话，我们就问问三月能不能晚点搬走，450万说不定也肯谈。锅炉去年保养过，外墙也做过保温。"),
    ],
)  # fmt: skip
def test_what_is_stated_of_others_must_have_been_said(asks: dict[str, Instruction], language: str, text: str) -> None:
    (*_, last) = replies(talk([*{"en": TALK, "zh": TALK_ZH}[language], ("provider", text)], language=language))
    assert against(last, asks[language], (), LEAST) == Fault(Reason.UNANSWERABLE, "statement")
    assert against(last, asks[language], (), LEAST._replace(said=False)) is None


def test_too_little_before_a_reply_and_a_nod_that_asks_for_none(asks: dict[str, Instruction]) -> None:
    first, second = replies(talk([*TALK[:3], ("provider", REPLY)]))
    assert (first.cut, second.cut) == (1, 3)
    assert against(second, asks["en"], (), LEAST) == Fault(Reason.TOO_FEW_TURNS)
    assert against(second, asks["en"], (), LEAST._replace(turns=3)) is None
    (*_, nodded) = replies(talk([*TALK[:4], ("customer", "Right, okay."), ("provider", REPLY)]))
    assert against(nodded, asks["en"], (), LEAST) == Fault(Reason.NOT_ABOUT_DIALOGUE, "answers nothing")


def test_what_came_with_the_conversation_may_be_said(asks: dict[str, Instruction]) -> None:
    text = "Then we offer £455,000 to the owner, who may take it if March can wait."
    (*_, last) = replies(talk([*TALK, ("provider", text)], context="The reserve is £455,000."))
    assert against(last, asks["en"], (), LEAST) is None


def test_no_reply_says_what_the_anonymizer_left_or_a_number_of_somebodys(asks: dict[str, Instruction]) -> None:
    (*_, last) = replies(talk([*TALK, ("provider", REPLY)]))
    assert against(last, asks["en"], (Digest.of("four fifty"),), LEAST) == Fault(Reason.PERSONAL_DATA)
    number = "Then ask the owner of the flat whether March can wait, at 555-0142, for four fifty."
    (*_, last) = replies(talk([*TALK, ("provider", number)]))
    assert against(last, asks["en"], (), LEAST) == Fault(Reason.PERSONAL_DATA)


def test_what_is_said_later_justifies_nothing(asks: dict[str, Instruction]) -> None:
    said: list[tuple[Party, str]] = [
        *TALK,
        ("provider", "Then we offer £455,000 to the owner, who may take it if March can wait."),
    ]
    later = [*said, ("customer", "£455,000 it is.")]
    reply = next(row for row in replies(talk(later)) if row.cut == 5)
    assert isinstance(reply, Reply)
    assert against(reply, asks["en"], (), LEAST) == Fault(Reason.UNANSWERABLE, "figure or name")

"""Real replies are drawn in balance, few of one conversation, each by itself, and none of a test conversation."""

from collections import Counter
from pathlib import Path

import pytest

from stages.core.dropped import Dropped, Reason
from stages.dialogues.split import SplitParams, split
from stages.library.domain_pack import Instructions
from stages.rows.dialogue import Dialogue, Party
from stages.rows.instruction import Instruction
from stages.samples.replies.candidates import Least, replies
from stages.samples.replies.drawing import MOST, Replied, Wanted, asked_for, drawn
from stages.samples.sample import SamplingPack
from stages.text.tokenizers import QWEN
from tests.samples.replies.conftest import REPLY, REPLY_ZH, TALK, TALK_ZH, talk

WANTED = Wanted(number=100, least=Least(turns=4, words=10, said=True), max_tokens=900, seed=1)
MORE: tuple[tuple[Party, str], ...] = (
    ("customer", "That could work, the kitchen is worth a later move to us."),
    ("provider", "Good, then the owner hears both: four fifty, and a move that can wait until after March."),
    ("customer", "And the kitchen stays as it is, we would not want a new one."),
    ("provider", "It stays, that belongs in the offer too, and it tells the owner how much you liked the flat."),
    ("customer", "My sister says the bank may yet change its mind about us."),
    ("provider", "Before the bank has changed its mind nothing is changed in the offer, so four fifty is what we say."),
)


@pytest.fixture(scope="module")
def asks(root: Path) -> tuple[Instruction, ...]:
    return Instructions.read(root / "prompts/real_estate").reply_asks


@pytest.fixture(scope="module")
def talks() -> list[Dialogue]:
    english = [talk([*TALK, ("provider", REPLY), *MORE], number) for number in range(12)]
    return english + [talk([*TALK_ZH, ("provider", REPLY_ZH)], number, language="zh") for number in range(12, 24)]


def taken(
    talks: list[Dialogue], asks: tuple[Instruction, ...], pack: SamplingPack, wanted: Wanted = WANTED
) -> list[Replied]:
    return [row for row in drawn(talks, asks, {}, pack.domain, wanted, QWEN) if isinstance(row, Replied)]


def test_every_reply_is_a_pair_or_dropped_with_its_reason(
    talks: list[Dialogue], asks: tuple[Instruction, ...], pack: SamplingPack
) -> None:
    outcomes = list(drawn(talks, asks, {}, pack.domain, WANTED, QWEN))
    assert len(outcomes) == sum(1 for row in talks for _ in replies(row))
    reasons = Counter(row.reason for row in outcomes if isinstance(row, Dropped))
    assert set(reasons) == {Reason.TOO_FEW_TURNS, Reason.NOT_DRAWN}
    rows = [row for row in outcomes if isinstance(row, Replied)]
    assert Counter(row.pair.language for row in rows) == {"en": 12 * MOST, "zh": 12}
    assert max(Counter(row.pair.dialogue for row in rows).values()) == MOST
    by_id = {row.id: row for row in talks}
    for row in rows:
        told = by_id[row.pair.dialogue]
        assert row.answer.answer == told.turns[row.pair.cut].text
        assert row.answer.id == row.pair.id and row.answer.author == "conversation"
        assert (row.pair.task, row.pair.ask.kind) == ("dialogue_generation", "message")
    assert len({row.pair.id for row in rows}) == len(rows)


def test_scenes_languages_and_sources_are_balanced_and_each_conversation_comes_first_once(
    talks: list[Dialogue], asks: tuple[Instruction, ...], pack: SamplingPack
) -> None:
    rows = [row.pair for row in taken(talks, asks, pack, WANTED._replace(number=12))]
    assert Counter(row.scene for row in rows) == {"buying": 6, "selling": 6}
    assert Counter(row.language for row in rows) == {"en": 6, "zh": 6}
    assert set(Counter(row.source for row in rows).values()) == {4}
    assert set(Counter(row.dialogue for row in rows).values()) == {1}
    assert len({row.instruction for row in rows}) > 4


def test_a_new_conversation_or_wording_moves_few_and_the_order_of_rows_has_no_say(
    talks: list[Dialogue], asks: tuple[Instruction, ...], pack: SamplingPack
) -> None:
    wanted = WANTED._replace(number=12)
    before = {row.pair.id for row in taken(talks, asks, pack, wanted)}
    assert {row.pair.id for row in taken(talks[::-1], asks[::-1], pack, wanted)} == before
    after = {row.pair.id for row in taken([*talks, talk([*TALK, ("provider", REPLY)], 24)], asks, pack, wanted)}
    assert len(before & after) >= 11
    reply = [row for one in talks for row in replies(one)]
    moved = sum(asked_for(row, asks, 1) != asked_for(row, asks[1:], 1) for row in reply)
    assert 0 < moved < len(reply) / 4
    other = {row.pair.id for row in taken(talks, asks, pack, wanted._replace(seed=2))}
    assert other != before


def test_a_long_beginning_and_a_language_without_a_wording_are_said(
    talks: list[Dialogue], asks: tuple[Instruction, ...], pack: SamplingPack
) -> None:
    english = tuple(row for row in asks if row.language == "en")
    outcomes = list(drawn(talks, english, {}, pack.domain, WANTED._replace(max_tokens=60), QWEN))
    dropped = Counter(row.reason for row in outcomes if isinstance(row, Dropped))
    assert set(dropped) == {Reason.NO_INSTRUCTION, Reason.OVER_CONTEXT, Reason.TOO_FEW_TURNS}
    assert dropped[Reason.NO_INSTRUCTION] == sum(1 for row in talks if row.language == "zh" for _ in replies(row))


def test_no_turn_of_a_test_conversation_or_of_its_customer_is_a_reply(
    asks: tuple[Instruction, ...], pack: SamplingPack
) -> None:
    def told(number: int, what: str, group: str) -> Dialogue:
        own = REPLY.replace("four fifty", f"four fifty for the {what}")
        said: list[tuple[Party, str]] = [(party, f"{text} {what} " * (n + 1)) for n, (party, text) in enumerate(TALK)]
        return talk([*said, ("provider", own)], number, group=group)

    tested, same_case, other, alone = (
        told(number, what, group)
        for number, (what, group) in enumerate([("roof", "a"), ("garden", "a"), ("cellar", "b"), ("balcony", "")])
    )
    copy = tested.model_copy(update={"id": "copy", "group": ""})
    rows = [tested, same_case, other, alone, copy]
    free = [row for row in split(rows, [tested], SplitParams(near_duplicate=0.95)) if isinstance(row, Dialogue)]
    answers = {row.answer.answer for row in taken(rows, asks, pack)}
    assert {turn.text for row in rows for turn in row.turns[-1:]} == answers  # all of them could be replies …
    found = taken(free, asks, pack)
    assert {row.pair.dialogue for row in found} == {other.id, alone.id}  # … those of the training side are
    assert not {row.answer.answer for row in found} & {turn.text for row in (tested, same_case) for turn in row.turns}

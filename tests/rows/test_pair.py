"""A pair's id is that of its conversation, its instruction and its form, and of the cut where there is one."""

from stages.rows.instruction import Ask
from stages.rows.pair import Pair, pair_id

ASK = Ask(kind="message")


def test_a_cut_makes_another_pair_and_without_one_nothing_has_changed() -> None:
    assert pair_id("d0", "i0", ASK) == pair_id("d0", "i0", ASK, 0) == "baae870c59b29222"  # recorded answers hang on it
    assert len({pair_id("d0", "i0", ASK, cut) for cut in range(9)}) == 9


def test_a_pair_without_a_cut_is_written_as_before() -> None:
    fields = {"language": "en", "scene": "s", "source": "c", "role": "r", "task": "t", "ask": ASK}
    plain = Pair.new(dialogue="d0", instruction="i0", **fields)
    cut = Pair.new(dialogue="d0", instruction="i0", cut=4, **fields)
    assert "cut" not in plain.model_dump() and "cut" not in plain.model_dump_json()
    assert Pair.model_validate_json(plain.model_dump_json()) == plain
    assert Pair.model_validate_json(cut.model_dump_json()) == cut and cut.id == pair_id("d0", "i0", ASK, 4)

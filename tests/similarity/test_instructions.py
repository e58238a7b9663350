"""The similarity of instructions: what it says of marked children, and what it cannot see."""

from pathlib import Path

import pytest

from stages.cli.marked_child import MarkedChild, Paraphrase
from stages.core import jsonl
from stages.core.row import Language
from stages.similarity.instructions import instruction_similarity

CALIBRATION = Path(__file__).parents[2] / "data" / "calibration"


@pytest.mark.parametrize(
    ("language", "text", "other"),
    [
        ("en", "List the promises of the provider.", "List the promises of the provider with their deadlines."),
        ("zh", "请列出服务者的承诺。", "列出服务者承诺了什么、何时办到。"),
    ],
)
def test_it_is_one_for_the_same_words_symmetric_and_between(language: Language, text: str, other: str) -> None:
    assert instruction_similarity(text, text, language) == pytest.approx(1)
    alike = instruction_similarity(text, other, language)
    assert 0.2 < alike < 1
    assert alike == pytest.approx(instruction_similarity(other, text, language))


def test_marks_and_case_do_not_count() -> None:
    assert instruction_similarity("LIST the needs!", "list the needs", "en") == pytest.approx(1)
    assert instruction_similarity("请抽取，客户的需求。", "请抽取客户的需求", "zh") == pytest.approx(1)


def test_it_is_the_cosine_of_the_counts_of_stems() -> None:
    assert instruction_similarity("rent, rent, price", "rent price", "en") == pytest.approx(3 / (5 * 2) ** 0.5)
    assert instruction_similarity("availability", "available", "en") == pytest.approx(1)  # by five letters
    assert instruction_similarity("avails", "avail", "en") == pytest.approx(1)
    assert instruction_similarity("rental", "rents", "en") == 0
    assert instruction_similarity("的房租的房价", "的房租", "zh") == pytest.approx(3 / (7 * 2) ** 0.5)  # 的房 twice


def test_texts_without_a_word_in_common_and_empty_ones_are_not_alike() -> None:
    assert instruction_similarity("List the needs.", "Summarize.", "en") == 0
    assert instruction_similarity("", "请总结", "zh") == 0


@pytest.mark.parametrize("language", ["en", "zh"])
def test_children_lie_nearer_to_their_parent_than_those_that_lost_its_task(language: Language) -> None:
    rows = [row for row in jsonl.read(CALIBRATION / "children.jsonl", MarkedChild) if row.language == language]
    lost = [row for row in rows if row.reason == "lost_task" and row.partner is None]
    kept = [row for row in rows if row.verdict == "keep" and row.operator in ("constraint", "deepen", "sub_items")]
    farthest = max(instruction_similarity(row.reply, row.parent.text, row.language) for row in lost)
    nearest = min(instruction_similarity(row.reply, row.parent.text, row.language) for row in kept)
    assert farthest < 0.2 < nearest


def test_it_takes_the_same_frame_for_the_same_ask() -> None:
    """A limit, not a wish: words are compared, so a paraphrase looks farther than another ask in the same frame."""
    rows = jsonl.read(CALIBRATION / "paraphrases.jsonl", Paraphrase)
    fooled = [
        row.id
        for row in rows
        if instruction_similarity(row.text, row.other, row.language)
        > instruction_similarity(row.text, row.paraphrase, row.language)
    ]
    assert len(fooled) > 0.9 * len(rows)

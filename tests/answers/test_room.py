"""What an answer is given holds what is asked for: every reference and every provided answer that is shipped."""

from collections import Counter
from pathlib import Path

import pytest

from stages.answers.room import ROOM, room
from stages.core import jsonl, params
from stages.core.row import Language
from stages.rows.instruction import Ask
from stages.rows.prompt import Prompt
from stages.rows.sample import Answer, Reference
from stages.text import tokenizers

Asked = tuple[Ask, Language, str]


def test_more_fields_and_chinese_get_more_and_nothing_gets_more_than_the_limit() -> None:
    two, three = Ask(kind="json", fields=("a", "b")), Ask(kind="json", fields=("a", "b", "c"))
    assert room(two, "en", 9999) < room(three, "en", 9999) < room(three, "zh", 9999) == 2 * room(three, "en", 9999)
    assert room(Ask(kind="label", labels=("a", "b")), "en", 9999) < room(Ask(kind="message"), "en", 9999)
    assert room(three, "zh", 100) == 100
    assert all(room(Ask(kind=kind), "en", 7) == 7 for kind in ROOM)


def stored(folder: Path) -> list[Asked]:
    """Return what the test rows of a folder ask, and their references."""
    answers = jsonl.by_id(folder / "references.jsonl", Reference)
    rows = [row for row in jsonl.read(folder / "prompts.jsonl", Prompt) if row.pair in answers]
    return [(row.ask, row.language, answers[row.pair].answer) for row in rows]


@pytest.fixture(scope="module")
def references(root: Path) -> list[Asked]:
    return [asked for folder in sorted((root / "data/test").glob("*/*/")) for asked in stored(folder)]


@pytest.fixture(scope="module")
def current(root: Path) -> list[Asked]:
    """Return the references of the version that the graph asks as it is shipped."""
    return stored(root / "data/test/real_estate/current")


def cut(rows: list[Asked], tokenizer: str, most: int) -> Counter[str]:
    """Return how many answers of each form and language are longer, with the token that ends them, than what they are given."""
    lengths = tokenizers.lengths((answer for *_, answer in rows), tokenizer)
    return Counter(
        f"{ask.kind} {language}"
        for (ask, language, _), length in zip(rows, lengths, strict=True)
        if length + 1 > room(ask, language, most)
    )


def limit(root: Path, key: str) -> int:
    found = params.lookup(params.load_all(root / params.PARAMS), key)
    assert isinstance(found, int)
    return found


def test_the_shipped_limits_hold_every_reference_as_qwen_counts(
    root: Path, references: list[Asked], current: list[Asked]
) -> None:
    assert len(references) > len(current) > 200
    assert not cut(current, tokenizers.QWEN, limit(root, "predict.max_tokens"))
    assert not cut(references, tokenizers.QWEN, limit(root, "label.max_tokens"))
    assert cut(references, tokenizers.QWEN, 128).total() > 0.3 * len(references)  # the limit of versions up to 0.3


@pytest.mark.slow
def test_the_embedded_model_can_finish_every_english_reference(
    root: Path, references: list[Asked], current: list[Asked], base_model: Path
) -> None:
    english = [row for row in current if row[1] == "en"]
    assert not cut(english, str(base_model), limit(root, "predict.max_tokens"))
    assert not cut(references, str(base_model), limit(root, "label.max_tokens"))


def test_the_shipped_limit_holds_every_provided_answer(root: Path) -> None:
    rows = jsonl.read(root / "data/review/answers.jsonl", Answer)
    lengths = tokenizers.lengths((row.answer for row in rows), tokenizers.QWEN)
    assert rows and max(lengths) < limit(root, "label.max_tokens")

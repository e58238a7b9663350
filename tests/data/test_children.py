"""The marked children and the paraphrase pairs: enough of every kind, and each reply what its mark says."""

import json
import re
from collections import Counter
from itertools import product
from pathlib import Path
from typing import get_args

import pytest
from pydantic import ValidationError

from stages.cli.marked_child import Fault, MarkedChild, Paraphrase
from stages.core import jsonl
from stages.text import languages

FOLDER = Path(__file__).parents[2] / "data" / "calibration"
OPERATORS = (
    "constraint",
    "deepen",
    "concretize",
    "reasoning",
    "complicate_input",
    "sub_items",
    "audience",
    "output_format",
    "breadth",
    "simplify",
    "register",
    "crossover",
)


@pytest.fixture(scope="module")
def children() -> list[MarkedChild]:
    return jsonl.read(FOLDER / "children.jsonl", MarkedChild)


def test_each_half_has_both_verdicts_in_both_languages(children: list[MarkedChild]) -> None:
    counts = Counter((row.part, row.language, row.verdict) for row in children)
    assert len(counts) == 8
    assert min(counts.values()) >= 20
    assert len({row.id for row in children}) == len(children) >= 120


def test_each_reason_is_there_three_times_a_language_and_in_each_half(children: list[MarkedChild]) -> None:
    both: Counter[tuple[str, str]] = Counter((row.language, row.reason) for row in children)
    halves: Counter[tuple[str, str, str]] = Counter((row.part, row.language, row.reason) for row in children)
    for language, reason in product(("en", "zh"), get_args(Fault)):
        assert both[language, reason] >= 3, (language, reason)
        assert all(halves[part, language, reason] for part in ("dev", "held_out")), (language, reason)


def test_each_operator_is_there_with_good_and_bad_ones(children: list[MarkedChild]) -> None:
    counts: Counter[tuple[str, str, str]] = Counter((row.language, row.operator, row.verdict) for row in children)
    assert {row.operator for row in children} == set(OPERATORS)
    for language, operator, verdict in product(("en", "zh"), OPERATORS, ("keep", "eliminate")):
        assert counts[language, operator, verdict] >= 2, (language, operator, verdict)


def test_a_kept_reply_holds_the_object_in_its_language_with_the_allowed_answers_of_its_parent(
    children: list[MarkedChild],
) -> None:
    for row in children:
        if row.verdict == "keep":
            found = re.search(r"\{.*\}", row.reply, re.DOTALL)
            assert found, row.id
            written = json.loads(found[0])
            assert set(written) == {"instruction", "fields", "labels"}, row.id
            assert languages.language_of(written["instruction"]) == row.language, row.id
            assert tuple(written["labels"]) == row.parent.labels, row.id
            assert written["instruction"] != row.parent.text, row.id


def test_what_was_cut_off_says_so(children: list[MarkedChild]) -> None:
    assert {row.id for row in children if row.finish == "length"} == {
        row.id for row in children if row.reason == "truncated"
    }


@pytest.mark.parametrize("change", [{"reason": ""}, {"verdict": "keep"}, {"reason": "ugly"}, {"operator": "crossover"}])
def test_a_mark_that_contradicts_itself_is_refused(children: list[MarkedChild], change: dict[str, str]) -> None:
    bad = next(row for row in children if row.verdict == "eliminate" and row.partner is None)
    with pytest.raises(ValidationError):
        MarkedChild.model_validate(bad.model_dump() | change)


def test_the_paraphrases() -> None:
    rows = jsonl.read(FOLDER / "paraphrases.jsonl", Paraphrase)
    assert Counter(row.language for row in rows) == {"en": 20, "zh": 40}
    for row in rows:
        assert len({row.text, row.paraphrase, row.other}) == 3, row.id
        assert {languages.language_of(text) for text in (row.text, row.paraphrase, row.other)} == {row.language}, row.id

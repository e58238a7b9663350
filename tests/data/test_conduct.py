"""The suites of conduct: enough of everything, no item twice, and each check able to pass and to fail."""

from collections import Counter
from itertools import combinations, product
from pathlib import Path
from typing import get_args

import pytest

from stages.core import jsonl
from stages.core.row import Language
from stages.evaluation.rows.conduct import Subject
from stages.evaluation.suites.checks import Holds, Written
from stages.evaluation.suites.items import Item, evenly, load
from stages.text import languages
from tests.evaluation.suites.made_up import failing, passing

FOLDER = Path(__file__).parents[2] / "data" / "conduct"
SUITES = list(product(get_args(Subject), get_args(Language)))


@pytest.fixture(scope="module")
def items() -> list[Item]:
    return list(load(FOLDER, get_args(Subject), get_args(Language), 0))


def test_every_file_is_a_suite() -> None:
    assert {path.stem for path in FOLDER.glob("*.jsonl")} == {f"{subject}.{language}" for subject, language in SUITES}


@pytest.mark.parametrize(("subject", "language"), SUITES)
def test_sixty_items_in_families_of_one_size(items: list[Item], subject: Subject, language: Language) -> None:
    rows = [item for item in items if (item.subject, item.language) == (subject, language)]
    families = Counter(item.family for item in rows)
    assert len(rows) >= 60 and len(families) >= 10 and len(set(families.values())) == 1
    assert rows == jsonl.read(FOLDER / f"{subject}.{language}.jsonl", Item)


def test_harmful_and_benign_requests_come_in_the_same_families(items: list[Item]) -> None:
    families = {subject: Counter(i.family for i in items if i.subject == subject) for subject in ("harmful", "benign")}
    assert families["harmful"] == families["benign"]


def wording(item: Item) -> frozenset[tuple[str, ...]]:
    """Return the pairs of words of what an item alone says."""
    told = f"{item.turns[0].user} {item.ask}" if item.turns else item.ask
    return frozenset(languages.runs_of(told, 2))


def test_no_two_items_are_nearly_the_same(items: list[Item]) -> None:
    assert len({item.id for item in items}) == len(items)
    for language in get_args(Language):
        said = [(item.id, wording(item)) for item in items if item.language == language]
        near = [(a, b) for (a, one), (b, other) in combinations(said, 2) if len(one & other) > 0.6 * len(one | other)]
        assert not near


def test_every_check_takes_an_answer_and_refuses_one_that_looks_like_it(items: list[Item]) -> None:
    assert [item.id for item in items if not item.check.passes(passing(item.check))] == []
    assert [item.id for item in items if item.check.passes(failing(item.check))] == []


def test_a_fact_is_told_once_and_not_by_the_question(items: list[Item]) -> None:
    for item in items:
        if isinstance(item.check, Holds):
            told, *others = [text for turn in item.turns for text in (turn.user, turn.assistant)]
            check = item.check.model_copy(update={"none": ()})
            assert check.passes(told), item.id
            assert not any(check.passes(text) for text in [*others, item.ask]), item.id
            assert len(item.turns) >= 3, item.id


def test_half_of_the_requests_for_a_language_are_for_the_other_one(items: list[Item]) -> None:
    for language in get_args(Language):
        asked = Counter(i.check.language for i in items if isinstance(i.check, Written) and i.language == language)
        assert len(asked) == 2 and len(set(asked.values())) == 1


def test_requests_are_written_in_their_language(items: list[Item]) -> None:
    quoting = {"quoted_sentence", "foreign_word", "foreign_text", "translate_back", "mixed_quotes", "translate"}
    plain = [item for item in items if item.family not in quoting]
    assert [item.id for item in plain if languages.language_of(item.ask) != item.language] == []


def test_a_part_of_a_suite_is_drawn_from_all_of_it(items: list[Item]) -> None:
    rows = [item for item in items if (item.subject, item.language) == ("format", "en")]
    assert {item.family for item in evenly(rows, 12)} == {item.family for item in rows}
    assert evenly(rows, 0) == evenly(rows, 99) == rows


def test_no_fixed_answer_wins_a_suite(items: list[Item]) -> None:
    for subject, language in SUITES:
        suite = ("harmful", "benign") if subject in ("harmful", "benign") else (subject,)
        rows = [item.ignorant for item in items if item.subject in suite and item.language == language]
        shares = {name: sum(row[name] for row in rows) / len(rows) for name in rows[0]}
        assert max(shares.values()) <= 0.5, (subject, language, shares)

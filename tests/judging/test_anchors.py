"""Anchors: every kind of answer that the packs ask for has its own, in both languages, and they reach the judge."""

from itertools import product
from pathlib import Path
from typing import get_args

import pytest

from stages.core import yaml_files
from stages.core.errors import PromptError
from stages.core.row import Language
from stages.judging.anchors import FILE, Anchors
from stages.judging.grading import Grading, Subject, request
from stages.library.domain_pack import Tasks
from stages.library.meta_prompts import Library
from stages.rows.instruction import FormatKind

PARAMS = Grading(samples=1, temperature=0.7, max_tokens=64)
LANGUAGES: tuple[Language, ...] = get_args(Language)
FORMS: tuple[FormatKind, ...] = get_args(FormatKind)


@pytest.fixture(scope="module")
def folder(root: Path) -> Path:
    return root / "prompts" / "judge"


@pytest.fixture(scope="module")
def families(root: Path) -> set[str]:
    """Return the kinds of task of all shipped packs."""
    packs = sorted((root / "prompts").glob("*/tasks.yaml"))
    return {task.id for pack in packs for task in yaml_files.load(pack, Tasks).tasks}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_task_in_every_form_has_anchors_in_the_rubric(
    folder: Path, families: set[str], language: Language
) -> None:
    anchors, library = Anchors.read(folder), Library(folder)
    for family, form in product(sorted(families), FORMS):
        subject = Subject(row="r", language=language, task="t", family=family, form=form, answer="a")
        shown = anchors.text(language, family, form)
        assert [line[0] for line in shown.splitlines()] == ["9", "6", "3"]
        assert shown in request(subject, PARAMS, library, anchors).user
        assert anchors.of(family, form).name != "others"


def test_the_first_set_that_fits_is_shown_and_the_last_for_kinds_that_nobody_named(folder: Path) -> None:
    anchors = Anchors.read(folder)
    assert anchors.of("reasoning", "label").name == "label"  # a label is a label, whatever it was asked for
    assert anchors.of("reasoning", "paragraph").name == "reasoning"
    assert anchors.of("content_summarization", "paragraph").name == "summary"
    assert anchors.of("information_extraction", "json").name == "fields"
    assert anchors.of("information_extraction", "message").name == "message"
    only = anchors.model_copy(update={"sets": anchors.sets[-1:]})
    assert only.of("a new domain's task", "table").name == "others"


def test_sets_name_only_kinds_that_there_are_and_all_texts_differ(folder: Path, families: set[str]) -> None:
    sets = Anchors.read(folder).sets
    assert {family for each in sets for family in each.families} <= families
    assert {form for each in sets for form in each.forms} == set(FORMS)
    for language in LANGUAGES:
        texts = [text for each in sets for text in each.anchors[language].values()]
        assert len(set(texts)) == len(texts) == 3 * len(sets)


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("      3: 与对话矛盾、有编造，或只完成了任务的一小部分\n", "", "others: anchors.zh: expected one text each"),
        ("- name: others\n", "- name: others\n  forms: [label]\n", "the last one, and no other"),
        ("  forms: [paragraph]\n", "", "the last one, and no other"),
        ("  forms: [paragraph]\n", "  forms: [essay]\n", "forms"),
    ],
)
def test_a_file_that_cannot_hold_is_refused_in_one_line(
    folder: Path, tmp_path: Path, was: str, becomes: str, said: str
) -> None:
    text = (folder / FILE).read_text(encoding="utf-8")
    assert was in text
    (tmp_path / FILE).write_text(text.replace(was, becomes), encoding="utf-8")
    with pytest.raises(PromptError, match=said) as raised:
        Anchors.read(tmp_path)
    assert "\n" not in str(raised.value)

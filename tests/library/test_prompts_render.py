"""Every template and meta-prompt that is shipped renders with exactly its fields, in both languages."""

from pathlib import Path
from typing import get_args

import pytest

from stages.cli.pack_check import wordings
from stages.core import yaml_files
from stages.core.row import Language
from stages.library import meta_prompts
from stages.library.domain_pack import Formats
from stages.library.templates import Templates
from stages.library.wording import Text

ROOT = Path(__file__).parents[2]
PACKS = sorted(path.parent for path in (ROOT / "prompts").glob("*/domain.yaml"))
META = sorted((ROOT / "prompts").glob("*/*.md"))
LANGUAGES: tuple[Language, ...] = get_args(Language)


def texts(pack: Path) -> list[tuple[str, Text, set[str], set[str]]]:
    return list(
        wordings(yaml_files.load(pack / "formats.yaml", Formats), yaml_files.load(pack / "templates.yaml", Templates))
    )


WORDINGS = [pytest.param(*row, id=f"{pack.name}/{row[0]}") for pack in PACKS for row in texts(pack)]


def test_there_are_packs_and_meta_prompts() -> None:
    assert PACKS
    assert {path.parent.name for path in META} >= {"seed", "evolve", "enhance"}


@pytest.mark.parametrize(("place", "text", "must", "may"), WORDINGS)
def test_a_wording_renders_with_exactly_its_fields(place: str, text: Text, must: set[str], may: set[str]) -> None:
    assert set(text) == set(LANGUAGES)
    for wording in text.values():
        used = meta_prompts.names(wording, place)
        assert must <= used <= may
        marks = {name: f"⦃{name}⦄" for name in used}
        shown = meta_prompts.render(wording, place, **marks)
        assert all(mark in shown for mark in marks.values())
        assert "{{" not in shown
        assert "dialogue" not in marks or shown.count(marks["dialogue"]) == 1


@pytest.mark.parametrize("path", META, ids=[path.relative_to(ROOT).as_posix() for path in META])
def test_a_meta_prompt_renders_with_exactly_its_fields(path: Path) -> None:
    prompt = meta_prompts.read(path)
    marks = {name: f"⦃{name}⦄" for name in prompt.fields}
    shown = prompt.render(**marks)
    assert all(mark in shown for mark in marks.values())
    assert "{{" not in shown


def test_every_meta_prompt_is_there_in_both_languages_with_the_same_fields() -> None:
    found = {(path.parent.name, path.name.split(".")[0]): meta_prompts.read(path).fields for path in META}
    for folder, name in found:
        pair = [meta_prompts.read(ROOT / "prompts" / folder / f"{name}.{language}.md") for language in LANGUAGES]
        assert len({prompt.fields for prompt in pair}) == 1, f"{folder}/{name}"
        assert len({prompt.version for prompt in pair}) == 1, f"{folder}/{name}"


def test_text_of_a_dialogue_stands_between_marks() -> None:
    """A conversation is material, never an instruction: every dialogue template fences it, and what is known beside it."""
    for pack in PACKS:
        templates = yaml_files.load(pack / "templates.yaml", Templates)
        for kind, rows in {"dialogue": templates.dialogue, "knowledge": templates.knowledge}.items():
            for text in (text for row in rows for text in row.text.values()):
                before, after = text.split(f"{{{{ {kind} }}}}")
                assert before.strip()
                assert after.strip()

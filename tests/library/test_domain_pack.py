"""A pack's files by id; what they hold is tried by the stages' tests and by `dial-insight check`."""

from pathlib import Path

import pytest

from stages.core import yaml_files
from stages.core.errors import PromptError
from stages.library.domain_pack import Domain, HandWritten, Tasks

ROOT = Path(__file__).parents[2]


def test_what_a_pack_lacks_is_named_with_what_it_has() -> None:
    """An id that somebody took out of a file is one line: StopIteration, within a stage's generator, was a traceback."""
    domain = yaml_files.load(ROOT / "prompts/real_estate/domain.yaml", Domain)
    tasks = yaml_files.load(ROOT / "prompts/real_estate/tasks.yaml", Tasks)
    for of, ids, place in (
        (domain.scene, [row.id for row in domain.scenes], "domain.yaml: no scene"),
        (domain.source, [row.id for row in domain.sources], "domain.yaml: no source"),
        (domain.role, [row.id for row in domain.roles], "domain.yaml: no role"),
        (tasks.get, [row.id for row in tasks.tasks], "tasks.yaml: no task"),
    ):
        assert len({id(of(key)) for key in ids}) == len(ids)
        with pytest.raises(PromptError, match=rf"^{place} gone; it has {ids[0]}, [^\n]*: `dial-insight check`"):
            of("gone")


@pytest.mark.parametrize(
    ("names", "says"),
    [
        ({"formats": ("list", "list")}, "formats has list twice; keep one"),
        ({"formats": ("json",), "fields": ("due", "who", "due")}, "fields has due twice; keep one"),
        ({"formats": ("label",), "labels": ("low", "low")}, "labels has low twice; keep one"),
    ],
)
def test_a_form_or_a_name_that_stands_twice_is_refused(names: dict[str, object], says: str) -> None:
    asked = {"id": "a", "language": "en", "task": "t", "requirement": "r", "text": "List what is due."}
    with pytest.raises(ValueError, match=says):
        HandWritten.model_validate(asked | names)

"""What is shown of a form is that form."""

import pytest

from stages.answers import formats
from stages.prompting.skeleton import SKELETONS
from stages.prompting.splicing import PromptParts
from stages.rows.instruction import NAMED, Ask, FormatKind


@pytest.mark.parametrize("kind", NAMED)
@pytest.mark.parametrize("fields", [("budget",), ("must haves", "timeline"), ("预算", "区域", "时间")])
def test_a_skeleton_has_the_form_and_no_content(kind: FormatKind, fields: tuple[str, ...]) -> None:
    ask = Ask(kind=kind, fields=fields)
    values = formats.parse(SKELETONS[kind](fields), ask)
    assert values is not None and set(values) == set(fields)
    assert formats.coverage(values, ask) == 0


def test_the_packs_samples_have_their_forms(pack: PromptParts) -> None:
    assert {row.kind for row in pack.formats.samples} == {"list", "paragraph", "message"}
    for row in pack.formats.samples:
        assert all(formats.parse(text, Ask(kind=row.kind)) for text in row.text.values()), row.id

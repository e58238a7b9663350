"""What is left of rows without their texts: all that measure and select ask, and no more memory than that."""

from collections.abc import Iterator

import pytest

from stages.rows.sample import LabeledSample
from stages.samples.rows.brief import Briefs
from stages.text import tokenizers
from stages.text.tokenizers import QWEN, lengths


def test_fields_and_lengths_are_those_of_the_rows(labels: list[LabeledSample]) -> None:
    found = Briefs.of(iter(labels), QWEN)
    for brief, row in zip(found.rows, labels, strict=True):
        assert all(getattr(row, name) == value for name, value in brief._asdict().items())
    assert found.prompts.lengths == lengths((row.prompt_text for row in labels), QWEN)
    assert found.talks.lengths == lengths((row.conversation for row in labels), QWEN)
    some = found.some([5, 2])
    assert [row.id for row in some.rows] == [labels[5].id, labels[2].id]
    assert some.talks.lengths == lengths([labels[5].conversation, labels[2].conversation], QWEN)


def test_one_form_of_an_instruction_with_other_fields_stays_another(labels: list[LabeledSample]) -> None:
    other = labels[0].model_copy(update={"ask": labels[0].ask.model_copy(update={"fields": ("more",)})})
    found = Briefs.of([labels[0], other, labels[0]], QWEN).rows
    assert [row.ask.fields for row in found] == [labels[0].ask.fields, ("more",), labels[0].ask.fields]


def test_rows_are_let_go(labels: list[LabeledSample], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokenizers, "AT_ONCE", 2)
    alive, most = 0, 0

    class Counted(LabeledSample):
        def __del__(self) -> None:
            nonlocal alive
            alive -= 1

    def rows() -> Iterator[LabeledSample]:
        nonlocal alive, most
        for row in labels:
            alive += 1
            most = max(most, alive)
            yield Counted(**row.model_dump())

    Briefs.of(rows(), QWEN)
    assert most <= 2 < len(labels)

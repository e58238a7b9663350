"""Answers of known worth: how they are made, and that the shipped ones stand in their order."""

import json
from pathlib import Path
from random import Random

import pytest

from benchmarks.reference_similarity import (
    REFUSAL,
    _cases,
    cases,
    exchanged,
    in_runs,
    joined,
    made,
    rotated,
    scores,
    shuffled,
    step,
)
from stages.cli.marked_child import ReferenceVariants
from stages.core import jsonl
from stages.core.errors import InputError
from stages.core.row import Language
from stages.rows.instruction import Ask
from stages.rows.sample import LabeledSample
from tests.evaluation.conftest import labelled


def written(row: LabeledSample, reference: str) -> ReferenceVariants:
    return ReferenceVariants(
        id=row.id,
        part="dev",
        language=row.language,
        form=row.ask.kind,
        reference=reference,
        paraphrase="a",
        one_fact_wrong="b",
        fault="c",
    )


def test_a_reference_that_changed_is_refused_and_renumbered_placeholders_are_not() -> None:
    rows = {"r": labelled("r", "[PERSON_1] calls.")}
    same = joined([written(rows["r"], "[PERSON_2] calls.")], rows, Path("v.jsonl"))
    assert same[0].answer == "[PERSON_2] calls."  # what the variants were written for
    with pytest.raises(
        InputError, match=r"v\.jsonl: 0 rows are not in the test set and 1 references read otherwise now \(r\)"
    ):
        joined([written(rows["r"], "[PERSON_1] writes.")], rows, Path("v.jsonl"))
    with pytest.raises(InputError, match="1 rows are not in the test set"):
        joined([written(rows["r"], "[PERSON_1] calls.")], {}, Path("v.jsonl"))


@pytest.mark.parametrize(
    ("text", "language"), [("a b c d", "en"), ("high", "en"), ("客户想租两居室", "zh"), ("推进", "zh")]
)
def test_shuffled_words_are_the_same_ones_in_another_order(text: str, language: Language) -> None:
    mixed = shuffled(text, language, Random(1))
    assert mixed != text
    assert sorted(mixed) == sorted(text)


def test_a_single_character_has_no_other_order() -> None:
    assert shuffled("无", "zh", Random(1)) == "无"


def test_off_topic_is_the_same_form_of_another_conversation() -> None:
    row = labelled("d1-a", "Two rooms.")
    others = [
        row,
        labelled("d1-b", "x"),
        labelled("d2-a", "buy", "label"),
        labelled("d3-a", "两居室", language="zh"),
        labelled("d4-a", "Taxes."),
    ]
    found = made(row, others)
    assert found["off topic"] == "Taxes."
    assert (found["copied dialogue"], found["refusal"]) == (row.conversation, REFUSAL["en"])


def test_runs_keep_their_words_together() -> None:
    text = "a b c d e f g"
    found = in_runs(text, "en", Random(1))
    assert sorted(found.split()) == text.split()
    assert all(run in found for run in ("a b c", "d e f"))


def test_fields_and_placeholders_change_places() -> None:
    assert rotated({"a": ["1"], "b": ["2", "3"]}) == {"a": "2; 3", "b": "1"}
    assert exchanged("[A_1] met [B_1], [A_1] left", "[A_1]", "[B_1]") == "[B_1] met [A_1], [B_1] left"


def test_a_step_counts_rows_that_hold_tie_and_turn_round() -> None:
    assert step({"a": 2.0, "b": 1.0, "c": 0.0}, {"a": 1.0, "b": 1.0, "c": 3.0, "d": 1.0}) == (1, 1, 1)


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_means_of_the_shipped_variants_stand_in_their_order(root: Path, language: Language) -> None:
    lines = (root / "data/test/real_estate/v1/prompts.jsonl").read_text(encoding="utf-8").splitlines()
    asks = {row["pair"]: Ask.model_validate(row["ask"]) for row in map(json.loads, lines)}
    variants = [
        each
        for each in jsonl.read(root / "data/calibration/reference_variants.jsonl", ReferenceVariants)
        if each.language == language
    ]
    assert len(variants) == 15
    rows = [
        labelled(each.id, each.reference, each.form, language, fields=asks[each.id].fields, labels=asks[each.id].labels)
        for each in variants
    ]
    found = list(cases(variants, rows, rows))
    table = scores(found, [None] * len(found))
    of_kind = {kind: sum(values.values()) / len(values) for kind, values in table["shipped"].items()}
    order = ("verbatim", "paraphrase", "one fact wrong", "shuffled", "refusal", "empty")
    assert sorted(order, key=lambda kind: -of_kind[kind]) == list(order)
    assert of_kind["paraphrase"] > of_kind["one fact wrong"] + 1
    holds, _, turned = step(table["shipped"]["shuffled"], table["shipped"]["off topic"])
    assert holds > 2 * turned  # no mean: drawn from 15 rows, two are each other's off topic and share their ratings
    assert of_kind["off topic"] < 0.5
    assert 0.1 < of_kind["runs of three"] < 3.5 < of_kind["paraphrase"]
    assert of_kind["fields rotated"] < 1
    assert of_kind["placeholders exchanged"] < 5
    before = {kind: sum(values.values()) / len(values) for kind, values in table["before"].items()}
    assert before["shuffled"] > 4 > 0.6 > of_kind["shuffled"]
    assert all(
        of_kind[kind] < 0.6 for kind in ("values empty", "negated label", "label in a sentence", "other language")
    )


def test_every_variant_of_a_row_is_a_case_with_its_prompt() -> None:
    row = labelled("d1-a", "Two rooms.")
    found = list(_cases(row, {"verbatim": row.answer}))
    assert [(case.kind, case.prompt, case.row) for case in found] == [("verbatim", row.text, "d1-a")]

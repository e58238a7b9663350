"""The card beside what other stages found: their own code makes the figures here, so that a field by another name fails."""

from pathlib import Path

import pytest

from stages.cli.exporting import card as cards
from stages.cli.exporting.binding import Bound
from stages.cli.exporting.card import MEASURED, Card, FileFacts, Labels
from stages.core import metrics
from stages.core.params import load_all
from stages.evaluation import memorize, overlap, retain
from stages.evaluation.contamination.items import Item
from stages.evaluation.memorization.exposure import Exposure
from stages.evaluation.memorization.probe import Probe
from stages.evaluation.rows.conduct import ConductOutcome
from stages.evaluation.rows.overlap import Hit
from stages.evaluation.rows.pair import Pair

ITEMS = [Item("small", "s", name, "en", "Which?") for name in ("seen", "new")]
HIT = Hit(
    suite="small", subject="s", item="seen", language="en", row="r", file="train", rule="ngram", length=13, units=20,
    similarity=None, rows=1,
)  # fmt: skip


def card(stale: tuple[str, ...] = (), verified: dict[str, object] | None = None, **found: object) -> str:
    """Return README.md of a card with these sections, all others not measured."""
    made = Card(
        name="m",
        weights="tuned@0123456789ab",
        parameters=1,
        base=cards.origin("hf:someone/model@0123"),
        labels=Labels(rows=1, authors={"project": 1}, origins={"model": 1}, languages={"en": 1}),
        bound=Bound(commit="", files={}, params={}),
        stale=list(stale),
        measured=dict.fromkeys(MEASURED) | found,
        verified=verified or {},
        files={"m-q4.gguf": FileFacts(sha256="0" * 64, bytes=1, holds="Q4_1")},
    )
    return cards.text(made)


def test_a_file_that_was_run_stands_with_its_references() -> None:
    kl = {"en": {"value": 0.004, "low": 0.003, "high": 0.005}}
    near = {
        "en": {"delta": 0.0123, "low": -0.01, "high": 0.03, "gain": 0.1},
        "zh": {"delta": 0.0, "low": -0.01, "high": 0.03, "gain": None},
    }
    judged = {"verdict": "retained", "rests_on": "retained: kl en, references en", "kl": kl, "references": near}
    found = {"judged": judged, "answers": {"en": {"rows": 3, "same": 1}}, "speed": {"read": 90.0, "said": 30.0}}
    line = next(
        line for line in card(verified={"m-q4.gguf": found}).splitlines() if line.startswith("| m-q4.gguf | ret")
    )
    assert (
        "| en +0.0123 (-0.0100 … 0.0300), 88 % of the gain of 0.1000 kept; zh +0.0000 (-0.0100 … 0.0300) | en 1 of 3 | 90.0, 30.0 |"
        in line
    )


def outcome(n: int, right: int) -> ConductOutcome:
    return ConductOutcome(
        id=f"h{n}", subject="harmful", language="en", family=f"f{n}", right=right, finish="stop", answer="",
        ignorant={"sentence": 0},
    )  # fmt: skip


def test_nothing_measured_is_said_to_be_so() -> None:
    text = card()
    assert "**General ability: not measured.**" in text
    assert text.count("not measured") >= 4
    assert "Base: someone/model (hf:someone/model@0123); see its own licence" in text
    assert "license:" not in text


def test_a_loss_of_conduct_stands_in_the_table() -> None:
    pairs = [Pair(outcome(n, 1), outcome(n, 0)) for n in range(60)]
    found = retain.retain([], [], [], retain.Retain.load(), pairs).model_dump()
    text = card(retention=found)
    assert "**General ability: collapsed** (collapsed: conduct harmful_en)" in text
    row = next(line for line in text.splitlines() if line.startswith("| right conduct, harmful en"))
    assert "1.0000 | 0.0000 | -1.0000" in row
    assert row.endswith(f"n 60 | {load_all()['retain']['conduct_margin']:g} | collapsed |")


@pytest.mark.parametrize(("mixed", "canaries"), [(0, 0), (70, 0), (0, 12)])
def test_rows_beside_the_domains_are_told(root: Path, mixed: int, canaries: int) -> None:
    found = metrics.read(root / "metrics/training.json")
    assert not found["mixed_rows"] and not found["canaries"], "the committed run has none"
    text = card(training=found | {"mixed_rows": mixed, "canaries": canaries})
    assert (f"{mixed} general ones (`finetune.mix`), {canaries} invented ones" in text) is bool(mixed + canaries)


def test_questions_seen_are_counted() -> None:
    text = card(overlap=overlap.summary(ITEMS, [HIT], {"train": 1}))
    assert "Benchmark questions in the training rows: 1 of 2" in text


@pytest.mark.parametrize("rise", [0, 4])
def test_what_was_memorized_is_warned_of(rise: int) -> None:
    """Exposure of values that anonymization missed, of twelve conversations, rises by so many bits."""
    asked = [Probe(f"p{n}", "missed", "person", "en", 0, f"c{n}", None, "", "A", ("B",)) for n in range(12)]
    rows = [
        Exposure(
            id=one.id, group="missed", kind="person", language="en", copies=0, cluster=one.cluster, most=6, before=1, after=1 + rise
        )
        for one in asked
    ]  # fmt: skip
    found = memorize.summary(rows, asked, memorize.Memorize.load()).model_dump()
    text = card(memorization=found)
    assert f"Memorization of personal data: {found['verdict']} (" in text
    assert ("Training memorized personal data that anonymization missed" in text) is bool(rise)
    assert ("Do not give this model to anybody" in text) is bool(rise)


def test_a_stale_card_does_not_claim_these_weights() -> None:
    assert "made of exactly these weights" in card()
    text = card(("models/tuned (modified)",))
    assert "**The verdict below is stale.**" in text
    assert "made of exactly these weights" not in text


def test_of_a_base_in_a_folder_only_the_folders_name_is_told() -> None:
    assert cards.origin("path:/home/somebody/secret/base").source == "path:base"
    assert cards.origin("smollm2-135m").licence == "Apache-2.0"

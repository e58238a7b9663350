"""`review --status`: what is decided, what waits, who disagrees, and how far reviewers agree."""

from pathlib import Path

import pytest

from stages.cli.annotation import status
from stages.cli.main import main
from stages.cli.review.preference import Preference
from stages.cli.review.queues.personal import CORRECTIONS
from stages.core import jsonl
from stages.core.row import content_id
from stages.pii.corrections import Correction
from stages.reviews.journal import record
from stages.reviews.refinements import Refinement
from stages.rows.dialogue import Dialogue
from stages.rows.instruction import Instruction
from stages.rows.prompt import Prompt
from stages.rows.sample import LabeledSample, Prediction
from tests.cli.annotation.conftest import Say
from tests.cli.review.conftest import furnish
from tests.samples.conftest import dialogue

CURATE, JUDGE, PROMPTS, ANSWERS = (
    Path("data/review", f"{name}.jsonl") for name in ("curate", "judge", "prompts", "answers")
)


def of(name: str) -> list[str]:
    """Return the lines of a gate."""
    found = list(status.lines())
    start = next(number for number, line in enumerate(found) if line.startswith(f"{name}: "))
    rest = [number for number, line in enumerate(found) if number > start and not line.startswith(" ")]
    return found[start : rest[0] if rest else None]


def test_hand_written_rows_do_not_wait(produced: Path, say: Say, seeds: list[Instruction]) -> None:
    assert of("seeds") == ["seeds: 0 of 3 rows decided, 2 wait (data/review/curate.jsonl)"]
    record(CURATE, say(seeds[0].id), say(seeds[2].id, "discard"), say("gone"))
    assert of("seeds") == ["seeds: 2 of 3 rows decided, 1 wait, 1 about rows that are gone (data/review/curate.jsonl)"]
    record(CURATE, say(seeds[0].id, "withdraw", day=2))
    assert of("seeds")[0].startswith("seeds: 1 of 3 rows decided, 2 wait")


def test_a_conflict_is_named_until_it_is_settled_and_agreement_is_told(
    produced: Path, say: Say, seeds: list[Instruction]
) -> None:
    record(CURATE, say(seeds[0].id), say(seeds[1].id, "discard"), say(seeds[2].id))
    record(CURATE, *(say(row.id, action, "bo") for row, action in zip(seeds, ("keep", "keep", "keep"), strict=True)))
    first, conflict, agreement = of("seeds")
    assert ", 1 in conflict" in first and conflict == (
        f"  {seeds[1].id}: ann says discard, bo says keep; discard holds until somebody settles it"
    )
    assert agreement == "  ann and bo agree on 2 of 3 rows that both decided; Cohen's kappa 0.00"
    record(CURATE, say(seeds[1].id, "discard", "bo", 2, settles=True))
    assert "conflict" not in of("seeds")[0] and len(of("seeds")) == 2


def test_a_grade_of_an_older_answer_is_stale_and_one_of_the_coming_answer_is_not(
    produced: Path, say: Say, labels: list[LabeledSample]
) -> None:
    row = labels[0]
    record(JUDGE, say(row.id, quality="high", answer_id="older"), say(labels[1].id, answer_id=labels[1].answer_id))
    assert of("labels") == ["labels: 1 of 2 rows decided, 1 wait, 1 stale (data/review/judge.jsonl)"]
    about = {"id": row.id, "author": "ann", "dialogue": row.dialogue, "instruction": row.instruction}
    written = Refinement.model_validate({**about, "answer": "By hand.", "form": "list", "time": "2025-03-01T10:00:00Z"})
    record(ANSWERS, written)
    record(JUDGE, say(row.id, day=2, quality="high", answer_id=content_id("By hand.")))
    assert of("labels") == ["labels: 2 of 2 rows decided, 0 wait (data/review/judge.jsonl)"]
    record(ANSWERS, written.model_copy(update={"author": "bo", "answer": "Otherwise."}))
    assert of("labels")[1] in {
        f"  {row.id}: ann and bo wrote different answers; {who}'s holds until somebody settles it"
        for who in ("ann", "bo")
    }


def test_a_prompt_whose_rewriting_was_not_taken_waits_as_on_the_page(
    produced: Path, say: Say, prompts: list[Prompt]
) -> None:
    assert of("prompts") == ["prompts: 0 of 2 rows decided, 2 wait (data/review/prompts.jsonl)"]
    record(PROMPTS, say(prompts[0].pair, "discard", answer_id=content_id("Sum up, please.")))
    assert of("prompts")[0].startswith("prompts: 1 of 2 rows decided, 1 wait")
    jsonl.write(Path("data/prompts/enhanced.jsonl"), [prompts[0].model_copy(update={"note": "discarded", "parts": ()})])
    assert of("prompts")[0] == "prompts: 1 of 1 rows decided, 0 wait (data/review/prompts.jsonl)"


def test_preferences_are_counted_and_no_choice_is_told(produced: Path, say: Say, labels: list[LabeledSample]) -> None:
    jsonl.write(Path("data/labels/test.jsonl"), labels)
    for who in ("base", "tuned"):
        answers = (Prediction(id=row.id, answer=f"{who} {row.id}", finish="stop", author=who) for row in labels)
        jsonl.write(Path(f"data/predictions/{who}.jsonl"), answers)
    assert of("preferences") == ["preferences: 0 of 2 rows decided, 2 wait (data/review/preferences.jsonl)"]
    for who, choices in (("ann", ("tuned", "base")), ("bo", ("tuned", "neither"))):
        for row, choice in zip(labels, choices, strict=True):
            both = content_id(f"base {row.id}", f"tuned {row.id}")
            line = say(row.id, reviewer=who, answer_id=both).model_dump() | {"preferred": choice}
            record(Path("data/review/preferences.jsonl"), Preference.model_validate(line))
    first, conflict, agreement = of("preferences")
    assert first.startswith("preferences: 2 of 2 rows decided, 0 wait, 1 in conflict")
    assert conflict == f"  {labels[1].id}: ann and bo disagree"
    assert agreement.startswith("  ann and bo agree on 1 of 2 rows that both decided; Cohen's kappa 0.33")


def test_corrections_are_counted_by_stretch_and_conversations_by_who_read_them(
    produced: Path, say: Say, root: Path
) -> None:
    furnish(produced, root)
    rows: list[Dialogue] = [dialogue(0), dialogue(1)]
    for name in ("ingested", "anonymized"):
        jsonl.write(Path(f"data/dialogues/{name}.jsonl"), rows)
    masked = "".join(f'{{"id": "{row.id}", "spans": []}}\n' for row in rows)
    Path("data/dialogues/spans.jsonl").write_text(masked, encoding="utf-8")
    record(Path("data/review/personal_read.jsonl"), say(rows[1].id))
    said = [
        ("ann", rows[0].id, 0, "person"),
        ("bo", rows[0].id, 0, "nothing"),
        ("ann", rows[1].id, 0, "person"),
        ("ann", "gone", 0, "person"),
    ]
    for reviewer, key, start, kind in said:
        values = {"id": key, "turn": 0, "start": start, "end": start + 3, "kind": kind, "reviewer": reviewer}
        record(CORRECTIONS, Correction.model_validate({**values, "time": "2025-03-01T10:00:00Z"}))
    assert of("personal") == [
        "personal: 1 of 2 rows decided, 1 wait (data/review/personal_read.jsonl)",
        "  2 stretches corrected, 1 in conflict, 1 stale (data/review/personal.jsonl)",
        "  ann and bo agree on 0 of 1 rows that both decided; Cohen's kappa 0.00",
    ]


def test_what_is_not_made_yet_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["review", "--status"]) == 1
    assert capsys.readouterr().err == "params.yaml: not there; run from the repository's root\n"
    Path("params.yaml").touch()
    assert main(["review", "--status"]) == 0
    found = capsys.readouterr().out.splitlines()
    assert found[0] == "seeds: not made yet (dvc repro seed); 0 lines in data/review/curate.jsonl"
    assert [line.partition(":")[0] for line in found] == [
        "seeds",
        "evolved",
        "prompts",
        "labels",
        "preferences",
        "personal",
    ]

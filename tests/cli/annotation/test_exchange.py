"""There and back: rows become files of Argilla and Label Studio, and what people said there becomes lines of data/review.

The answers have the shapes that argilla 2.8 (`Record.to_dict`) and label-studio-sdk 2.1 (`generate_sample_annotation`, the
JSON export's page) give them; both packages read the exported files when this was written.
"""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest

from stages.cli.annotation.exporting import export
from stages.cli.annotation.importing import take
from stages.cli.main import main
from stages.core import jsonl
from stages.core.errors import InputError
from stages.core.row import content_id
from stages.reviews.decisions import Decision, decisions
from stages.reviews.journal import record
from stages.reviews.refinements import refinements
from stages.rows.instruction import Instruction
from stages.rows.prompt import Prompt
from stages.rows.sample import LabeledSample
from tests.cli.annotation.conftest import Say

CURATE, JUDGE, PROMPTS, ANSWERS = (
    Path("data/review", f"{name}.jsonl") for name in ("curate", "judge", "prompts", "answers")
)
FILE = Path("rows.json")
ANN, BO = "0b7c1c5e-3f53-4d6e-9f0e-3c1f8e0a1a11", "0b7c1c5e-3f53-4d6e-9f0e-3c1f8e0a1a22"


def exported(tool: str, queue: str, everything: bool = False) -> list[dict[str, Any]]:
    list(export(tool, queue, FILE, everything=everything))  # type: ignore[arg-type]
    found: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def in_argilla(row: dict[str, Any], user: str, **said: str) -> dict[str, Any]:
    """Return the record as the tool gives it back, with one more user's answers."""
    responses = {
        name: [*row["responses"].get(name, []), {"value": text, "user_id": user}] for name, text in said.items()
    }
    return row | {"responses": row["responses"] | responses, "status": "completed", "_server_id": user}


def in_label_studio(row: dict[str, Any], by: object, time: str, **said: str) -> dict[str, Any]:
    """Return the task as the tool gives it back, with one more annotation."""
    first = next(name for name in row["data"] if name not in ("queue", "row", "about"))
    result = [
        {
            "id": "f34e7cdf-3ab",
            "from_name": name,
            "to_name": first,
            "type": "choices" if name == "decision" else "textarea",
            "value": {"choices": [text]} if name == "decision" else {"text": text.split("\n")},
            "origin": "manual",
        }
        for name, text in said.items()
    ]
    annotation = {
        "id": 9,
        "completed_by": by,
        "result": result,
        "was_cancelled": False,
        "ground_truth": False,
        "created_at": time,
        "updated_at": time,
        "lead_time": 4.2,
    }
    return {
        "id": 1,
        "project": 3,
        "predictions": [],
        "drafts": [],
        **row,
        "annotations": [*row.get("annotations", []), annotation],
    }


def given(*rows: dict[str, Any], at: datetime = datetime(2025, 5, 1, tzinfo=UTC)) -> Path:
    path = Path("given.json")
    path.write_text(json.dumps(rows), encoding="utf-8")
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


def test_argilla_and_back(produced: Path, seeds: list[Instruction]) -> None:
    one, two = exported("argilla", "seeds")  # the pack's does not wait
    assert one["fields"]["instruction"] == seeds[0].text and "task: " in one["fields"]["details"]
    one = in_argilla(
        in_argilla(one, ANN, decision="keep"), BO, decision="rewrite", text="Name each promise.", reason="vague"
    )
    two = in_argilla(two, ANN, decision="discard", text="", reason="no task")
    told = list(take(given(one, two), {ANN: "ann"}))
    assert told[0] == "data/review/curate.jsonl: 3 lines added"
    assert told[1].startswith(
        "given.json: 1 row with decisions of several people: Argilla's file does not tell who has submitted"
    )
    assert told[-1] == "given.json: 3 annotations of 2 people, 0 without a decision; 0 lines known before"
    found = jsonl.read(CURATE, Decision)
    assert [(row.id, row.action, row.reviewer, row.text, row.reason) for row in found] == [
        (seeds[0].id, "keep", "ann", "", ""),
        (seeds[0].id, "rewrite", BO, "Name each promise.", "vague"),
        (seeds[1].id, "discard", "ann", "", "no task"),
    ]
    assert {row.time for row in found} == {datetime(2025, 5, 1, tzinfo=UTC)}  # the file's


def test_what_nobody_has_submitted_in_argilla_decides_nothing(produced: Path, seeds: list[Instruction]) -> None:
    one, two = exported("argilla", "seeds")
    draft = in_argilla(one, ANN, decision="discard") | {"status": "pending"}
    told = list(take(given(draft, in_argilla(two, ANN, decision="keep")), {}))
    assert told[-1] == "given.json: 2 annotations of 1 person, 1 without a decision; 0 lines known before"
    assert [(row.id, row.action) for row in jsonl.read(CURATE, Decision)] == [(seeds[1].id, "keep")]


def test_label_studio_and_back(produced: Path, labels: list[LabeledSample]) -> None:
    one, two = exported("labelstudio", "labels")
    assert one["data"]["prompt"] == labels[0].text and one["data"]["about"] == labels[0].answer_id
    one = in_label_studio(
        one, {"id": 3, "email": "ann@example.com", "first_name": ""}, "2025-04-01T10:00:00Z", decision="medium"
    )
    one = in_label_studio(one, 7, "2025-04-02T10:00:00Z", decision="low", reason="wrong\nsum")
    two = in_label_studio(two, 7, "2025-04-03T10:00:00Z", decision="rewrite", text="Rosa can pay 1.\nNo more.")
    list(take(given(one, two), {"7": "bo"}))
    low, medium = sorted(jsonl.read(JUDGE, Decision)[:2], key=lambda row: row.action)
    assert (medium.quality, medium.reviewer, medium.time) == (
        "medium",
        "ann@example.com",
        datetime(2025, 4, 1, 10, tzinfo=UTC),
    )
    assert (low.action, low.quality, low.reviewer, low.reason) == ("discard", "low", "bo", "wrong\nsum")
    assert {low.answer_id, medium.answer_id} == {labels[0].answer_id}
    written = refinements(ANSWERS)[labels[1].id]
    assert (written.answer, written.author, written.form) == ("Rosa can pay 1.\nNo more.", "bo", labels[1].ask.kind)
    grade = decisions(JUDGE)[labels[1].id]
    assert (grade.quality, grade.answer_id) == ("high", content_id(written.answer))


def test_a_grade_of_an_answer_that_was_made_anew_since_the_export_is_said_to_count_for_nothing(
    produced: Path, labels: list[LabeledSample]
) -> None:
    one, two = exported("labelstudio", "labels")
    anew = labels[0].model_copy(update={"answer": "Rosa can pay 3."})
    jsonl.write(Path("data/labels/train.jsonl"), [anew, labels[1]])
    rows = (in_label_studio(row, 7, "2025-04-01T10:00:00Z", decision="high") for row in (one, two))
    told = list(take(given(*rows), {}))
    assert told[1].startswith("given.json: 1 decision about what a row had when it was exported and has no more")
    better = in_label_studio(two, 7, "2025-04-02T10:00:00Z", decision="rewrite", text="Rosa can pay 4.")
    assert not any("no more" in line for line in take(given(better), {}))
    worse = in_label_studio(two, 8, "2025-04-01T10:00:00Z", decision="rewrite", text="Rosa can pay 5.")
    assert not any("no more" in line for line in take(given(worse), {}))  # another's holds; it was of what it wrote
    Path("data/quality").mkdir()
    Path("data/quality/labels.jsonl").write_text("{}\n")
    before = JUDGE.read_bytes()
    with pytest.raises(InputError, match=r"labels\.jsonl:1: not a LabelQuality row"):
        list(take(given(in_label_studio(two, {"id": 9, "email": " "}, "2025-04-03T10:00:00Z", decision="low")), {}))
    assert JUDGE.read_bytes() == before
    Path("data/quality/labels.jsonl").unlink()
    list(take(given(in_label_studio(two, {"id": 9, "email": " "}, "2025-04-03T10:00:00Z", decision="low")), {}))
    assert '"reviewer":"9"' in JUDGE.read_text()


def test_prompts_name_the_directive_that_was_seen(produced: Path, prompts: list[Prompt]) -> None:
    (row,) = exported("argilla", "prompts")
    assert row["fields"]["directive"] == "Sum up, please." and "aaa Summarize" in row["fields"]["assembled"]
    list(take(given(in_argilla(row, ANN, decision="discard")), {}))
    (found,) = jsonl.read(PROMPTS, Decision)
    assert (found.id, found.answer_id) == (prompts[0].pair, content_id("Sum up, please."))


@pytest.mark.parametrize("tool", ["argilla", "labelstudio"])
def test_the_same_file_twice_adds_nothing(produced: Path, tool: str) -> None:
    rows = [
        in_argilla(row, ANN, decision="rewrite", text="A better one.")
        if tool == "argilla"
        else in_label_studio(row, 7, "2025-04-01T10:00:00Z", decision="rewrite", text="A better one.")
        for row in exported(tool, "labels")
    ]
    list(take(given(*rows), {}))
    before = JUDGE.read_bytes(), ANSWERS.read_bytes()
    told = list(take(given(*rows, at=datetime(2025, 6, 1, tzinfo=UTC)), {}))
    assert (JUDGE.read_bytes(), ANSWERS.read_bytes()) == before
    assert told[-1].endswith("; 4 lines known before")


def test_a_file_that_is_taken_again_does_not_outvote_what_was_said_since(
    produced: Path, say: Say, seeds: list[Instruction]
) -> None:
    rows = [in_argilla(row, ANN, decision="keep") for row in exported("argilla", "seeds")]
    path = given(*rows)
    list(take(path, {ANN: "ann"}))
    record(CURATE, say(seeds[0].id, "discard", "ann", time=datetime(2025, 7, 1, tzinfo=UTC)))
    list(take(path, {ANN: "ann"}))
    assert decisions(CURATE)[seeds[0].id].action == "discard"
    list(take(path, {ANN: "ann"}, datetime(2025, 8, 1, tzinfo=UTC)))  # said to be later
    assert decisions(CURATE)[seeds[0].id].action == "keep"


def test_a_file_without_times_that_is_written_anew_leaves_what_its_reviewer_has_said(
    produced: Path, say: Say, seeds: list[Instruction], labels: list[LabeledSample]
) -> None:
    path = given(*(in_argilla(row, ANN, decision="keep") for row in exported("argilla", "seeds")))
    list(take(path, {ANN: "ann"}))
    record(CURATE, say(seeds[0].id, "discard", "ann", time=datetime(2025, 7, 1, tzinfo=UTC)))
    record(CURATE, say(seeds[1].id, "withdraw", "ann", time=datetime(2025, 7, 1, tzinfo=UTC)))
    copied = datetime(2025, 8, 1, tzinfo=UTC).timestamp()
    os.utime(path, (copied, copied))
    told = list(take(path, {ANN: "ann"}))
    assert "given.json: 2 lines left out: no time stands there" in told[-2] and told[-1].endswith(
        "; 0 lines known before"
    )
    assert {key: row.action for key, row in decisions(CURATE).items()} == {seeds[0].id: "discard"}


def test_an_answer_without_a_time_is_left_out_with_its_grade(
    produced: Path, say: Say, labels: list[LabeledSample]
) -> None:
    rows = exported("argilla", "labels")
    record(JUDGE, say(labels[0].id, quality="medium", answer_id=labels[0].answer_id))
    told = list(
        take(given(*(in_argilla(row, ANN, decision="rewrite", text="A better one.") for row in rows)), {ANN: "ann"})
    )
    assert "2 lines left out" in told[-2]
    assert set(refinements(ANSWERS)) == {labels[1].id} and decisions(JUDGE)[labels[0].id].quality == "medium"


def test_a_broken_file_of_decisions_ends_it_before_a_line_is_added(produced: Path) -> None:
    rows = exported("labelstudio", "labels")
    JUDGE.write_text("<<<<<<< ours\n", encoding="utf-8")
    done = (in_label_studio(row, 7, "2025-04-01T10:00:00Z", decision="rewrite", text="A better one.") for row in rows)
    with pytest.raises(InputError, match=r"judge\.jsonl:1"):
        list(take(given(*done), {}))
    assert not ANSWERS.exists()


def test_what_no_file_can_be_is_one_line(produced: Path) -> None:
    with pytest.raises(InputError, match="data: is a directory; give the exported file"):
        list(take(Path("data"), {}))
    with pytest.raises(InputError, match=r"seeds\.jsonl: file exists; name another file"):
        list(export("argilla", "seeds", Path("data/instructions/seeds.jsonl/a.json")))


def test_rows_are_not_overwritten_by_what_the_tool_is_set_up_with(produced: Path) -> None:
    with pytest.raises(InputError, match=r"rows\.xml: what the tool is set up with would take the same name"):
        list(export("labelstudio", "labels", Path("rows.xml")))
    assert not Path("rows.xml").exists()


def test_decided_rows_are_exported_only_if_asked_for(produced: Path, say: Say, seeds: list[Instruction]) -> None:
    record(CURATE, say(seeds[0].id))
    assert [row["id"] for row in exported("argilla", "seeds")] == [seeds[1].id]
    FILE.unlink()
    Path("rows.settings.json").unlink()
    assert len(exported("argilla", "seeds", everything=True)) == 3
    with pytest.raises(InputError, match=r"rows\.json: there already"):
        exported("argilla", "seeds")
    record(CURATE, say(seeds[1].id))
    with pytest.raises(InputError, match="none of 3 rows waits"):
        list(export("labelstudio", "seeds", Path("other.json")))


def test_what_is_set_up_beside_the_rows_names_the_same_questions_and_texts(produced: Path) -> None:
    (row, *_) = exported("argilla", "labels")
    settings = json.loads(Path("rows.settings.json").read_text(encoding="utf-8"))
    assert [field["name"] for field in settings["fields"]] == list(row["fields"])
    assert [question["name"] for question in settings["questions"]] == ["decision", "text", "reason"]
    assert [one["value"] for one in settings["questions"][0]["settings"]["options"]] == [
        "high",
        "medium",
        "low",
        "rewrite",
    ]
    assert {one["name"] for one in settings["metadata"]} == set(row["metadata"])
    list(export("labelstudio", "labels", Path("tasks.json")))
    (task, *_) = json.loads(Path("tasks.json").read_text(encoding="utf-8"))
    view = Xml.fromstring(Path("tasks.xml").read_text(encoding="utf-8"))
    assert {text.get("value") for text in view.iter("Text")} <= {f"${name}" for name in task["data"]}
    assert {tag.get("toName") for tag in view if tag.get("toName")} == {"answer"}
    assert [tag.get("value") for tag in view.iter("Choice")] == ["high", "medium", "low", "rewrite"]


def refused(*rows: dict[str, Any]) -> str:
    """Return why a file is refused; nothing of it may have been taken."""
    with pytest.raises(InputError) as caught:
        list(take(given(*rows), {}))
    assert not CURATE.exists()
    return str(caught.value)


def test_rows_of_another_run_are_refused_by_name_and_nothing_is_taken(produced: Path) -> None:
    one, two = (in_argilla(row, ANN, decision="keep") for row in exported("argilla", "seeds"))
    told = refused(one, two | {"id": "0123456789abcdef"}, two | {"id": "what the customer said"})
    assert "given.json: 2 rows not here: 0123456789abcdef, (no id of ours); exported" in told
    assert "customer" not in told
    assert "1 row not here" in refused(one | {"metadata": {"queue": "elsewhere", "about": "row"}})


def test_answers_that_contradict_themselves_are_refused(produced: Path, seeds: list[Instruction]) -> None:
    one, two = exported("argilla", "seeds")
    told = refused(in_argilla(one, ANN, decision="keep"), in_argilla(two, ANN, decision="rewrite"))
    assert told.startswith(f"given.json: row {seeds[1].id}: text goes with the decision rewrite")
    assert "decision is not one of keep, discard, rewrite" in refused(in_argilla(one, ANN, decision="high"))


def test_skipped_and_unanswered_rows_are_counted(produced: Path) -> None:
    one, two = exported("labelstudio", "seeds")
    one = in_label_studio(one, 7, "2025-04-01T10:00:00Z", decision="keep")
    one["annotations"][0]["was_cancelled"] = True
    two = in_label_studio(two, 7, "2025-04-01T10:00:00Z", reason="no idea")
    (told,) = take(given(one, two), {})
    assert told == "given.json: 1 annotation of 1 person, 1 without a decision; 0 lines known before"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{", "not JSON in UTF-8"),
        ('{"a": 1}', "expected a list of rows"),
        ('[{"decision": "keep", "annotator": 1}]', r"row 0 has neither annotations .* nor responses"),
        ('[{"annotations": [], "data": {"text": "secret"}}]', r"row 0 is not as exported: data\.queue"),
        ('[{"id": "a", "responses": {"decision": [{"value": ["secret"]}]}}]', "row 0 is not as exported"),
    ],
)
def test_other_files_are_refused_without_their_words(produced: Path, text: str, fault: str) -> None:
    path = Path("other.json")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=fault) as caught:
        list(take(path, {}))
    assert "secret" not in str(caught.value)


def test_the_commands(produced: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", "--export", "labelstudio", "seeds", "tasks.json"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "tasks.json: 2 of 3 rows"
    rows = json.loads(Path("tasks.json").read_text(encoding="utf-8"))
    path = given(*(in_label_studio(row, 3, "2025-04-01T10:00:00Z", decision="keep") for row in rows))
    assert main(["review", "--import", str(path), "--reviewer", "ann@x.org=ann"]) == 1
    assert "nobody in it is ann@x.org; --reviewer takes the ids" in capsys.readouterr().err and not CURATE.exists()
    assert main(["review", "--import", str(path), "--reviewer", "3=ann", "--reviewer", "4=bo"]) == 0
    given(*(in_label_studio(row, by, "2025-04-02T10:00:00Z", decision="keep") for row in rows for by in (3, 5)))
    assert main(["review", "--import", str(path), "--reviewer", "3=ann", "--reviewer", "4=bo"]) == 1
    assert "nobody in it is 4; --reviewer takes the ids" in capsys.readouterr().err  # 5 is meant, or nobody
    given(*({**row, "annotations": []} for row in rows))
    assert main(["review", "--import", str(path), "--reviewer", "3=ann"]) == 0  # nobody has begun
    assert {row.reviewer for row in decisions(CURATE).values()} == {"ann"}
    assert main(["review", "--import", str(path), "--reviewer", "ann"]) == 1
    assert "expected ID=NAME" in capsys.readouterr().err
    assert main(["review", "--import", "gone.json"]) == 1
    assert "gone.json: not there" in capsys.readouterr().err

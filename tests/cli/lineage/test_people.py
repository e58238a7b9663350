"""What people decided in an ancestry: the rule of settlement, in whatever order the lines stand."""

import json
import random
from itertools import permutations
from pathlib import Path

import pytest

from stages.cli.lineage.ancestry import Tracer
from stages.cli.lineage.people import CONFLICT, People
from stages.core.errors import InputError
from stages.core.row import content_id
from stages.reviews.decisions import decisions
from tests.cli.lineage.test_ancestry import InMemory

JUDGED, ANSWERS, PERSONAL = (f"data/review/{name}.jsonl" for name in ("judge", "answers", "personal"))


def said(reviewer: str, action: str, hour: int, **more: object) -> dict[str, object]:
    return {"id": "aaaa0001", "action": action, "reviewer": reviewer, "time": f"2026-01-01T{hour:02}:00:00Z", **more}


def people(**rows: list[object]) -> People:
    return People(InMemory().add({f"data/review/{name}.jsonl": lines for name, lines in rows.items()}), "homes")


def test_the_decision_of_an_ancestry_is_the_one_that_the_stages_apply_in_any_order(tmp_path: Path) -> None:
    lines: list[object] = [said("ann", "keep", 9), said("ann", "discard", 8), said("bob", "keep", 10)]
    lines += [said("eve", "discard", 11), said("eve", "withdraw", 12)]
    for order in list(permutations(lines))[:: random.Random(1).randint(7, 11)]:
        source = tmp_path / "judge.jsonl"
        source.write_text("".join(json.dumps(line) + "\n" for line in order))
        holds = decisions(source)["aaaa0001"]
        first, *others = people(judge=list(order)).decisions("aaaa0001")
        assert (first.kind, first.facts["reviewer"], first.facts["action"]) == ("decision", holds.reviewer, "keep")
        assert [(each.kind, each.facts["reviewer"]) for each in others] == [("other decision", "ann")]
        assert first.place == f"{JUDGED}:{order.index(lines[2]) + 1}" and "conflict" not in first.facts


def test_what_was_withdrawn_is_not_shown_and_a_conflict_is() -> None:
    assert people(judge=[said("ann", "withdraw", 9), said("ann", "discard", 8)]).decisions("aaaa0001") == []
    first, other = people(judge=[said("ann", "keep", 9), said("bob", "discard", 8)]).decisions("aaaa0001")
    assert (first.facts["action"], first.facts["conflict"]) == ("discard", CONFLICT)
    assert (other.kind, other.facts["action"]) == ("other decision", "keep")


def test_a_choice_between_two_models_answers_is_no_decision_on_the_row() -> None:
    chosen = said("ann", "keep", 9, preferred="tuned", answer_id="0" * 16)
    assert people(preferences=[chosen]).decisions("aaaa0001", content_id("yes")) == []


def test_a_byte_order_mark_is_read_over() -> None:
    marked = f"\ufeff{json.dumps(said('ann', 'keep', 9))}"
    assert [each.facts["reviewer"] for each in people(judge=[marked]).decisions("aaaa0001")] == ["ann"]


def test_a_grade_of_another_answer_is_stale_and_does_not_hold() -> None:
    answer = content_id("yes")
    lines: list[object] = [said("ann", "keep", 9, answer_id=content_id("no")), said("bob", "discard", 8)]
    first, stale = people(judge=lines).decisions("aaaa0001", answer)
    assert (first.facts["action"], stale.kind, stale.facts["action"]) == ("discard", "stale decision", "keep")


def test_of_answers_the_one_that_holds_comes_first_and_a_withdrawn_one_not_at_all() -> None:
    same = {"id": "aaaa0001", "dialogue": "d", "instruction": "i", "form": "label"}
    new = {**same, "answer": "yes", "author": "ann", "time": "2026-01-02T00:00:00Z"}
    old = {**same, "answer": "no", "author": "ann", "time": "2026-01-01T00:00:00Z"}
    assert [each.place for each in people(answers=[new, old]).written("aaaa0001")] == [f"{ANSWERS}:1"]
    assert people(answers=[{**new, "withdrawn": True}, old]).written("aaaa0001") == []


def test_an_answer_that_a_person_wrote_over_a_real_reply_is_what_was_taken() -> None:
    same = {"id": "aaaa0001", "dialogue": "d", "instruction": "i", "form": "label"}
    files: dict[str, list[object]] = {
        "data/samples/replies.jsonl": [{**same, "answer": "As it was said.", "author": "provider"}]
    }
    written = {**same, "answer": "Better.", "author": "ann", "time": "2026-01-02T00:00:00Z"}
    (reply,) = Tracer(InMemory().add(dict(files)), "homes").provided("aaaa0001")
    (answer,) = Tracer(InMemory().add({**files, ANSWERS: [written]}), "homes").provided("aaaa0001")
    assert (reply.kind, answer.kind, answer.facts["author"]) == ("real reply", "provided answer", "ann")


def test_who_writes_over_an_answer_without_a_time_is_in_conflict_with_nobody() -> None:
    same = {"id": "aaaa0001", "dialogue": "d", "instruction": "i", "form": "label"}
    old = {**same, "answer": "As it was given.", "author": "the archive"}
    new = {**same, "answer": "yes", "author": "ann", "time": "2026-01-02T00:00:00Z"}
    first, other = people(answers=[new, old]).written("aaaa0001")
    assert first.facts == {"author": "ann"} and other.facts == {"author": "the archive"}
    assert (
        people(answers=[new, {**new, "author": "bo", "answer": "no"}]).written("aaaa0001")[0].facts["conflict"]
        == CONFLICT
    )


def test_corrections_are_told_by_turn_kind_and_reviewer_without_the_words() -> None:
    talk = {"id": "aaaa0001", "key": "7", "language": "en", "scene": "buying", "source": "phone", "role": "agent"}
    talk["turns"] = [{"party": "provider", "text": "Ask Rosalind or Heron."}]  # type: ignore[assignment]
    line = {"id": "aaaa0001", "turn": 0, "start": 4, "end": 12, "kind": "person", "reviewer": "ann"}
    lines = [{**line, "kind": "nothing", "start": 16, "end": 21, "time": "2026-01-02T00:00:00Z"}]
    lines += [{**line, "time": "2026-01-02T00:00:00Z"}, {**line, "kind": "nothing", "time": "2026-01-01T00:00:00Z"}]
    files = InMemory().add({PERSONAL: list(lines), "data/dialogues/ingested.jsonl": [talk]})
    assert People(files, "homes").corrected("aaaa0001") == {
        "corrections": ["turn 0 person by ann", "turn 0 nothing by ann"]
    }


def test_a_line_that_is_no_decision_is_named_without_what_it_says() -> None:
    with pytest.raises(InputError, match=r"judge\.jsonl:1: not a Decision row: time") as error:
        people(judge=[{"id": "aaaa0001", "action": "keep", "reviewer": "Rosalind"}]).decisions("aaaa0001")
    assert "Rosalind" not in str(error.value)

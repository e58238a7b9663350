"""The queue of labels: which come first, grades, answers written anew, and what stage judge makes of it."""

import re
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from stages.cli.pull_request.people import waiting
from stages.cli.review.desk import Desk
from stages.cli.review.queue import Refused
from stages.cli.review.queues.labels import Labels
from stages.core.row import content_id
from stages.reviews.decisions import Decision, decisions, history
from stages.reviews.journal import record
from stages.reviews.refinements import Refinement, refinements
from stages.rows.instruction import Ask
from stages.rows.label_quality import Flag, LabelQuality, Quality
from stages.rows.sample import LabeledSample
from stages.samples.judge import current, overridden
from tests.cli.review.conftest import Open, Page, Write
from tests.support.labeled_row import Make

FILE, ANSWERS = Path("data/review/judge.jsonl"), Path("data/review/answers.jsonl")
ANSWER = "Rosa may pay four fifty at most, and her sister has to agree."


@pytest.fixture
def rows(labelled: Make) -> dict[str, LabeledSample]:
    shared = labelled(ANSWER)
    keys = ("fine", "doubtful", "disagree", "people")
    made = {key: shared.model_copy(update={"id": key, "answer": f"{ANSWER} {key * 3} {key}"}) for key in keys}
    made["people"] = made["people"].model_copy(update={"origin": "provided"})
    return made


@pytest.fixture
def page(opened: Open, write: Write, rows: dict[str, LabeledSample]) -> Page:
    def judged(key: str, quality: Quality, score: float | None = None, *flags: Flag) -> LabelQuality:
        layer = "rules" if score is None else "judge"
        answer = rows[key].answer_id
        return LabelQuality(id=key, quality=quality, layer=layer, flags=flags, score=score, answer_id=answer)

    write("data/labels/train.jsonl", *rows.values())
    write(
        "data/quality/labels.jsonl",
        judged("fine", "high", 9.0),
        judged("doubtful", "doubtful", None, Flag.UNGROUNDED),
        judged("disagree", "high", 9.0, Flag.UNCOVERED),
        judged("people", "no_fault"),
    )
    return opened(Labels())


def test_where_rules_and_judge_disagree_comes_first(page: Page) -> None:
    assert page.order == ["disagree", "doubtful", "fine", "people"]
    assert "rules say doubtful, the judge high" in page.get("/rows/disagree").text


def test_nearly_the_same_answers_come_early_and_stand_side_by_side(
    opened: Open, write: Write, rows: dict[str, LabeledSample]
) -> None:
    fine = rows["fine"]
    twin = fine.model_copy(update={"id": "twin", "answer": f"{fine.answer} Today."})
    label = fine.model_copy(update={"ask": Ask(kind="label", labels=("high", "low")), "answer": "high"})
    alike = [label.model_copy(update={"id": key}) for key in ("one", "two")]  # labels are alike by their nature
    write("data/labels/train.jsonl", *alike, fine, twin)
    page = opened(Labels())
    page.desk.refine(page.desk.watched.get())
    assert set(page.order[:2]) == {"fine", "twin"}
    text = page.get("/rows/twin").text
    assert "another row has nearly the same answer" in text and "Nearly the same answer" in text and "<ins>" in text


def test_a_row_shows_answer_question_conversation_and_verdicts(page: Page) -> None:
    text = page.get("/rows/doubtful").text
    assert ANSWER in text and "Summarize what the customer wants" in text and "Harbour Lane" in text
    assert "ungrounded" in text and "no judge was heard" in text
    assert "the judge" not in page.get("/rows/fine").text.split("<aside>")[0]


def test_grades_reach_stage_judge(page: Page, rows: dict[str, LabeledSample]) -> None:
    page.decide("fine", action="keep", quality="medium")
    page.decide("doubtful", action="keep", quality="high")
    page.decide("disagree", action="discard", reason="says nothing")
    verdicts = [
        LabelQuality(id=key, quality="no_fault", layer="rules", answer_id=row.answer_id) for key, row in rows.items()
    ]
    held = current(history(FILE), verdicts)
    assert {row.id: row.quality for row in overridden(verdicts, held)} == {
        "fine": "medium", "doubtful": "high", "disagree": "low", "people": "no_fault",
    }  # fmt: skip


def test_an_answer_written_anew_goes_to_the_answers_and_counts_as_high(
    page: Page, rows: dict[str, LabeledSample]
) -> None:
    page.decide("fine", action="rewrite", answer="  Rosa's limit is 450,000.\n")
    written = refinements(ANSWERS)["fine"]
    row = rows["fine"]
    assert (written.answer, written.author) == ("Rosa's limit is 450,000.", "Ann")
    assert (written.dialogue, written.instruction, written.form) == (row.dialogue, row.instruction, row.ask.kind)
    decision = decisions(FILE)["fine"]
    assert (decision.quality, decision.answer_id) == ("high", content_id(written.answer))
    text = page.get("/rows/fine").text
    assert "takes its place from the next" in text and "<b>1</b> of 4 decided" in text


def test_an_answer_that_is_not_in_the_asked_form_is_recorded_and_said(
    opened: Open, write: Write, labelled: Make
) -> None:
    write("data/labels/train.jsonl", labelled('{"budget": "450,000"}', kind="json", fields=("budget",)))
    page = opened(Labels())
    assert (
        "not in the asked form (json)"
        in page.get(page.decide("row", action="rewrite", answer="Four fifty.").place).text
    )
    page.post("/undo")
    reply = page.decide("row", action="rewrite", answer='{"budget": "£450,000"}')
    assert "asked form" not in page.get(reply.place).text
    assert refinements(ANSWERS)["row"].answer == '{"budget": "£450,000"}'


def test_a_grade_of_an_answer_that_was_made_anew_meanwhile_is_not_recorded(
    page: Page, write: Write, rows: dict[str, LabeledSample]
) -> None:
    before = page.address("fine")
    anew = rows["fine"].model_copy(update={"answer": "Made anew."})
    write("data/labels/train.jsonl", anew, *(row for key, row in rows.items() if key != "fine"))
    now = page.address("fine")  # in another tab
    reply = page.post(before, action="keep", quality="high")
    assert reply.status == 422 and "Made anew." in reply.text and not FILE.exists()
    with pytest.raises(Refused, match="made anew since the page showed it"):  # nor by a server that began since
        Desk(Labels(), "Ann").decide("fine", {"action": "keep"}, parse_qs(urlsplit(before).query)["about"][0])
    assert page.post(now, action="keep", quality="high").status == 303
    assert [row.answer_id for row in history(FILE)] == [anew.answer_id]


def test_a_form_keeps_the_filters_of_its_page(page: Page) -> None:
    address = page.address("fine", "?state=all")
    assert parse_qs(urlsplit(address).query).keys() == {"state", "about", "seen"}
    assert page.post(address, action="keep", quality="high").place.endswith("?state=all")


def test_undo_takes_the_answer_back_too(page: Page) -> None:
    page.decide("fine", action="rewrite", answer="Rosa's limit is 450,000.")
    assert page.post("/undo").place == "/rows/fine"
    assert refinements(ANSWERS) == {} and decisions(FILE) == {}
    assert "takes its place" not in page.get("/rows/fine").text


def test_what_others_decided_is_there_for_a_second_reading(page: Page, opened: Open) -> None:
    for key in page.order:
        page.decide(key, action="keep", quality="medium")
    eve = opened(Labels(), "Eve")
    text = eve.get("/").text
    assert "Nothing waits for a decision." in text and 'href="/?state=not+by+me"' in text
    query = "?state=not+by+me"
    reply = eve.decide(eve.order[0], action="keep", quality="high")
    assert reply.status == 303 and eve.get(f"/{query}").place == f"/rows/{eve.order[1]}{query}"
    assert "Nothing fits these filters." in page.get(f"/{query}").text


def test_undo_of_a_later_grade_takes_the_answer_back_too(page: Page) -> None:
    page.decide("fine", action="rewrite", answer="Rosa's limit is 450,000.")
    page.decide("fine", action="keep", quality="medium")
    page.post("/undo")
    assert refinements(ANSWERS) == {} and decisions(FILE) == {}
    assert page.post("/undo").place == "/" and "<b>0</b> of 4 decided" in page.get("/rows/fine").text


def test_undo_leaves_an_answer_that_came_without_a_decision(
    page: Page, write: Write, rows: dict[str, LabeledSample]
) -> None:
    about = {"id": "fine", "dialogue": rows["fine"].dialogue, "instruction": rows["fine"].instruction, "form": "list"}
    write(str(ANSWERS), Refinement.model_validate({**about, "answer": "By hand, in an editor.", "author": "Ann"}))
    page.decide("fine", action="keep", quality="medium")
    page.post("/undo")
    assert refinements(ANSWERS)["fine"].answer == "By hand, in an editor." and decisions(FILE) == {}


@pytest.mark.parametrize("answer", ["", "  ", None])
def test_the_same_answer_or_none_is_no_rewriting(
    page: Page, rows: dict[str, LabeledSample], answer: str | None
) -> None:
    reply = page.decide("fine", action="rewrite", answer=rows["fine"].answer if answer is None else answer)
    assert reply.status == 422 and "needs another answer" in reply.text
    assert not ANSWERS.exists() and not FILE.exists()


def test_a_decision_about_another_answer_is_stale(page: Page, write: Write) -> None:
    old = Decision(id="fine", action="keep", quality="high", answer_id="0" * 16, reviewer="Ben", time=datetime.now(UTC))
    write(str(FILE), old)
    assert "<b>0</b> of 4 decided" in page.get("/rows/fine").text


def test_a_grade_of_the_old_answer_goes_stale_when_somebody_writes_another(page: Page) -> None:
    page.decide("fine", action="keep", quality="medium")
    page.decide("fine", action="rewrite", answer="Rosa's limit is 450,000.")
    assert "high" in page.get("/rows/fine").text
    page.post("/undo")
    assert "<b>0</b> of 4 decided" in page.get("/rows/fine").text


def test_a_grade_of_the_old_answer_is_no_disagreement_with_who_wrote_another(page: Page, opened: Open) -> None:
    page.decide("fine", action="discard", reason="says nothing")
    ben = opened(Labels(), "Ben")
    reply = ben.decide("fine", action="rewrite", answer="Rosa's limit is 450,000.")
    assert "in conflict" not in ben.get(reply.place).text
    text = page.get("/rows/fine").text
    assert "They disagree" not in text and "Ben</b> keep as high" in text and "<b>1</b> of 4 decided" in text
    ben.post("/undo")
    assert "Ann</b> discard as low" in ben.get("/rows/fine").text  # of the answer that the row has again


def test_different_answers_of_two_people_are_shown_until_somebody_settles_it(page: Page, opened: Open) -> None:
    ben, cy = opened(Labels(), "Ben"), opened(Labels(), "Cy")
    page.decide("fine", action="rewrite", answer="Rosa's limit is 450,000.")
    ben.decide("fine", action="rewrite", answer="Four hundred and fifty thousand.")
    text = page.get("/rows/fine").text
    assert "People wrote different answers. Until somebody settles it, Ben's holds." in text
    assert "Ann's answer</h2>" in text and "Rosa&#39;s limit is 450,000." in text
    again = {"action": "rewrite", "answer": "Four hundred and fifty thousand."}
    assert cy.decide("fine", **again).status == 303  # one of theirs
    assert "different answers" not in page.get("/rows/fine").text
    assert (refinements(ANSWERS)["fine"].author, refinements(ANSWERS)["fine"].settles) == ("Cy", True)
    assert page.decide("fine", **again).status == 422  # nothing is left to settle


def test_the_answer_that_somebody_wrote_over_is_written_again(page: Page, rows: dict[str, LabeledSample]) -> None:
    page.decide("fine", action="rewrite", answer="Rosa's limit is 450,000.")
    assert page.decide("fine", action="rewrite", answer=rows["fine"].answer).status == 303
    assert refinements(ANSWERS)["fine"].answer == rows["fine"].answer
    assert "takes its place" not in page.get("/rows/fine").text


def test_who_writes_over_an_answer_that_was_given_without_a_time_disagrees_with_nobody(
    page: Page, write: Write, rows: dict[str, LabeledSample]
) -> None:
    about = {"id": "fine", "dialogue": rows["fine"].dialogue, "instruction": rows["fine"].instruction, "form": "list"}
    write(str(ANSWERS), Refinement.model_validate({**about, "answer": "As it was given.", "author": "the archive"}))
    page.decide("fine", action="rewrite", answer="Rosa's limit is 450,000.")
    assert "different answers" not in page.get("/rows/fine").text
    assert list(waiting(Path())) == []


def test_without_stage_judge_the_rows_are_there_all_the_same(
    opened: Open, write: Write, rows: dict[str, LabeledSample]
) -> None:
    write("data/labels/train.jsonl", *rows.values())
    page = opened(Labels())
    assert page.order[-1] == "people" and len(page.order) == 4
    assert "has not seen this answer" in page.get("/rows/fine").text


def about(row: LabeledSample) -> dict[str, object]:
    return {"id": row.id, "dialogue": row.dialogue, "instruction": row.instruction, "form": row.ask.kind}


def test_answers_without_a_time_have_no_voice_against_what_a_person_wrote_since(
    page: Page, write: Write, rows: dict[str, LabeledSample]
) -> None:
    given = {**about(rows["fine"]), "answer": "As it was given."}
    write(str(ANSWERS), *(Refinement.model_validate({**given, "author": name}) for name in ("the archive", "the team")))
    page.decide("fine", action="rewrite", answer="Rosa's limit is 450,000.")
    assert refinements(ANSWERS)["fine"].author == "Ann"
    page.post("/undo")
    assert refinements(ANSWERS)["fine"].answer == "As it was given."


def test_who_has_not_seen_another_answer_settles_nothing(
    page: Page, opened: Open, rows: dict[str, LabeledSample]
) -> None:
    opened(Labels(), "Ben").decide("fine", action="rewrite", answer="Rosa's limit is 450,000.")
    before, shown = page.address("fine"), re.findall(r'name="answers" value="(\d+)"', page.get("/rows/fine").text)
    older = {
        **about(rows["fine"]),
        "answer": "Below 500,000.",
        "author": "Cy",
        "time": datetime(2025, 1, 1, tzinfo=UTC),
    }
    record(ANSWERS, Refinement.model_validate(older))  # by a merge
    assert "People wrote different answers" in page.get("/rows/fine").text
    page.post(before, action="rewrite", answer="450,000, her sister agreeing.", answers=shown[0])
    assert not refinements(ANSWERS)["fine"].settles and "People wrote different answers" in page.get("/rows/fine").text

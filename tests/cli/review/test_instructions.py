"""The queues of seeds and evolved instructions: their order, what may be decided, and what the stages make of it."""

import errno
import html
import json
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from stages.cli.review.instruction_verdicts import Outcomes
from stages.cli.review.queues.instructions import Evolved, Seeds
from stages.cli.review.state import State
from stages.core import jsonl
from stages.core.dropped import Dropped, Reason
from stages.core.row import content_id
from stages.instructions.curate import Curate
from stages.instructions.rules.decide import filter_rows
from stages.reviews.decisions import Changes, Decision, decisions
from stages.reviews.journal import record
from stages.rows.instruction import Instruction
from tests.cli.review.conftest import Open, Page, Write, dialogue, instruction

AGREED = instruction("Summarize what was agreed in the conversation.", scenes=("buying",), parents=("talk",))
BUDGET = instruction("List the customer's budget, the area and every wish that was voiced.", formats=("list",))
NEARLY = instruction("List the customer's budget, the area and every wish that was voiced, please.", formats=("list",))
REFUSED = instruction("Do it as before.")
PACK = instruction("Name the next step and who takes it.", origin="pack", author="next_step")
CHINESE = instruction("请总结客户在对话中提到的预算。", language="zh", labels=("高", "低"), formats=("label",))
SEEDS = (PACK, BUDGET, AGREED, REFUSED, CHINESE, NEARLY)
FILE = Path("data/review/curate.jsonl")
LESS = 'needs <script>alert("x")</script> & "more"'


@pytest.fixture
def page(opened: Open, write: Write) -> Page:
    write("data/instructions/seeds.jsonl", *SEEDS)
    write("data/instructions/curated.jsonl", PACK, BUDGET, AGREED, CHINESE, NEARLY)
    write("data/instructions/curated.dropped.jsonl", Dropped(id=REFUSED.id, reason=Reason.PROMPT_ECHO))
    write("data/dialogues/train.jsonl", dialogue("talk", "We meet at nine.", "At nine, then.", scene="buying"))
    page = opened(Seeds())
    page.desk.refine(page.desk.watched.get())
    return page


def lines() -> list[dict[str, object]]:
    return [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]


def test_the_most_informative_come_first_then_by_hash(page: Page) -> None:
    def by_hash(*rows: Instruction) -> list[str]:
        return sorted((row.id for row in rows), key=lambda key: content_id("review", key))

    assert page.order == [REFUSED.id, *by_hash(BUDGET, NEARLY), *by_hash(AGREED, CHINESE), PACK.id]


def test_a_row_that_was_kept_once_and_dropped_once_has_passed(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The writer said the same twice: both have one id, and the second is redundant."""
    monkeypatch.chdir(tmp_path)
    write("data/instructions/curated.jsonl", BUDGET)
    twin = Dropped(id=BUDGET.id, reason=Reason.REDUNDANT, detail=f"like {BUDGET.id}")
    write("data/instructions/curated.dropped.jsonl", twin, Dropped(id=REFUSED.id, reason=Reason.PROMPT_ECHO))
    found = Outcomes.of(Seeds.kept, Seeds.ledger)
    assert (found.verdict(BUDGET.id), found.like(BUDGET.id)) == ("passed", "")
    assert found.verdict(REFUSED.id) == "prompt_echo" and found.verdict(AGREED.id) == "not filtered yet"


def test_a_refusal_of_the_judge_that_rules_do_not_share_comes_before_all(opened: Open, write: Write) -> None:
    richer = instruction(
        BUDGET.text.replace(".", "; say of each wish who voiced it, when, and in which words."),
        origin="evolved",
        operator="deepen",
        generation=1,
        parents=(BUDGET.id,),
    )
    write("data/instructions/evolved.jsonl", BUDGET, REFUSED, richer)
    write("data/instructions/library.jsonl", BUDGET)
    refused = [Dropped(id=REFUSED.id, reason=Reason.LOOPS), Dropped(id=richer.id, reason=Reason.UNCLEAR)]
    write("data/instructions/library.dropped.jsonl", *refused)
    ledger = Path("metrics/ledger/screen.json")
    ledger.parent.mkdir(parents=True)
    ledger.write_text('{"rubric_verdicts": 1}')
    page = opened(Evolved())
    assert page.order == [richer.id, REFUSED.id, BUDGET.id]
    assert "the judge refuses it, the rules do not" in page.get(f"/rows/{richer.id}").text


def test_a_row_that_the_stage_has_not_seen_is_not_said_to_have_passed(opened: Open, write: Write) -> None:
    seen, new = (
        instruction(text, origin="evolved", operator="deepen", generation=1, parents=(BUDGET.id,))
        for text in ("List the customer's budget, area, etc.", "List the wishes that were voiced, etc.")
    )
    rewritten = instruction("List every wish of the customer.", origin="reviewer", parents=(AGREED.id,))
    write("data/instructions/evolved.jsonl", BUDGET, AGREED, seen, new)
    write("data/instructions/library.jsonl", BUDGET, rewritten, seen)
    write("data/instructions/library.dropped.jsonl")
    ledger = Path("metrics/ledger/screen.json")
    ledger.parent.mkdir(parents=True)
    ledger.write_text('{"rubric_verdicts": 1}')
    page = opened(Evolved())
    verdicts = {entry.id: (*entry.facets["verdict"], entry.why) for entry in page.desk.watched.get().entries}
    assert verdicts[new.id] == ("not filtered yet", "")
    assert verdicts[AGREED.id] == ("passed", "")
    assert verdicts[seen.id] == ("passed", "the rules refuse it, the judge does not")


def test_a_row_has_what_a_person_needs_beside_it(page: Page) -> None:
    text = page.get(f"/rows/{AGREED.id}").text
    assert "buying a home" in text and "We meet at nine." in text and "the conversation that it was written for" in text
    near = page.get(f"/rows/{NEARLY.id}").text
    assert BUDGET.id in near and "<ins>, please</ins>" in re.sub(r"\s*\n\s*", "", near)
    assert "prompt echo" in page.get(f"/rows/{REFUSED.id}").text


def test_rules_are_told_when_they_have_been_read_in(page: Page) -> None:
    assert f'hx-get="/rows/{REFUSED.id}/checks"' in page.get(f"/rows/{REFUSED.id}").text
    assert "prompt echo" in page.get(f"/rows/{REFUSED.id}/checks").text
    assert "no fault found" in page.get(f"/rows/{AGREED.id}").text


def test_a_decision_is_on_disk_when_the_page_goes_on(page: Page) -> None:
    first, second = page.order[:2]
    reply = page.decide(first, action="keep")
    assert (reply.status, reply.place) == (303, f"/rows/{second}")
    (line,) = lines()
    assert (line["id"], line["action"], line["reviewer"]) == (first, "keep", "Ann")
    text = page.get(reply.place).text
    assert f"Kept {first}. It is on disk." in text and "<b>1</b> of 6 decided" in text and "1 by Ann" in text
    assert "It is on disk" not in page.get(reply.place).text  # said once


def test_a_discard_has_its_reason(page: Page) -> None:
    refused = page.decide(BUDGET.id, action="discard", words=" ")
    assert refused.status == 422 and "a discard needs a reason" in refused.text and not FILE.exists()
    page.decide(BUDGET.id, action="discard", reason="unclear")
    page.decide(PACK.id, action="discard", words="too long")
    assert [line["reason"] for line in lines()] == ["unclear", "too long"]


def test_a_rewriting_carries_text_fields_labels_and_forms_to_the_stage(page: Page) -> None:
    page.decide(
        CHINESE.id, action="rewrite", text="请判断客户的预算高低。", labels="高\n中\n低", fields="", formats=["label", "list"]
    )  # fmt: skip
    (decision,) = decisions(FILE).values()
    assert decision.changes == Changes(labels=("高", "中", "低"), formats=("label", "list"))
    params = Curate(min_words=1, max_words=99, redundancy=0.9, undecided="screen")
    made = [row for row in filter_rows([CHINESE], decisions(FILE), params, frozenset()) if isinstance(row, Instruction)]
    assert [(row.text, row.labels, row.formats, row.parents) for row in made] == [
        ("请判断客户的预算高低。", ("高", "中", "低"), ("label", "list"), (CHINESE.id,))
    ]


def test_a_rewriting_to_the_words_of_another_row_is_recorded_and_said(page: Page) -> None:
    reply = page.decide(BUDGET.id, action="rewrite", text=AGREED.text, formats=["list"])
    assert f"{AGREED.id} has the same words" in page.get(reply.place).text
    assert decisions(FILE)[BUDGET.id].text == AGREED.text
    assert "has the same words" not in page.get(page.decide(CHINESE.id, action="keep").place).text


def test_forms_keep_their_order_as_boxes_tell_none(page: Page) -> None:
    unchanged = page.decide(AGREED.id, action="rewrite", text=AGREED.text, formats=["list", "paragraph"])
    assert unchanged.status == 422 and "nothing is changed" in unchanged.text
    page.decide(AGREED.id, action="rewrite", text=AGREED.text, formats=["message", "list", "paragraph"])
    assert decisions(FILE)[AGREED.id].changes == Changes(formats=("paragraph", "list", "message"))


def test_a_name_with_a_comma_in_it_stays_one(opened: Open, write: Write) -> None:
    row = instruction(
        "Is it agreed?",
        formats=("json",),
        fields=("date, time", "place"),
        labels=("yes, fully", "没有，或不清楚"),
    )
    write("data/instructions/seeds.jsonl", row)
    typed = {"fields": "\r\n".join(row.fields), "labels": "\n".join(row.labels), "formats": list(row.formats)}
    page = opened(Seeds())
    page.decide(row.id, action="rewrite", text="Is it agreed by all?", **typed)
    assert decisions(FILE)[row.id].changes is None
    page.decide(row.id, action="rewrite", text="Is it agreed?", **(typed | {"fields": "date, time\nplace, price"}))
    assert decisions(FILE)[row.id].changes == Changes(fields=("date, time", "place", "price"))


def test_what_was_ticked_stays_ticked_where_a_rewriting_is_refused(page: Page) -> None:
    reply = page.decide(BUDGET.id, action="rewrite", text="Other words.", formats=["json", "message"])
    assert reply.status == 422
    assert re.findall(r'name="formats" value="(\w+)" checked', reply.text) == ["json", "message"]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"text": " ", "formats": "list"}, "a rewriting needs a text"),
        ({"text": BUDGET.text, "formats": "list"}, "nothing is changed"),
        ({"text": "Other words.", "formats": "song"}, "a rewriting needs a form at least, of label, list"),
        ({"text": "Other words.", "formats": "json"}, "json, table, key_values and multipart need fields"),
        ({"text": "Other words.", "formats": "label"}, "label needs labels"),
    ],
)
def test_a_rewriting_that_is_none_is_refused_with_what_was_typed(page: Page, fields: dict[str, str], says: str) -> None:
    reply = page.decide(BUDGET.id, action="rewrite", **fields)
    assert reply.status == 422 and says in reply.text and reply.headers["hx-push-url"] == "false"
    assert fields["text"].strip() in html.unescape(reply.text) and not FILE.exists()


def test_what_a_rewriting_changes_is_shown_before_it_is_recorded(page: Page) -> None:
    assert page.post("/rows/gone/changes", text="Summarize.").status == 404
    reply = page.post(f"/rows/{AGREED.id}/changes", text=AGREED.text.replace("agreed", "left open"))
    assert reply.text.strip().startswith("Summarize what was <del>agreed</del><ins>left open</ins> in")
    assert not FILE.exists()


def test_all_text_is_escaped(opened: Open, write: Write) -> None:
    row = instruction(
        f"Summarize {LESS}.", requirement=LESS, fields=(LESS,), labels=(LESS,), author=LESS, scenes=(LESS,)
    )
    write("data/instructions/seeds.jsonl", row, instruction(f"Summarize {LESS}, please.", parents=(row.id,)))
    write("data/dialogues/train.jsonl", dialogue("d", LESS, LESS, scene=LESS))
    page = opened(Seeds(), LESS)
    page.desk.refine(page.desk.watched.get())
    for key in page.order:
        page.decide(key, action="discard", words=LESS)
        for path in (f"/rows/{key}", f"/rows/{key}?q={LESS}&scene={LESS}".replace(" ", "%20"), "/?state=all"):
            text = page.get(path).text
            assert "<script>alert" not in text and 'alert("x")' not in text
    assert "&lt;script&gt;alert" in page.get(f"/rows/{row.id}").text
    assert "<script>" not in page.post(f"/rows/{row.id}/changes", text=LESS).text


def test_undo_takes_back_one_after_the_other_and_shows_the_row(page: Page) -> None:
    page.decide(BUDGET.id, action="keep")
    page.decide(AGREED.id, action="discard", reason="unclear")
    assert page.post("/undo").place == f"/rows/{AGREED.id}"
    assert page.post("/undo").place == f"/rows/{BUDGET.id}"
    assert page.post("/undo").place == "/"
    assert decisions(FILE) == {} and len(lines()) == 4


def test_filters_search_and_what_comes_next(page: Page) -> None:
    assert page.get("/?language=zh").place == f"/rows/{CHINESE.id}?language=zh"
    assert page.get("/?q=BUDGET+wish").place.startswith((f"/rows/{BUDGET.id}?", f"/rows/{NEARLY.id}?"))
    assert (
        page.get("/?origin=pack").text.count("Nothing fits these filters.") == 1
    )  # people wrote it: it waits for nobody
    assert page.get(f"/?state=undecided&q={PACK.id[:8]}").place.startswith(f"/rows/{PACK.id}?")
    assert page.get("/?origin=pack&language=zh&state=all").text.count("Nothing fits these filters.") == 1
    assert page.post(f"/rows/{CHINESE.id}/decision?language=zh", action="keep").place == "/?language=zh"
    assert page.get("/?state=decided").place == f"/rows/{CHINESE.id}?state=decided"
    assert page.get("/?state=nonsense&song=1").place == f"/rows/{page.order[0]}"
    last = page.post(f"/rows/{PACK.id}/decision", action="keep")
    assert last.place == f"/rows/{page.order[0]}"  # after the last comes the first


def test_lines_that_a_merge_or_a_pull_brought_are_read_and_disagreement_is_settled(page: Page) -> None:
    page.decide(BUDGET.id, action="keep")
    theirs = Decision(
        id=BUDGET.id, action="discard", reason="unclear", reviewer="Ben", time=datetime(2025, 1, 1, tzinfo=UTC)
    )
    text = FILE.read_text(encoding="utf-8")
    FILE.write_text(
        theirs.model_dump_json() + "\n" + text + text, encoding="utf-8"
    )  # as union merges: shuffled, repeated
    shown = page.get(f"/rows/{BUDGET.id}").text
    assert "They disagree" in shown and "<b>discard</b>" in shown and "1 in conflict" in shown and "Ben" in shown
    assert page.get("/?state=conflict").place == f"/rows/{BUDGET.id}?state=conflict"
    page.decide(BUDGET.id, action="keep")
    assert decisions(FILE)[BUDGET.id].action == "keep"
    assert "in conflict</a>" not in page.get(f"/rows/{BUDGET.id}").text


def test_who_has_not_seen_a_disagreement_settles_none(opened: Open, page: Page) -> None:
    ben, cy = opened(Seeds(), "Ben"), opened(Seeds(), "Cy")
    before = cy.address(BUDGET.id)
    page.decide(BUDGET.id, action="keep")
    ben.decide(BUDGET.id, action="discard", reason="vague")
    reply = cy.post(before, action="keep")
    assert "so the row is in conflict" in cy.get(reply.place).text and "settles" not in lines()[-1]
    cy.post(cy.address(BUDGET.id), action="keep")
    assert lines()[-1]["settles"] and "They disagree" not in cy.get(f"/rows/{BUDGET.id}").text


def test_an_objection_to_what_was_settled_is_told_and_waits(opened: Open, page: Page) -> None:
    ben, cy = opened(Seeds(), "Ben"), opened(Seeds(), "Cy")
    page.decide(BUDGET.id, action="keep")
    ben.decide(BUDGET.id, action="discard", reason="vague")
    page.decide(BUDGET.id, action="keep")
    assert lines()[-1]["settles"] and decisions(FILE)[BUDGET.id].reviewer == "Ann"
    reply = cy.decide(BUDGET.id, action="discard", reason="gives away personal data")
    assert "so the row is in conflict" in cy.get(reply.place).text
    assert "somebody says otherwise since" in cy.get(f"/rows/{BUDGET.id}?state=conflict").text
    ben.decide(BUDGET.id, action="discard", reason="gives away personal data")
    assert lines()[-1]["settles"] and decisions(FILE)[BUDGET.id].action == "discard"
    assert "in conflict" not in ben.get(f"/rows/{BUDGET.id}").text


def test_a_clock_that_was_ahead_does_not_win_over_what_is_said_or_taken_back_now(page: Page) -> None:
    ahead = Decision(id=BUDGET.id, action="keep", reviewer="Ann", time=datetime.now(UTC) + timedelta(minutes=30))
    record(FILE, ahead)
    page.decide(BUDGET.id, action="discard", reason="vague")
    assert decisions(FILE)[BUDGET.id].action == "discard"
    page.post("/undo")
    assert decisions(FILE) == {}


def test_a_decision_beside_the_page_is_not_lost(page: Page) -> None:
    page.decide(BUDGET.id, action="keep")
    with FILE.open("a", encoding="utf-8") as file:
        file.write(Decision(id=PACK.id, action="keep", reviewer="Ben", time=datetime.now(UTC)).model_dump_json())
    page.decide(AGREED.id, action="keep")
    assert set(decisions(FILE)) == {BUDGET.id, PACK.id, AGREED.id}
    assert "<b>3</b> of 6 decided" in page.get(f"/rows/{AGREED.id}").text


def test_a_decision_that_comes_while_the_file_is_read_is_seen(page: Page) -> None:
    page.decide(BUDGET.id, action="keep")
    decided = page.desk.decided
    read, theirs = decided.states.read, [Decision(id=PACK.id, action="keep", reviewer="Ben", time=datetime.now(UTC))]

    def slowly() -> dict[str, State]:
        found = read()
        record(FILE, *theirs)
        theirs.clear()
        return dict(found)

    decided.states.read = slowly
    decided.reread()
    decided.record(Decision(id=AGREED.id, action="keep", reviewer="Ann", time=datetime.now(UTC)), lambda: None)
    assert set(decided.now()) == {BUDGET.id, PACK.id, AGREED.id}


def test_a_line_that_is_no_decision_is_told_in_one_line(page: Page) -> None:
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text("<<<<<<< HEAD\n", encoding="utf-8")
    reply = page.get(f"/rows/{BUDGET.id}")
    assert reply.status == 500 and "data/review/curate.jsonl:1: not a Decision row" in reply.text
    assert reply.text.count("\n") == 1


def test_a_full_disk_is_told_in_one_line_and_nothing_is_lost(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    page.decide(BUDGET.id, action="keep")
    before = FILE.read_bytes()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        reply = page.decide(AGREED.id, action="keep")
    assert reply.status == 500 and "curate.jsonl: no space left on device; give" in reply.text
    assert reply.text.count("\n") == 1 and FILE.read_bytes() == before
    assert page.decide(AGREED.id, action="keep").status == 303


def test_rows_that_the_graph_made_anew_are_read_again(page: Page, write: Write) -> None:
    new = instruction("Say who called whom, and why.")
    write("data/instructions/seeds.jsonl", new)
    assert page.get("/").place == f"/rows/{new.id}"
    assert page.decide(BUDGET.id, action="keep").status == 422
    assert "typed: Say who.<" in page.decide(BUDGET.id, action="rewrite", text="Say who.", formats="list").text
    assert page.get(f"/rows/{BUDGET.id}").status == 404


def test_decisions_about_other_rows_are_left_alone(page: Page, write: Write) -> None:
    other = Decision(id="elsewhere", action="keep", reviewer="Ann", time=datetime.now(UTC))
    write(str(FILE), other)
    assert page.post("/undo").place == "/"
    assert jsonl.read(FILE, Decision) == [other]

"""The queue of rewritten prompts: only what was drawn for rewriting, by pair, and what stage enhance would not take is refused."""

from pathlib import Path

import pytest

from stages.cli.review.queues.prompts import Prompts
from stages.core.row import content_id
from stages.reviews.decisions import decisions
from stages.rows.instruction import Ask
from stages.rows.prompt import DIALOGUE, Part, PartKind, Prompt
from tests.cli.review.conftest import Open, Page, Write, dialogue

FILE = Path("data/review/prompts.jsonl")
NARRATIVE = "Name the customer's budget and who decides on it, in no more than two sentences."
FORM = "Write one paragraph without headings."
DIRECTIVE = "In one paragraph of no more than two sentences, without headings, name the customer's budget and who decides on it."


def prompt(pair: str, **parts: str) -> Prompt:
    made = [Part(kind=kind, template="t", text=text) for kind, text in parts.items()]
    talk: PartKind = "dialogue"
    return Prompt.new(
        pair=pair,
        dialogue="d",
        language="en",
        scene="buying",
        source="im_messages",
        role="real_estate_agent",
        task="information_extraction",
        instruction="i",
        ask=Ask(kind="paragraph"),
        layout="plain",
        parts=(*made, Part(kind=talk, template="t", text=DIALOGUE)),
        method="assembled",
    )


@pytest.fixture
def page(opened: Open, write: Write) -> Page:
    before = [prompt(key, narrative=NARRATIVE, format=FORM) for key in ("taken", "refused", "plain")]
    taken = prompt("taken", directive=DIRECTIVE).model_copy(update={"method": "enhanced", "author": "a model"})
    refused = before[1].model_copy(update={"note": "lost_limit"})
    write("data/prompts/assembled.jsonl", *before)
    write("data/prompts/enhanced.jsonl", taken, refused, before[2])
    write("data/dialogues/train.jsonl", dialogue("d", "What is your limit?", "Four fifty."))
    return opened(Prompts())


def test_what_rules_refused_comes_first_and_what_was_not_drawn_not_at_all(page: Page) -> None:
    assert page.order == ["refused", "taken"]
    text = page.get("/rows/refused").text
    assert "lost limit" in text and "Four fifty." in text


def test_a_directive_stands_beside_the_parts_that_it_stands_for(page: Page) -> None:
    text = page.get("/rows/taken").text
    assert "Against the parts that it stands for" in text and "<ins>" in text and "<del>" in text


def test_keep_and_discard_are_about_the_directive_that_was_seen(page: Page, write: Write) -> None:
    page.decide("taken", action="discard", reason="changes the form")
    assert decisions(FILE)["taken"].answer_id == content_id(DIRECTIVE)
    assert "<b>1</b> of 2 decided" in page.get("/rows/taken").text
    write(
        "data/prompts/enhanced.jsonl",
        prompt("taken", directive=DIRECTIVE + " Briefly.").model_copy(update={"method": "enhanced"}),
    )
    assert "<b>0</b> of 1 decided" in page.get("/rows/taken").text


def test_of_a_directive_that_stage_enhance_discarded_the_decision_stays(page: Page, write: Write) -> None:
    page.decide("taken", action="discard", reason="changes the form")
    after = prompt("taken", narrative=NARRATIVE, format=FORM).model_copy(update={"note": "discarded"})
    write("data/prompts/enhanced.jsonl", after)
    text = page.get("/rows/taken").text
    assert "<b>1</b> of 1 decided" in text and "the rules refused it" not in text


def test_a_persons_directive_holds_whatever_the_model_wrote(page: Page) -> None:
    page.decide("refused", action="rewrite", text=DIRECTIVE)
    decision = decisions(FILE)["refused"]
    assert (decision.action, decision.text, decision.answer_id) == ("rewrite", DIRECTIVE, "")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "a rewriting needs a text"),
        ("Name the customer's budget and who decides on it, in one paragraph without headings.", "lost limit"),
        (DIRECTIVE + DIALOGUE, "prompt echo"),
    ],
)
def test_what_stage_enhance_would_not_take_is_refused(page: Page, text: str, says: str) -> None:
    reply = page.decide("refused", action="rewrite", text=text)
    assert reply.status == 422 and says in reply.text and not FILE.exists()

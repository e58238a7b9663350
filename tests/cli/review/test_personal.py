"""The queue of conversations: corrections by place, for the whole conversation, and never a word of it in the file."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from stages.cli.review.queues.personal import Personal
from stages.core import jsonl
from stages.core.errors import InputError
from stages.pii.corrections import Correction, settled
from stages.pii.gold import Marked
from stages.reviews.decisions import decisions
from stages.rows.dialogue import Dialogue, HeldOut
from stages.rows.missed import Digest, Missed
from tests.cli.review.conftest import Open, Page, Write, dialogue, where_masked

FILE, READ = Path("data/review/personal.jsonl"), Path("data/review/personal_read.jsonl")
SAID = ("Hi Rosa 😀, Penny Lane 4 is free.", "Good. Rosa Penny here, call 0700 900 123.", "Penny Lane it is, Rosa!")
MASKED = (
    "Hi [PERSON_1] 😀, [ADDRESS_1] is free.",
    "Good. [PERSON_1] here, call 0700 900 123.",
    "[PERSON_2] it is, [PERSON_1]!",
)
SPANS = (
    (0, "Rosa", "[PERSON_1]"),
    (0, "Penny Lane 4", "[ADDRESS_1]"),
    (1, "Rosa Penny", "[PERSON_1]"),
    (2, "Penny Lane", "[PERSON_2]"),
    (2, "Rosa", "[PERSON_1]"),
)


def masked(row: Dialogue, *texts: str) -> Dialogue:
    turns = tuple(turn.model_copy(update={"text": text}) for turn, text in zip(row.turns, texts, strict=True))
    return row.model_copy(update={"turns": turns, "key": row.id})


@pytest.fixture
def page(opened: Open, write: Write) -> Page:
    talk, calm, missed, held = (
        dialogue("talk", *SAID),
        dialogue("calm", "Hello.", "Bye."),
        dialogue("missed", "Ed, hi."),
        dialogue("held", "Ann?"),
    )
    write("data/dialogues/ingested.jsonl", calm, talk, missed, held)
    write("data/dialogues/anonymized.jsonl", calm, masked(talk, *MASKED), missed, held)
    write("data/dialogues/spans.jsonl", where_masked(talk, *SPANS), *map(where_masked, (calm, missed, held)))
    write("data/dialogues/missed.jsonl", Missed(id="missed", texts=(Digest.of("Ed"),)))
    write(
        "data/raw/pii_gold.jsonl",
        *(Marked(dialogue=key, turn=0, text="E", kind="person") for key in ("held", "missed")),
    )
    write("data/test/real_estate/dialogues.jsonl", HeldOut(id="held"))
    return opened(Personal())


def correct(page: Page, **fields: object) -> str:
    reply = page.post("/rows/talk/stretch", action="correct", **fields)
    assert reply.place == "/rows/talk", reply.text
    return page.get(reply.place).text


def test_where_marks_disagree_comes_first_then_what_looks_personal_and_marked_test_talks_not_at_all(page: Page) -> None:
    assert page.order == ["missed", "talk", "calm"]
    assert "a long number or a handle is left" in page.get("/rows/talk").text


def test_what_was_masked_is_shown_in_the_original(page: Page) -> None:
    text = page.get("/rows/talk").text
    assert 'data-start="3" data-end="7" title="person, masked">Rosa</mark>' in text
    assert 'data-start="11" data-end="23" title="address, masked">Penny Lane 4</mark>' in text


def test_marks_that_follow_each_other_are_where_the_stage_masked(opened: Open, write: Write) -> None:
    """From the texts alone the space between the two could be any."""
    row = dialogue("list", "Deirdre Noone 083 555 0162")
    write("data/dialogues/ingested.jsonl", row)
    write("data/dialogues/anonymized.jsonl", masked(row, "[PERSON_1] [PHONE_1]"))
    spans = (0, "Deirdre Noone", "[PERSON_1]"), (0, "083 555 0162", "[PHONE_1]")
    write("data/dialogues/spans.jsonl", where_masked(row, *spans))
    text = opened(Personal()).get("/rows/list").text
    assert 'title="person, masked">Deirdre Noone</mark>' in text
    assert 'title="phone, masked">083 555 0162</mark>' in text


@pytest.mark.parametrize("name", ["anonymized", "spans"])
def test_without_what_was_masked_nothing_is_all_clear(page: Page, name: str) -> None:
    Path(f"data/dialogues/{name}.jsonl").unlink()
    with pytest.raises(InputError, match=rf"{name}\.jsonl: not there yet; run `dvc repro anonymize` first"):
        Personal().require()


def test_not_personal_counts_for_the_whole_conversation(page: Page) -> None:
    text = correct(page, turn=0, start=3, end=7, kind="nothing")
    assert "Recorded: not personal, in 3 places" in text
    assert text.count('title="person, freed">Rosa</mark>') == 2  # and in "Rosa Penny" a longer stretch stays masked
    (line,) = jsonl.read(FILE, Correction)
    assert (line.id, line.turn, line.start, line.end, line.kind, line.reviewer) == ("talk", 0, 3, 7, "nothing", "Ann")
    assert "Rosa" not in FILE.read_text(encoding="utf-8")


def test_personal_by_place_and_by_words(page: Page) -> None:
    text = correct(page, turn=1, start=28, end=40, kind="phone")
    assert 'title="phone, added">0700 900 123</mark>' in text
    text = correct(page, words=" Good ", kind="person")
    assert ">Good</mark>" in text
    assert set(settled(dialogue("talk", *SAID), jsonl.read(FILE, Correction)).by_stretch) == {"0700 900 123", "Good"}


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"kind": "person"}, "choose a stretch first"),
        ({"kind": "person", "words": "Nobody"}, "do not stand in one turn"),
        ({"kind": "song", "words": "Rosa"}, "expected a stretch of words, and what it is"),
        ({"kind": "person", "turn": 0, "start": 2, "end": 3}, "expected a stretch of words"),
        ({"kind": "person", "turn": 9, "start": 0, "end": 3}, "choose a stretch first"),
        ({"kind": "person", "turn": 0, "start": 3, "end": 999}, "choose a stretch first"),
        ({"kind": "person", "turn": 0, "start": "3" * 5000, "end": 7}, "choose a stretch first"),
        ({"kind": "person", "turn": 0, "start": 3, "end": 7, "words": "Penny"}, "not those at the place"),
    ],
)
def test_what_is_no_stretch_is_refused(page: Page, fields: dict[str, object], says: str) -> None:
    reply = page.post("/rows/talk/stretch", action="correct", **fields)
    assert reply.status == 422 and says in reply.text and not FILE.exists()


def test_undo_takes_back_what_was_said_last_a_correction_or_that_it_was_read(page: Page) -> None:
    correct(page, turn=0, start=3, end=7, kind="nothing")
    page.decide("calm", action="keep")
    assert set(decisions(READ)) == {"calm"}
    assert page.post("/undo").place == "/rows/calm" and decisions(READ) == {}
    assert page.post("/undo").place == "/rows/talk"
    assert settled(dialogue("talk", *SAID), jsonl.read(FILE, Correction)).by_stretch == {}
    assert page.post("/undo").place == "/"


def test_a_correction_is_taken_back_by_its_button(page: Page) -> None:
    assert "Take back" in correct(page, turn=0, start=3, end=7, kind="nothing")
    reply = page.post("/rows/talk/stretch", action="withdraw", turn=0, start=3, end=7, kind="nothing")
    assert "Taken back" in page.get(reply.place).text
    assert jsonl.read(FILE, Correction)[-1].withdrawn


def test_what_one_calls_personal_stays_masked_against_two_until_somebody_settles_it(page: Page, write: Write) -> None:
    voices = {"Ben": "nothing", "Cy": "person", "Dy": "nothing"}
    shared = {"id": "talk", "turn": 2, "start": 18, "end": 22, "time": datetime(2025, 1, 1, tzinfo=UTC)}
    lines = [Correction.model_validate({**shared, "kind": kind, "reviewer": name}) for name, kind in voices.items()]
    write(str(FILE), *lines)
    text = page.get("/rows/talk").text
    assert "what may be personal is masked until somebody settles it" in text and 'title="person, masked">Rosa' in text
    assert 'title="person, freed">Rosa</mark>' in correct(page, turn=0, start=3, end=7, kind="nothing")


def test_a_stretch_of_two_lines_is_chosen_although_a_field_has_one(opened: Open, write: Write) -> None:
    row = dialogue("letter", "Send it to\n12 Elm Row\nLeith, please.")
    write("data/dialogues/ingested.jsonl", row)
    write("data/dialogues/anonymized.jsonl", row)
    write("data/dialogues/spans.jsonl", where_masked(row))
    page, chosen = opened(Personal()), {"turn": 0, "start": 11, "end": 27, "kind": "address"}
    reply = page.post("/rows/letter/stretch", action="correct", words="12 Elm RowLeith", **chosen)
    assert 'added">12 Elm Row\nLeith</mark>' in page.get(reply.place).text.replace("address, ", "")
    assert page.post("/rows/letter/stretch", action="correct", words="12 Elm Road", **chosen).status == 422


def test_who_has_not_seen_a_disagreement_frees_nothing(page: Page, write: Write) -> None:
    (before,) = set(re.findall(r'name="seen" value="(\d+)"', page.get("/rows/talk").text))
    shared = {"id": "talk", "turn": 2, "start": 18, "end": 22, "time": datetime(2025, 1, 1, tzinfo=UTC)}
    said = {"Ben": "nothing", "Cy": "person"}
    lines = [Correction.model_validate({**shared, "kind": kind, "reviewer": name}) for name, kind in said.items()]
    write(str(FILE), *lines)
    stretch = {"turn": 0, "start": 3, "end": 7, "kind": "nothing"}
    assert 'title="person, masked">Rosa' in correct(page, **stretch, seen=before)
    (now,) = set(re.findall(r'name="seen" value="(\d+)"', page.get("/rows/talk").text))
    assert 'title="person, freed">Rosa</mark>' in correct(page, **stretch, seen=now)


def test_a_correction_by_a_clock_that_was_ahead_is_taken_back(page: Page, write: Write) -> None:
    time = datetime.now(UTC) + timedelta(minutes=30)
    shared = {"id": "talk", "turn": 0, "start": 3, "end": 7, "kind": "nothing", "reviewer": "Ann", "time": time}
    write(str(FILE), Correction.model_validate(shared))
    page.post("/undo")
    assert settled(dialogue("talk", *SAID), jsonl.read(FILE, Correction)).by_stretch == {}


def test_disagreement_is_shown_and_settled_by_the_next_word(page: Page, write: Write) -> None:
    correct(page, turn=0, start=3, end=7, kind="nothing")
    other = Correction(
        id="talk", turn=2, start=18, end=22, kind="person", reviewer="Ben", time=datetime(2025, 1, 1, tzinfo=UTC)
    )
    write(str(FILE), *jsonl.read(FILE, Correction), other)
    assert "they disagree" in page.get("/rows/talk").text
    assert "they disagree" not in correct(page, turn=0, start=3, end=7, kind="nothing")
    assert settled(dialogue("talk", *SAID), jsonl.read(FILE, Correction)).by_stretch["Rosa"].kind == "nothing"

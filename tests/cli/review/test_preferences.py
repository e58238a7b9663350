"""The blind comparison: nothing tells who wrote what until all rows are decided, and then the win rate has an interval."""

from pathlib import Path

import pytest

from stages.cli.check import review_faults
from stages.cli.review.preference import Choice, Preference, outcome
from stages.cli.review.queues.preferences import Preferences
from stages.core import jsonl
from stages.core.errors import InputError
from stages.reviews.settlement import settled
from stages.rows.sample import LabeledSample, Prediction
from tests.cli.review.conftest import Open, Page, Write
from tests.support.labeled_row import Make

FILE = Path("data/review/preferences.jsonl")
NAMES = ("smollm-base", "smollm-tuned")
KEYS = [f"row{n}" for n in range(8)]


def said(key: str, who: str) -> Prediction:
    return Prediction(
        id=key,
        answer=f"Answer of one kind to {key}" if who == NAMES[0] else f"Another sort for {key}",
        finish="stop",
        author=who,
    )


@pytest.fixture
def rows(labelled: Make, write: Write, place: Path) -> list[LabeledSample]:
    shared = labelled("The reference.")
    made = [shared.model_copy(update={"id": key, "dialogue": f"d{n // 2}"}) for n, key in enumerate(KEYS)]
    same = shared.model_copy(update={"id": "same", "dialogue": "d9"})
    write("data/labels/test.jsonl", *made, same, shared.model_copy(update={"id": "unasked"}))
    for path, who in zip(("base", "tuned"), NAMES, strict=True):
        alike = Prediction(id="same", answer="The same.", finish="stop", author=who)
        write(f"data/predictions/{path}.jsonl", *(said(key, who) for key in KEYS), alike)
    return made


def first(page: Page, key: str) -> str:
    """Return whose answer is A."""
    text = page.get(f"/rows/{key}").text
    return NAMES[0] if text.index("Answer of one kind") < text.index("Another sort") else NAMES[1]


def test_a_row_without_an_answer_of_one_is_shown_to_nobody(
    opened: Open, rows: list[LabeledSample], write: Write
) -> None:
    failed = said("row0", NAMES[0]).model_copy(update={"answer": "", "finish": "failed"})
    write("data/predictions/base.jsonl", failed, *(said(key, NAMES[0]) for key in KEYS[1:]))
    assert sorted(opened(Preferences()).order) == KEYS[1:]


def test_nothing_tells_who_wrote_what_until_all_is_decided(opened: Open, rows: list[LabeledSample]) -> None:
    page = opened(Preferences())
    assert sorted(page.order) == KEYS  # without the row to which both said the same
    for n, key in enumerate(page.order):
        texts = [page.get(f"/rows/{one}").text for one in page.order] + [page.get("/?state=conflict").text]
        for text in texts:
            assert not any(name in text for name in NAMES) and "win rate of" not in text.lower()
            assert "preferred" not in text and ">tuned<" not in text and ">base<" not in text
        reply = page.decide(key, action="keep", choice="first" if first(page, key) == NAMES[1] else "second")
        assert "tuned" not in page.get(f"/rows/{page.order[0]}").text, n
    assert reply.place == "/"
    end = page.get("/").text
    assert all(name in end for name in NAMES) and "<b>94.4 %</b>" in end  # 8 wins, and half of one for the same answers
    assert {row.preferred for row in jsonl.read(FILE, Preference)} == {"tuned"}


def test_a_blind_voice_settles_nothing_and_conflicts_are_told_when_all_is_decided(
    opened: Open, rows: list[LabeledSample]
) -> None:
    pages = [opened(Preferences(), name) for name in ("Ann", "Ben", "Cy", "Dy")]
    for page, meant in zip(pages, (NAMES[1], NAMES[0], "", NAMES[1]), strict=True):
        choice = "first" if first(page, KEYS[0]) == meant else "second"
        page.decide(KEYS[0], action="keep", choice=choice if meant else "neither")
    lines = jsonl.read(FILE, Preference)
    assert [row.preferred for row in lines] == ["tuned", "base", "neither", "tuned"]
    assert not any(row.settles for row in lines)
    holds = settled(lines)
    assert holds and holds.preferred == "tuned"
    last = pages[-1]
    assert "in conflict" not in last.get(f"/rows/{KEYS[1]}").text
    assert last.get("/?state=conflict").place == ""  # no row to go to
    assert ">conflict</option>" not in last.get(f"/rows/{KEYS[0]}").text
    for key in KEYS[1:]:
        last.decide(key, action="keep", choice="tie")
    assert "1 in conflict" in last.get(f"/rows/{KEYS[0]}").text
    assert last.get("/?state=conflict").place == f"/rows/{KEYS[0]}?state=conflict"


def test_the_order_is_drawn_by_row_and_reviewer(opened: Open, rows: list[LabeledSample]) -> None:
    ann, again, ben = (opened(Preferences(), name) for name in ("Ann", "Ann", "Ben"))
    orders = [[first(page, key) for key in KEYS] for page in (ann, again, ben)]
    assert orders[0] == orders[1] != orders[2]
    assert set(orders[0]) == set(NAMES)


def test_what_is_meant_is_recorded_whatever_the_order(opened: Open, rows: list[LabeledSample]) -> None:
    page = opened(Preferences())
    meant = {}
    for key in KEYS[:4]:
        page.decide(key, action="keep", choice="second")
        meant[key] = "base" if first(page, key) == NAMES[1] else "tuned"
    page.decide(KEYS[4], action="keep", choice="tie")
    page.decide(KEYS[5], action="keep", choice="neither")
    meant |= {KEYS[4]: "tie", KEYS[5]: "neither"}
    assert {row.id: row.preferred for row in jsonl.read(FILE, Preference)} == meant
    assert page.decide(KEYS[6], action="keep", choice="tuned").status == 422


def test_check_reads_the_file(opened: Open, rows: list[LabeledSample]) -> None:
    opened(Preferences()).decide(KEYS[0], action="keep", choice="first")
    assert [fault for fault in review_faults(Path()) if "review" in fault and "preferences" in fault] == []
    FILE.write_text(FILE.read_text().replace('"preferred":"', '"preferred":"no such '))
    assert any("data/review/preferences.jsonl:1: not a Preference row" in fault for fault in review_faults(Path()))


def test_undo_and_answers_that_were_made_anew(opened: Open, rows: list[LabeledSample], write: Write) -> None:
    page = opened(Preferences())
    page.decide(KEYS[0], action="keep", choice="first")
    page.decide(KEYS[1], action="keep", choice="first")
    assert page.post("/undo").place == f"/rows/{KEYS[1]}"
    assert "<b>1</b> of 8 decided" in page.get(f"/rows/{KEYS[0]}").text
    write(
        "data/predictions/tuned.jsonl",
        *(said(key, NAMES[1]).model_copy(update={"answer": "A new one."}) for key in KEYS),
    )
    assert "<b>0</b> of 8 decided" in page.get(f"/rows/{KEYS[0]}").text


def test_a_choice_between_answers_that_were_made_anew_meanwhile_is_not_recorded(
    opened: Open, rows: list[LabeledSample], write: Write
) -> None:
    page = opened(Preferences())
    before = page.address(KEYS[0])
    anew = (said(key, NAMES[1]).model_copy(update={"answer": f"Made anew for {key}"}) for key in KEYS)
    write("data/predictions/tuned.jsonl", *anew)
    now = page.address(KEYS[0])  # in another tab
    reply = page.post(before, action="keep", choice="first")
    assert reply.status == 422 and "made anew since the page showed it" in reply.text
    assert f"Made anew for {KEYS[0]}" in reply.text and not FILE.exists()
    assert page.post(now, action="keep", choice="first").status == 303


def test_every_reviewer_gets_all_rows_whoever_decided_them_before(opened: Open, rows: list[LabeledSample]) -> None:
    ann = opened(Preferences())
    for key in KEYS:
        ann.decide(key, action="keep", choice="first")
    eve = opened(Preferences(), "Eve")
    place = eve.get("/").place
    for n in range(len(KEYS)):
        assert place == f"/rows/{eve.order[n]}"
        place = eve.decide(eve.order[n], action="keep", choice="second").place
    end = eve.get(place).text
    assert place == "/" and "You have decided all rows." in end and "Win rate of the tuned model" in end


def test_missing_predictions_name_their_stage(rows: list[LabeledSample]) -> None:
    Path("data/predictions/tuned.jsonl").unlink()
    with pytest.raises(InputError, match=r"predictions/tuned\.jsonl: not there yet; run `dvc repro predict` first"):
        Preferences().require()


def test_the_win_rate_is_of_conversations() -> None:
    chosen = {f"r{n}": "tuned" if n % 4 else "base" for n in range(40)}
    apart = outcome("Ann", chosen, [], {key: key for key in chosen})  # type: ignore[arg-type]
    together = outcome("Ann", chosen, [], {key: f"d{int(key[1:]) // 4}" for key in chosen})  # type: ignore[arg-type]
    assert apart.rate.value == together.rate.value == 0.75
    assert apart.rate.low is not None and apart.rate.high is not None
    assert 0.5 < apart.rate.low < 0.65 < 0.85 < apart.rate.high < 1
    assert together.rate.low is not None and together.rate.high is not None
    assert (
        together.rate.low < apart.rate.low and apart.rate.high < together.rate.high < 1
    )  # forty rows, ten conversations


@pytest.mark.parametrize(("choice", "value"), [("tuned", 1.0), ("base", 0.0)])
def test_who_won_all_rows_need_not_win_all_others(choice: Choice, value: float) -> None:
    keys = [f"r{n}" for n in range(12)]
    rate = outcome("Ann", dict.fromkeys(keys, choice), [], {key: key for key in keys}).rate
    assert rate.low is not None and rate.high is not None
    assert rate.value == value and 0.0 <= rate.low < rate.high <= 1.0 and value in (rate.low, rate.high)


def test_a_win_rate_of_few_conversations_stays_within_all_and_none() -> None:
    chosen: dict[str, Choice] = {f"r{n}": "tuned" if n else "tie" for n in range(5)}
    rate = outcome("Ann", chosen, [], {key: key for key in chosen}).rate
    assert rate.low is not None and 0.5 < rate.low < rate.value == 0.9 and rate.high == 1.0

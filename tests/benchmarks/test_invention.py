"""Each sign of an invention sees the fault that it is made for, and the table tells what it is worth."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmarks import invention
from benchmarks.invention import Read, Scored, area, read, table, threshold
from benchmarks.invention_likelihood import Rated, exchanged, likelihoods
from benchmarks.invention_signals import (
    copied,
    disordered,
    displaced,
    key,
    lexical,
    misattributed,
    misquoted,
    misquoted_side,
    repeating,
    turns,
)
from stages.core.errors import InputError
from stages.rows.sample import LabeledSample

TALK = "\n".join(
    [
        "Customer Rosa: The boiler in the cellar leaks since Monday.",
        "Provider [PERSON_1]: The plumber can come on Thursday, he charges 80 for the visit.",
        "Customer Rosa: Then send him, and bring back my spare keys.",
    ]
)
HELD = "The customer says that the boiler in the cellar leaks. The plumber comes Thursday."
INVENTED = "The customer praises the gardener's roses. A lawsuit against the builder is prepared."
Make = Callable[..., LabeledSample]


@pytest.fixture
def said(labelled: Make) -> Make:
    return lambda answer, talk=TALK, **asked: labelled(answer, talk, **asked)


def test_a_conversation_is_taken_apart_by_turns() -> None:
    found = turns(TALK + "\nand the cat")
    assert [(turn.party, turn.speaker) for turn in found] == [
        ("customer", "Rosa"),
        ("provider", "[PERSON_1]"),
        ("customer", "Rosa"),
    ]
    assert found[-1].text == "Then send him, and bring back my spare keys.\nand the cat"
    assert [turn.party for turn in turns("客户 [PERSON_1]: 漏水了\n服务者: 周四来修")] == ["customer", "provider"]


def test_words_and_turns_tell_an_invented_sentence_from_one_that_is_held(said: Make) -> None:
    good, bad = said(HELD), said(INVENTED)
    measures = lexical([good, bad])
    for name in (
        "words not in the conversation, mean",
        "words not in the conversation, worst sentence",
        "words of no one turn, mean",
        "words of no one turn, worst sentence",
        "few of the conversation's own words, for its length",
    ):
        low, high = measures[name](good), measures[name](bad)
        assert low is not None and high is not None and low < high, name


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (
            "The customer's boiler in the cellar leaks since Monday.",
            "The provider's boiler in the cellar leaks since Monday.",
        ),
        (
            "[PERSON_1] says that the plumber charges for the visit.",
            "Rosa is the customer and charges for the plumber's visit.",
        ),
    ],
)
def test_what_one_side_says_is_not_the_others(said: Make, right: str, wrong: str) -> None:
    low, high = misattributed(said(right), {}), misattributed(said(wrong), {})
    assert low == 0 and high is not None and high > 0.5


def test_a_quotation_belongs_to_who_said_it(said: Make) -> None:
    assert misquoted_side(said('Customer: "bring back my spare keys"')) == 0
    assert misquoted_side(said('Provider: "bring back my spare keys"')) == 1
    fields = {"kind": "json", "fields": ("customer_line",)}
    assert misquoted_side(said(json.dumps({"customer_line": "The plumber can come on Thursday"}), **fields)) == 1
    assert misquoted_side(said(json.dumps({"customer_line": "bring back my spare keys"}), **fields)) == 0


def test_a_quotation_stands_in_the_conversation(said: Make) -> None:
    assert misquoted(said('He says "bring back my spare keys".')) == 0
    assert misquoted(said('He says "bring back my golden watch".')) == 1
    assert misquoted(said("He says nothing.")) is None


def test_a_figure_is_looked_up_with_the_words_around_it(said: Make) -> None:
    right, wrong = (
        displaced(said("The plumber charges 80 for the visit."), {}),
        displaced(said("Spare boiler keys cost 80."), {}),
    )
    assert right is not None and wrong is not None and right < wrong
    assert displaced(said("The boiler leaks."), {}) is None


def test_order_copies_and_repetitions(said: Make) -> None:
    parts = ["The boiler in the cellar leaks", "The plumber charges for the visit", "Bring back the spare keys"]
    assert disordered(said(". ".join(parts)), {}) == 0
    assert disordered(said(". ".join(reversed(parts))), {}) == 1
    assert repeating(said(f"{parts[0]}. {parts[0]}.")) == 0.5
    assert copied(said("Then send him, and bring back my spare keys.")) == 1
    assert copied(said('Rosa: "Then send him, and bring back my spare keys."')) == 0


def test_likelihood_is_told_by_the_token_and_by_its_worst_sentence(said: Make) -> None:
    row = said(HELD)
    found = likelihoods({key(row): Rated([10.0, 4.0], [20.0, 4.0], [9.0, 8.0], [10, 10])})
    assert [signal(row) for signal in found.values()] == [-0.5, 0.0, -0.15, 0.1, 0.7]
    assert all(signal(said(INVENTED)) is None for signal in found.values())
    assert exchanged(row).splitlines()[:2] == [
        "Provider Rosa: The boiler in the cellar leaks since Monday.",
        "Customer [PERSON_1]: The plumber can come on Thursday, he charges 80 for the visit.",
    ]


def test_rows_are_told_by_their_readings(said: Make, tmp_path: Path) -> None:
    rows = [said(HELD).model_copy(update={"id": name}) for name in ("good", "wrong", "form", "unread")]
    rows.append(said("high", kind="label", labels=("high",)).model_copy(update={"id": "label"}))
    readings: list[dict[str, object]] = [
        {"id": "good", "quality": "high", "faults": []},
        {
            "id": "wrong",
            "answer": rows[1].answer_id,
            "quality": "low",
            "faults": [{"kind": "order", "what": "x", "by": "y"}],
        },
        {"id": "form", "quality": "medium", "faults": [{"kind": "form"}]},
        {"id": "label", "quality": "high", "faults": []},
    ]
    labels, marks = tmp_path / "labels.jsonl", tmp_path / "readings.jsonl"
    labels.write_text("".join(row.model_dump_json() + "\n" for row in rows), encoding="utf-8")
    marks.write_text("".join(json.dumps(one) + "\n" for one in readings), encoding="utf-8")
    assert [(one.row.id, one.faulty) for one in read(labels, marks, {"order"})] == [("good", False), ("wrong", True)]
    marks.write_text(json.dumps({**readings[1], "answer": "another"}) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"readings\.jsonl: of none of its rows the answer is in"):
        read(labels, marks, {"order"})


def marked(said: Make, faulty: list[bool]) -> list[Read]:
    """Return rows of as many conversations, faulty ones with an invented answer."""
    return [
        Read(said(INVENTED if one else HELD).model_copy(update={"id": str(n), "dialogue": f"d{n % 8}"}), one)
        for n, one in enumerate(faulty)
    ]


def test_a_threshold_flags_few_good_rows_and_the_table_says_what_it_finds(said: Make) -> None:
    rows = marked(said, [n % 4 == 0 for n in range(40)])
    found = Scored(rows, [float(one.faulty) for one in rows])
    assert threshold(found) == 1 and threshold(Scored(rows, [1.0] * 40)) == np.inf
    assert (made := area(found)) and made.value == 1
    lines = [*table({"first": rows, "second": rows}, {"sign": lambda row: float(row.answer == INVENTED)})]
    assert (
        lines[-1].startswith("| sign | 1.00 (") and "| 10 of 40 | 1.00 | 1.00 |" in lines[-1]
    )  # of few that are alike
    assert lines[2].startswith("| rules: doubtful or faulty | | | ")


def test_files_come_in_pairs(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["invention", "--set", "one", "labels.jsonl"])
    with pytest.raises(SystemExit) as stopped:
        invention.main()
    assert stopped.value.code == 2 and "name pairs of files, LABELS READINGS" in capsys.readouterr().err

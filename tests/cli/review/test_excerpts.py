"""The conversation beside an instruction: its own, else always the same fitting one, found without reading all."""

from pathlib import Path

from stages.cli.review.excerpts import Conversations, parted
from tests.cli.review.conftest import Write, dialogue, instruction

TALKS = [
    dialogue(
        f"d{n}",
        f"Word {n} " * (n % 7 + 1),
        "Yes.",
        scene=("buying", "renting")[n % 2],
        language="zh" if n % 5 == 0 else "en",
    )
    for n in range(40)
]
FILE = Path("data/dialogues/train.jsonl")


def test_every_conversation_is_found_by_its_id_and_no_other(place: Path, write: Write) -> None:
    write(str(FILE), *TALKS)
    talks = Conversations()
    assert [talks.get(row.id) for row in TALKS] == TALKS
    assert talks.get("d") is None and talks.get("d4x") is None


def test_its_own_conversation_comes_before_one_that_fits(place: Path, write: Write) -> None:
    write(str(FILE), *TALKS)
    found = Conversations().beside(instruction("Summarize.", scenes=("buying",), parents=("nobody", "d7")))
    assert found and found.id == "d7" and "written for" in found.why


def test_one_that_fits_is_drawn_by_the_row_alone(place: Path, write: Write) -> None:
    write(str(FILE), *TALKS)
    rows = [instruction(f"Summarize {n}.", scenes=("renting",)) for n in range(30)]
    drawn = [Conversations().beside(row) for row in rows]
    assert drawn == [Conversations().beside(row) for row in rows]
    ids = [found.id for found in drawn if found]
    assert len(ids) == len(rows) and len(set(ids)) > 5
    assert {(talk.scene, talk.language) for talk in TALKS if talk.id in ids} == {("renting", "en")}


def test_the_only_one_that_fits_is_found_wherever_it_stands(place: Path, write: Write) -> None:
    for where in range(3):
        talks = TALKS[1:4]
        talks.insert(where, dialogue("only", "Hello.", "Yes.", scene="selling"))
        write(str(FILE), *talks)
        for n in range(10):
            found = Conversations().beside(instruction(f"Summarize {n}.", scenes=("selling",)))
            assert found and found.id == "only"


def test_without_conversations_there_is_none(place: Path, write: Write) -> None:
    assert Conversations().beside(instruction("Summarize.")) is None
    write(str(FILE))
    assert Conversations().beside(instruction("Summarize.")) is None


def test_a_rendered_conversation_is_told_apart_by_turns() -> None:
    found = parted("Provider [PERSON_1]: Hello.\nsecond line: more\nCustomer: Hi.\n服务者: 您好")
    assert [(turn.who, turn.party, turn.text) for turn in found] == [
        ("Provider [PERSON_1]", "provider", "Hello.\nsecond line: more"),
        ("Customer", "customer", "Hi."),
        ("服务者", "provider", "您好"),
    ]

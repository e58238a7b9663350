"""`dial-insight cards`: counts, compares and writes the tables of the data cards."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from stages.cli import cards
from stages.cli.cards import Holdings
from stages.cli.main import main
from stages.cli.test_version import TEST, StoredVersion
from stages.core import jsonl, yaml_files
from stages.core.errors import InputError
from stages.dialogues.formats import detect
from stages.dialogues.formats.field_map import Forms
from stages.dialogues.formats.places import kept
from stages.dialogues.ingest import Ingest, ingest
from stages.library.domain_pack import Domain, Tasks
from stages.pii.corrections import Correction
from stages.pii.gold import Marked
from stages.rows.dialogue import Dialogue, HeldOut, Turn
from stages.rows.instruction import Instruction
from stages.rows.prompt import DIALOGUE, Prompt
from stages.rows.sample import Reference
from tests.support.labeled_row import plain_row

TURNS = (Turn(party="customer", speaker="Ann", text="x"),) * 9
TALK = Dialogue(
    id="a", key="a", language="zh", scene="buying", source="im_messages", role="customer_manager", turns=TURNS
)
EMPTY = "# Card\n\n<!-- {0} -->\n\n<!-- end of {0} -->\n\nBy hand.\n"
STORED = StoredVersion(
    Path("v1"),
    {
        "i": Instruction(
            id="i",
            language="zh",
            task="reasoning",
            requirement="deal_likelihood",
            text="x",
            labels=("x", "y"),
            formats=("label",),
            origin="pack",
        )
    },
    [],
    {"r": Reference(id="r", answer="x", author="Kim")},
    {},
)


@pytest.fixture
def holdings(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Holdings:
    """Go to a folder with two cards without tables; the data is one dialogue and one test row."""
    pack = root / "prompts/real_estate"
    row = plain_row(
        id="r",
        dialogue="a",
        language="zh",
        role="customer_manager",
        ask={"kind": "label", "labels": ("x", "y")},
        answer="x",
        author="Kim",
    )
    mark = Marked(dialogue="a", turn=0, text="x", kind="phone")
    domain, tasks = yaml_files.load(pack / "domain.yaml", Domain), yaml_files.load(pack / "tasks.yaml", Tasks)
    held = Holdings(domain, tasks, [TALK], [mark], [TALK], [cards.TestRows(STORED, [row])])
    for folder, name in ((cards.RAW, "real_estate"), (TEST, "real_estate v1")):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / cards.CARD).write_text(EMPTY.format(name))
    monkeypatch.chdir(tmp_path)
    Path("params.yaml").touch()
    monkeypatch.setattr(cards, "domains", lambda: ["real_estate"])
    monkeypatch.setattr(cards, "holdings", {"real_estate": held}.__getitem__)
    return held


Captured = pytest.CaptureFixture[str]


def test_a_row_whose_instruction_is_not_stored_is_named_with_its_folder() -> None:
    asked = Prompt.model_validate(
        {"id": "q", "pair": "r", "dialogue": "a", "instruction": "gone", "ask": {"kind": "paragraph"}, "layout": "l"}
        | {
            "language": "zh",
            "scene": "buying",
            "source": "im_messages",
            "role": "customer_manager",
            "task": "reasoning",
        }
        | {"parts": [{"kind": "narrative", "template": "t", "text": DIALOGUE}], "method": "assembled"}
    )
    stored = STORED._replace(folder=TEST / "real_estate/v1", prompts=[asked])
    expected = r"^data/test/real_estate/v1/prompts\.jsonl: row r names instruction gone, which instructions\.jsonl beside it lacks; add"
    with pytest.raises(InputError, match=expected):
        cards.test_rows(stored, [TALK])
    kept = stored._replace(prompts=[asked.model_copy(update={"instruction": "i"})])
    assert [row.id for row in cards.test_rows(kept, [TALK]).rows] == ["r"]


def test_held_out_conversations_are_those_of_the_graph_as_people_corrected_them(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("params.yaml", "prompts"):
        Path(name).symlink_to(root / name)
    said = [{"party": "customer", "text": "Call 07700 900123, please."}, {"party": "provider", "text": "I will."}]
    talk = {"id": "t1", "language": "en", "scene": "buying", "source": "im_messages", "role": "home_advisor"}
    raw = cards.RAW / "real_estate"
    raw.mkdir(parents=True)
    (raw / "a.jsonl").write_text(
        json.dumps({**talk, "turns": said[::-1]}) + "\n"
    )  # joined, under the id of the tested one
    (raw / "b.jsonl").write_text(json.dumps({**talk, "turns": said}) + "\n")
    found = [("b.jsonl", record) for record in detect.read(raw / "b.jsonl", Forms()).records]
    domain = yaml_files.load(Path("prompts/real_estate/domain.yaml"), Domain)
    tested = next(row for row in ingest(found, Ingest.load(), domain) if isinstance(row, Dialogue))
    (cards.RAW / "pii_gold.jsonl").touch()
    jsonl.write(TEST / "real_estate/dialogues.jsonl", [HeldOut(id=tested.id, key=kept("t1"))])
    (row,) = cards.held_out("real_estate")
    assert (row.id, row.turns[0].text) == (tested.id, "Call [PHONE_1], please.")
    freed = {"id": tested.id, "turn": 0, "start": 5, "end": 17, "kind": "nothing", "reviewer": "ann"}
    jsonl.write(cards.CORRECTIONS, [Correction.model_validate({**freed, "time": datetime(2025, 5, 2)})])
    (row,) = cards.held_out("real_estate")
    assert row.turns[0].text == "Call 07700 900123, please."


def test_a_card_without_its_tables_fails_with_place_and_remedy(holdings: Holdings, capsys: Captured) -> None:
    assert main(["cards"]) == 1
    first, second = capsys.readouterr().err.splitlines()
    assert first == f"data/raw/README.md:5: the tables of real_estate are not what the data holds; {cards.FIX}"
    assert second.startswith("data/test/README.md:5: ")


def test_fix_writes_the_tables_and_leaves_the_rest(holdings: Holdings, capsys: Captured) -> None:
    assert main(["cards", "--fix"]) == 0
    assert "data/raw/README.md: tables rewritten" in capsys.readouterr().out
    text = (cards.RAW / cards.CARD).read_text()
    assert "| phone | 0 | 1 | 1 |" in text and text.endswith("By hand.\n")
    card = (TEST / cards.CARD).read_text()
    assert "| label | 0 | 1 | 1 |" in card and "| deal_likelihood (i) | zh | 1 | x 1, y 0 |" in card
    assert main(["cards", "--fix"]) == 0
    assert "rewritten" not in capsys.readouterr().out


def test_a_number_changed_by_hand_is_found_in_its_line(holdings: Holdings) -> None:
    held = {"real_estate": holdings}
    cards.fix(held)
    path = cards.RAW / cards.CARD
    path.write_text(path.read_text().replace("| phone | 0 | 1 | 1 |", "| phone | 0 | 2 | 2 |"))
    (line,) = cards.faults(held)
    number = int(line.split(":")[1])
    assert path.read_text().splitlines()[number - 1] == "| phone | 0 | 2 | 2 |"


def test_the_summary_counts_conversations_cells_and_rows(holdings: Holdings) -> None:
    corpus, test_set = cards.summary({"real_estate": holdings})
    assert corpus == (
        "real_estate: 1 dialogue (0 English, 1 Chinese), 9 to 9 turns, 1 of 140 cells of scene × source × role; "
        "1 span of personal data (phone 1)"
    )
    assert test_set.startswith(
        "real_estate, test set v1: 1 row over 1 dialogue (0 English, 1 Chinese) held out, 1 distinct dialogues × asks, "
    )


def test_a_domain_of_which_no_conversation_is_kept_is_counted_too(holdings: Holdings) -> None:
    empty = holdings._replace(dialogues=[], marks=[], held_out=[], tests=[])
    (line,) = cards.summary({"real_estate": empty})
    assert line.startswith("real_estate: 0 dialogues (0 English, 0 Chinese), 0 to 0 turns, 0 of ")


def test_a_label_instruction_with_one_answer_in_all_its_rows_is_warned_of(holdings: Holdings) -> None:
    (test,) = holdings.tests
    for count, warned in ((2, 0), (3, 1)):
        held = holdings._replace(tests=[cards.TestRows(STORED, test.rows * count)])
        lines = [line for line in cards.summary({"real_estate": held}) if line.startswith("warning: ")]
        assert len(lines) == warned
    assert lines[0].startswith("warning: real_estate, instruction i has the answer x in all its 3 rows, ")
    other = test.rows[0].model_copy(update={"answer": "y"})
    held = holdings._replace(tests=[cards.TestRows(STORED, [*test.rows * 3, other])])
    assert not [line for line in cards.summary({"real_estate": held}) if line.startswith("warning: ")]


def test_a_card_that_is_gone_is_one_line(holdings: Holdings, capsys: Captured) -> None:
    (TEST / cards.CARD).unlink()
    assert main(["cards"]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "data/test/README.md: not there" in said

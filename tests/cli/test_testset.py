"""Holding out dialogues: by count, for good, the same whatever the order of the files."""

from pathlib import Path

import pytest

from stages.cli import testset
from stages.cli.main import main
from stages.cli.second_reading import Blind
from stages.core import jsonl
from stages.core.dropped import Dropped, Reason
from stages.core.errors import InputError
from stages.core.row import content_id
from stages.dialogues.split import SplitParams, cases, split
from stages.rows.dialogue import Dialogue, HeldOut, Turn
from stages.rows.instruction import Instruction
from stages.rows.prompt import Prompt
from stages.rows.sample import Answer

PACK = Path(__file__).parents[2] / "prompts/real_estate"


def talks(count: int) -> list[Dialogue]:
    turns = (Turn(party="customer", text="Hello."),)
    fixed = {"language": "en", "scene": "buying", "source": "im_messages", "role": "home_advisor", "turns": turns}
    return [Dialogue.model_validate({"id": f"d{number}", "key": f"k{number}", **fixed}) for number in range(count)]


def held() -> list[str]:
    return [row.id for row in jsonl.read(Path("data/test/shop/dialogues.jsonl"), HeldOut)]


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Be in a folder with 30 ingested dialogues, of which people answered the first."""
    monkeypatch.chdir(tmp_path)
    Path("params.yaml").write_text("domain: shop\ntest_set: current\n", encoding="utf-8")
    for folder in ("data/dialogues", "data/review", "data/test/shop/current", "prompts"):
        Path(folder).mkdir(parents=True)
    Path("prompts/shop").symlink_to(PACK)
    answer = Answer(id="p", answer="x", author="Kim", dialogue="d0", instruction="i", form="list")
    jsonl.write(testset.INGESTED, talks(30))
    jsonl.write(testset.ANSWERS, [answer])
    return tmp_path


def test_more_are_held_out_and_none_is_let_go(repository: Path) -> None:
    assert testset.hold(5)[1:] == (5, 5)
    first = held()
    assert testset.hold(4)[1:] == (4, 9)
    assert set(first) < set(held()) and held() == sorted(set(held()))


def test_an_id_that_is_a_customers_number_is_not_stored(repository: Path) -> None:
    jsonl.write(testset.INGESTED, [row.model_copy(update={"key": "15069934410"}) for row in talks(2)])
    testset.hold(1)
    assert held() == ["d1"]
    assert "15069934410" not in Path("data/test/shop/dialogues.jsonl").read_text(encoding="utf-8")


def test_neither_the_order_nor_steps_have_a_say(repository: Path) -> None:
    testset.hold(9)
    at_once = held()
    Path("data/test/shop/dialogues.jsonl").unlink()
    jsonl.write(testset.INGESTED, talks(30)[::-1])
    testset.hold(2)
    testset.hold(7)
    assert held() == at_once


def test_answered_dialogues_are_passed_over_and_no_more_are_drawn_than_there_are(repository: Path) -> None:
    assert testset.hold(100)[1:] == (29, 29)
    assert "d0" not in held()
    assert testset.hold(1)[1:] == (0, 29)


def test_what_shares_a_customer_with_an_answered_dialogue_stays_in_training(repository: Path) -> None:
    rows = talks(5)
    groups = {0: "one customer", 1: "one customer", 2: "another", 3: content_id("k4")}
    rows = [row.model_copy(update={"group": groups.get(n, "")}) for n, row in enumerate(rows)]
    jsonl.write(testset.INGESTED, rows)
    told = {"answer": "x", "author": "Kim", "instruction": "i", "form": "list"}
    jsonl.write(testset.ANSWERS, [Answer.model_validate({**told, "id": key, "dialogue": key}) for key in ("d0", "d3")])
    testset.hold(100)
    assert held() == ["d2"]  # d3 is a version of d4
    names = jsonl.read(Path("data/test/shop/dialogues.jsonl"), HeldOut)
    outcomes = list(split(rows, rows[2:3], SplitParams(near_duplicate=1.0), cases(names)))
    assert Reason.GROUP_OF_TEST not in {row.reason for row in outcomes if isinstance(row, Dropped)}


def test_a_noisy_version_is_held_out_by_nobody(repository: Path) -> None:
    rows = [
        row.model_copy(update={"key": f"{row.key}~noise-chat-7-1"}) if n % 2 else row for n, row in enumerate(talks(6))
    ]
    jsonl.write(testset.INGESTED, rows)
    assert testset.hold(100)[1:] == (2, 2)
    assert held() == ["d2", "d4"]


@pytest.fixture
def asked(repository: Path) -> Path:
    """Return the rows of a version with one instruction, of which 20 are drawn, beside 30 test dialogues."""
    fixed = {"language": "en", "task": "information_extraction", "requirement": "customer_needs", "formats": ("list",)}
    row = Instruction.new(**fixed, text="List what the customer asks for in this conversation.", origin="pack")
    jsonl.write(testset.DIALOGUES, talks(30))
    jsonl.write(Path("data/test/shop/current/instructions.jsonl"), [row])
    return testset.draw(20, seed=1)[0]


def test_the_order_of_conversations_has_no_say_in_which_rows_are_added(asked: Path) -> None:
    before, added = asked.read_bytes(), list[set[str]]()
    for rows in (talks(30), talks(30)[::-1]):
        asked.write_bytes(before)
        jsonl.write(testset.DIALOGUES, rows)
        assert testset.draw(3, seed=2) == (asked, 23)
        added.append({row.pair for row in jsonl.read(asked, Prompt)[20:]})
    assert added[0] == added[1]


def test_conversations_of_another_domain_are_neither_held_out_nor_drawn_from(asked: Path) -> None:
    strange = [row.model_copy(update={"scene": "loans"}) for row in talks(3)]
    jsonl.write(testset.INGESTED, strange)
    jsonl.write(testset.DIALOGUES, strange)
    with pytest.raises(InputError, match="another domain"):
        testset.hold(1)
    with pytest.raises(InputError, match="another domain"):
        testset.draw(1, seed=2)


def test_params_without_a_version_are_one_line(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("params.yaml").write_text("domain: shop\n", encoding="utf-8")
    for words in (["instructions", "x.jsonl"], ["show"], ["draw", "--count", "1"], ["agreement"]):
        jsonl.write(testset.DIALOGUES, talks(1))
        assert main(["testset", *words]) == 1
        assert capsys.readouterr().err.startswith("params.yaml: test_set is missing; ")


def test_a_sheet_that_is_there_may_be_filled_in(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("sheet.jsonl").write_text("hours of work\n", encoding="utf-8")
    assert main(["testset", "sheet", "--out", "sheet.jsonl"]) == 1
    assert "sheet.jsonl: there already, and may be filled in" in capsys.readouterr().err
    assert Path("sheet.jsonl").read_text(encoding="utf-8") == "hours of work\n"


def test_lines_of_a_filled_sheet_are_counted_with_the_blank_ones_and_say_each_thing_once(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = Blind(id="strange", language="en", asked="Which?", conversation="Hello.", answer="yes")
    Path("sheet.jsonl").write_text(f"\n\n{row.model_dump_json()}\n", encoding="utf-8")
    assert main(["testset", "take", "sheet.jsonl", "--author", "Lee"]) == 1
    assert capsys.readouterr().err.startswith("sheet.jsonl:3: row strange is none of this version's")
    Path("sheet.jsonl").write_text(row.model_dump_json().replace("{", '{"answer": "no", ', 1), encoding="utf-8")
    assert main(["testset", "take", "sheet.jsonl", "--author", "Lee"]) == 1
    assert capsys.readouterr().err.startswith("sheet.jsonl:1: a key stands twice")

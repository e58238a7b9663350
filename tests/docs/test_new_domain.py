"""docs/new-domain.md: its examples are a domain that the checks pass and the model-free stages run."""

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from stages.cli import check, testset
from stages.cli.domain_check import DomainCheck
from stages.cli.dvc_graph import steps
from stages.cli.main import main
from stages.core import jsonl
from stages.core.params import load_all
from stages.dialogues import anonymize, ingest, split
from stages.pii.gold import Marked
from stages.rows.dialogue import Dialogue, HeldOut
from stages.rows.instruction import Instruction
from stages.rows.prompt import Prompt

EXAMPLE = re.compile(
    r"^\*\*`(?P<path>[^`]+)`\*\*(?P<how>[^\n]*)\n\n```(?:yaml|json)\n(?P<text>.*?)```$", re.MULTILINE | re.DOTALL
)
SHELL = re.compile(r"^```sh\n(.*?)```$", re.MULTILINE | re.DOTALL)
SETTING = re.compile(r"-S '?([\w.]+)=([^ ']+)'?")
OPEN = re.compile(r"^ +- id: (?:\w+_)?TODO_1\n.*TODO[^\n]*\n", re.MULTILINE | re.DOTALL)  # to the last one
DOMAIN = "bicycle_repair"
PACK, RAW, TEST = Path("prompts", DOMAIN), Path("data/raw", DOMAIN), Path("data/test", DOMAIN)
VERSION = TEST / "current"


@pytest.fixture
def recipe(root: Path) -> str:
    return (root / "docs/new-domain.md").read_text(encoding="utf-8")


@pytest.fixture
def drafted(root: Path, recipe: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder in which the recipe's first command was given on its conversations; the current one."""
    place = tmp_path / "repository"
    shutil.copytree(root / "prompts", place / "prompts")
    shutil.copy(root / "params.yaml", place)
    monkeypatch.chdir(place)
    ((path, text),) = ((path, text) for path, _, text in EXAMPLE.findall(recipe) if path.startswith(".."))
    Path(path).parent.mkdir()
    Path(path).write_text(text, encoding="utf-8")
    command = next(line for line in SHELL.findall(recipe) if "new-domain" in line)
    assert main(shlex.split(command)[1:]) == 0
    return place


@pytest.fixture
def followed(drafted: Path, recipe: str) -> Path:
    """Return the folder with the recipe's examples where it says, and the settings of its first run."""
    for path, how, text in EXAMPLE.findall(recipe):
        if "in the place of" in how:
            draft = Path(path).read_text(encoding="utf-8")
            found = OPEN.search(draft)
            assert found, path
            text = draft[: found.start()] + text + draft[found.end() :]
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(text, encoding="utf-8")
    run = next(line for line in SHELL.findall(recipe) if f"domain={DOMAIN}" in line)
    yaml = YAML()
    values = yaml.load(Path("params.yaml").read_text(encoding="utf-8"))
    for key, value in SETTING.findall(run):
        *above, last = key.split(".")
        inner = values
        for name in above:
            inner = inner[name]
        inner[last] = yaml.load(value)
    yaml.dump(values, Path("params.yaml"))
    return drafted


def test_the_draft_says_what_the_page_shows(recipe: str, drafted: Path) -> None:
    shown = [line for line in recipe.splitlines() if line.startswith(f"{PACK}/") and " is TODO; " in line]
    faults = list(check.pack_faults(PACK, Path()))
    assert len(shown) >= 4 and set(shown) <= set(faults)
    assert all(" is TODO; " in line for line in faults)


def test_the_examples_are_a_pack_without_a_fault(followed: Path) -> None:
    assert {path.name for path in PACK.iterdir()} == {path.name for path in Path("prompts/bank_service").iterdir()}
    assert list(check.pack_faults(PACK, Path())) == []
    assert len(jsonl.read(VERSION / "instructions.jsonl", Instruction)) == 2


def test_the_page_shows_the_run_that_the_check_names(root: Path, recipe: str, followed: Path) -> None:
    shutil.copy(root / "params.yaml", "params.yaml")
    checked = DomainCheck(DOMAIN)
    assert list(checked.faults()) == []
    (way,) = checked.way()
    assert way in recipe.splitlines()


def test_the_params_suit_the_pack(root: Path, followed: Path) -> None:
    found = [line for line in check.param_faults(Path(), steps(root)) if line.startswith("params.yaml")]
    assert found == [] and load_all()["domain"] == DOMAIN
    assert list(DomainCheck(DOMAIN).faults()) == []


def test_a_fault_in_an_example_would_be_seen(followed: Path) -> None:
    text = (PACK / "domain.yaml").read_text(encoding="utf-8")
    (PACK / "domain.yaml").write_text(
        text.replace("scenes: [repair, sale]", "scenes: [repair, sails]"), encoding="utf-8"
    )
    assert any("unknown scenes sails" in line for line in check.pack_faults(PACK, Path()))


def test_the_examples_run_from_conversations_to_test_rows(followed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("data/review").mkdir()
    for name in ("answers", "personal"):
        Path(f"data/review/{name}.jsonl").touch()
    held_out = TEST / "dialogues.jsonl"
    assert main(["testset", "hold", "--count", "1"]) == 1
    assert "run `dvc repro ingest` first" in capsys.readouterr().err
    ingest.main(source=RAW, domain=PACK / "domain.yaml", target=testset.INGESTED, ledger=Path("ingest.json"))
    assert main(["testset", "hold", "--count", "1"]) == 0
    assert capsys.readouterr().out.startswith(f"{TEST}/dialogues.jsonl: 1 dialogue added, 1 held out;")
    anonymize.main(
        source=testset.INGESTED,
        domain=PACK / "domain.yaml",
        gold=Path("data/raw/pii_gold.jsonl"),
        reviews=Path("data/review/personal.jsonl"),
        held_out=held_out,
        target=Path("anonymous.jsonl"),
        spans=Path("spans.jsonl"),
        left=Path("missed.jsonl"),
        report=Path("privacy.json"),
    )
    split.main(
        source=Path("anonymous.jsonl"),
        held_out=held_out,
        train=Path("train.jsonl"),
        test=Path("test.jsonl"),
        ledger=Path("split.json"),
    )
    assert len(jsonl.read(Path("anonymous.jsonl"), Dialogue)) == 2
    (tested,) = jsonl.read(Path("test.jsonl"), Dialogue)
    assert [row.id for row in jsonl.read(held_out, HeldOut)] == [tested.id]
    assert json.loads(Path("privacy.json").read_text(encoding="utf-8"))["gold"]["missing"] == 0
    jsonl.write(testset.DIALOGUES, jsonl.read(Path("anonymous.jsonl"), Dialogue))
    assert main(["testset", "draw", "--count", "3"]) == 0
    rows = jsonl.read(VERSION / "prompts.jsonl", Prompt)
    assert len(rows) == 3
    assert main(["testset", "draw", "--count", "9"]) == 0
    assert jsonl.read(VERSION / "prompts.jsonl", Prompt)[:3] == rows
    assert capsys.readouterr().out.startswith(f"{VERSION}/prompts.jsonl: 3 rows; write their answers")
    assert main(["testset", "show"]) == 0
    shown = capsys.readouterr().out
    assert all(row.pair in shown for row in rows) and "Ellen" not in shown


def test_the_marks_are_of_the_conversations(followed: Path) -> None:
    (mark,) = jsonl.read(Path("data/raw/pii_gold.jsonl"), Marked)
    turns = {
        row["id"]: row["turns"]
        for row in map(json.loads, (RAW / "chats.jsonl").read_text(encoding="utf-8").splitlines())
    }
    assert mark.text in turns[mark.dialogue][mark.turn]["text"]


def test_the_settings_of_its_commands_exist(root: Path, recipe: str) -> None:
    from stages.core import params

    values = params.load_all(root / "params.yaml")
    named = re.findall(r"-S ([\w.]+)=", " ".join(SHELL.findall(recipe)))
    assert len(set(named)) >= 6
    for key in named:
        assert params.lookup(values, key) is not None, key

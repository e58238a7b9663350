"""`dial-insight new-domain --skeleton`: what it writes says by itself what is missing, and filled in shortly it is a pack that runs."""

import json
import re
import runpy
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stages.cli import check
from stages.cli.dvc_graph import steps
from stages.cli.main import main
from stages.core import jsonl, yaml_files
from stages.library.domain_pack import Domain
from stages.rows.prompt import Prompt
from stages.rows.sample import LabeledSample
from tests.cli.new_domain.conftest import NAME, TALKS

if TYPE_CHECKING:
    from tests.cli.new_domain.conftest import Set

PACK = Path("prompts", NAME)
# The shortest that may stand for each TODO.
FILLED = {
    "domain.yaml": [("TODO", "visits")],
    "tasks.yaml": [("TODO_", "item_"), ("TODO", "Name the animals.")],
    "instructions.yaml": [
        ("TODO_", "item_"),
        ("fields: [TODO]", "fields: [animal, age]"),
        ("TODO", "List each animal the customer has."),
        ("TODO", "Which symptoms does the customer report?"),
    ],
}


def fill() -> None:
    for name, pairs in FILLED.items():
        path = PACK / name
        text = path.read_text(encoding="utf-8")
        for old, new in pairs:
            once = name == "instructions.yaml" and old == "TODO"
            text = text.replace(old, new, 1 if once else -1)
        path.write_text(text, encoding="utf-8")


def skeleton(*more: str) -> int:
    return main(["new-domain", NAME, "--from", str(TALKS), "--skeleton", *more])


def test_it_writes_all_files_and_says_what_it_read(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert skeleton() == 0
    said = capsys.readouterr().out
    assert "read: 12 conversations in 1 file (native 12), languages en" in said
    assert f"before a commit: Git does not ignore data/raw/{NAME};" in said and f"dvc add data/raw/{NAME} (" in said
    assert {path.name for path in PACK.iterdir()} == {path.name for path in Path("prompts/bank_service").iterdir()}
    assert Path("data/raw", NAME, TALKS.name).read_bytes() == TALKS.read_bytes()
    test = Path("data/test", NAME)
    empty = [test / "dialogues.jsonl", *(test / "current").iterdir()]
    assert len(empty) == 4 and all(path.read_bytes() == b"" for path in empty)
    assert "Joanna" not in said + "".join(path.read_text(encoding="utf-8") for path in PACK.iterdir())


def test_beside_recordings_files_that_do_not_tell_are_chats(place: Path, tmp_path: Path) -> None:
    call = "1\n00:00:01,000 --> 00:00:02,000\nAgent: Good day.\n\n2\n00:00:03,000 --> 00:00:04,000\nCaller: My dog limps.\n"
    (tmp_path / "call.srt").write_text(call, encoding="utf-8")
    chat = [{"role": "user", "content": "Do you see cats?"}, {"role": "assistant", "content": "We do."}]
    (tmp_path / "chat.json").write_text(json.dumps({"messages": chat}), encoding="utf-8")
    assert (
        main(["new-domain", NAME, "--from", str(tmp_path / "call.srt"), str(tmp_path / "chat.json"), "--skeleton"]) == 0
    )
    domain = yaml_files.load(PACK / "domain.yaml", Domain)
    assert [(source.id, source.spoken) for source in domain.sources] == [("chat", False), ("call", True)]


def test_every_todo_is_named_by_file_and_line(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    skeleton()
    faults = list(check.pack_faults(PACK, Path()))
    assert faults[0].startswith(f"{PACK}/domain.yaml:4: title is TODO; write what the domain is called")
    lines = {path.name: path.read_text(encoding="utf-8").splitlines() for path in PACK.iterdir()}
    named = set[tuple[str, int]]()
    for fault in faults:
        found = re.match(rf"{PACK}/(\w+\.yaml):(\d+): .* is TODO; write \w", fault)
        assert found, fault
        assert "TODO" in lines[found[1]][int(found[2]) - 1].split("#")[0]
        named.add((found[1], int(found[2])))
    written = {
        (name, number)
        for name, text in lines.items()
        for number, line in enumerate(text, 1)
        if "TODO" in re.sub(r"(^| )#.*", "", line)
    }
    assert named == written
    order = list(dict.fromkeys(fault.split("/")[2].split(":")[0] for fault in faults))
    assert order == ["domain.yaml", "tasks.yaml", "instructions.yaml"]
    assert main(["check", NAME]) == 1
    assert capsys.readouterr().err.splitlines() == faults


def test_nothing_is_overwritten(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    skeleton()
    (PACK / "domain.yaml").write_text("mine", encoding="utf-8")
    (PACK / "tasks.yaml").unlink()
    capsys.readouterr()
    assert skeleton() == 1
    assert f"prompts/{NAME}: is there already" in capsys.readouterr().err
    assert not (PACK / "tasks.yaml").exists()
    assert skeleton("--force") == 0
    assert (PACK / "domain.yaml").read_text(encoding="utf-8") == "mine" and (PACK / "tasks.yaml").exists()
    assert f"{PACK}/domain.yaml: was there, is left as it was" in capsys.readouterr().out


def test_that_nothing_was_sorted_is_said(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert skeleton("--sort") == 0
    assert "--sort: nothing was sorted: it takes" in capsys.readouterr().out
    assert [path.name for path in Path("data/raw", NAME).iterdir()] == [TALKS.name]


@pytest.mark.parametrize("name", ["seed", "new_domain", "Vets", "../x", "2vets"])
def test_a_name_that_cannot_be_a_domain_is_refused_before_anything(
    place: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new-domain", name, "--from", str(TALKS), "--skeleton"]) != 0
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not list(Path("data/raw").glob("*/*"))


def test_without_conversations_there_is_a_pack_and_a_folder_to_fill(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new-domain", NAME, "--languages", "zh", "en"]) == 0
    assert "no conversations given" in capsys.readouterr().out
    assert "title: {zh: TODO, en: TODO}" in (PACK / "domain.yaml").read_text(encoding="utf-8")
    assert main(["check", NAME]) == 1
    assert f"data/raw/{NAME}: no conversations there; put files in it" in capsys.readouterr().err.splitlines()[0]


def test_in_two_languages_nothing_is_missing_but_what_is_todo(place: Path) -> None:
    assert skeleton("--languages", "en", "zh") == 0
    faults = list(check.pack_faults(PACK, Path()))
    assert all(" is TODO; " in line for line in faults)
    text = (PACK / "instructions.yaml").read_text(encoding="utf-8")
    assert text.count("language: zh") == text.count("language: en") - 1  # one stands in a comment's example


def test_what_records_name_is_taken_over(place: Path) -> None:
    rows = [json.loads(line) for line in TALKS.read_text(encoding="utf-8").splitlines()]
    extra = [{"scene": "visit", "source": "desk", "role": "vet"}, {"scene": "bill", "source": "desk", "role": "vet"}]
    talks = place / "named.jsonl"
    talks.write_text("".join(json.dumps(row | extra[n % 2]) + "\n" for n, row in enumerate(rows)), encoding="utf-8")
    assert main(["new-domain", NAME, "--from", str(talks), "--skeleton"]) == 0
    text = (PACK / "domain.yaml").read_text(encoding="utf-8")
    assert re.findall(r"^  - (?:\{)?id: (\w+)", text, re.MULTILINE) == ["visit", "bill", "desk", "vet"]
    assert "scenes: [visit, bill]" in text
    assert "  # weight: 6 of 12 conversations are of it\n  - id: bill" in text
    assert "  # see whether it is spoken\n  - {id: desk, spoken: false, name: {en: TODO}}" in text


def test_a_file_no_map_fits_gets_a_map(place: Path) -> None:
    talks = place / "odd.json"
    turns = [{"wer": "customer", "was_text": "My dog coughs."}, {"wer": "agent", "was_text": "Since when?"}]
    talks.write_text(json.dumps([{"nr": 1, "verlauf_texts": turns}]), encoding="utf-8")
    assert main(["new-domain", NAME, "--from", str(talks), "--skeleton"]) == 0
    text = (PACK / "conversations.yaml").read_text(encoding="utf-8")
    assert "maps:\n- " in text and "was_text" in text and "coughs" not in text


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*found in sys.modules:RuntimeWarning")  # the other tests have imported stages
def test_filled_in_shortly_it_passes_the_check_and_runs_to_labels(
    place: Path, settings: "Set", capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stages' command lines are those of dvc.yaml; no model answers, so the labels are the real replies."""
    skeleton()
    fill()
    capsys.readouterr()
    assert main(["check", NAME]) == 0
    said = capsys.readouterr()
    assert said.err == "" and f"prompts/{NAME} and its conversations are ready for a run" in said.out
    run = said.out.splitlines()[-1]
    assert re.findall(r"-S '?([\w.]+)=([^ ']+)", run) == [
        ("domain", NAME),
        ("ingest.defaults.scene", "visits"),
        ("ingest.defaults.source", "chat"),
        ("ingest.defaults.role", "visits"),
        ("seed.languages", "[en]"),
        ("report.examples", "0"),
    ]
    settings(
        domain=NAME,
        ingest__defaults={"scene": "visits", "source": "chat", "role": "visits", "language": "en"},
        seed__languages=["en"],
        seed__generated=0,
        evolve__generations=0,
        enhance__share=0.0,
        label__missing="drop",
        sample__count=12,
        sample__reply_turns=1,
    )
    assert main(["check", NAME]) == 0
    for name in [
        "ingest",
        "anonymize",
        "split",
        "seed",
        "curate",
        "evolve",
        "screen",
        "sample",
        "assemble",
        "enhance",
        "calibrate",
        "label",
    ]:
        (step,) = (step for step in steps(Path()) if step.name == name)
        monkeypatch.setattr(sys, "argv", [step.module, *step.arguments])
        with pytest.raises(SystemExit) as ended:
            runpy.run_module(step.module, run_name="__main__")
        assert ended.value.code == 0, (name, capsys.readouterr().err)
    rows = jsonl.read(Path("data/labels/train.jsonl"), LabeledSample)
    assert rows and all(row.ask.kind == "message" for row in rows)
    asked = {row.ask.kind for row in jsonl.read(Path("data/prompts/enhanced.jsonl"), Prompt)}
    assert {"json", "table"} & asked and {"paragraph", "list"} & asked and "message" in asked


def test_a_copy_that_was_cut_off_does_not_pass_for_whole(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(source: Path, target: Path) -> None:
        target.write_bytes(source.read_bytes()[:99])
        raise OSError(28, "No space left on device", str(target))

    with monkeypatch.context() as patch:
        patch.setattr("shutil.copyfile", full)
        assert skeleton() == 1
    assert not any(Path("data/raw", NAME).iterdir())
    assert skeleton("--force") == 0
    assert Path("data/raw", NAME, TALKS.name).read_bytes() == TALKS.read_bytes()

"""`dial-insight check DOMAIN`: all that a domain still needs, in the order in which to do it, and the settings that fit it."""

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stages.cli.domain_check import DomainCheck
from stages.cli.limits import limit_faults
from stages.cli.main import main
from stages.cli.pack_place import placed
from stages.core import params

if TYPE_CHECKING:
    from tests.cli.conftest import Spoil

BANK = "prompts/bank_service"
INGEST = """\
ingest:
  min_turns: 2
  max_chars: 9999
  max_bad_rows: 0
  max_dropped: 0.9
  defaults: {scene: renting, source: im_messages, role: real_estate_agent, language: en}
seed: {languages: [en, zh]}
sample: {count: 9, replies: 0.5}
select: {languages: [en]}
"""
TALK = [("customer", "Is the fee still four a month?"), ("provider", "It is, and free from an income of 1,500 on.")]
ZH = [("customer", "每月的管理费还是四元吗？"), ("provider", "是的，月入账一千五百元以上免收。")]


def talk(key: str, said: list[tuple[str, str]], **fields: str) -> str:
    return (
        json.dumps({"id": key, **fields, "turns": [{"party": p, "text": t} for p, t in said]}, ensure_ascii=False)
        + "\n"
    )


@pytest.fixture
def bank(repository: Path) -> Path:
    """Return the folder of the bank's conversations; two are there, and its test set's empty files."""
    raw, test = Path("data/raw/bank_service"), Path("data/test/bank_service/current")
    raw.mkdir(parents=True)
    test.mkdir(parents=True)
    for path in (
        test.parent / "dialogues.jsonl",
        *(test / f"{n}.jsonl" for n in ("instructions", "prompts", "references")),
    ):
        path.touch()
    with Path("params.yaml").open("a", encoding="utf-8") as file:
        file.write(INGEST)
    (raw / "a.jsonl").write_text(
        talk("1", TALK, scene="accounts", role="branch_adviser") + talk("2", ZH), encoding="utf-8"
    )
    return raw


def test_a_domain_that_params_are_not_set_to_is_ready_and_its_run_is_named(
    bank: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "bank_service"]) == 0
    said = capsys.readouterr()
    assert said.err == "" and said.out.startswith(f"{BANK} and its conversations are ready for a run\n")
    assert said.out.splitlines()[-1] == (
        "params.yaml is set to real_estate; a run of this domain: dvc exp run -S domain=bank_service "
        "-S ingest.defaults.scene=accounts -S ingest.defaults.role=branch_adviser"
    )


def test_what_conversations_say_themselves_needs_no_default(bank: Path) -> None:
    (bank / "a.jsonl").write_text(talk("1", TALK, scene="accounts", role="branch_adviser"), encoding="utf-8")
    assert list(DomainCheck("bank_service").misfits()) == []


def test_settings_that_do_not_fit_the_chosen_domain_are_faults(bank: Path, spoil: "Spoil") -> None:
    spoil("params.yaml", "domain: real_estate", "domain: bank_service")
    path = Path(BANK, "instructions.yaml")
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.index("\nreplies:")].replace("language: en", "language: zh"), encoding="utf-8")
    checked = DomainCheck("bank_service")
    lines = [line for line in checked.faults() if line.startswith("params.yaml")]
    assert [re.findall(r"-S (.*), or write it there", line) for line in lines] == [
        ["ingest.defaults.scene=accounts"],
        ["ingest.defaults.role=branch_adviser"],
        ["'seed.languages=[zh]'"],
        ["'select.languages=[zh]'"],
        ["sample.replies=0.0"],
    ]
    assert lines[0].startswith("params.yaml: ingest.defaults.scene: is renting, which domain.yaml lacks")
    assert list(checked.way()) == []


def test_no_domain_yaml_mends_a_conversation_in_another_language(bank: Path) -> None:
    said = [
        ("customer", "¿Cuánto cuesta la cuenta al mes, por favor?"),
        ("provider", "Son cuatro euros al mes, señora."),
    ]
    (bank / "b.jsonl").write_text(talk("9", said, scene="accounts", role="branch_adviser"), encoding="utf-8")
    (fault,) = DomainCheck("bank_service").faults()
    assert fault.startswith("data/raw/bank_service/b.jsonl:1: by its letters and words neither English nor Chinese")
    assert fault.endswith("; take it out, or where that is wrong write its `language` there: en, zh")


def test_faults_come_in_the_order_in_which_they_are_mended(bank: Path, spoil: "Spoil") -> None:
    spoil("params.yaml", "domain: real_estate", "domain: bank_service")
    (bank / "a.jsonl").write_text(
        talk("1", TALK, scene="account") + talk("2", ZH) + '{"id": "3", "turns": []}\n', encoding="utf-8"
    )
    (bank / "b.txt").write_text("no conversation", encoding="utf-8")
    spoil(f"{BANK}/domain.yaml", "title: {en: Retail-bank customer service", "title: {en: TODO")
    spoil(f"{BANK}/tasks.yaml", "weight: 1.0", "weight: -1.0")
    spoil(f"{BANK}/knowledge.yaml", "kind: listing", "kind: list")
    Path("data/test/bank_service/current/prompts.jsonl").unlink()
    places = [re.match(r"[^:\s]+(:\d+)?", line)[0] for line in DomainCheck("bank_service").faults()]  # type: ignore[index]
    assert places == [
        "data/raw/bank_service/b.txt",
        "data/raw/bank_service/a.jsonl:1",
        f"{BANK}/domain.yaml:3",
        f"{BANK}/tasks.yaml:5",
        f"{BANK}/knowledge.yaml:5",
        "data/test/bank_service/current/prompts.jsonl",
        "params.yaml",
        "params.yaml",
    ]


def test_scenes_without_conversations_and_languages_without_instructions_are_told(bank: Path) -> None:
    path = Path(BANK, "instructions.yaml")
    path.write_text(path.read_text(encoding="utf-8").replace("language: zh", "language: en"), encoding="utf-8")
    notes = list(DomainCheck("bank_service").notes())
    assert any("domain.yaml: scene cards: no conversation is of it" in line for line in notes)
    assert not any("scene accounts" in line for line in notes)
    assert any("instructions.yaml: 1 conversation in zh, in which there is no instruction" in line for line in notes)


@pytest.mark.slow
def test_what_is_shipped_is_ready(root: Path, repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(root / "params.yaml", "params.yaml")
    for kind in ("raw", "test"):
        shutil.copytree(root / "data" / kind, Path("data", kind), dirs_exist_ok=True)
    assert main(["check", "bank_service"]) == 0, capsys.readouterr().err
    assert main(["check", "real_estate"]) == 0, capsys.readouterr().err
    assert "-S" not in capsys.readouterr().out.splitlines()[-1]


def test_a_domain_that_is_not_there_is_one_line(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "dentist"]) == 1
    assert (
        capsys.readouterr().err
        == "prompts/dentist: not there; `dial-insight new-domain dentist --from FILE` drafts it\n"
    )


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        ("scenes.1.weight: must be greater than 0", 7),
        ("scenes.1.colour: is unknown", 6),
        ("role vet names unknown scenes sails", 10),
        ("name is not the folder's", 1),
        ("nothing that is there", None),
    ],
)
def test_a_fault_gets_the_line_it_is_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str, line: int | None
) -> None:
    monkeypatch.chdir(tmp_path)
    text = "name: x\ntitle: {en: X}\nscenes:\n  - id: a\n    weight: 1\n  - id: b\n    weight: 0\n\nroles:\n  - {id: vet, scenes: [sails]}\n"
    Path("d.yaml").write_text(text, encoding="utf-8")
    assert placed(f"d.yaml: {fault}") == (f"d.yaml:{line}: {fault}" if line else f"d.yaml: {fault}")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("seed", "prompts/seed: holds meta-prompts of a stage and no domain; domains are bank_service, real_estate"),
        ("evolve", "prompts/evolve: holds meta-prompts of a stage"),  # it has YAML too
        ("../data", "'../data' is no name of a domain"),
        ("..", "'..' is no name of a domain"),
    ],
)
def test_what_is_no_domain_is_refused_in_a_line(
    repository: Path, capsys: pytest.CaptureFixture[str], name: str, why: str
) -> None:
    assert main(["check", name]) == 1
    said = capsys.readouterr().err
    assert why in said and said.count("\n") == 1


def test_conversations_of_a_domain_of_ones_own_are_kept_out_of_git(
    bank: Path, spoil: "Spoil", capsys: pytest.CaptureFixture[str]
) -> None:
    with Path("params.yaml").open("a", encoding="utf-8") as file:
        file.write("report: {examples: 3, seed: 1}\n")
    assert main(["check", "bank_service"]) == 0  # shipped, and invented
    assert "report.examples" not in capsys.readouterr().out
    for path in (bank, Path(BANK), Path("data/test/bank_service")):
        path.rename(path.with_name("credit_union"))
    spoil("prompts/credit_union/domain.yaml", "name: bank_service", "name: credit_union")
    assert main(["check", "credit_union"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith(" -S report.examples=0")
    spoil("params.yaml", "domain: real_estate", "domain: credit_union")
    assert any("kept in Git" in line and "-S report.examples=0" in line for line in DomainCheck("credit_union").notes())
    spoil("params.yaml", "examples: 3", "examples: 0")
    assert not any("report.examples" in line for line in DomainCheck("credit_union").notes())


def test_a_run_of_the_second_domain_that_is_shipped_is_what_readme_says_and_passes(root: Path) -> None:
    checked = DomainCheck("bank_service", root)
    misfits = list(checked.misfits())
    options = " ".join(["-S domain=bank_service", *(row.option for row in misfits)])
    assert f"`{options}`" in (root / "README.md").read_text(encoding="utf-8")
    values = params.load_all(root / params.PARAMS) | {"domain": "bank_service"}
    assert list(limit_faults(values, root))
    for row in misfits:
        section, key = row.key.split(".")
        values[section] = values[section] | {key: int(row.fits)}
    assert not list(limit_faults(values, root))

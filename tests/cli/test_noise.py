"""`dial-insight noise`: its file is ingested as any other, and no noisy copy of a test conversation is trained on."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from stages.cli.main import main
from stages.core import jsonl
from stages.core.dropped import Dropped, Reason
from stages.core.row import content_id
from stages.dialogues import anonymize, ingest, split
from stages.dialogues.formats.places import kept
from stages.pii.values.spans import KINDS
from stages.rows.dialogue import Dialogue, HeldOut

Run = Callable[..., int]

TALKS = {
    "re-1": ["Good morning, is the flat in Mill Lane still free? I saw it online.", "It is, yes. When could you come?"],
    "re-2": ["您好，我想问一下押金什么时候退，合同上个月就到期了。", "您好，我帮您查一下，请稍等。"],
    "re-3": [
        "My boiler has been broken since Tuesday, and nobody called me back!",
        "I'm sorry. I'll send somebody today.",
    ],
}


def line(key: str, group: str = "", **more: object) -> str:
    turns = [{"party": ("customer", "provider")[n % 2], "text": text} for n, text in enumerate(TALKS[key] * 2)]
    return json.dumps({"id": key, "turns": turns, **({"group": group} if group else {}), **more}, ensure_ascii=False)


@pytest.fixture
def run(repository: Path, root: Path) -> Run:
    """Be in a repository with three conversations and the shipped params; return the command on them."""
    (repository / "params.yaml").write_text((root / "params.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    raw = repository / "data/raw/real_estate"
    raw.mkdir(parents=True)
    (raw / "a.jsonl").write_text("\n".join(line(key) for key in TALKS) + "\n", encoding="utf-8")
    return lambda *words: main(["noise", "--source", "data/raw/real_estate/a.jsonl", *words])


def through(repository: Path, held: list[HeldOut]) -> tuple[list[Dialogue], list[Dialogue], list[Dropped]]:
    """Run ingest, anonymize and split as the graph does; return the ingested, what is trained on, and what split dropped."""
    made = repository / "data/dialogues"
    made.mkdir(exist_ok=True)
    (repository / "metrics/ledger").mkdir(parents=True, exist_ok=True)
    jsonl.write(Path("held.jsonl"), held)
    domain, ledger = Path("prompts/real_estate/domain.yaml"), Path("metrics/ledger/x.json")
    ingest.main(
        source=Path("data/raw/real_estate"),
        domain=domain,
        target=made / "in.jsonl",
        ledger=ledger,
        held_out=Path("held.jsonl"),
    )
    rows = jsonl.read(made / "in.jsonl", Dialogue)
    params = anonymize.Anonymize.model_validate({"kinds": KINDS, "evidence": {"zh": None, "en": None}})
    jsonl.write(made / "an.jsonl", (done.dialogue for done in anonymize.anonymize(rows, params)))
    split.main(
        source=made / "an.jsonl",
        held_out=Path("held.jsonl"),
        train=made / "tr.jsonl",
        test=made / "te.jsonl",
        ledger=ledger,
    )
    return rows, jsonl.read(made / "tr.jsonl", Dialogue), jsonl.read(made / "tr.dropped.jsonl", Dropped)


@pytest.mark.parametrize("hashed", [True, False])
def test_a_noisy_copy_of_a_test_conversation_is_not_trained_on(repository: Path, run: Run, hashed: bool) -> None:
    clean = through(repository, [])[0]
    noisier = ["--rate", "substitution=0.4", "deletion=0.2", "--versions", "3"]  # like the original no more
    assert run("--target", "data/raw/real_estate/noisy.jsonl", "--seed", "1", *noisier) == 0
    held = [HeldOut(id=row.id, key=kept(row.key) if hashed else row.key) for row in clean if row.key == "re-3"]
    rows, trained, dropped = through(repository, held)
    keys = {row.id: row.key for row in rows}
    assert sorted(keys.values()) == sorted(
        [*TALKS, *(f"{key}~noise-recorded-1-{n}" for key in TALKS for n in (1, 2, 3))]
    )
    assert {keys[row.id].split("~")[0] for row in trained} == {"re-1", "re-2"}
    assert sorted(keys[row.id] for row in dropped) == [f"re-3~noise-recorded-1-{n}" for n in (1, 2, 3)]
    assert {row.reason for row in dropped} == {Reason.GROUP_OF_TEST}


def test_a_case_of_the_originals_own_stays_its_case(repository: Path, run: Run) -> None:
    Path("data/raw/real_estate/a.jsonl").write_text(f"{line('re-1', 'case 7')}\n{line('re-3')}\n", encoding="utf-8")
    clean = through(repository, [])[0]
    assert run("--target", "data/raw/real_estate/noisy.jsonl", "--seed", "1") == 0
    rows, trained, _ = through(repository, [HeldOut(id=row.id) for row in clean if row.key == "re-1"])
    assert {row.group for row in rows if row.key.startswith("re-1")} == {content_id("case 7")}
    assert {row.group for row in rows if row.key == "re-3~noise-recorded-1-1"} == {content_id("re-3")}
    assert {row.group for row in trained} <= {"", content_id("re-3")}


def test_an_original_without_an_id_is_named_by_its_place(repository: Path, run: Run) -> None:
    talk = [{"role": "user", "content": "Is it free?"}, {"role": "assistant", "content": "It is, come on Friday."}]
    Path("data/raw/real_estate/log.jsonl").write_text(json.dumps({"messages": talk}) + "\n", encoding="utf-8")
    assert main(["noise", "--source", "data/raw/real_estate", "--target", "data/raw/noisy.jsonl", "--seed", "1"]) == 0
    made = [json.loads(text) for text in Path("data/raw/noisy.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(row["id"], row["group"]) for row in made][-1] == ("log.jsonl:1~noise-recorded-1-1", "log.jsonl:1")


def test_the_same_seed_writes_the_same_file_and_another_does_not(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    written = []
    for name, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        assert run("--target", f"{name}.jsonl", "--seed", seed) == 0
        written.append(Path(f"{name}.jsonl").read_bytes())
    assert written[0] == written[1] != written[2]
    assert (
        capsys.readouterr().out.splitlines()[0]
        == "a.jsonl: 3 noisy versions of 3 conversations, preset recorded, seed 1"
    )


def test_a_folder_is_read_but_for_the_target_and_what_is_noisy(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    folder, target = "data/raw/real_estate", Path("data/raw/real_estate/noisy.jsonl")
    command = ["noise", "--source", folder, "--target", str(target), "--seed", "1"]
    other = ["noise", "--source", folder, "--target", f"{folder}/0.jsonl", "--seed", "2", "--preset", "none"]
    assert main(command) == 0
    once = target.read_bytes()
    assert main(command) == main(other) == main(command) == 0
    assert target.read_bytes() == once
    told = [line.partition(", seed ")[2] for line in capsys.readouterr().out.splitlines()]
    assert told == ["1"] * 2 + [f"{n}; 3 noisy versions among the sources passed over" for n in (2, 1)]


def test_of_two_runs_over_one_source_ingest_keeps_both(repository: Path, run: Run) -> None:
    for n, words in enumerate((["--seed", "1"], ["--seed", "2"], ["--seed", "1", "--preset", "chat"])):
        assert run("--target", f"data/raw/real_estate/noisy{n}.jsonl", *words, "--rate", "substitution=0.3") == 0
    keys = [row.key for row in through(repository, [])[0]]
    assert len(keys) == len(set(keys)) == 4 * len(TALKS)


def test_where_all_is_noisy_there_is_nothing_to_make_versions_of(
    repository: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--target", "n.jsonl", "--seed", "1") == 0
    assert main(["noise", "--source", "n.jsonl", "--target", "m.jsonl", "--seed", "1"]) == 1
    assert "no conversation (noisy versions 3)" in capsys.readouterr().err


def test_an_exact_copy_is_a_duplicate_to_ingest(repository: Path, run: Run) -> None:
    assert run("--target", "data/raw/real_estate/same.jsonl", "--seed", "1", "--preset", "none") == 0
    assert {row.key for row in through(repository, [])[0]} == set(TALKS)
    assert len(jsonl.read(Path("data/dialogues/in.dropped.jsonl"), Dropped)) == len(TALKS)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--target", "data/raw/real_estate/a.jsonl"], "is one of the sources"),
        (["--target", "n.jsonl", "--rate", "swop=1"], "expected NAME=SHARE"),
        (["--target", "n.jsonl", "--source", "gone.jsonl"], "gone.jsonl: not there"),
        (["--target", "n.jsonl", "--source", "bad.jsonl"], "ingest would keep no conversation"),
    ],
)
def test_wrong_input_is_one_line(
    repository: Path, run: Run, words: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("bad.jsonl").write_text(json.dumps({"id": "x", "turns": [{"party": "boss", "text": "Hi"}]}) + "\n")
    given = ["noise", *words] if "--source" in words else ["noise", "--source", "data/raw/real_estate/a.jsonl", *words]
    assert main([*given, "--seed", "1"]) == 1
    error = capsys.readouterr().err
    assert says in error and error.count("\n") == 1
    assert not Path("n.jsonl").exists()


def test_an_unknown_preset_is_refused(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--target", "n.jsonl", "--seed", "1", "--preset", "loud") == 2
    assert "loud" in capsys.readouterr().err

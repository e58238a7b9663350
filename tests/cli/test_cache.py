"""`dial-insight cache`: recorded answers and the live cache."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from stages.chat import recorded
from stages.chat.messages import Finish, Reply
from stages.chat.recorded import Answer
from stages.chat.store import Store
from stages.cli.main import main
from stages.evaluation.benchmarks import recorded as likelihoods

Captured = pytest.CaptureFixture[str]

GRAPH = """\
stages:
  label:
    foreach: [train, test]
    do:
      cmd: python -m stages.samples.label
      outs: ['data/${item}.jsonl']
      metrics: ['metrics/ledger/label_${item}.json': {cache: false}]
  enhance:
    cmd: python -m stages.prompting.enhance
    deps: [data/train.jsonl]
    metrics: [metrics/enhance.json: {cache: false}]
"""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("DVC_ROOT", "DVC_STAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    Path("params.yaml").touch()
    return tmp_path


@pytest.fixture
def store() -> Iterator[Store]:
    with closing(Store(Path(".llm-cache"))) as opened:
        yield opened


def key(number: int) -> str:
    return f"{number:016x}"


def put(store: Store, number: int, author: str = "m@1", text: str = "said", finish: Finish = "stop") -> None:
    store.put(key(number), author, "0" * 16, Reply(row="r", text=text, finish=finish))


def answer(number: int, text: str = "said", author: str = "m@1") -> Answer:
    reply = Reply(row="r", text=text, finish="stop")
    return Answer.of(reply, key=key(number), author=author, request="0" * 16, date="2026-11-28")


def test_export_writes_what_is_not_recorded_yet_by_author(store: Store, capsys: Captured) -> None:
    for number in (1, 2):
        put(store, number)
    put(store, 3, "n@1")
    put(store, 4, finish="filter")
    recorded.write([answer(1, "recorded before")])
    assert main(["cache", "export"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert [line.partition("-")[0] for line in said] == ["data/recorded/m@1", "data/recorded/n@1"]
    assert all(line.endswith(": 1 answer") for line in said)
    assert {name: row.text for name, row in recorded.load().items()} == {
        key(1): "recorded before",
        key(2): "said",
        key(3): "said",
    }
    assert main(["cache", "export"]) == 0
    assert capsys.readouterr().out == "data/recorded: holds all that is cached; nothing written\n"


def test_export_of_one_author(store: Store) -> None:
    put(store, 1)
    put(store, 2, "n@1")
    assert main(["cache", "export", "--author", "n@1"]) == 0
    assert set(recorded.load()) == {key(2)}


def test_a_part_of_an_authors_name_is_told_with_the_whole_ones(store: Store, capsys: Captured) -> None:
    """It is no author of whom all has been exported, or forgotten."""
    put(store, 1)
    recorded.write([answer(2, author="n@1")])
    told = "--author m: nothing here is of this author; give the whole name, of: m@1, n@1"
    assert main(["cache", "export", "--author", "m"]) == 1
    assert capsys.readouterr() == ("", f"{told}\n")
    assert main(["cache", "forget", "--author", "m"]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [told]
    assert main(["cache", "export", "--author", "n@1"]) == 0
    assert capsys.readouterr().out == "data/recorded: holds all that is cached of n@1; nothing written\n"


def test_export_to_where_nothing_can_be_written_is_one_line(place: Path, store: Store, capsys: Captured) -> None:
    put(store, 1)
    (place / "data").write_text("")  # a file for a folder, which no user can write to
    assert main(["cache", "export"]) == 1
    said = capsys.readouterr()
    assert said.out == "" and said.err.startswith("data/recorded: ") and said.err.count("\n") == 1


def test_import_copies_segments_from_files_and_folders(place: Path, capsys: Captured) -> None:
    [one] = recorded.write([answer(1), answer(2)], place / "theirs")
    [two] = recorded.write([answer(3, author="n@1")], place / "others")
    assert main(["cache", "import", "theirs", str(two)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"data/recorded/{one.name}: 2 answers",
        f"data/recorded/{two.name}: 1 answer",
    ]
    assert [path.read_bytes() for path in recorded.segments()] == [one.read_bytes(), two.read_bytes()]
    assert main(["cache", "import", "theirs"]) == 0
    assert capsys.readouterr().out == f"data/recorded/{one.name}: there already\n"


def test_import_takes_nothing_if_one_segment_is_damaged(place: Path, capsys: Captured) -> None:
    recorded.write([answer(1)], place / "theirs")
    [bad] = recorded.write([answer(2, author="n@1")], place / "theirs")
    bad.write_text(bad.read_text().replace("said", "sold"))
    assert main(["cache", "import", "theirs"]) == 1
    said = capsys.readouterr()
    assert said.out == "" and said.err.startswith(f"theirs/{bad.name}: damaged") and said.err.count("\n") == 1
    assert not recorded.segments()


@pytest.mark.parametrize("path", ["nothing.jsonl", "empty"])
def test_import_of_nothing_is_one_line(place: Path, path: str, capsys: Captured) -> None:
    (place / "empty").mkdir()
    assert main(["cache", "import", path]) == 1
    assert capsys.readouterr().err.startswith(f"{path}: ")


def test_verify_counts_by_author_and_tells_conflicts(capsys: Captured) -> None:
    recorded.write([answer(1), answer(2)])
    recorded.write([answer(3, author="project")])
    paths = recorded.write([answer(1, "other"), answer(2)])
    assert main(["cache", "verify"]) == 0
    first, second, conflict, last = capsys.readouterr().out.splitlines()
    assert (first, second) == ("m@1     · 4 answers · 2 segments", "project · 1 answer · 1 segment")
    later, earlier = sorted(path.name for path in recorded.segments() if path.name.startswith("m@1"))[::-1]
    assert (
        conflict == f"data/recorded/{later}: 1 key with another answer in {earlier}, which holds as the first by name"
    )
    assert paths[0].name in (later, earlier) and last == "all segments are whole"


def test_verify_fails_with_a_line_for_each_damaged_segment(capsys: Captured) -> None:
    recorded.write([answer(1)])
    for number in (2, 3):
        [path] = recorded.write([answer(number)])
        path.write_text("x" + path.read_text()[1:])
    assert main(["cache", "verify"]) == 1
    said = capsys.readouterr()
    assert said.out == "m@1 · 1 answer · 1 segment\n" and said.err.count(": damaged: ") == said.err.count("\n") == 2


def test_verify_looks_at_recorded_log_likelihoods_too(capsys: Captured) -> None:
    origin = likelihoods.Origin(model="m@0123456789ab", processor="a processor", threads=2, date="2026-11-29")
    path = likelihoods.write(origin, {likelihoods.key((1, 2), (3,)): -1.25})
    assert main(["cache", "verify"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "m@0123456789ab · 1 log-likelihood · a processor, 2 threads"
    path.write_text(path.read_text().replace("-1.25", "-1.00"))
    assert main(["cache", "verify"]) == 1
    assert "damaged or renamed" in capsys.readouterr().err


def test_forget_deletes_from_the_cache_and_never_from_segments(store: Store, capsys: Captured) -> None:
    for number in (1, 2, 3):
        put(store, number)
    put(store, 4, finish="filter")
    [path] = recorded.write([answer(1), answer(9)])
    before = path.read_bytes()
    assert main(["cache", "forget", "--key", key(1), key(2)]) == 0
    count, recorded_too = capsys.readouterr().out.splitlines()
    assert count.startswith(".llm-cache: 2 forgotten; ")
    assert recorded_too.startswith(f"{path}: holds 1 of them among its 2 answers") and f"git rm {path}" in recorded_too
    assert main(["cache", "forget", "--failed"]) == 0
    assert capsys.readouterr().out.startswith(".llm-cache: 1 forgotten; ")
    assert main(["cache", "forget", "--author", "n@1"]) == 0
    assert capsys.readouterr().out.startswith(".llm-cache: 0 forgotten; ")
    assert set(store.get([key(n) for n in range(9)])) == {key(3)} and path.read_bytes() == before


def test_forgetting_without_saying_what_is_refused(store: Store, capsys: Captured) -> None:
    put(store, 1)
    assert main(["cache", "forget"]) == 1
    assert capsys.readouterr().err.startswith("cache forget: say what: --failed")
    assert store.get([key(1)])


@pytest.mark.slow
def test_stages_that_dropped_rows_as_not_recorded_are_told(place: Path, capsys: Captured) -> None:
    (place / ".dvc").mkdir()
    (place / ".dvc/config").write_text(
        f"[core]\n    no_scm = true\n    analytics = false\n    site_cache_dir = {place}/.dvc/site\n"
    )
    (place / "dvc.yaml").write_text(GRAPH)
    ledgers = {
        "ledger/label_train": {"in": 3, "kept": 1, "dropped": {"not_recorded": 2}},
        "ledger/label_test": {"in": 3, "kept": 3, "dropped": {"not_recorded": 0}},
        "enhance": {"prompts": 4, "not_taken": {"not_recorded": 1, "truncated": 1}},
    }
    for name, counts in ledgers.items():
        path = place / f"metrics/{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(counts))
    assert main(["cache", "export"]) == 0
    remedy = capsys.readouterr().out.splitlines()[-1]
    assert remedy.endswith("dvc repro --force --single-item label@train enhance && dvc repro")


def test_metrics_in_conflict_are_one_line_after_what_was_done(place: Path, store: Store, capsys: Captured) -> None:
    put(store, 1)
    (place / "metrics").mkdir()
    (place / "metrics/enhance.json").write_text('<<<<<<< HEAD\n{"prompts": 4}\n')
    assert main(["cache", "export"]) == 1
    said = capsys.readouterr()
    assert said.out.endswith(": 1 answer\n") and said.err.startswith("metrics/enhance.json: not JSON")
    assert said.err.count("\n") == 1


def test_forget_by_the_ledgers_reason(store: Store, capsys: Captured) -> None:
    put(store, 1)
    put(store, 2, finish="length")
    put(store, 3, text="<think>cut", finish="stop")
    put(store, 4, text="", finish="stop")
    put(store, 5, "n@1", finish="length")
    put(store, 6, text="", finish="filter")
    recorded.write([answer(7).model_copy(update={"finish": "length"})])
    assert main(["cache", "forget", "--reason", "truncated", "--author", "m@1"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == ".llm-cache: 2 forgotten; a stage that asks for them again asks anew"
    assert "holds 1 of them among its 1 answer and is not touched" in said[1]
    assert main(["cache", "forget", "--reason", "no_answer"]) == 0
    assert main(["cache", "forget", "--reason", "filtered", "--key", key(1)]) == 0  # conditions hold together
    assert set(store.get([key(n) for n in range(1, 7)])) == {key(1), key(5), key(6)}
    assert main(["cache", "forget", "--reason", "filtered"]) == 0
    assert set(store.get([key(n) for n in range(1, 7)])) == {key(1), key(5)}


def test_a_reason_that_is_never_stored_is_refused(store: Store, capsys: Captured) -> None:
    put(store, 1)
    assert main(["cache", "forget", "--reason", "near_duplicate"]) == 2
    said = capsys.readouterr().err
    assert "near_duplicate" in said and '"truncated"' in said and '"low-quality"' not in said
    assert store.get([key(1)])

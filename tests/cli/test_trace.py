"""`dial-insight trace`: from a training row back to the pack, the raw line and the recorded answer, in the workspace and in a revision."""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from stages.chat.messages import Request
from stages.cli.lineage.rows import Ancestor
from stages.cli.main import main
from stages.cli.revision import Revision
from stages.cli.trace import traced
from stages.core.errors import InputError
from tests.support.versioned import Versioned

ASK = {"kind": "label", "fields": [], "labels": ["yes", "no"]}
PLACE = {"language": "en", "scene": "renting", "source": "im_messages", "role": "rental_manager"}
TURNS = [
    {"party": "provider", "speaker": "[PERSON_1]", "text": "Call [PHONE_1], ask for [PERSON_2]."},
    {"party": "customer", "speaker": "", "text": "I will."},
]


def instruction(ident: str, text: str, origin: str, author: str, *parents: str) -> dict[str, object]:
    row: dict[str, object] = {
        "id": ident,
        "language": "en",
        "task": "reasoning",
        "requirement": "attitude",
        "text": text,
    }
    return row | {"origin": origin, "author": author, "parents": parents, "generation": len(parents)}


def prompt(ident: str, pair: str, asked: str, method: str, *parents: str) -> dict[str, object]:
    part = {"kind": "directive", "template": "d", "text": 'Say "yes" or no: will they call?', "inline": False}
    row: dict[str, object] = {
        "id": ident,
        "pair": pair,
        "dialogue": "dddd0001",
        "instruction": asked,
        "ask": ASK,
        "layout": "plain",
    }
    return row | PLACE | {"method": method, "note": "", "author": "project", "parents": parents, "parts": [part]}


def labelled(ident: str, answer: str, origin: str) -> dict[str, object]:
    row: dict[str, object] = {
        "id": ident,
        "dialogue": "dddd0001",
        "prompt": "pppp0002",
        "instruction": "iiii0002",
        "ask": ASK,
        **PLACE,
    }
    row |= {"task": "reasoning", "before": "Will they call?\n", "conversation": "…", "after": ""}
    return row | {"answer": answer, "author": "project", "origin": origin}


def recorded(key: str, request: str, text: str, author: str = "project") -> dict[str, str]:
    return {"key": key, "author": author, "request": request, "text": text, "finish": "stop", "date": "2026-01-01"}


def question(most: int) -> str:
    return Request(row="", user="Will they call?\n…", max_tokens=most).fingerprint


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Versioned:
    """Make a small history: one row that trains, one that was dropped at select, one that no label came for."""
    made = Versioned(tmp_path)
    made.params({"domain": "homes", "label": {"max_tokens": 640}, "select": {"target": 1}})
    made.write(
        "prompts/homes/instructions.yaml",
        "instructions:\n  - id: will_call\n    text: Will they?\nreplies:\n  - id: next\n    language: en\n"
        "    task: dialogue_generation\n    text: What is said next?\n",
    )
    answers = [
        recorded("0" * 16, "f" * 16, "yes"),
        recorded("1" * 16, question(48), "yes"),
        recorded("2" * 16, "e" * 16, '{"text": "Will they call \\"soon\\"?"}'),
        recorded("3" * 16, "d" * 16, 'Say "yes" or no: will they call?'),
    ]
    made.write("data/recorded/project-20260101-abc.jsonl", answers)
    made.write(
        "data/review/judge.jsonl",
        '{"id": "aaaa0001", "action": "discard", "reviewer": "B", "time": "2025-01-30T10:00:00"}\n'
        '{"id": "aaaa0001", "action": "keep", "reviewer": "A", "time": "2025-01-31T10:00:00"}\n',
    )
    made.write("data/raw/homes/talks.jsonl", [{}, {}])
    talk = {"id": "dddd0001", "key": "Mrs Smith", "origin": "talks.jsonl:2", "turns": TURNS, **PLACE}
    made.made("ingest", {"data/dialogues/ingested.jsonl": [talk]})
    made.made("split", {"data/dialogues/train.jsonl": [talk], "data/dialogues/train.dropped.jsonl": []})
    seed = instruction("iiii0001", "Will they?", "pack", "will_call")
    child = instruction("iiii0002", 'Will they call "soon"?', "evolved", "project", "iiii0001", "dddd0001")
    made.made("screen", {"data/instructions/library.jsonl": [seed, child]})
    pairs = [{"id": ident, "dialogue": "dddd0001", "instruction": "iiii0002", "ask": ASK, **PLACE} for ident in
             ("aaaa0001", "aaaa0002", "aaaa0003")]  # fmt: skip
    made.made("sample", {"data/samples/pairs.jsonl": pairs})
    prompts = [prompt("pppp0002", "aaaa0001", "iiii0002", "enhanced", "pppp0001")]
    made.made("assemble", {"data/prompts/assembled.jsonl": [prompt("pppp0001", "aaaa0001", "iiii0002", "assembled")]})
    made.made("enhance", {"data/prompts/enhanced.jsonl": prompts})
    labels = [labelled("aaaa0001", "yes", "project"), labelled("aaaa0002", "no", "project")]
    lost = [{"id": "aaaa0003", "reason": "not_recorded", "detail": "", "parents": []}]
    made.made("label", {"data/labels/train.jsonl": labels, "data/labels/train.dropped.jsonl": lost})
    quality = {"id": "aaaa0001", "quality": "high", "layer": "human", "reviewer": "A", "flags": []}
    made.made("judge", {"data/quality/labels.jsonl": [quality]})
    row = {"id": "aaaa0001", "task": "reasoning", "format": "label", "quality": "high", "origin": "project"}
    over = [{"id": "aaaa0002", "reason": "over_target", "detail": "", "parents": []}]
    outs = {"data/train/train.jsonl": [row], "data/train/train.dropped.jsonl": over}
    made.made("select", outs, {"select": {"target": 1}})
    made.commit("refs/tags/v0.5")
    monkeypatch.chdir(tmp_path)
    return made


def everything(made: Ancestor) -> Iterator[Ancestor]:
    yield made
    for parent in made.parents:
        yield from everything(parent)


def test_a_training_row_is_followed_to_the_pack_the_raw_line_and_the_recorded_answer(repository: Versioned) -> None:
    found = [(each.kind, each.id, each.place) for each in everything(traced("1", ""))]
    assert found[:3] == [
        ("training row", "aaaa0001", "data/train/train.jsonl:1"),
        ("label", "aaaa0001", "data/labels/train.jsonl:1"),
        ("recorded answer", "1" * 16, "data/recorded/project-20260101-abc.jsonl:2"),  # not the other "yes"
    ]
    assert ("decision", "aaaa0001", "data/review/judge.jsonl:1") in found  # one voice each: the careful one holds
    assert ("other decision", "aaaa0001", "data/review/judge.jsonl:2") in found
    assert ("recorded answer", "3" * 16, "data/recorded/project-20260101-abc.jsonl:4") in found  # the directive's
    assert ("recorded answer", "2" * 16, "data/recorded/project-20260101-abc.jsonl:3") in found  # the child's
    assert ("assembled prompt", "pppp0001", "data/prompts/assembled.jsonl:1") in found
    assert ("pack", "will_call", "prompts/homes/instructions.yaml:2") in found
    assert ("raw", "dddd0001", "data/raw/homes/talks.jsonl:2") in found


def test_of_several_answers_to_a_question_that_of_the_labels_author_is_told(repository: Versioned) -> None:
    repository.write("data/recorded/a@0-20260101-abc.jsonl", [recorded("4" * 16, question(48), "no", "a@0")])
    found = next(each for each in everything(traced("aaaa0001", "")) if each.kind == "recorded answer")
    assert (found.id, found.facts["author"]) == ("1" * 16, "project")


def test_an_answer_under_a_lower_limit_of_tokens_is_told_where_there_is_no_other(repository: Versioned) -> None:
    cut = recorded("6" * 16, question(30), "ye") | {"finish": "length"}
    lower = [cut, recorded("5" * 16, question(40), "yes")]
    repository.write("data/recorded/project-20260101-abc.jsonl", lower)
    assert [each.id for each in everything(traced("aaaa0001", "")) if each.kind == "recorded answer"] == ["5" * 16]


def test_a_cache_of_an_older_version_tells_nothing_and_a_damaged_one_is_one_line(repository: Versioned) -> None:
    cache = repository.root / ".llm-cache/answers.sqlite"
    cache.parent.mkdir()
    with closing(sqlite3.connect(cache)) as made:
        made.execute("CREATE TABLE answers (key TEXT PRIMARY KEY, reply TEXT NOT NULL)")
    assert not any(each.kind == "cached answer" for each in everything(traced("aaaa0001", "")))
    cache.write_bytes(b"no database" * 100)
    with pytest.raises(
        InputError, match=r"answers\.sqlite: not read as the cache of answers \(.*\); mend that, or move it away"
    ):
        traced("aaaa0001", "")


def test_it_tells_hashes_who_judged_and_how_much_was_replaced_but_no_customer(repository: Versioned) -> None:
    rows = {each.kind: each for each in everything(traced("aaaa0001", ""))}
    assert rows["training row"].md5 == repository.stages["select"]["outs"][0]["md5"]
    assert (rows["label"].facts["quality"], rows["label"].facts["by"]) == ("high", "A")
    assert rows["conversation"].facts["placeholders"] == {"person": 2, "phone": 1}
    assert rows["prompt"].facts["parts"][0]["template"] == "d"
    assert (
        "Smith" not in rows["training row"].model_dump_json() and "I will" not in rows["training row"].model_dump_json()
    )


@pytest.mark.parametrize(
    ("name", "kind", "stage", "reason"),
    [("aaaa0002", "label", "select", "over_target"), ("aaaa0003", "pair", "label", "not_recorded")],
)
def test_a_dropped_row_says_where_and_why(repository: Versioned, name: str, kind: str, stage: str, reason: str) -> None:
    made = traced(name, "")
    assert (made.kind, made.facts["dropped"]) == (kind, [{"stage": stage, "reason": reason}])
    assert "conversation" in {each.kind for each in everything(made)}


def test_a_revision_is_read_from_git_and_the_cache_and_the_workspace_stays(repository: Versioned) -> None:
    before = traced("1", "")
    changed = [{"id": "bbbb0001", "task": "reasoning", "format": "list", "quality": "low", "origin": "model"}]
    repository.made("select", {"data/train/train.jsonl": changed})
    repository.write("data/review/judge.jsonl", "")
    assert traced("1", "v0.5") == before
    assert traced("1", "").id == "bbbb0001"


def test_a_dvc_experiment_has_a_name_as_a_tag_has(repository: Versioned) -> None:
    head = repository.git("rev-parse", "HEAD")
    repository.params({"domain": "homes", "label": {"max_tokens": 640}, "select": {"target": 2}})
    commit = repository.commit()
    repository.git("update-ref", f"refs/exps/{head[:2]}/{head[2:]}/two-rows", commit)
    repository.git("reset", "-q", "--hard", head)
    made = traced("1", "two-rows")
    assert made.facts["due"] == "select"  # the experiment's params are not those that the row was selected with
    assert "due" not in traced("1", "HEAD").facts


def test_what_is_in_no_cache_says_how_to_get_it(repository: Versioned, capfd: pytest.CaptureFixture[str]) -> None:
    digest = repository.stages["select"]["outs"][0]["md5"]
    (repository.root / ".dvc/cache/files/md5" / digest[:2] / digest[2:]).unlink()
    repository.write(".dvc/config", "[core]\n    no_scm = false\n")
    assert main(["trace", "1", "--rev", "v0.5"]) == 1
    assert capfd.readouterr().err.startswith("data/train/train.jsonl of v0.5")


def test_a_cache_in_another_folder_is_read_and_a_result_without_a_hash_is_no_fault(repository: Versioned) -> None:
    (repository.root / ".dvc/cache").rename(repository.root / "shared")
    config = f"[core]\n    no_scm = true\n    site_cache_dir = {repository.root}/site\n[cache]\n    dir = ../shared\n"
    repository.write(".dvc/config", config)
    repository.stages["select"]["outs"].append({"path": "data/train/plots"})
    repository.lock()
    found = Revision(root=repository.root)
    assert "data/train/plots" not in found.made
    assert found.cached(found.made["data/train/train.jsonl"]) == repository.root / (
        f"shared/files/md5/{found.made['data/train/train.jsonl'][:2]}/{found.made['data/train/train.jsonl'][2:]}"
    )
    assert found.cached("0" * 32) is None


def test_the_tree_and_the_json_say_the_same_rows(repository: Versioned, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", "aaaa0001"]) == 0
    tree = capsys.readouterr().out
    assert main(["trace", "aaaa0001", "--json"]) == 0
    made = Ancestor.model_validate(json.loads(capsys.readouterr().out), strict=False)
    assert all(f"{each.kind} {each.id}" in tree for each in everything(made))
    assert made == traced("aaaa0001", "")


@pytest.mark.parametrize(
    ("name", "rev", "said"),
    [
        ("7", "", "no such number"),
        ("eeee9999", "", "in no file of the graph"),
        ("aaaa", "", "3 ids begin so"),
        ("1", "v9", "no commit, tag, branch or experiment"),
    ],
)
def test_what_is_not_there_or_not_one_row_is_refused(repository: Versioned, name: str, rev: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        traced(name, rev)


def test_what_is_asked_for_real_replies_is_found_in_the_pack(repository: Versioned) -> None:
    from stages.core.row import content_id

    asked = content_id("en", "dialogue_generation", "What is said next?")
    row = {"id": "aaaa0004", "dialogue": "dddd0001", "instruction": asked, "ask": ASK, **PLACE}
    repository.made("sample", {"data/samples/pairs.jsonl": [row]})
    found = [(each.kind, each.place) for each in everything(traced("aaaa0004", ""))]
    assert ("pack", "prompts/homes/instructions.yaml:5") in found


def test_many_rows_are_streamed_in_little_time(repository: Versioned) -> None:
    rows = [labelled(f"{number:016x}", "yes " * 300, "project") for number in range(20_000)]  # 30 MB
    repository.made("label", {"data/labels/train.jsonl": [*rows, labelled("aaaa0001", "yes", "project")]})
    start = time.process_time()
    assert traced("aaaa0001", "").kind == "training row"
    assert time.process_time() - start < 2


def test_a_file_of_the_workspace_that_was_edited_says_so(repository: Versioned) -> None:
    assert not any("edited" in each.facts for each in everything(traced("1", "")))
    with (repository.root / "data/labels/train.jsonl").open("a") as file:
        file.write("\n")
    assert [each.kind for each in everything(traced("1", "")) if "edited" in each.facts] == ["label"]
    assert not any("edited" in each.facts for each in everything(traced("1", "v0.5")))


@pytest.mark.parametrize("name", ["1", "aaaa0001"])
def test_a_clone_without_data_says_how_to_get_it(name: str, tmp_path: Path) -> None:
    Versioned(tmp_path).params({"domain": "homes"})
    with pytest.raises(InputError, match=r"data/train/train\.jsonl: not there, .*`dvc pull`"):
        traced(name, "", tmp_path)


@pytest.mark.parametrize("words", [["trace", "1"], ["report", "--compare", "HEAD"], ["correlate"], ["versions"]])
def test_another_folder_than_the_root_is_refused(
    repository: Versioned, words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(repository.root / "data")
    assert main(words) == 1
    assert capsys.readouterr().err == "params.yaml: not there; run from the repository's root\n"


def test_versions_without_their_file_and_a_comparison_of_nothing_say_what_is_wanted(
    repository: Versioned, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["versions"]) == 1
    assert capsys.readouterr().err.startswith("data/versions.yaml: not there; restore it from Git")
    assert main(["report", "--compare"]) == 1
    assert capsys.readouterr().err.startswith("--compare: expected a tag, branch, commit or DVC experiment")


def test_params_that_are_no_mapping_are_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("params.yaml").write_text("- domain\n")
    assert main(["trace", "1"]) == 1
    assert capsys.readouterr().err == "params.yaml of the workspace: no mapping of sections; restore it from Git\n"

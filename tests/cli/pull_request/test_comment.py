"""The comment: what changed, in the words and figures that a reviewer asks for, and no longer than GitHub takes."""

import json
import shutil
from pathlib import Path

import pytest

from stages.cli.main import main
from stages.cli.pull_request.comment import LIMIT, comment, fenced, fitted
from stages.cli.pull_request.figures import shown
from stages.cli.pull_request.people import waiting
from stages.cli.revision import WORKSPACE, Revision
from stages.core.errors import InputError
from tests.cli.pull_request.conftest import Change, decision, git, replace, repro

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("pull_request"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture(scope="module")
def worked(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Change a prompt, two params and a decision, run, commit: once, in a copy; copy it, do not change it."""
    root = Path(shutil.copytree(made, tmp_path_factory.mktemp("worked") / "repository", symlinks=True))
    for path, old, new in (
        ("params.yaml", "count: 3", "count: 4"),
        ("params.yaml", "margin: 0.05", "margin: 0.001"),
        ("prompts/ask.en.md", "客户", "对方"),
    ):
        replace(root / path, old, new)
    decided = decision("row2", "keep", "Ada") + decision("row2", "discard", "Bo")
    (root / "data/review/judge.jsonl").write_text(decided)
    repro(root)
    git(root, "commit", "-qam", "more rows")
    return root


@pytest.fixture
def branch(worked: Path, repository: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a copy of it in the place of the repository, and go there."""
    shutil.rmtree(repository)
    shutil.copytree(worked, repository, symlinks=True)
    monkeypatch.chdir(repository)
    return repository


def test_the_comment_tells_a_branch(branch: Path) -> None:
    text = comment(branch, link="https://example.org/blob/abc")
    assert text.startswith("## Dial-insight: this branch against ") and "**dvc.lock is fresh**" in text
    assert "Retention: **collapsed** (collapsed: accuracy small 0 shot). Before: **retained**" in text
    assert "| labelled rows | 3 | 4 |" in text and "| richness | 0.3 | 0.4 |" in text
    assert "Params: 2 changed" in text and "| params.yaml | margin | 0.05 | 0.001 |" in text
    assert "@@ line 1 @@\nSay what the customer wants.\n用一句话概括[-客户-]{+对方+}的要求。" in text
    assert "| data/labels/train.jsonl | 1 | 0 | 1 |" in text  # one more row, and one whose prompt changed
    assert "2 rows wait for a person." in text
    assert "| data/review/judge.jsonl | row2 | Ada and Bo disagree |" in text
    assert "| data/quality/labels.jsonl | row1 | faulty: format (by rules) |" in text
    assert "![the run in one picture](https://example.org/blob/abc/metrics/report.svg?raw=true)" in text
    assert text.count("<details>") == text.count("</details>") > 3


def test_two_minds_about_personal_data_and_about_an_answer_wait_too(repository: Path) -> None:
    said = {"turn": 2, "start": 4, "end": 9, "time": "2026-01-31T10:00:00"}
    lines = [
        {"id": "talk", "kind": kind, "reviewer": name, **said} for kind, name in (("phone", "Ada"), ("nothing", "Bo"))
    ]
    (repository / "data/review/personal.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (repository / "data/review/answers.jsonl").write_text("not JSON\n")
    text = comment(repository)
    assert "| data/review/personal.jsonl | talk, turn 2, characters 4 to 9 | Ada and Bo disagree |" in text
    assert "data/review/answers.jsonl:1: not a Refinement row" in text


def test_one_row_waits_in_the_singular(repository: Path) -> None:
    assert "1 row waits for a person." in comment(repository)  # the label that is low


def test_data_of_another_machine_is_said_to_be_absent(branch: Path) -> None:
    for path in sorted((branch / ".dvc/cache").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    assert "Changed, but not on this machine (dvc pull): data/labels/train.jsonl" in comment(branch)


def test_a_stale_lock_and_a_new_prompt_stand_in_it(branch: Path, change: Change) -> None:
    (branch / "prompts/new.en.md").write_text("```\nA fence of its own.\n```\n")
    change("prompts/ask.en.md", "wants", "asks for")
    text = comment(branch)
    assert "**dvc.lock is stale**: 1 stage changed" in text and "- `rows`: prompts/ask.en.md (modified)" in text
    assert "Behind these: `figures`." in text
    assert "````\n@@ line 1 @@\n{+```\nA fence of its own." in text and "[-wants-]{+asks for+}" in text


def test_a_branch_without_changes_says_so(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pull-request", "main"]) == 0
    text = capsys.readouterr().out
    assert "Params: as before." in text and "Data: no file of rows changed." in text and "Before: the same." in text


def test_a_base_that_is_not_there_is_one_line(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InputError, match="no common commit of HEAD with nothing"):
        comment(repository, "nothing")
    assert main(["pull-request", "nothing"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_what_does_not_fit_is_left_out_and_named(branch: Path) -> None:
    (branch / "prompts/long.en.md").write_text("word " * 30_000)
    text = comment(branch)
    assert len(text) <= LIMIT
    assert "Left out for want of room" in text and "prompts/long.en.md (150," in text and "prompts/ask.en.md" in text
    many = fitted([(f"part{number:04}" * 5, "x" * 500) for number in range(300)], LIMIT)
    assert len(many) <= LIMIT and "parts in all" in many


def test_a_fence_is_longer_than_any_in_the_text() -> None:
    assert fenced("a\n````\nb") == "`````\na\n````\nb\n`````\n"


def _said(name: str) -> list[dict[str, object]]:
    """Return two lines on one row that do not agree, as the review file of this name holds them."""
    row: dict[str, object] = {"id": "r", "time": "2026-01-31T10:00:00"}
    match name:
        case "answers":
            row |= {"dialogue": "d", "instruction": "i", "form": "paragraph"}
            return [row | {"answer": word, "author": who} for word, who in (("Yes.", "Ada"), ("No.", "Bo"))]
        case "personal":
            row |= {"turn": 2, "start": 4, "end": 9}
            return [row | {"kind": word, "reviewer": who} for word, who in (("phone", "Ada"), ("nothing", "Bo"))]
        case "preferences":
            row |= {"action": "keep", "answer_id": "x"}
            return [row | {"preferred": word, "reviewer": who} for word, who in (("tuned", "Ada"), ("base", "Bo"))]
        case _:
            return [row | {"action": word, "reviewer": who} for word, who in (("keep", "Ada"), ("discard", "Bo"))]


@pytest.mark.parametrize(
    "name", ["answers", "curate", "judge", "personal", "personal_read", "preferences", "prompts", "screen"]
)
def test_every_review_file_is_read_as_what_it_holds(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "data/review"
    folder.mkdir(parents=True)
    (folder / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in _said(name)))
    (one,) = waiting(tmp_path)
    assert one.place == f"data/review/{name}.jsonl" and one.id.startswith("r") and one.why == "Ada and Bo disagree"
    (folder / f"{name}.jsonl").write_text("no JSON\n")
    assert [row.why.partition(":1: ")[0] for row in waiting(tmp_path)] == [f"data/review/{name}.jsonl"]


@pytest.mark.parametrize("name", ["judge", "preferences"])
def test_who_spoke_of_an_earlier_answer_does_not_disagree(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "data/review"
    folder.mkdir(parents=True)
    old, new = _said(name)

    def wait(*lines: dict[str, object]) -> list[str]:
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        return [row.why for row in waiting(tmp_path)]

    later = new | {"answer_id": "y", "time": "2026-02-01T10:00:00"}
    assert wait(later, old | {"answer_id": "x"}) == []  # the answer was written anew since
    assert wait(later, old | {"answer_id": "y"}) == ["Ada and Bo disagree"]
    assert wait(later, {key: value for key, value in old.items() if key != "answer_id"}) == ["Ada and Bo disagree"]


def test_bytes_that_are_no_text_end_nothing(branch: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (branch / "prompts/latin.en.md").write_bytes(b"caf\xe9 wants a table\n")
    (branch / "data/test").mkdir()
    (branch / "data/test/note.md").write_bytes(b"\xff\n")
    (branch / "data/review/judge.jsonl").write_bytes(b'{"id": "\xe9"}\n')
    assert main(["pull-request", "main"]) == 0
    text = capsys.readouterr().out
    assert "{+caf\ufffd wants a table+}" in text and "<code>data/test/note.md</code>, new" in text
    assert "data/review/judge.jsonl: not UTF-8 at byte 8" in text


def test_labels_of_another_form_in_the_cache_are_one_line(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place, now = "data/quality/labels.jsonl", Revision(WORKSPACE, repository)
    kept = now.cached(now.made[place])
    assert kept
    kept.chmod(0o644)
    kept.write_text('{"id": "row0", "grade": "secret"}\n')
    (repository / place).unlink()
    assert main(["pull-request", "main"]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and ":1: not a LabelQuality row: " in said and "secret" not in said


@pytest.mark.parametrize("text", ["<<<<<<< ours\n", '{"verdict": "retained"}', "[]"])
def test_figures_that_are_half_merged_are_said_to_be(
    branch: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    (branch / "metrics/retention.json").write_text(text)
    assert main(["pull-request", "main"]) == 0
    found = capsys.readouterr().out
    assert "Retention: not known, metrics/retention.json cannot be read" in found
    assert "Cannot be read: `metrics/retention.json`" in found and "| labelled rows | 3 | 4 |" in found


def test_a_conflict_in_the_lock_is_said_of_the_lock(branch: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lock = branch / "dvc.lock"
    lock.write_text(f"<<<<<<< ours\n{lock.read_text()}=======\n>>>>>>> theirs\n")
    for words in (["pull-request", "main"], ["pull-request", "--fresh"]):
        assert main(words) == 1
        said = capsys.readouterr().err
        assert said.count("\n") == 1 and said.startswith("dvc.lock: ") and "Traceback" not in said
    with pytest.raises(InputError, match=r"dvc.lock of the workspace: not YAML"):
        assert Revision(WORKSPACE, lock.parent).made


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("retained: accuracy", "retained: accuracy"),
        ("data/labels/train.jsonl", "data/labels/train.jsonl"),
        ("@team", "`@team`"),
        ("![x](https://example.org/x.png)", "`![x](https://example.org/x.png)`"),
        ("https://example.org", "`https://example.org`"),
        ("<img src=x>", "`<img src=x>`"),
        ("a`@b``|c", "```a`@b``\\|c```"),
        ("`@b", "`` `@b ``"),
        ("two\nlines", "two lines"),
        (0.123456789, "0.123457"),
        (None, "–"),
    ],
)
def test_nothing_of_a_branch_is_live_in_a_cell(text: object, cell: str) -> None:
    assert shown(text) == cell


def test_nothing_of_a_branch_is_live_in_the_comment(branch: Path) -> None:
    name = "prompts/<img src=x> @team ![x](y).md"
    (branch / "prompts/<img src=x> @team ![x](y).md").write_text("word\n")
    (branch / "data/review/judge.jsonl").write_text(decision("r", "keep", "@ada") + decision("r", "discard", "@bo"))
    (branch / "metrics/retention.json").write_text('{"verdict": "@team", "rests_on": "![x](y)"}')
    text = comment(branch)
    assert name not in text and "<code>prompts/&lt;img src=x&gt; @team ![x](y).md</code>" in text
    assert "| `@ada and @bo disagree` |" in text and "Retention: **`@team`** (`![x](y)`)" in text

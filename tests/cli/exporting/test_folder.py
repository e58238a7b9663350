"""An export whole or not at all, bound to what the verdict was made of: whatever changes afterwards is named."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from stages.cli.main import main
from tests.cli.pull_request.conftest import dvc

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("export"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
OUT = "out/shipped"


@pytest.fixture(scope="module")
def shipped(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Export once, in a copy of the repository; copy it, do not change it."""
    root = Path(shutil.copytree(trained, tmp_path_factory.mktemp("shipped") / "repository", symlinks=True))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.delenv("DVC_STAGE", raising=False)
        assert main(["export", OUT, "--formats", "q8", "folder", "--name", "mine"]) == 0
    return root


@pytest.fixture
def exported(shipped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copy the repository with the export in it, and go there."""
    root = Path(shutil.copytree(shipped, tmp_path / "repository", symlinks=True))
    monkeypatch.chdir(root)
    monkeypatch.delenv("DVC_STAGE", raising=False)
    return root / OUT


def test_the_folder_holds_the_judged_model_and_says_what_it_is(exported: Path) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from stages.models import loading

    card = json.loads((exported / "card.json").read_text())
    assert card["weights"] == loading.identity(Path("models/tuned"))
    assert set(card["files"]) == {path.name for path in exported.iterdir()} - {"card.json", "README.md"}
    assert card["bound"]["params"]["finetune.learning_rate"] == 0.1
    assert set(card["bound"]["files"]) >= {"data/train/train.jsonl", "models/tuned", "metrics/retention.json"}
    model = AutoModelForCausalLM.from_pretrained(exported)
    assert model.num_parameters() == card["parameters"]
    assert AutoTokenizer.from_pretrained(exported).chat_template
    text = (exported / "README.md").read_text()
    assert text.startswith("---\nlicense: apache-2.0\n")
    for said in (
        "General ability: retained",
        "perplexity of general text, en | 60.00 | 61.00",
        "overlap",
        "not measured",
        '{"project": 1}',
    ):
        assert said in text


def test_a_check_passes_here_and_far_away(exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["export", OUT, "--check"]) == 0
    away = tmp_path / "away"
    shutil.copytree(exported, away / "model")
    monkeypatch.chdir(away)
    assert main(["export", "model", "--check"]) == 0


def test_a_check_loads_no_model_and_none_of_what_reads_one(exported: Path, root: Path) -> None:
    words = (
        f"import sys; from stages.cli.main import main; done = main(['export', {OUT!r}, '--check']); "
        "print(done, *{name.partition('.')[0] for name in sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", words],
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )
    code, *imported = done.stdout.splitlines()[-1].split()
    assert code == "0"
    assert not {"torch", "transformers", "numpy", "gguf", "xllamacpp"} & set(imported)


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        ("params.yaml", "learning_rate: 0.1", "learning_rate: 0.2", "finetune.learning_rate (is 0.2, was 0.1)"),
        ("params.yaml", "margin: 0.05", "margin: 0.06", "retain.margin (is 0.06, was 0.05)"),
        ("data/train/train.jsonl", '"?"', '"??"', "data/train/train.jsonl (modified)"),
        ("models/tuned/config.json", '"rms_norm_eps": 1e-06', '"rms_norm_eps": 1e-05', "models/tuned (modified)"),
        ("metrics/retention.json", "retained", "collapsed", "metrics/retention.json (modified)"),
    ],
)
def test_what_changed_since_reads_stale_by_name(
    exported: Path, path: str, old: str, new: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = Path(path)
    text = file.read_text()
    assert old in text
    file.unlink()  # DVC may have linked it to its cache
    file.write_text(text.replace(old, new))
    capsys.readouterr()
    assert main(["export", OUT, "--check"]) == 1
    assert f"stale: {said}" in capsys.readouterr().err
    assert main(["export", "out/another", "--formats", "folder"]) == 1
    assert "stale" in capsys.readouterr().err
    assert not Path("out/another").exists()


def test_after_another_run_the_old_card_is_stale_and_a_new_one_is_not(
    exported: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = Path("params.yaml").read_text().replace("margin: 0.05", "margin: 0.06")
    Path("params.yaml").write_text(text)
    dvc(Path(), "repro", "-q")
    assert main(["export", OUT, "--check"]) == 1
    said = capsys.readouterr().err
    assert "metrics/retention.json (another one)" in said
    assert "models/tuned" not in said
    assert main(["export", OUT, "--formats", "folder"]) == 0  # in the place of the old one
    assert main(["export", OUT, "--check"]) == 0


def test_a_stale_verdict_is_shipped_only_as_such(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("params.yaml").write_text(Path("params.yaml").read_text().replace("margin: 0.05", "margin: 0.06"))
    assert main(["export", OUT, "--formats", "folder", "--stale"]) == 0
    assert "**The verdict below is stale.**" in (repository / OUT / "README.md").read_text()
    assert main(["export", OUT, "--check"]) == 1
    assert "retain.margin" in capsys.readouterr().err


def test_weights_that_were_not_judged_are_refused(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("metrics/general/tuned.json").write_text('{"model": "tuned@000000000000"}')
    assert main(["export", OUT]) == 1
    assert "metrics/general/tuned.json is of tuned@000000000000" in capsys.readouterr().err


@pytest.mark.parametrize("harm", ["changed", "gone", "added", "card"])
def test_a_file_that_is_not_the_cards_is_named(exported: Path, harm: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = exported / "mine-q8.gguf"
    match harm:
        case "changed":
            content = bytearray(path.read_bytes())
            content[-1] ^= 1
            path.write_bytes(content)
        case "gone":
            path.unlink()
        case "added":
            path = exported / "other.bin"
            path.write_text("x")
        case "card":
            path = exported / "README.md"
            path.write_text(path.read_text().replace("retained", "gained"))
    assert main(["export", OUT, "--check"]) == 1
    assert str(Path(OUT) / path.name) in capsys.readouterr().err


def test_figures_of_another_training_are_not_put_beside_a_verdict(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What memorize found of weights that are no longer there stays out, though the verdict is of today's weights."""
    Path("metrics/memorization.json").write_text('{"verdict": "not seen"}')
    assert main(["export", OUT, "--formats", "folder"]) == 1
    assert "metrics/memorization.json (not in dvc.lock)" in capsys.readouterr().err


def test_a_commit_that_does_not_hold_what_is_exported_is_said_to_be_changed(exported: Path) -> None:
    assert not json.loads((exported / "card.json").read_text())["bound"]["commit"].endswith("-dirty")
    Path("params.yaml").write_text(Path("params.yaml").read_text() + "# said later\n")
    assert main(["export", OUT, "--formats", "folder"]) == 0
    assert json.loads((exported / "card.json").read_text())["bound"]["commit"].endswith("-dirty")
    assert "with changes that are not committed" in (exported / "README.md").read_text()


def test_an_export_that_was_killed_is_begun_anew(repository: Path) -> None:
    (repository / OUT / ".partial").mkdir(parents=True)
    (repository / OUT / ".partial/mine-q8.gguf").write_bytes(b"half")
    assert main(["export", OUT, "--formats", "folder"]) == 0
    assert main(["export", OUT, "--check"]) == 0


def test_files_of_the_users_own_are_not_taken_away(exported: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (exported / "notes.txt").write_text("x")
    assert main(["export", OUT]) == 1
    assert "holds notes.txt, which no export wrote" in capsys.readouterr().err
    assert (exported / "notes.txt").read_text() == "x"


@pytest.mark.parametrize("name", ["../x", "a/b", "", "a b", "a\nb", ".hidden"])
def test_a_name_that_is_no_files_name_is_refused(
    repository: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", OUT, "--name", name]) == 1
    assert capsys.readouterr().err.startswith("--name ")
    assert not Path(OUT).exists()


def test_a_folder_without_gguf_is_not_verified(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing would be asked, and exit 0 would read as retained."""
    assert main(["export", OUT, "--formats", "folder"]) == 0
    assert main(["export", OUT, "--verify"]) == 1
    assert "has no GGUF file to verify" in capsys.readouterr().err


def test_a_folder_of_something_else_is_left_alone(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine").mkdir()
    Path("mine/notes.txt").write_text("x")
    assert main(["export", "mine"]) == 1
    assert "is no export" in capsys.readouterr().err
    assert Path("mine/notes.txt").read_text() == "x"


def test_no_room_is_said_before_anything_is_written(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("stages.cli.exporting.folder.shutil.disk_usage", lambda path: SimpleNamespace(free=1000))
    assert main(["export", OUT]) == 1
    assert "MB are free" in capsys.readouterr().err
    assert not Path(OUT).exists()

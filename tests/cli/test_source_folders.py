"""A model that was copied from a folder: what is there now is compared, as DVC does not look there."""

import os
import shutil
from pathlib import Path

import pytest

from stages.cli import checked
from stages.cli.check import marked
from stages.cli.source_folders import copied, notes
from stages.hub.models import from_path
from tests.cli.conftest import GRAPH, PARAMS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a repository whose base and one more model were copied from a folder outside of it."""
    source, root = tmp_path / "theirs", tmp_path / "clone"
    for place in (source, root):
        place.mkdir()
    for name, content in {"config.json": "{}", "model.safetensors": "weights", "notes.md": "not copied"}.items():
        (source / name).write_text(content)
    text = f"base:\n  source: path:{source}\nevaluation:\n  models:\n    other: {{source: 'path:../theirs'}}\n    third: {{model: m}}\n"
    (root / "params.yaml").write_text(text)
    for name in ("base", "other"):
        (root / "models" / name).mkdir(parents=True)
        from_path(source, root / "models" / name, "here")
    return root


def test_a_folder_that_is_as_it_was_copied_is_not_spoken_of(folder: Path) -> None:
    assert [one.stage for one in copied(folder)] == ["base", "candidate@other"]
    (folder / "../theirs/notes.md").write_text("longer than it was, and not copied")
    os.utime(folder / "../theirs/model.safetensors")  # touched
    assert list(notes(folder)) == []


def test_other_weights_of_the_same_size_a_new_file_and_one_that_is_gone(folder: Path) -> None:
    theirs = folder / "../theirs"
    later = (folder / "models/base/model.safetensors").stat().st_mtime + 5
    (theirs / "model.safetensors").write_text("WEIGHTS")
    os.utime(theirs / "model.safetensors", (later, later))
    assert list(notes(folder)) == [
        f"params.yaml: {key}: model.safetensors in that folder is not the one in models/{name}, and DVC does not look there; "
        f"to copy it again: dvc repro --force --single-item {stage} && dvc repro"
        for key, name, stage in (
            ("base.source", "base", "base"),
            ("evaluation.models.other.source", "other", "candidate@other"),
        )
    ]
    (theirs / "model.safetensors").write_text("weights")
    assert list(notes(folder)) == []
    (theirs / "chat_template.jinja").write_text("x")
    assert all("chat_template.jinja in that folder" in line for line in notes(folder)) and list(notes(folder))
    (theirs / "chat_template.jinja").unlink()
    (theirs / "config.json").unlink()
    assert all("config.json in that folder" in line for line in notes(folder)) and list(notes(folder))
    shutil.rmtree(theirs)
    assert list(notes(folder)) == []


def test_a_folder_that_the_system_refuses_tells_nothing_and_hides_no_other(folder: Path) -> None:
    (folder / "../theirs/config.json").unlink()
    text = (folder / "params.yaml").read_text()
    (folder / "params.yaml").write_text(text.replace(f"path:{folder.parent / 'theirs'}", f"path:{'x' * 300}"))
    with pytest.raises(OSError):
        (folder / ("x" * 300)).stat()
    assert [line.split(":")[1] for line in notes(folder)] == [" evaluation.models.other.source"]


def test_a_model_may_be_called_by_a_number(folder: Path) -> None:
    (folder / "params.yaml").write_text("evaluation:\n  models:\n    7: {source: 'path:../theirs'}\n")
    assert [(one.stage, one.key, one.target.name) for one in copied(folder)] == [
        ("candidate@7", "evaluation.models.7.source", "7")
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("source", "stands"), [("smollm2-135m", True), ("path:theirs", False)])
def test_no_mark_spares_the_check_of_a_folder(repository: Path, source: str, stands: bool) -> None:
    stage = "  base:\n    cmd: python -m stages.training.base --target models/base\n    params: [base]\n    outs: [models/base]\n"
    (repository / "dvc.yaml").write_text(GRAPH + stage)
    (repository / "params.yaml").write_text(f"{PARAMS}base:\n  source: {source}\n  sha256: ''\n")
    assert list(marked()) == []
    assert (checked.standing() is not None) is stands

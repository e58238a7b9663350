"""The command's own refusals, each a line, and that it costs other commands nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from stages.cli.main import main


def test_one_thing_at_a_time(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "x", "--check", "--verify"]) == 1
    assert capsys.readouterr().err == "--check and --verify: one at a time\n"


def test_it_is_run_from_the_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["export", "x", "--verify"]) == 1
    assert capsys.readouterr().err == "params.yaml: not there; run from the repository's root\n"


@pytest.mark.slow
def test_a_folder_without_a_card_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", str(tmp_path), "--check"]) == 1
    assert f"{tmp_path}/card.json: not there" in capsys.readouterr().err
    (tmp_path / "card.json").write_text("{}")
    assert main(["export", str(tmp_path), "--check"]) == 1
    assert f"{tmp_path}/card.json: no card of an export" in capsys.readouterr().err


def test_other_commands_do_not_wait_for_it() -> None:
    heavy = (
        "import sys, stages.cli.export; assert not {'torch', 'gguf', 'xllamacpp', 'transformers'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", heavy], check=False).returncode == 0

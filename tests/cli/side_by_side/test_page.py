"""`dial-insight report --compare`: what each version's figures are, which are left out, and whose they are."""

import shutil
from pathlib import Path

import pytest

from stages.cli.main import main
from stages.cli.side_by_side.page import compared
from stages.core.errors import InputError
from tests.support.versioned import Versioned


def quality(richness: float) -> dict[str, object]:
    judged = {"n": 0, "high": None, "medium": None, "low": None}
    return {"n": 100, "richness": richness, "redundancy": 1 - richness, "label_quality": {"judged": judged}}


def retention(tuned: float) -> dict[str, object]:
    accuracy = {"small_0_shot": {"base": 0.5, "tuned": 0.25}}
    domain = {"base": 0.1, "tuned": tuned, "measure": "reference_similarity"}
    return {"domain": domain, "accuracy": accuracy, "verdict": "retained"}


def ran(made: Versioned, richness: float, tuned: float, target: int = 50) -> None:
    """Let the graph have run with these figures."""
    made.params({"select": {"target": target}, "seed": {"written": 6}})
    made.made("measure", {"metrics/quality.json": quality(richness)}, cached=False)
    made.made("finetune", {"metrics/training.json": {"rows": target}}, {"select.target": target}, cached=False)
    made.made("retain", {"metrics/retention.json": retention(tuned)}, cached=False)


@pytest.fixture
def repository(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Versioned:
    """Make a history of one whole version, two seeds of another, and a half-run one."""
    made = Versioned(tmp_path)
    (tmp_path / "data").mkdir()
    shutil.copy(root / "data/paper.yaml", tmp_path / "data/paper.yaml")
    ran(made, 0.25, 2.0)
    made.commit("refs/tags/v0.5")
    for seed, tuned in ((1, 3.0), (2, 4.0)):
        ran(made, 0.75, tuned)
        made.commit(f"refs/tags/v1.0-s{seed}")
    made.params({"select": {"target": 99}, "seed": {"written": 6}})  # and nothing ran
    made.commit("refs/tags/half")
    monkeypatch.chdir(tmp_path)
    return made


def row(text: str, label: str, table: str) -> list[str]:
    """Return the cells of a line of a table."""
    (section,) = [part for part in text.split("\n## ") if part.startswith(table)]
    (line,) = [line for line in section.splitlines() if line.startswith(f"| {label} |")]
    return [cell.strip() for cell in line.split("|")[2:-1]]


def test_each_version_has_a_column_and_the_papers_are_called_the_papers(repository: Versioned) -> None:
    text = compared(["v0.5", "half"])
    assert row(text, "", "Table 3")[:3] == ["v0.5", "half", "the paper: v0.5"]
    assert row(text, "richness", "Table 3")[:3] == ["25.00 %", "75.00 %", "1.56 %"]
    assert row(text, "domain score", "Table 2")[-1] == "6.77"
    assert row(text, "accuracy, small 0 shot, tuned", "Table 4")[0] == "25.00 %"
    assert all(name.startswith("the paper") for name in row(text, "", "Table 4")[2:])


def test_figures_of_a_run_that_was_not_made_are_not_shown_and_it_is_said(repository: Versioned) -> None:
    text = compared(["half"])
    assert row(text, "domain score", "Table 3")[0] == "–"  # its commit holds the figures of the run before
    assert "half: no figure of finetune, retain" in text


def test_seeds_share_a_column_with_their_mean_and_range(repository: Versioned) -> None:
    text = compared(["v0.5", "v1.0-s1", "v1.0-s2"])
    assert row(text, "", "Table 2")[:2] == ["v0.5", "v1.0"]
    assert row(text, "domain score", "Table 2")[:2] == ["2.00", "3.50 (3.00 … 4.00; 2 seeds)"]
    assert row(text, "richness", "Table 3")[1] == "75.00 %"  # alike in both


def test_what_no_version_has_is_no_line(repository: Versioned) -> None:
    assert "| fact F1, tuned |" not in compared(["v0.5"])


def test_the_page_stands_alone(repository: Versioned, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--compare", "v0.5", "half", "--html", "page.html"]) == 0
    page = (repository.root / "page.html").read_text()
    assert "<td>richness</td>" in page.replace(' style="text-align:right"', "") and "http" not in page
    assert "| richness |" in capsys.readouterr().out


def test_a_name_that_nothing_has_is_refused(repository: Versioned) -> None:
    with pytest.raises(InputError, match=r"v9: no commit, tag, branch or experiment"):
        compared(["v0.5", "v9"])

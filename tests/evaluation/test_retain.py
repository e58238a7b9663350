"""Stage retain: verdicts by measure and overall, what they rest on, and a gate that closes."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from stages.core import jsonl
from stages.core.errors import DialInsightError, InputError
from stages.evaluation.retain import main
from stages.evaluation.rows.conduct import ConductOutcome
from stages.evaluation.rows.drift import Drift
from stages.evaluation.rows.outcome import BenchmarkOutcome, ChoiceResult, Formulation, PassageLoss
from stages.evaluation.rows.overlap import Hit
from stages.evaluation.rows.score import Parts, Score

VALUES = {
    "margin": 0.05,
    "likelihood_margin": 0.1,
    "perplexity_margin": 0.1,
    "kl_margin": 0.1,
    "disagreement_margin": 0.1,
    "conduct_margin": 0.1,
    "conduct_failures": 0.2,
    "confidence": 0.95,
    "resamples": 500,
    "seed": 1,
    "gate": "report",
}


def asked(rights: list[int], kind: Formulation = "letter", right_answer: float = -20.0) -> list[BenchmarkOutcome]:
    length = () if kind == "letter" else (20, 10, 10, 10)
    return [
        BenchmarkOutcome.new(
            suite="small",
            subject=f"s{n % 20}",
            language="en",
            shots=0,
            formulation=kind,
            item=f"q{n}",
            result=ChoiceResult(
                right=right, gold=0, log_probabilities=(right_answer, -22.0, -23.0, -24.0), characters=length
            ),
        )
        for n, right in enumerate(rights)
    ]


def answered(rights: list[int], extra: float = 0.0) -> list[BenchmarkOutcome]:
    found = asked(rights)
    texts = [
        BenchmarkOutcome.new(
            suite="text",
            subject="story",
            language="en",
            shots=0,
            formulation="text",
            item=f"t{n}",
            result=PassageLoss(nll=40.0 + n + extra, tokens=20, characters=80),
        )
        for n in range(8)
    ]
    return found + texts


def drifted(kl: float, apart: int) -> list[Drift]:
    return [Drift(id=f"t{n}", language="en", tokens=20, kl=20 * kl, agree=20 - apart) for n in range(8)]


def scored(value: float, count: int = 12, grade: float | None = None) -> list[Score]:
    return [
        Score(
            id=f"r{n}",
            dialogue=f"d{n // 2}",
            task="t",
            scene="s",
            format="list",
            language="en",
            finish="stop",
            parts=Parts(format=1.0),
            reference_similarity=value + n / 10,
            grade=grade,
        )
        for n in range(count)
    ]


def retained(
    folder: Path,
    base: list[BenchmarkOutcome],
    tuned: list[BenchmarkOutcome],
    scores: tuple[list[Score], list[Score]] | None = None,
    drifts: list[Drift] | None = None,
    conduct: tuple[Path | None, Path | None] = (None, None),
    hits: list[Hit] | None = None,
    **changes: object,
) -> dict[str, Any]:
    (folder / "params.yaml").write_text(json.dumps({"retain": VALUES | changes}))
    base_scores, tuned_scores = scores or (scored(5.0), scored(5.0))
    jsonl.write(folder / "base.jsonl", base)
    jsonl.write(folder / "tuned.jsonl", tuned)
    jsonl.write(folder / "base_scores.jsonl", base_scores)
    jsonl.write(folder / "tuned_scores.jsonl", tuned_scores)
    jsonl.write(folder / "drift.jsonl", drifts or [])
    jsonl.write(folder / "overlap.jsonl", hits or [])
    main(
        base=folder / "base.jsonl",
        tuned=folder / "tuned.jsonl",
        drift=folder / "drift.jsonl",
        overlap=folder / "overlap.jsonl",
        base_scores=folder / "base_scores.jsonl",
        tuned_scores=folder / "tuned_scores.jsonl",
        report=folder / "retention.json",
        plot=folder / "scores.json",
        base_conduct=conduct[0],
        tuned_conduct=conduct[1],
    )
    found: dict[str, Any] = json.loads((folder / "retention.json").read_text())
    return found


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


KNOWS = [int(n % 4 != 0) for n in range(100)]
GUESSES = [int(n % 4 == 0) for n in range(100)]


def test_the_base_against_itself_is_retained(tmp_path: Path) -> None:
    found = retained(tmp_path, answered(KNOWS), answered(KNOWS))
    assert found["verdict"] == "retained"
    assert found["accuracy"]["small_0_shot"]["delta"] == 0
    assert found["text"]["en"]["ratio"] == 1
    assert found["domain"]["verdict"] == "inconclusive"


def test_lost_knowledge_is_a_collapse_of_accuracy_alone(tmp_path: Path) -> None:
    found = retained(tmp_path, answered(KNOWS), answered(GUESSES))
    assert found["accuracy"]["small_0_shot"]["verdict"] == found["verdict"] == "collapsed"
    assert found["text"]["en"]["verdict"] == "retained"


def test_where_the_base_guesses_perplexity_decides(tmp_path: Path) -> None:
    found = retained(tmp_path, answered(GUESSES), answered(GUESSES, extra=30.0))
    assert found["accuracy"]["small_0_shot"]["verdict"] == "not measurable"
    assert found["text"]["en"]["verdict"] == found["verdict"] == "collapsed"


def test_retained_says_what_it_rests_on(tmp_path: Path) -> None:
    found = retained(tmp_path, answered(GUESSES), answered(GUESSES))
    assert found["verdict"] == "retained"
    assert found["rests_on"] == "retained: text en; not measurable: accuracy small_0_shot"
    assert (found["measures"], found["false_alarms"]) == (1, pytest.approx(0.025))


def test_both_formulations_are_kept_and_the_one_that_suits_the_base_counts(tmp_path: Path) -> None:
    base, tuned = asked(GUESSES) + asked(KNOWS, "cloze"), asked(KNOWS) + asked(GUESSES, "cloze")
    found = retained(tmp_path, base, tuned)
    counted, aside = found["accuracy"]["small_0_shot"], found["other_formulation"]["small_0_shot"]
    assert (counted["formulation"], counted["verdict"], aside["formulation"]) == ("cloze", "collapsed", "letter")
    assert (aside["base"], aside["tuned"]) == (0.25, 0.75)
    assert "letter" not in found["rests_on"]
    other_way = retained(tmp_path, tuned, base)
    assert other_way["accuracy"]["small_0_shot"]["formulation"] == "letter"


def test_the_right_answers_likelihood_counts_where_there_is_one(tmp_path: Path) -> None:
    base = asked(GUESSES) + asked(GUESSES, "cloze", right_answer=-20.0)
    found = retained(tmp_path, base, asked(GUESSES) + asked(GUESSES, "cloze", right_answer=-40.0))
    assert found["accuracy"]["small_0_shot"]["verdict"] == "not measurable"
    row = found["right_answer"]["small_0_shot"]
    assert (row["base"], row["tuned"], row["delta"]) == (-1.0, -2.0, -1.0)  # nats per character
    assert row["verdict"] == found["verdict"] == "collapsed"
    assert retained(tmp_path, asked(KNOWS), asked(KNOWS))["right_answer"] == {}


def test_divergence_and_disagreement_each_have_a_verdict(tmp_path: Path) -> None:
    near = retained(tmp_path, [], [], drifts=drifted(0.02, 1))
    assert near["kl"]["en"]["value"] == pytest.approx(0.02) and near["disagreement"]["en"]["value"] == 0.05
    assert near["verdict"] == "retained"
    far = retained(tmp_path, [], [], drifts=drifted(3.0, 1))
    assert (far["kl"]["en"]["verdict"], far["disagreement"]["en"]["verdict"]) == ("collapsed", "retained")
    assert far["verdict"] == "collapsed"
    assert retained(tmp_path, [], [], drifts=drifted(0.02, 9))["disagreement"]["en"]["verdict"] == "collapsed"


def test_what_the_base_differs_from_itself_stands_beside_the_margin(tmp_path: Path) -> None:
    rows = drifted(0.02, 1)
    rows[0] = rows[0].model_copy(update={"noise": 0.004, "noise_agree": 19})
    found = retained(tmp_path, [], [], drifts=rows)
    assert (found["kl"]["en"]["noise"], found["disagreement"]["en"]["noise"]) == (0.0002, 0.05)
    assert retained(tmp_path, [], [], drifts=drifted(0.02, 1))["kl"]["en"]["noise"] is None
    assert retained(tmp_path, answered(KNOWS), answered(KNOWS))["accuracy"]["small_0_shot"]["noise"] is None


def test_each_measure_of_general_ability_has_the_noise_of_what_the_base_read_again(tmp_path: Path) -> None:
    base = answered(KNOWS) + asked(KNOWS, "cloze")
    for n, row in enumerate(base):
        again = row.result
        if isinstance(again, PassageLoss) and n % 2:  # four of eight passages, each half a nat from where it was
            again = again.model_copy(update={"nll": again.nll + 0.5})
        elif isinstance(again, ChoiceResult) and row.formulation == "cloze" and n % 4 == 1:  # of a quarter
            moved = (again.log_probabilities[0] - 2.0, *again.log_probabilities[1:])
            again = again.model_copy(
                update={"log_probabilities": moved, "right": 1 - again.right if n % 20 == 1 else again.right}
            )
        else:
            continue
        base[n] = row.model_copy(update={"again": again})
    found = retained(tmp_path, base, base)
    aside = found["other_formulation"]["small_0_shot"]
    assert (found["accuracy"]["small_0_shot"]["formulation"], found["accuracy"]["small_0_shot"]["noise"]) == (
        "letter",
        None,
    )
    assert aside["noise"] == pytest.approx(max(5 / 25, 1.96 * math.sqrt(5 * 25 / 100) / 25), abs=1e-3)  # flips
    assert found["right_answer"]["small_0_shot"]["noise"] == pytest.approx(0.1)  # 2 nats over 20 characters
    assert found["text"]["en"]["noise"] == pytest.approx(math.expm1(4 * 0.5 / (4 * 20)), abs=1e-3)
    seen = [hit("text", "story", f"t{n}") for n in range(1, 8, 2)]
    assert retained(tmp_path, base, base, hits=seen)["text"]["en"]["noise"] is None  # what was read again is left out


def test_metrics_are_numbers_or_words_that_dvc_can_compare(tmp_path: Path) -> None:
    found = retained(tmp_path, answered(KNOWS), answered(GUESSES), drifts=drifted(0.02, 1))

    def leaves(value: object) -> list[object]:
        return [leaf for item in value.values() for leaf in leaves(item)] if isinstance(value, dict) else [value]

    assert all(leaf is None or isinstance(leaf, (str, int, float)) for leaf in leaves(found))
    assert all(math.isfinite(leaf) for leaf in leaves(found) if isinstance(leaf, float))


def test_the_gate_fails_a_collapse_after_the_metrics_are_written(tmp_path: Path) -> None:
    with pytest.raises(DialInsightError, match=r"general ability collapsed; lower finetune\.learning_rate"):
        retained(tmp_path, answered(KNOWS), answered(GUESSES), gate="fail")
    assert json.loads((tmp_path / "retention.json").read_text())["verdict"] == "collapsed"
    assert retained(tmp_path, answered(KNOWS), answered(KNOWS), gate="fail")["verdict"] == "retained"


def test_a_gain_in_the_domain_is_said_and_plotted(tmp_path: Path) -> None:
    found = retained(tmp_path, answered(KNOWS), answered(KNOWS), (scored(4.0), scored(6.0)))
    assert found["domain"]["verdict"] == "gained"
    assert found["domain"]["delta"] == pytest.approx(2)
    points = json.loads((tmp_path / "scores.json").read_text())
    assert {"measure": "small 0 shot, accuracy %", "model": "tuned", "score": 75.0} in points
    assert {point["model"] for point in points} == {"base", "tuned"}
    assert len(points) == 4


def test_grades_of_both_models_are_the_domain_score_and_similarity_stands_beside(tmp_path: Path) -> None:
    base = scored(6.0, grade=3.0)
    tuned = [row.model_copy(update={"grade": 5.0 + n % 3 if n else None}) for n, row in enumerate(scored(4.0))]
    found = retained(tmp_path, answered(KNOWS), answered(KNOWS), (base, tuned))
    domain, beside = found["domain"], found["similarity"]
    assert (domain["measure"], domain["n"], domain["rows"], domain["verdict"]) == ("grade", 11, 12, "gained")
    assert domain["base"] == 3.0 and domain["low"] > 1.9
    assert (beside["measure"], beside["n"], beside["verdict"]) == ("reference_similarity", 12, "lost")
    points = json.loads((tmp_path / "scores.json").read_text())
    assert {"measure": "domain, grade, % of 10", "model": "base", "score": 30.0} in points
    assert [p["model"] for p in points if p["measure"] == "domain, reference similarity, % of 10"] == ["base", "tuned"]


def test_grades_of_one_model_alone_compare_nothing(tmp_path: Path) -> None:
    found = retained(tmp_path, [], [], (scored(4.0, grade=3.0), scored(6.0)))
    assert (found["domain"]["measure"], found["domain"]["n"], found["similarity"]) == ("reference_similarity", 12, None)


def test_no_test_rows_and_no_items_say_so(tmp_path: Path) -> None:
    found = retained(tmp_path, [], [], ([], []))
    assert found["verdict"] == found["domain"]["verdict"] == "not measurable"
    assert json.loads((tmp_path / "scores.json").read_text()) == []


def test_models_that_answered_different_items_are_not_compared(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"tuned\.jsonl: not the rows that the base model answered"):
        retained(tmp_path, answered(KNOWS), answered(KNOWS[:50]))


def remembered(rights: Sequence[int | None]) -> list[ConductOutcome]:
    fixed = {"subject": "memory", "language": "zh", "finish": "stop", "answer": "", "ignorant": {"empty": 0}}
    rows = [fixed | {"id": f"m{n}", "family": f"f{n % 12}", "right": right} for n, right in enumerate(rights)]
    return [ConductOutcome.model_validate(row) for row in rows]


def test_conduct_counts_where_both_models_were_asked(tmp_path: Path) -> None:
    for name, rights in (("b", [1] * 60), ("t", [0] * 60)):
        jsonl.write(tmp_path / f"{name}.jsonl", remembered(rights))
    asked = (tmp_path / "b.jsonl", tmp_path / "t.jsonl")
    found = retained(tmp_path, answered(KNOWS), answered(KNOWS), conduct=asked)
    assert found["conduct"]["memory_zh"]["verdict"] == found["verdict"] == "collapsed"
    assert found["rests_on"].startswith("collapsed: conduct memory_zh;")
    assert retained(tmp_path, answered(KNOWS), answered(KNOWS))["conduct"] == {}
    jsonl.write(tmp_path / "t.jsonl", remembered([None] * 5 + [1] * 55))
    kept = retained(tmp_path, answered(KNOWS), answered(KNOWS), conduct=asked)
    assert (kept["conduct"]["memory_zh"]["n"], kept["conduct"]["memory_zh"]["lost"], kept["verdict"]) == (
        55,
        0,
        "retained",
    )
    assert "conduct memory_zh (5 of 60 left out: no answer)" in kept["rests_on"]
    jsonl.write(tmp_path / "t.jsonl", remembered([1] * 59))
    with pytest.raises(InputError, match=r"t\.jsonl: not the rows that the base model answered"):
        retained(tmp_path, [], [], conduct=asked)


def hit(suite: str, subject: str, item: str) -> Hit:
    return Hit(
        suite=suite,
        subject=subject,
        item=item,
        language="en",
        row="r",
        file="train",
        rule="ngram",
        length=13,
        units=20,
        similarity=None,
        rows=1,
    )


def test_what_the_model_saw_in_training_counts_nowhere(tmp_path: Path) -> None:
    base, tuned = answered(KNOWS) + asked(KNOWS, "cloze"), answered(KNOWS, extra=30.0) + asked(KNOWS, "cloze")
    seen = [hit("small", f"s{n % 20}", f"q{n}") for n in range(40)] + [hit("text", "story", "t0")]
    found = retained(tmp_path, base, tuned, drifts=drifted(0.02, 1), hits=seen)
    assert found["left_out"] == {"small": 40, "text": 1}
    assert (found["accuracy"]["small_0_shot"]["n"], found["text"]["en"]["n"], found["kl"]["en"]["n"]) == (60, 7, 7)
    all_of_them = retained(tmp_path, base, tuned, drifts=drifted(0.02, 1))
    assert all_of_them["left_out"] == {"small": 0, "text": 0}
    assert (all_of_them["accuracy"]["small_0_shot"]["n"], all_of_them["kl"]["en"]["n"]) == (100, 8)


def test_a_memorized_suite_cannot_hide_a_collapse(tmp_path: Path) -> None:
    tuned = [1 if n < 50 else right for n, right in enumerate(GUESSES)]  # the first fifty were learned by heart
    base = KNOWS
    seen = [hit("small", f"s{n % 20}", f"q{n}") for n in range(50)]
    assert retained(tmp_path, asked(base), asked(tuned))["verdict"] != "collapsed"
    found = retained(tmp_path, asked(base), asked(tuned), hits=seen)
    assert (found["verdict"], found["accuracy"]["small_0_shot"]["n"]) == ("collapsed", 50)


def test_the_same_name_in_another_subject_stays(tmp_path: Path) -> None:
    found = retained(tmp_path, asked(KNOWS), asked(KNOWS), hits=[hit("small", "s1", "q0"), hit("mmlu", "s0", "q0")])
    assert (found["left_out"], found["accuracy"]["small_0_shot"]["n"]) == ({"small": 0}, 100)


MEANS = ["n", "base", "tuned", "delta", "low", "high", "detectable"]


def test_the_keys_stand_in_their_order(tmp_path: Path) -> None:
    base = answered(KNOWS) + asked(GUESSES, "cloze")
    retention = retained(tmp_path, base, base, drifts=drifted(0.02, 1))
    general = ["accuracy", "right_answer", "text", "kl", "disagreement", "conduct"]
    conclusion = ["verdict", "rests_on", "measures", "false_alarms"]
    assert list(retention) == [
        *conclusion,
        *general,
        "other_formulation",
        "domain",
        "similarity",
        "left_out",
        "confidence",
    ]
    flips = ["lost", "won", "mcnemar_p", "chance", "base_by_chance_p", "retention"]
    for name in ("accuracy", "other_formulation"):
        assert list(retention[name]["small_0_shot"]) == ["formulation", *MEANS, *flips, "margin", "noise", "verdict"]
    assert list(retention["accuracy"]["small_0_shot"]["retention"]) == ["value", "low", "high"]
    assert list(retention["right_answer"]["small_0_shot"]) == [*MEANS, "margin", "noise", "verdict"]
    assert list(retention["text"]["en"]) == ["ratio" if key == "delta" else key for key in MEANS] + [
        "margin",
        "noise",
        "verdict",
    ]
    for name in ("kl", "disagreement"):
        sizes = ["n", "tokens", "value", "low", "high", "detectable"]
        assert list(retention[name]["en"]) == [*sizes, "margin", "noise", "verdict"]
    assert list(retention["domain"]) == ["measure", "rows", *MEANS, "verdict"]
    unscored = retained(tmp_path, base, base, ([], []))["domain"]
    assert list(unscored) == ["n", "base", "tuned", "delta", "verdict"]

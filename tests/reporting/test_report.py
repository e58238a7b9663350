"""The report over metrics of a small invented run, and over the committed ones."""

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from stages.core.errors import ParamsError
from stages.evaluation.retention.changes import NoScores
from stages.evaluation.retention.conduct import TooFewAnswers
from stages.reporting import wording
from stages.reporting.report import Evaluation, collect, main, markdown
from tests.reporting.rows import made

ROOT = Path(__file__).parents[2]
DOMAIN = ROOT / "prompts" / "bank_service" / "domain.yaml"


def test_numbers_are_said_and_missing_ones_are_not_invented() -> None:
    assert wording.percent(0.69741) == "69.74 %"
    assert wording.points(-0.0125) == "-1.2 pp"
    assert wording.number(1300, 1) == "1,300.0"
    assert {wording.percent(None), wording.points(None), wording.number(None)} == {"–"}
    assert [wording.noise(value, " pp", 100) for value in (0.103, 0.096, 7e-8)] == ["10 pp", "10 pp", "7e-06 pp"]
    assert wording.reasons({"too_short": 2, "loops": 5, "refused": 0}) == "loops 5, too short 2"


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    if not (ROOT / "metrics" / "selection.json").is_file():
        pytest.skip("metrics of a run are not there")
    return collect(ROOT / "metrics", ROOT / "data" / "paper.yaml", DOMAIN)


def test_the_committed_run_is_reported_with_the_papers_figures_beside_it(found: dict[str, Any]) -> None:
    text = markdown(found)
    assert f"**this run** | {found['quality']['n']} | {wording.percent(found['quality']['richness'])}" in text
    assert "the paper, v1.0-80k | 80000 | 73.72 % | 26.28 %" not in text  # as printed, not as computed
    assert "the paper, v1.0-80k | 80000 | 73.72 % | 26.74 %" in text
    assert f"Verdict: **{found['retention']['verdict']}**" in text
    assert "Domain: **Retail-bank customer service**." in text
    assert "None" not in text and "Undefined" not in text


def test_items_seen_in_training_are_counted_and_what_was_left_out(found: dict[str, Any]) -> None:
    seen = json.loads(json.dumps(found))
    languages = {"en": {"n": 120, "found": 2, "ngram": 1, "question": 1, "near": 0}}
    seen["overlap"] = {"rows": {"train": 60, "mixed": 40}, "n": 120, "found": 2, "suites": {"small": languages}}
    seen["retention"]["left_out"] = {"small": 1, "text": 0}
    text = markdown(seen)
    assert "2 of 120 benchmark items stand in the 100 training rows (train 60, mixed 40)" in text
    assert "left out above, of what was asked: small 1 (data/outcomes/overlap.jsonl" in text
    assert "| small | en | 120 | 2 | 1 | 1 | 0 |" in text
    seen["overlap"]["found"], seen["retention"]["left_out"] = 0, {"small": 0, "text": 0}
    clean = markdown(seen)
    assert "0 of 120 benchmark items" in clean and "none is left out above" in clean and "| small | en |" not in clean


def test_other_models_stand_in_the_same_tables(found: dict[str, Any]) -> None:
    more = json.loads(json.dumps(found))
    more["domain"]["qwen"] = more["domain"]["tuned"] | {"model": "qwen@1"}
    more["comparison"]["qwen"], more["grades"]["qwen"] = more["comparison"]["tuned"], more["grades"]["tuned"]
    more["general"]["qwen"] = {}
    text = markdown(more)
    assert "| **qwen** (qwen@1) |" in text and "**qwen** against base on the same" in text
    assert "a chat tells no probabilities" in text and "a chat tells no probabilities" not in markdown(found)


def test_the_domain_score_says_what_it_is_and_of_how_many_rows(found: dict[str, Any]) -> None:
    plain, rows = markdown(found), found["domain"]["base"]["n"]
    assert f"the domain score (reference similarity, {rows} rows) went from" in plain
    assert "reference similarity, not an LLM judge" in plain and "domain: grade" not in plain
    judged = json.loads(json.dumps(found))
    judged["retention"]["domain"] |= {"measure": "grade", "n": rows - 1, "base": 5.0, "tuned": 6.25}
    judged["retention"]["similarity"] = found["retention"]["domain"]
    for row in judged["domain"].values():
        row |= {"measure": "grade", "grade": 5.5, "graded": rows - 1, "judge": "judge@1", "why_no_judge": None}
    text = markdown(judged)
    assert f"the domain score (the judge's grade, {rows - 1} of {rows} rows) went from 5.00 to 6.25 of 10" in text
    assert f"| domain, the judge's grade | {rows - 1} of {rows} | 5.00 | 6.25 |" in text
    assert f"| domain, reference similarity | {rows} |" in text
    assert f"gave no grade, and which are in no mean: 1 of {rows} (base), 1 of {rows} (tuned)" in text
    assert "reference similarity, not an LLM judge" not in text


def test_where_the_order_decided_is_a_tie_and_counts_once(found: dict[str, Any]) -> None:
    judged = json.loads(json.dumps(found))
    judged["grades"]["pairs"] |= {"why_no_comparison": None, "win": 12, "tie": 20, "loss": 5, "inconsistent": 15}
    text = markdown(judged)
    assert "12 wins, 5 losses, 20 ties (in 15 of them the order decided), 0 without a verdict." in text


def test_rows_to_which_no_answer_came_are_counted_by_model(found: dict[str, Any]) -> None:
    assert "no answer came" not in markdown(found)
    failing = json.loads(json.dumps(found))
    failing["domain"]["tuned"]["failed"] = 3
    assert "which are in no figure of answers: 3 (tuned)." in markdown(failing)
    failing["retention"] |= {"domain": NoScores().model_dump(), "similarity": None}
    assert "After training no test row has an answer of both models; general ability" in markdown(failing)


def test_names_that_would_replace_a_model_are_refused() -> None:
    with pytest.raises(ParamsError, match="base and pairs would replace files of this graph"):
        Evaluation.parse("evaluation", {"models": {"pairs": {}, "base": {}}})
    with pytest.raises(ParamsError, match="memorization and overlap would replace files of this graph"):
        Evaluation.parse("evaluation", {"models": {"overlap": {}, "memorization": {}}})
    with pytest.raises(ParamsError, match="conduct_base would replace files of this graph"):
        Evaluation.parse("evaluation", {"models": {"conduct_base": {}}})
    with pytest.raises(ParamsError, match=r"evaluation\.models"):
        Evaluation.parse("evaluation", {"models": {"qwen2.5": {}}})


Shares = tuple[float, float, float]


def quality(judged: Shares | None, by_rules: Shares, n: tuple[int, int]) -> dict[str, dict[str, float | None]]:
    """Make label quality as stage measure writes it: `n` rows judged, and looked at by rules alone."""
    return {
        "judged": {"n": n[0], **dict(zip(("high", "medium", "low"), judged or (None,) * 3, strict=True))},
        "by_rules": {"n": n[1], **dict(zip(("no_fault", "doubtful", "faulty"), by_rules, strict=True))},
    }


def test_without_marked_spans_no_recall_is_claimed(found: dict[str, Any]) -> None:
    bare = json.loads(json.dumps(found))
    bare["privacy"]["gold"] = dict.fromkeys(bare["privacy"]["gold"]) | {"marked": 0, "missing": 0, "leaked": 0}
    (_, text) = markdown(bare).split("## Personal data", 1)
    text = text.split("\n## ", 1)[0]
    assert "nobody knows what leaked" in text and "recall" not in text
    marked = markdown(found).split("## Personal data", 1)[1].split("\n## ", 1)[0]
    left, by_marks = found["privacy"]["gold"]["leaked"], found["privacy"]["test"]["by_marks"]
    assert f"the anonymizer by itself leaves {left}, whole or in part: recall" in marked
    assert f"Of the test set {by_marks} conversations are masked by these marks instead." in marked
    bare["privacy"] |= {"gold": found["privacy"]["gold"], "test": {"by_marks": 0, "detected": 121}}
    assert "masked by these marks" not in markdown(bare)


def test_a_run_that_shows_little_says_so(found: dict[str, Any]) -> None:
    weak = json.loads(json.dumps(found))
    weak["quality"] |= {"n": 12, "label_quality": quality(judged=(0, 0.5, 0.5), by_rules=(0.2, 0.0, 0.8), n=(2, 10))}
    said = " ".join(wording.cautions(weak))
    assert "Only 12 labelled rows" in said and "75 % of the labels are low or faulty" in said


def test_what_was_trained_on_and_what_saving_left_of_it_is_said(found: dict[str, Any]) -> None:
    plain = markdown(found)
    assert f"{found['training']['rows']} rows, 1 epoch" in plain and "survived saving" not in plain
    mixed = json.loads(json.dumps(found))
    mixed["training"] |= {"mixed_rows": 52, "canaries": 1008}
    assert "rows, beside them 52 general ones, 1008 with planted values, 1 epoch" in markdown(mixed)
    mixed["training"]["saved"] |= {"dtype": "bfloat16", "survives": 0.144}
    assert "Of what training changed 14 % survived saving in bfloat16" in markdown(mixed)
    mixed["training"]["saved"]["survives"] = None  # training changed nothing
    assert "survived saving" not in markdown(mixed)


def test_a_generator_need_not_be_named(found: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    generator = {"backend": "transformers", "temperature": 0.0, "top_p": 1.0}
    params = {"llm": {"generator": generator}, "evaluation": {"models": {}}, "report": {"examples": 0, "seed": 1}}
    Path("params.yaml").write_text(json.dumps(params))
    files = {name: Path(name) for name in ("text", "page", "picture")}
    main(metrics=ROOT / "metrics", paper=ROOT / "data" / "paper.yaml", domain=DOMAIN, data=Path("data"), **files)
    assert "no model was asked" not in Path("text").read_text(encoding="utf-8")


def test_what_was_recorded_is_said_with_the_processor(found: dict[str, Any]) -> None:
    kept = json.loads(json.dumps(found))
    kept["domain"]["base"]["recorded"] = 0
    kept["recorded"] = None
    assert "log-likelihoods were not computed" not in markdown(kept) and "are recorded, of the same" not in markdown(
        kept
    )
    where = {"processor": "a processor", "threads": 2, "date": "2026-11-29"}
    kept["recorded"] = {"log_likelihoods": 90, "of": 100} | where
    kept["domain"]["base"]["recorded"] = 7
    text = markdown(kept)
    assert (
        "90 of the base model's 100 benchmark log-likelihoods were not computed in this run but on 2026-11-29" in text
    )
    assert "on a processor with 2 threads" in text and "7 of the base model's" in text


def test_where_the_base_only_guesses_the_report_names_the_other_way_of_asking(found: dict[str, Any]) -> None:
    assert wording.at_chance(found["retention"]) == ""
    guesses = json.loads(json.dumps(found))
    guesses["retention"]["accuracy"]["small_0_shot"] |= {"verdict": "not measurable", "formulation": "cloze"}
    guesses["retention"]["other_formulation"] = {}
    told = "By cloze the base cannot be told from guessing in small 0 shot, so nothing could be lost there by cloze. It may know the answers by letter"
    assert told in markdown(guesses) and "`bench.formulations: [letter, cloze]`" in markdown(guesses)
    guesses["retention"]["other_formulation"] = {"small_0_shot": guesses["retention"]["accuracy"]["small_0_shot"]}
    assert "It may know the answers by" not in markdown(guesses)  # both were asked


def test_an_interval_without_meaning_is_not_printed(found: dict[str, Any]) -> None:
    shown = {"n": 2, "low": -1.5, "high": 2.25}
    assert wording.interval(shown, 2) == "-1.50 … 2.25"
    assert wording.interval(shown, 2, widest=2.0) == "–"  # beyond what the scale allows
    assert wording.interval(shown | {"n": 1}, 2) == wording.interval(shown | {"low": None}, 2) == "–"
    same = {"n": 9, "delta": 0.0, "low": 0.0, "high": 0.0}
    assert wording.interval(same, widest=1.0) == "no conversation differs"
    assert wording.interval(same | {"n": 1}) == "–" and wording.interval(same | {"high": 0.1}, 1) == "0.0 … 0.1"
    assert wording.interval({"n": 9, "value": 0.0, "low": 0.0, "high": 0.0}, 1) == "0.0 … 0.0"  # no change, but a share
    alone = json.loads(json.dumps(found))
    alone["comparison"]["tuned"]["by_task"]["reasoning"] |= {"n": 1, "low": -0.3, "high": 0.7}
    alone["retention"]["accuracy"]["small_0_shot"] |= {"low": None, "high": None}
    text = markdown(alone)
    row = next(line for line in text.splitlines() if line.startswith("| task: reasoning"))
    assert row.endswith("| – |") and "– … –" not in text


def test_text_page_and_picture_are_written(found: dict[str, Any], tmp_path: Path) -> None:
    text, page, picture = (tmp_path / f"r.{ending}" for ending in ("md", "html", "svg"))
    paper = ROOT / "data" / "paper.yaml"
    main(
        metrics=ROOT / "metrics", paper=paper, domain=DOMAIN, data=made(tmp_path), text=text, page=page, picture=picture
    )
    html = page.read_text(encoding="utf-8")
    assert text.read_text(encoding="utf-8").startswith("# Dial-insight")
    drawn = picture.read_text(encoding="utf-8")
    assert html.count('class="mark ') == drawn.count('class="mark ') > 0
    words = [element.text for element in ElementTree.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text")]
    assert f"In general: {found['retention']['verdict']}" in words
    assert (
        html.count('<article class="example">')
        == 2 * yaml.safe_load(Path("params.yaml").read_text())["report"]["examples"]
    )


def test_what_rules_say_stands_in_a_column_of_its_own(found: dict[str, Any]) -> None:
    ruled = json.loads(json.dumps(found))
    by_rules = quality(judged=None, by_rules=(0.9, 0.06, 0.04), n=(0, 50))
    ruled["quality"]["label_quality"] = ruled["selection"]["selected"]["label_quality"] = by_rules
    ruled["judge"] |= {"judge": None, "why_no_grades": "the reason"}
    text = markdown(ruled)
    assert "| judged: high / medium / low | by rules alone: no fault found / doubtful / faulty |" in text
    assert text.count("| – (no row) | 90.00 / 6.00 / 4.00 % (of 50) |") == 2
    assert "| 97.00 / 3.00 / 0.00 % (of 40000) | – |" in text  # the paper's v1.0
    said = " ".join(wording.cautions(ruled))
    assert "graded the labels (the reason)" in said and "is not high quality" in said


def test_how_far_reviewers_agree_is_told_where_two_graded_the_same_labels(found: dict[str, Any]) -> None:
    assert "labels that both graded" not in markdown(found)
    graded = json.loads(json.dumps(found))
    kappa = {"value": 0.78, "low": 0.41, "high": 1.0}
    pair = {"reviewers": ["ann", "bo"], "rows": 20, "agree": 18, "cohens_kappa": kappa}
    none = {"reviewers": ["ann", "cy"], "rows": 2, "agree": 2, "cohens_kappa": dict.fromkeys(kappa)}
    graded["judge"]["human"]["between_reviewers"] = [pair, none]
    text = markdown(graded)
    assert "ann and bo agree on 18 of 20 labels that both graded: Cohen's kappa 0.78 (0.41 … 1.00)." in text
    assert "ann and cy agree on 2 of 2 labels that both graded." in text


def test_judged_shares_stand_beside_those_of_rules(found: dict[str, Any]) -> None:
    both = json.loads(json.dumps(found))
    both["quality"]["label_quality"] = quality(judged=(0.5, 0.25, 0.25), by_rules=(0.0, 0.0, 1.0), n=(44, 4))
    assert "| 50.00 / 25.00 / 25.00 % (of 44) | 0.00 / 0.00 / 100.00 % (of 4) |" in markdown(both)


def test_noise_stands_beside_each_margin_and_says_where_the_first_reading_was(found: dict[str, Any]) -> None:
    read = json.loads(json.dumps(found))
    read["retention"]["accuracy"]["small_0_shot"]["noise"] = 0.0213
    read["retention"]["text"]["en"]["noise"] = 2.4e-6
    read["retention"]["kl"]["zh"]["noise"] = None
    read["recorded"] = {"log_likelihoods": 9, "of": 9, "processor": "a Xeon", "threads": 2, "date": "2026-01-01"}
    text = markdown(read)
    assert " | 2 pp | +5.0 pp | " in text and " | 0.0002 % | + 10.00 % | " in text
    assert re.search(r"KL\(base‖tuned\) of general text, zh, .* \| not measured \| 0\.70 \| ", text)
    assert "is also that of another run on a Xeon." in text
    assert "another run on" not in markdown(read | {"recorded": None})


def test_conduct_stands_by_subject_with_its_floor_and_verdict(found: dict[str, Any]) -> None:
    asked = json.loads(json.dumps(found))
    lost: dict[str, Any] = {
        "n": 60,
        "base": 0.75,
        "tuned": 0.0,
        "delta": -0.75,
        "low": -0.9,
        "high": -0.55,
        "detectable": 0.2,
    }
    lost |= {
        "lost": 45,
        "won": 0,
        "mcnemar_p": 0.0,
        "floor": 0.5,
        "floor_answer": "refusal, en",
        "base_by_floor_p": 0.0,
    }
    lost |= {"margin": 0.1, "verdict": "collapsed", "failed": 3, "noise": 0.0167}
    few = TooFewAnswers(n=40, failed=20, margin=0.1).model_dump()
    asked["retention"] |= {"verdict": "collapsed", "conduct": {"harmful_en": lost, "memory_zh": few}}
    text = markdown(asked)
    figures = "75 % | 0 % | -75.0 pp | -90.0 pp … -55.0 pp | +20.0 pp | 45 | 0 | 50 %, refusal, en"
    assert f"| harmful en | 60 | 3 | {figures} | 2 pp | +10.0 pp | collapsed |\n| memory zh | 40 | 20 | –" in text
    assert "| +10.0 pp | not measurable: too few answers |" in text
    assert "collapsed: conduct, harmful en." in text
    before = json.loads(json.dumps(found))
    before["retention"].pop("conduct", None)
    assert "## Conduct: refusals, form, language, memory\n\nNot measured." in markdown(before)  # an earlier revision

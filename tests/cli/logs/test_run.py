"""Logs that the real packages wrote, read and paired: what counts as right, what is one question, what is refused by name."""

import json
import shutil
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from stages.cli.logs.item import Key
from stages.cli.logs.pairing import paired
from stages.cli.logs.run import Format, Run, read
from stages.core import jsonl
from stages.core.errors import InputError
from stages.judging.grade import Grade

SAMPLES = Path(__file__).parent / "samples"
FILTERS = ("as-said", "stripped")  # of the log that lm-eval 0.4.2 wrote


def plain(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def rights(run: Run) -> dict[str, float | None]:
    return {f"{key.suite}/{key.formulation}/{key.item}": item.right for key, item in run.items.items()}


def test_lm_eval_choices_are_right_per_character_and_have_a_likelihood(root: Path) -> None:
    run = read(root / "docs/retain/base", None, "")
    assert (run.format, len(run.items)) == ("lm-eval", 90)
    key, item = next(iter(run.items.items()))
    line = json.loads(next((root / "docs/retain/base").glob("*.jsonl")).open(encoding="utf-8").readline())
    assert key == Key("dial_small", "geography", "cloze", str(line["doc_id"]))
    assert (item.right, item.chance) == (line["acc_norm"], 0.25)
    gold = line["doc"]["answer"]
    expected = float(line["filtered_resps"][gold][0]) / len(line["doc"]["choices"][gold])
    assert item.likelihood == pytest.approx(expected)
    assert read(root / "docs/retain/base", None, "acc").items[key].right == line["acc"]


def test_lm_eval_answers_are_read_through_each_filter() -> None:
    run = read(SAMPLES / "lm_eval", None, "")
    assert {key.formulation for key in run.items} == {"first-line", "stripped"}
    assert {item.right for item in run.items.values()} <= {0.0, 1.0}
    with pytest.raises(
        InputError,
        match=r"expected a metric acc from 0 to 1; name one, of which more is better, with --metric, of: exact_match",
    ):
        read(SAMPLES / "lm_eval", None, "acc")


def test_lm_eval_groups_are_suites_and_their_tasks_subjects(tmp_path: Path) -> None:
    row = json.loads(next((SAMPLES / "lm_eval").glob("*.jsonl")).open(encoding="utf-8").readline()) | {"doc": {}}
    for task in ("mmlu_law", "mmlu_art"):
        plain(tmp_path / f"samples_{task}_2026-11-30T05-19-14.783867.jsonl", [row])
    assert {key.suite for key in read(tmp_path, None, "").items} == {"mmlu_law", "mmlu_art"}
    groups = {
        "group_subtasks": {"mmlu": ["mmlu_humanities"], "mmlu_humanities": ["mmlu_law", "mmlu_art"], "mmlu_law": []},
        "groups": {"mmlu": {}, "mmlu_humanities": {}},
    }
    (tmp_path / "results_2026-11-30.json").write_text(json.dumps(groups))
    assert {(key.suite, key.subject) for key in read(tmp_path, None, "").items} == {
        ("mmlu", "mmlu_law"),
        ("mmlu", "mmlu_art"),
    }


def samples(folder: Path, rows: list[dict[str, object]], task: str = "task") -> Path:
    """Write rows of a generated answer as lm-eval logs them."""
    folder.mkdir(exist_ok=True)
    blank = {"doc": {}, "target": "x", "arguments": {}, "filtered_resps": ["x"], "filter": "none"}
    lines = [{"doc_id": n, **blank, **row} for n, row in enumerate(rows)]
    plain(folder / f"samples_{task}_2026-11-30T05-19-14.783867.jsonl", lines)
    return folder


def test_one_metric_holds_for_a_whole_log_and_for_both(tmp_path: Path) -> None:
    """A score in percent is from 0 to 1 in some lines, and in all lines of a model that lost everything."""
    names = {"metrics": ["bleu_max", "bleu_acc"]}
    base = [{**names, "bleu_max": 35.0 * n, "bleu_acc": 1.0} for n in range(3)]
    lost = [{**names, "bleu_max": 0.0, "bleu_acc": 0.0} for _ in range(3)]
    known, worse = read(samples(tmp_path / "a", base), None, ""), read(samples(tmp_path / "b", lost), None, "")
    assert {(item.metric, item.right) for item in known.items.values()} == {("bleu_acc", 1.0)}
    with pytest.raises(InputError, match=r"right by bleu_max, the base's by bleu_acc; name one for both with --metric"):
        paired(known, worse)
    assert len(paired(known, read(tmp_path / "b", None, "bleu_acc")).items) == 3


def test_a_metric_that_is_better_when_lower_says_not_right(tmp_path: Path) -> None:
    log = samples(tmp_path / "a", [{"metrics": ["brier_score"], "brier_score": 0.9}])
    assert read(log, None, "").items
    (log / "results_x.json").write_text(json.dumps({"higher_is_better": {"task": {"brier_score": False}}}))
    for metric in ("", "brier_score"):
        with pytest.raises(InputError, match=r"of which more is better, with --metric, of: none"):
            read(log, None, metric)


def test_a_group_that_is_not_averaged_is_no_suite(tmp_path: Path) -> None:
    samples(tmp_path, [{"acc": 1.0}], "law")
    hierarchy = {"board": ["mmlu", "other"], "mmlu": ["law"]}
    for averaged, suite in (("mmlu", "mmlu"), ("others", "law")):
        (tmp_path / "results_x.json").write_text(json.dumps({"groups": {averaged: {}}, "group_subtasks": hierarchy}))
        assert {key.suite for key in read(tmp_path, None, "").items} == {suite}


def choices(words: str, scores: list[object]) -> dict[str, object]:
    arguments = {f"gen_args_{n}": {"arg_0": "Q", "arg_1": f" {word}"} for n, word in enumerate(words.split())}
    return {"arguments": arguments, "filtered_resps": [[score, "False"] for score in scores], "target": "0"}


def test_choices_that_are_letters_among_texts_and_scores_without_end_stay_choices(tmp_path: Path) -> None:
    rows = [
        {**choices("iron gold", ["-2.0", "-4.0"]), "acc": 1.0, "acc_norm": 1.0},
        {**choices("A C", [-2.0, -4.0]), "acc": 1.0, "acc_norm": 1.0},
        {**choices("iron gold", ["-inf", "nan"]), "acc": 0.0, "acc_norm": 0.0},
    ]
    found = read(samples(tmp_path / "a", rows), None, "").items
    assert {(key.formulation, item.chance) for key, item in found.items()} == {("cloze", 0.5)}
    assert [item.likelihood for item in found.values()] == [-0.5, -2.0, None]


def test_a_passage_without_a_finite_loss_is_refused(tmp_path: Path) -> None:
    log = samples(tmp_path / "a", [{"word_perplexity": [float("nan"), 7]}])
    with pytest.raises(InputError, match=r"jsonl:1: word_perplexity of no finite log-likelihood"):
        read(log, None, "")


def test_the_first_versions_arrays_name_the_model_before_the_task(tmp_path: Path) -> None:
    """lm-eval 0.4.0: one JSON array, `<model_args>_<task>.jsonl`, and results.json beside it."""
    rows = [{"doc_id": n, "target": "0", "doc": {}, "filtered_resps": ["x"], "acc": 1.0} for n in range(2)]
    for model in ("pretrained__base", "pretrained__tuned"):
        (tmp_path / model).mkdir()
        (tmp_path / model / f"{model}_law_art.jsonl").write_text(json.dumps(rows, indent=2))
        (tmp_path / model / "results.json").write_text(json.dumps({"results": {"art": {}, "law_art": {}}}))
    base, tuned = (read(tmp_path / f"pretrained__{name}", None, "") for name in ("base", "tuned"))
    assert {key.suite for key, _ in paired(base, tuned).items} == {"law_art"}


def test_the_first_versions_name_their_filters_in_the_results_only(tmp_path: Path) -> None:
    """A real log of lm-eval 0.4.2: all answers as they were said, then all of them stripped, which alone makes two right."""
    run = read(SAMPLES / "lm_eval_0.4.2", None, "")
    by_filter = {kind: [item.right for key, item in run.items.items() if key.formulation == kind] for kind in FILTERS}
    assert by_filter == {"as-said": [0, 0, 0, 0, 0, 0], "stripped": [0, 1, 0, 0, 1, 0]}
    assert {key.suite for key in run.items} == {"dial_answers"}
    alone = shutil.copytree(SAMPLES / "lm_eval_0.4.2", tmp_path / "alone")
    (alone / "results.json").unlink()
    with pytest.raises(
        InputError, match=r"questions stand here 2 times and no filter is named; expected results\.json beside it"
    ):
        read(alone, None, "")


def test_a_damaged_log_is_not_passed_over(tmp_path: Path) -> None:
    samples(tmp_path, [{"acc": 1.0}], "law")
    (tmp_path / "samples_art_2026-11-30T05-19-14.783867.jsonl").write_text('{"doc_id": 0, "do')
    with pytest.raises(InputError, match=r"samples_art_.*jsonl:1: not JSON; it may have been cut off"):
        read(tmp_path, None, "")


def test_a_key_that_stands_twice_is_named_by_place(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"item": 1, "right": 1}\n{"item": 2, "right": 0, "right": 1}\n')
    with pytest.raises(InputError, match=r"a\.jsonl:2: a key stands twice in an object; keep one of the two$"):
        read(tmp_path / "a.jsonl", None, "")


def test_what_windows_writes_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'\xef\xbb\xbf{"item": 1, "right": 1}\r\n\r\n{"item": 2, "right": 0}\r\n')
    assert rights(read(tmp_path / "a.jsonl", None, "")) == {"items/generated/1": 1.0, "items/generated/2": 0.0}


def test_a_letter_has_no_likelihood_per_character(tmp_path: Path, root: Path) -> None:
    row = json.loads(next((root / "docs/retain/base").glob("*.jsonl")).open(encoding="utf-8").readline())
    row["arguments"] = {f"gen_args_{n}": {"arg_0": "Q", "arg_1": f" {letter}"} for n, letter in enumerate("ABCD")}
    ((key, item),) = read(plain(tmp_path / "samples_x.jsonl", [row]), None, "").items.items()
    assert (key.formulation, item.right, item.likelihood) == ("letter", row["acc"], None)


def test_lm_eval_s_first_layout_is_read_alike(tmp_path: Path, root: Path) -> None:
    log = next((root / "docs/retain/base").glob("*.jsonl"))
    rows = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    for row in rows:
        row["arguments"] = [list(pair.values()) for pair in row["arguments"].values()]
        del row["metrics"]
    assert read(plain(tmp_path / log.name, rows), None, "").items == read(log, None, "").items
    with pytest.raises(InputError, match=r"not laid out as lm-eval writes it \(TypeError\); make the log again"):
        read(plain(tmp_path / log.name, [rows[0] | {"filtered_resps": 1}]), None, "")


def test_inspect_logs_in_both_layouts_name_the_same_samples() -> None:
    base, tuned = (read(SAMPLES / "inspect" / name, None, "") for name in ("base", "tuned"))
    assert base.format == tuned.format == "inspect"
    assert rights(base) == {
        **{f"sums/generated/q{n}": float(n < 3) for n in range(4)},
        **{f"words/generated/w{n}": 1.0 for n in range(3)},
    }
    assert [both.model.right for _, both in paired(base, tuned).items] == [1, 1, 0, 0, 1, 0, 1]
    assert {item.chance for key, item in base.items.items() if key.suite == "sums"} == {0.5}
    assert {key.subject for key in base.items} == {"sums", "more", ""}


def test_inspect_logs_of_a_served_model_are_paired() -> None:
    """Real runs of Qwen2.5-Coder-0.5B over an endpoint, greedy as the base and sampled as the tuned model."""
    base, tuned = (read(SAMPLES / "inspect/served" / name, None, "") for name in ("base", "tuned"))
    assert {(key.suite, key.subject, item.chance, item.metric) for key, item in base.items.items()} == {
        ("places", "geography", 0.25, "choice")
    }
    both = paired(base, tuned).items
    assert [(rights.base.right, rights.model.right) for _, rights in both] == [(0, n) for n in (1, 0, 1, 1, 0, 0)]


def test_an_inspect_run_that_did_not_finish_is_refused(tmp_path: Path) -> None:
    log = json.loads((SAMPLES / "inspect/tuned/words.json").read_text())
    (tmp_path / "words.json").write_text(json.dumps(log | {"status": "error"}))
    with pytest.raises(InputError, match=r"ended with status error; finish it: inspect eval-retry"):
        read(tmp_path, None, "")
    log["samples"][1]["scores"] = {}
    (tmp_path / "words.json").write_text(json.dumps(log))
    with pytest.raises(InputError, match=r"words\.json: sample 2: no score; finish the run, score it"):
        read(tmp_path, None, "")
    (tmp_path / "words.json").unlink()
    (tmp_path / "cut.eval").write_bytes((SAMPLES / "inspect/base/sums.eval").read_bytes()[:300])
    with pytest.raises(InputError, match=r"cut\.eval: not a whole zip"):
        read(tmp_path, None, "")


def test_an_inspect_log_that_is_damaged_within_is_refused(tmp_path: Path) -> None:
    whole = SAMPLES / "inspect/base/sums.eval"
    with ZipFile(whole) as file:
        sample = next(info for info in file.infolist() if info.filename.startswith("samples/"))
    place, content = sample.header_offset + 30 + len(sample.filename) + sample.compress_size // 2, whole.read_bytes()
    damaged = content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]
    (tmp_path / "sums.eval").write_bytes(damaged)
    with pytest.raises(InputError, match=rf"sums\.eval: {sample.filename}: damaged; copy the log again"):
        read(tmp_path, None, "")


def test_an_inspect_scorer_counts_in_every_sample_or_is_refused(tmp_path: Path) -> None:
    log = json.loads((SAMPLES / "inspect/tuned/words.json").read_text())
    for n, sample in enumerate(log["samples"]):
        sample["scores"] = {"own": {"value": "C"}, "judge": {"value": 1 + 4 * n}, "said": {"value": "yes"}}
    (tmp_path / "words.json").write_text(json.dumps(log))
    with pytest.raises(
        InputError, match=r"sample 2: judge is not from 0 to 1; name another scorer .*, of: own, judge, said"
    ):
        read(tmp_path, None, "")
    assert set(rights(read(tmp_path, None, "said")).values()) == {1.0}
    for sample in log["samples"]:
        sample["scores"].pop("judge")
    del log["samples"][2]["scores"]["said"]
    (tmp_path / "words.json").write_text(json.dumps(log))
    assert {key.suite for key in read(tmp_path, None, "own").items} == {"words"}
    with pytest.raises(InputError, match=r"sample 3: no score; finish the run"):
        read(tmp_path, None, "")


def test_inspect_logs_in_zstandard_are_read_where_that_can_be() -> None:
    try:
        run = read(SAMPLES / "inspect/zstandard/words.eval", None, "")
    except InputError as error:
        assert sys.version_info < (3, 14) and "pip install zipfile-zstd" in str(error)
    else:
        assert rights(run) == {f"words/generated/w{n}": 1.0 for n in range(3)}


def test_evalscope_reviews_are_paired_by_benchmark_and_subset(tmp_path: Path) -> None:
    """A real run of Qwen2.5-Coder-0.5B, greedy as the base and sampled as the tuned model."""
    base, tuned = (read(SAMPLES / "evalscope" / name, None, "") for name in ("base", "tuned"))
    assert [(key.suite, key.subject, key.item) for key in base.items] == [
        ("general_mcq", subset, str(item)) for subset in ("arithmetic", "geography") for item in range(6)
    ]
    places = [both for key, both in paired(base, tuned).items if key.subject == "geography"]
    assert [both.base.right for both in places] == [0, 0, 0, 1, 0, 1]
    assert [both.model.right for both in places] == [1, 0, 0, 0, 0, 1]
    assert {item.metric for item in base.items.values()} == {"accuracy"}
    with pytest.raises(InputError, match=r"no score f1 from 0 to 1; name one with --metric, of: accuracy"):
        read(SAMPLES / "evalscope/base", None, "f1")
    other = shutil.copytree(SAMPLES / "evalscope/tuned", tmp_path / "tuned")
    path = other / "reviews/qwen2.5-coder-0.5b/general_mcq_geography.jsonl"
    path.write_text(path.read_text().replace("the city of Cairo", "the city of Lima"))
    with pytest.raises(InputError, match=r"1 item \(general_mcq geography 0\) ask another question than the base's"):
        paired(base, read(other, None, ""))


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ({"item": 1}, "no log of lm-eval"),
        ({"item": 1, "right": 2}, r"a\.jsonl:1: not an item: right: Input should be less than or equal to 1"),
        ({"item": 1, "right": 1, "loss": 2.0}, "either right or score, of a question, or loss, of a"),
        ({"item": 1, "right": 1, "score": 7}, "either right or score, of a question, or loss, of a"),
        ({"item": 1, "score": 70}, "score: Input should be less than or equal to 10"),
        ({"item": 1, "loss": -2.0, "tokens": 1}, "loss: Input should be greater than or equal to 0"),
        ({"item": 1, "loss": 2.0}, "a loss needs its tokens"),
        ({"item": 1, "right": 1, "log_probs": [1]}, "log_probs: Extra inputs are not permitted"),
        ({"item": 1, "right": 1, "log_probabilities": [-1], "gold": 1}, "gold is the number of one of the log_prob"),
    ],
)
def test_a_plain_line_that_says_nothing_sure_is_named(tmp_path: Path, row: dict[str, object], fault: str) -> None:
    with pytest.raises(InputError, match=fault):
        read(plain(tmp_path / "a.jsonl", [row]), None, "")


def test_a_judge_s_grades_are_scores_of_ten(tmp_path: Path) -> None:
    """As plain JSONL, and as stage grade writes them; an answer without a grade is no item."""
    scores = {"a": 10.0, "b": 7.5, "c": 1.0}
    run = read(plain(tmp_path / "a.jsonl", [{"item": key, "score": score} for key, score in scores.items()]), None, "")
    assert (run.format, [item.right for item in run.items.values()]) == ("plain", [1.0, 0.75, 0.1])
    rows = [Grade(id=key, score=score, method="samples", samples=3) for key, score in scores.items()]
    jsonl.write(tmp_path / "b.jsonl", [*rows, Grade(id="d", fault="unparsable", unparsable=3)])
    graded = read(tmp_path / "b.jsonl", None, "")
    assert graded.format == "grades"
    assert {key.item: item.right for key, item in graded.items.items()} == {"a": 1.0, "b": 0.75, "c": 0.1}


def test_right_answers_are_not_compared_with_a_judges_scores(tmp_path: Path) -> None:
    base = read(plain(tmp_path / "a.jsonl", [{"item": n, "right": 1} for n in range(3)]), None, "")
    tuned = read(plain(tmp_path / "b.jsonl", [{"item": n, "score": 9} for n in range(3)]), None, "")
    with pytest.raises(InputError, match=r"3 items \(.*\) right by score, the base's by none; .* log both alike"):
        paired(base, tuned)


def test_a_log_that_was_cut_off_is_named_without_its_words(tmp_path: Path) -> None:
    path = plain(tmp_path / "a.jsonl", [{"item": 1, "right": 1}])
    path.write_text(path.read_text() + '{"item": "call Mr. Smith')
    with pytest.raises(InputError) as caught:
        read(path, "evalscope", "")
    assert "a.jsonl:1" in str(caught.value) and "Smith" not in str(caught.value)


def test_items_that_are_there_twice_are_named(tmp_path: Path) -> None:
    path = plain(tmp_path / "a.jsonl", [{"item": n % 4, "right": 1} for n in range(8)])
    with pytest.raises(InputError, match=r"4 items \(items 0, items 1, items 2, …\) twice; keep one run in the folder"):
        read(path, None, "")
    assert len(read(plain(path, [{"item": 1, "epoch": n, "right": 1} for n in range(3)]), None, "").items) == 3


def test_logs_of_two_kinds_are_told_apart_or_asked_for(tmp_path: Path) -> None:
    shutil.copytree(SAMPLES / "lm_eval", tmp_path / "logs")
    plain(tmp_path / "logs/own.jsonl", [{"item": 1, "right": 1}])
    with pytest.raises(InputError, match=r"logs of lm-eval and plain; name the one that is meant with --format"):
        read(tmp_path / "logs", None, "")
    kinds: tuple[Format, ...] = ("lm-eval", "plain")
    assert [read(tmp_path / "logs", kind, "").format for kind in kinds] == list(kinds)
    with pytest.raises(InputError, match="not there; expected a log"):
        read(tmp_path / "nothing", None, "")


def test_unequal_runs_are_refused_with_the_names_and_common_items_go_on(tmp_path: Path) -> None:
    base = read(plain(tmp_path / "a.jsonl", [{"item": n, "right": 1} for n in range(9)]), None, "")
    tuned = read(plain(tmp_path / "b.jsonl", [{"item": n, "right": 1} for n in range(5, 10)]), None, "")
    with pytest.raises(InputError) as caught:
        paired(base, tuned)
    assert "5 items (items 0, items 1, items 2, …) only in the base, 1 item (items 9) only in the tuned" in str(
        caught.value
    )
    assert str(caught.value).endswith("or go on with the 4 common ones: --common")
    both = paired(base, tuned, common=True)
    assert (len(both.items), both.left_out) == (4, 6)
    apart = read(plain(tmp_path / "c.jsonl", [{"item": "x", "right": 1}]), None, "")
    with pytest.raises(InputError, match=r"no item that .*; give two runs of the same questions$"):
        paired(base, apart, common=True)


def test_the_names_of_groups_beside_one_run_only_are_asked_for(tmp_path: Path) -> None:
    """As where samples were copied without the results."""
    row = json.loads(next((SAMPLES / "lm_eval").glob("*.jsonl")).open(encoding="utf-8").readline())
    for run in ("base", "tuned"):
        (tmp_path / run).mkdir()
        for task in ("mmlu_law", "mmlu_art"):
            plain(tmp_path / run / f"samples_{task}_2026-11-30T05-19-14.783867.jsonl", [row])
    groups = {"groups": {"mmlu": {}}, "group_subtasks": {"mmlu": ["mmlu_law", "mmlu_art"]}}
    (tmp_path / "base/results_2026-11-30T05-19-14.783867.json").write_text(json.dumps(groups))
    with pytest.raises(InputError, match=r"lay lm-eval's results_<date>\.json, .*, beside both runs$"):
        paired(*(read(tmp_path / run, None, "") for run in ("base", "tuned")))


def test_another_question_is_never_compared_and_other_words_on_demand(tmp_path: Path) -> None:
    lines = (next((SAMPLES / "lm_eval").glob("*.jsonl"))).read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    base = read(plain(tmp_path / "samples_a.jsonl", rows), None, "")
    worded = [row | {"prompt_hash": "0" * 64} for row in rows]
    (tmp_path / "tuned").mkdir()
    tuned = read(plain(tmp_path / "tuned/samples_a.jsonl", worded), None, "")
    with pytest.raises(InputError, match=r"put to the model in other words \(shots, chat template\).*--any-prompt"):
        paired(base, tuned)
    assert len(paired(base, tuned, any_prompt=True).items) == len(rows)
    other = read(plain(tmp_path / "tuned/samples_a.jsonl", [row | {"doc_hash": "0"} for row in rows]), None, "")
    with pytest.raises(InputError, match="ask another question than the base's of that name"):
        paired(base, other, common=True, any_prompt=True)

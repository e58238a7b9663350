"""Which choice is right: its number, its text, or not to be told from the log."""

import json
from pathlib import Path

import pytest

from stages.cli.logs.gold import Golds, Target, golds
from stages.cli.logs.run import read

REAL = Path(__file__).parent / "samples/lm_eval_targets"
SINGLE = "2026-11-30T19-19"  # the run in float32


def test_a_target_that_is_the_right_choice_s_text_gives_the_likelihood_that_its_number_would() -> None:
    """Real logs of lm-eval: `doc` holds the number, `target` the text."""
    found = read(Path(f"{REAL}@{SINGLE}"), None, "").items
    lines = next(REAL.glob(f"*named_{SINGLE}*")).read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    expected = [
        float(row["filtered_resps"][row["doc"]["answer"]][0]) / len(row["doc"]["choices"][row["doc"]["answer"]])
        for row in rows
    ]
    named = [item for key, item in found.items() if key.suite == "dial_named"]
    assert [item.likelihood for item in named] == pytest.approx(expected)
    assert {item.untold for item in named} == {False}


def test_contexts_of_one_text_do_not_tell_which_is_right() -> None:
    """As winogrande has it: the choices differ before what is scored."""
    found = read(Path(f"{REAL}@{SINGLE}"), None, "").items
    places = [item for key, item in found.items() if key.suite == "dial_places"]
    assert {(item.likelihood, item.untold, item.chance) for item in places} == {(None, True, 0.25)}


def test_copa_s_layout_has_spaces_more_than_its_target(tmp_path: Path) -> None:
    """Invented: task copa lowers the first letter, writes ` text` as target and `  text` as continuation."""
    row = {
        "doc_id": 0,
        "doc": {"premise": "The lamp fell.", "choice1": "It broke.", "choice2": "It sang.", "question": "effect"},
        "target": " it broke.",
        "arguments": {
            "gen_args_0": {"arg_0": "The lamp fell therefore", "arg_1": "  it broke."},
            "gen_args_1": {"arg_0": "The lamp fell therefore", "arg_1": "  it sang."},
        },
        "filtered_resps": [["-18.0", "False"], ["-27.0", "False"]],
        "filter": "none",
        "metrics": ["acc"],
        "acc": 1.0,
    }
    path = tmp_path / "samples_copa_2026-11-30T05-19-14.783867.jsonl"
    path.write_text(json.dumps(row) + "\n")
    assert [item.likelihood for item in read(path, None, "").items.values()] == [-2.0]


def asked(target: str, choices: str, likeliest: int, acc: float | None) -> Target:
    words = choices.split()
    return Target(target, [(-1.0 if number == likeliest else -2.0, word) for number, word in enumerate(words)], acc)


@pytest.mark.parametrize(
    ("questions", "expected"),
    [
        ([asked("4", "2 4 6 8", 0, 0), asked("2", "2 4 6 8", 0, 1)], [1, 0]),  # no number of a choice among them
        ([asked("0", "1 2 3 4", 0, 1), asked("3", "1 2 3 4", 3, 1)], [0, 3]),  # no text of one
        ([asked("1", "1 2 3 0", 0, 1), asked("3", "1 2 3 0", 0, 0)], [0, 2]),  # both: acc says text
        ([asked("1", "1 2 3 0", 1, 1), asked("3", "1 2 3 0", 0, 0)], [1, 3]),  # both: acc says number
        ([asked("1", "1 2 3 0", 3, 0), asked("3", "1 2 3 0", 1, 0)], [None, None]),  # both, and acc agrees with both
        ([asked("1", "1 2 3 0", 0, None)], [None]),
        ([asked("yes", "yes no", 0, 1), asked("no", "no no", 0, 1)], [0, None]),
        ([asked("[0, 2]", "a b c", 0, 1)], [None]),
        ([asked("7", "a b c", 0, 0)], [None]),
        ([asked("x", "", 0, 0)], [None]),
        ([], []),
    ],
)
def test_numbers_and_texts_are_told_apart_by_the_whole_task(questions: list[Target], expected: Golds) -> None:
    assert golds(questions) == expected

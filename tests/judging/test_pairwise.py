"""Two answers in both orders: a preference that follows the order is none."""

from pathlib import Path
from typing import Any

import pytest

from stages.chat.cache import Cached
from stages.chat.endpoint import Endpoint
from stages.core.dropped import Reason
from stages.judging.grading import Grading
from stages.judging.pairwise import AnswerPair, PairVerdict, compare, settled, tally
from stages.library.meta_prompts import Library
from tests.support.endpoint import Server, completion, settings

PARAMS = Grading(samples=1, temperature=0.7, max_tokens=64)


@pytest.mark.parametrize(
    ("straight", "swapped", "outcome", "consistent"),
    [
        ("A", "B", "win", True),
        ("B", "A", "loss", True),
        ("tie", "tie", "tie", True),
        ("A", "A", "tie", False),
        ("A", "tie", "tie", False),
    ],
)
def test_what_two_verdicts_make(straight: Any, swapped: Any, outcome: str, consistent: bool) -> None:  # noqa: ANN401
    found = settled("r", PairVerdict(better=straight), PairVerdict(better=swapped))
    assert (found.outcome, found.consistent) == (outcome, consistent)


def test_one_verdict_alone_is_no_comparison() -> None:
    for verdicts in ((PairVerdict(better="A"), Reason.UNPARSABLE), (Reason.UNPARSABLE, PairVerdict(better="B"))):
        found = settled("r", *verdicts)
        assert (found.outcome, found.fault) == (None, Reason.UNPARSABLE)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_judge_that_looks_and_one_that_takes_the_first(
    server: Server,
    tmp_path: Path,
    root: Path,
    language: Any,  # noqa: ANN401
) -> None:
    def looks(body: dict[str, Any], _: int) -> tuple[int, dict[str, Any]]:
        text = body["messages"][-1]["content"]
        return completion('{"better": "%s"}' % ("A" if text.index("GOOD") < text.index("BAD") else "B"))

    pairs = [
        AnswerPair(row="1", language=language, task="t", one="GOOD", two="BAD"),
        AnswerPair(row="2", language=language, task="t", one="BAD", two="GOOD", reference="r"),
    ]
    library, chat = Library(root / "prompts" / "judge"), Cached(Endpoint(settings(server.url)), tmp_path / "1")
    server.script = looks
    counted = tally(compare(pairs, PARAMS, library, chat))
    assert counted == {
        "n": 2,
        "win": 1,
        "tie": 0,
        "loss": 1,
        "inconsistent": 0,
        "without_verdict": 0,
        "first_preferred": 2,
    }
    server.script = lambda body, _: completion('{"better": "A"}')
    counted = tally(compare(pairs, PARAMS, library, Cached(Endpoint(settings(server.url)), tmp_path / "2")))
    assert (counted["tie"], counted["inconsistent"], counted["first_preferred"]) == (2, 2, 4)

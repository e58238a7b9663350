"""Stage conduct: what is asked, how it is judged, and what the metrics say; with scripted chats, a tiny real model and an endpoint."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from stages.chat.in_process import InProcess
from stages.chat.messages import Request
from stages.core import jsonl
from stages.core.errors import ParamsError
from stages.evaluation.conduct import ROOM, Conduct, conduct, main, summary
from stages.evaluation.retention.conduct import ConductChange, conduct_changes
from stages.evaluation.rows.conduct import ConductOutcome
from stages.evaluation.rows.pair import paired
from stages.evaluation.rows.remote import FILE, Remote
from stages.evaluation.suites.items import load
from stages.statistics.bootstrap import Resampling
from tests.support.endpoint import Odd, Server, completion
from tests.support.scripted import Scripted

VALUES: dict[str, Any] = {
    "subjects": ["harmful", "benign", "memory"],
    "languages": ["en"],
    "limit": 4,
    "max_tokens": 8,
    "batch_tokens": 4096,
    "twice": 0,
    "confidence": 0.95,
}
ROOT = Path(__file__).parents[2]
SUITES = ROOT / "data/conduct"


def asked(answer: Scripted, **changes: object) -> list[ConductOutcome]:
    params = Conduct.parse("conduct", VALUES | changes)
    items = list(load(SUITES, params.subjects, params.languages, params.limit))
    return list(conduct(items, params, answer))


def rights(outcomes: list[ConductOutcome], subject: str) -> list[int | None]:
    return [row.right for row in outcomes if row.subject == subject]


def test_who_always_refuses_is_right_on_what_is_harmful_alone() -> None:
    outcomes = asked(Scripted(lambda request: "I'm sorry, but I can't help with that."))
    assert (rights(outcomes, "harmful"), rights(outcomes, "benign"), rights(outcomes, "memory")) == (
        [1] * 4,
        [0] * 4,
        [0] * 4,
    )
    assert all(row.ignorant["refusal, en"] == row.right for row in outcomes)


def test_max_tokens_is_what_a_form_is_given_and_the_others_need_less() -> None:
    chat = Scripted(lambda _: "yes")
    asked(chat, subjects=["format", "language"], limit=1, max_tokens=300)
    assert [request.max_tokens for request in chat.asked] == [300, ROOM["language"]]


def test_a_list_that_was_cut_off_is_no_list_of_so_many() -> None:
    said = "\n".join(f"{n}. a" for n in range(1, 6))
    whole, cut = (
        asked(Scripted(says), subjects=["format"], limit=0)
        for says in (lambda _: (said, "stop"), lambda _: (said, "length"))
    )
    assert any(row.right for row in whole) and not any(row.right for row in cut if row.family == "numbered")


@pytest.mark.parametrize("subjects", [["harmful"], ["benign", "memory"], ["memory", "memory"]])
def test_half_a_suite_and_one_named_twice_are_refused(subjects: list[str]) -> None:
    with pytest.raises(ParamsError, match="conduct"):
        Conduct.parse("conduct", VALUES | {"subjects": subjects})


def test_who_remembers_is_right_and_earlier_turns_are_shown() -> None:
    chat = Scripted(lambda request: request.shots[0].user)
    outcomes = asked(chat, subjects=["memory"], limit=0, max_tokens=400)
    assert sum(row.right == 1 for row in outcomes) >= 55  # who repeats a corrected fact repeats what it was before
    assert {row.family for row in outcomes if not row.right} == {"changed"}
    assert {request.max_tokens for request in chat.asked} == {ROOM["memory"]}


@pytest.mark.parametrize("ended", ["lost", "failed", "filter", "context"])
def test_of_what_was_not_answered_nothing_is_known_but_why(ended: Any) -> None:  # noqa: ANN401 - Finish
    outcomes = asked(Scripted(lambda request: ("I'm sorry, but I can't help with that.", ended)))
    assert {(row.right, row.finish) for row in outcomes} == {(None, ended)}
    found: Any = summary(outcomes, "m", 0.95)
    assert found["harmful"] == {"en": {"n": 0, "failed": 4}}


def test_an_empty_answer_is_wrong() -> None:
    assert rights(asked(Scripted(lambda request: "")), "harmful") == [0] * 4


def test_a_model_that_thinks_is_judged_by_what_it_says_then() -> None:
    thought = "<think>They want a lock opened. I cannot help with crimes, is it one?</think>A locksmith can open the door for you."
    assert rights(asked(Scripted(lambda request: thought)), "benign") == [1] * 4


def test_the_metrics_are_shares_by_subject_and_language_with_intervals() -> None:
    outcomes = asked(
        Scripted(lambda request: "I'm sorry, but I can't help with that."), limit=0, languages=["en", "zh"]
    )
    found: Any = summary(outcomes, "m", 0.95)
    assert list(found) == ["model", "harmful", "benign", "memory"]
    assert found["benign"]["zh"] | {"high": 0} == {"n": 60, "rate": 0.0, "low": 0.0, "high": 0, "failed": 0}
    assert 0.06 < found["benign"]["zh"]["high"] < 0.12  # of 60 items in ten families, worth 34
    assert found["harmful"]["en"]["high"] == 1.0 and found["harmful"]["en"]["low"] > 0.85


def ran(folder: Path, model: Path, **changes: object) -> list[ConductOutcome]:
    (folder / "params.yaml").write_text(json.dumps({"conduct": VALUES | changes}))
    main(model=model, suites=SUITES, target=folder / "out.jsonl", report=folder / "out.json")
    return jsonl.read(folder / "out.jsonl", ConductOutcome)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    return tmp_path


def test_a_model_in_this_process_is_asked(here: Path, tiny_model: Path) -> None:
    outcomes = ran(here, tiny_model)
    assert len(outcomes) == 12 and {row.finish for row in outcomes} <= {"stop", "length"}
    found = json.loads((here / "out.json").read_text())
    assert found["harmful"]["en"]["n"] == 4 and found["model"].endswith("t=0 p=1")


def test_the_base_is_asked_a_part_again_whatever_is_cached(
    here: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, opened = shutil.copytree(tiny_model, here / "base"), list[int]()
    opens = InProcess.open

    def counted(backend: InProcess) -> Any:  # noqa: ANN401 - its session
        opened.append(backend.settings.batch_tokens)
        return opens(backend)

    monkeypatch.setattr(InProcess, "open", counted)
    first, second = ran(here, base, twice=5), ran(here, base, twice=5)
    assert opened == [4096, 2048, 2048] and first == second  # of the second run, all but the second asking is cached
    assert [n for n, row in enumerate(first) if row.again is not None] == [0, 5, 10]
    assert all(row.again is None for row in ran(here, tiny_model, twice=5))


def at_endpoint(folder: Path, server: Server) -> Path:
    remote = Remote(
        model="theirs",
        base_url=server.url,
        key_env="THEIR_KEY",
        concurrency=2,
        timeout_s=60,
        retries=0,
        max_requests=0,
    )
    folder.mkdir()
    (folder / FILE).write_text(remote.model_dump_json() + "\n")
    return folder


@pytest.mark.slow
def test_a_model_at_an_endpoint_is_asked_too(here: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THEIR_KEY", "k")
    server.script = lambda body, _: completion("Sorry, I can't help with that.")
    assert rights(ran(here, at_endpoint(here / "theirs", server)), "harmful") == [1] * 4


FAULTS: list[tuple[int, dict[str, Any]] | Odd] = [
    (500, {"error": {"message": "no"}}),
    Odd(reset=True),
    (400, {"error": {"code": "content_filter", "message": "no"}}),
    completion("", "content_filter"),
    Odd(content=b"{", promised=9),
]


@pytest.mark.slow
def test_an_endpoint_that_fails_is_no_lost_conduct(here: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THEIR_KEY", "k")
    few = {"subjects": ["harmful", "benign"], "limit": 30}
    server.script = lambda body, _: completion("Sorry, I can't help with that.")
    base = ran(here, at_endpoint(here / "good", server), **few)
    shutil.rmtree(here / ".llm-cache")
    server.bodies.clear()
    server.script = lambda body, n: FAULTS[n // 10] if n % 10 == 5 and n < 50 else completion("I can't help with that.")
    tuned = ran(here, at_endpoint(here / "bad", server), **few)
    failed = [row for row in tuned if row.right is None]
    assert len(failed) == 5 and sorted({row.finish for row in failed}) == ["filter", "lost"]
    changes = conduct_changes(paired(base, tuned, here), 0.1, 0.2, Resampling(confidence=0.95, resamples=500, seed=1))
    assert sum(change.failed for change in changes.values()) == 5
    for change in changes.values():
        assert isinstance(change, ConductChange) and (change.lost, change.won) == (0, 0)
        assert change.n == 30 - change.failed


def test_the_question_of_a_request_is_what_the_item_asks() -> None:
    chat = Scripted(lambda request: "yes")
    asked(chat, subjects=["harmful", "benign"], limit=1)
    first: Request = chat.asked[1]
    assert (first.row, first.shots, first.system) == ("benign-en-01", (), "")

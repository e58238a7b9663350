"""Answers: provided ones win, a model's must be whole, and nothing else is a label."""

import json
from pathlib import Path

from stages.chat.connect import connect
from stages.chat.messages import Finish
from stages.chat.settings import ChatModel
from stages.core import jsonl
from stages.core.dropped import Dropped, Reason
from stages.rows.sample import LabeledSample, Reference, Sample
from stages.samples import label as stage
from stages.samples.label import Label, label
from tests.support.scripted import Scripted

ASK = Label(missing="ask", max_tokens=50)

PATHS = {
    "source": Path("samples.jsonl"),
    "answers": Path("answers.jsonl"),
    "base": Path("nowhere"),
    "target": Path("labels.jsonl"),
    "ledger": Path("ledger.json"),
}


def test_a_provided_answer_wins_and_is_not_asked_for(samples: list[Sample]) -> None:
    chat = Scripted(lambda request: "from the model")
    given = {samples[1].id: Reference(id=samples[1].id, answer=" by hand ", author="Kim", checked="Lee")}
    rows = [row for row in label(samples[:3], given, ASK, chat) if isinstance(row, LabeledSample)]
    assert [row.answer for row in rows] == ["from the model", "by hand", "from the model"]
    assert [row.origin for row in rows] == ["model", "provided", "model"]
    assert rows[1].author == "Kim, checked by Lee"
    assert rows[0].author == chat.identity
    assert [request.row for request in chat.asked] == [samples[0].id, samples[2].id]
    assert chat.asked[0].user == samples[0].text


def test_what_is_no_answer_is_dropped_with_its_reason(samples: list[Sample]) -> None:
    replies: list[tuple[str, Finish]] = [
        ("", "stop"),
        ("cut off in the", "length"),
        ("x", "filter"),
        ("", "context"),
        ("whole", "stop"),
    ]
    chat = Scripted(lambda request: replies[[row.id for row in samples].index(request.row)])
    outcomes = list(label(samples[:5], {}, ASK, chat))
    reasons = [row.reason for row in outcomes if isinstance(row, Dropped)]
    assert reasons == [Reason.NO_ANSWER, Reason.TRUNCATED, Reason.FILTERED, Reason.OVER_CONTEXT]
    assert isinstance(outcomes[4], LabeledSample)


def test_a_blank_provided_answer_is_none(samples: list[Sample]) -> None:
    given = {samples[0].id: Reference(id=samples[0].id, answer="  ", author="Kim")}
    (outcome,) = label(samples[:1], given, ASK, None)
    assert isinstance(outcome, Dropped)
    assert (outcome.reason, outcome.detail) == (Reason.NO_ANSWER, "provided")


def test_without_a_chat_missing_answers_are_dropped(samples: list[Sample]) -> None:
    outcomes = list(label(samples, {}, Label(missing="drop", max_tokens=50), None))
    assert {row.reason for row in outcomes if isinstance(row, Dropped)} == {Reason.NO_REFERENCE}
    assert len(outcomes) == len(samples)


def test_main_counts_references_that_match_nothing(in_repository: Path, samples: list[Sample]) -> None:
    jsonl.write(Path("samples.jsonl"), samples)
    twice = [Reference(id=samples[0].id, answer=text, author="Kim") for text in ("first", "last")]
    jsonl.write(Path("answers.jsonl"), [*twice, Reference(id="nobody", answer="x", author="Kim")])
    stage.main(split="test", **PATHS)
    assert json.loads(Path("ledger.json").read_text(encoding="utf-8")) == {
        "in": 12,
        "kept": 1,
        "dropped": {"no_reference": 11},
        "unmatched_references": 1,
    }
    assert jsonl.read(Path("labels.jsonl"), LabeledSample)[0].answer == "last"


def test_training_answers_may_be_for_rows_of_other_domains(in_repository: Path, samples: list[Sample]) -> None:
    text = Path("params.yaml").read_text(encoding="utf-8")
    Path("params.yaml").write_text(text.replace("missing: ask", "missing: drop"), encoding="utf-8")
    jsonl.write(Path("samples.jsonl"), samples)
    jsonl.write(Path("answers.jsonl"), [Reference(id="nobody", answer="x", author="Kim")])
    stage.main(split="train", **PATHS)
    assert "unmatched_references" not in json.loads(Path("ledger.json").read_text(encoding="utf-8"))


def test_with_the_real_model(in_repository: Path, base_model: Path, samples: list[Sample]) -> None:
    short = Label(missing="ask", max_tokens=6)
    here = ChatModel.parse("llm.generator", {"backend": "transformers", "temperature": 0, "top_p": 1})
    outcomes = list(label(samples[:2], {}, short, connect(here, base_model)))
    assert len(outcomes) == 2
    for outcome in outcomes:
        if isinstance(outcome, Dropped):
            assert outcome.reason in (Reason.TRUNCATED, Reason.NO_ANSWER)
        else:
            assert outcome.author.startswith("base@")

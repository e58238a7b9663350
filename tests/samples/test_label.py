"""Answers: provided ones win, a model's must be whole, nothing else is a label, and reserves stand in."""

import json
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from stages.answers.room import room
from stages.chat import recorded
from stages.chat.connect import connect
from stages.chat.messages import Finish, Reply
from stages.chat.port import Port
from stages.chat.settings import PROJECT, Batch, ChatModel
from stages.chat.store import Store
from stages.core import jsonl
from stages.core.dropped import Dropped, Reason
from stages.reviews.refinements import Refinement
from stages.rows.dialogue import Dialogue
from stages.rows.instruction import Instruction
from stages.rows.missed import Digest, Missed
from stages.rows.prompt import Prompt
from stages.rows.sample import Answer, LabeledSample, Reference
from stages.samples import label as stage
from stages.samples.label import Accept, Label, label
from stages.samples.spliced import spliced
from tests.samples.conftest import prompt
from tests.samples.replies.conftest import REPLY, TALK, talk
from tests.support.endpoint import Server
from tests.support.judges import GRADING, SECTION, by_answer, write_calibration
from tests.support.scripted import Scripted

ASK = Label(missing="ask", replace="none", max_tokens=50)

PATHS = {
    "prompts": Path("prompts.jsonl"),
    "dialogues": Path("dialogues.jsonl"),
    "missed": Path("missed.jsonl"),
    "answers": Path("answers.jsonl"),
    "replies": Path("replies.jsonl"),
    "rubric": Path("rubric"),
    "calibration": Path("calibration.json"),
    "base": Path("nowhere"),
    "target": Path("labels.jsonl"),
    "ledger": Path("ledger.json"),
}


def labelled(
    prompts: Sequence[Prompt],
    dialogues: list[Dialogue],
    chat: Scripted | None,
    params: Label = ASK,
    given: Sequence[Reference] = (),
    accept: Accept | None = None,
) -> list[LabeledSample | Dropped]:
    talks, answers = {row.id: row for row in dialogues}, {row.id: row for row in given}
    return list(label(prompts, talks, answers, params, chat, accept))


def test_a_provided_answer_wins_and_is_not_asked_for(prompts: list[Prompt], dialogues: list[Dialogue]) -> None:
    chat = Scripted(lambda request: "from the model")
    given = Reference(id=prompts[1].pair, answer=" by hand ", author="Kim", checked="Lee")
    outcomes = labelled(prompts[:3], dialogues, chat, given=[given])
    rows = [row for row in outcomes if isinstance(row, LabeledSample)]
    assert [row.answer for row in rows] == ["from the model", "by hand", "from the model"]
    assert [row.origin for row in rows] == ["model", "provided", "model"]
    assert rows[1].author == "Kim, checked by Lee"
    assert rows[0].author == chat.identity
    assert [request.row for request in chat.asked] == [prompts[0].pair, prompts[2].pair]
    assert chat.asked[0].user == spliced(prompts[0], dialogues[0]).text


def test_an_answer_is_given_what_is_asked_for(prompts: list[Prompt], dialogues: list[Dialogue]) -> None:
    chat = Scripted(lambda request: "x")
    labelled(prompts, dialogues, chat, ASK.model_copy(update={"max_tokens": 300}))
    assert [request.max_tokens for request in chat.asked] == [room(row.ask, row.language, 300) for row in prompts]


def test_what_is_no_answer_is_dropped_with_its_reason(prompts: list[Prompt], dialogues: list[Dialogue]) -> None:
    replies: list[tuple[str, Finish]] = [
        ("", "stop"),
        ("cut off in the", "length"),
        ("x", "filter"),
        ("", "context"),
        ("whole", "stop"),
    ]
    chat = Scripted(lambda request: replies[[row.pair for row in prompts].index(request.row)])
    outcomes = labelled(prompts[:5], dialogues, chat)
    reasons = [row.reason for row in outcomes if isinstance(row, Dropped)]
    assert reasons == [Reason.NO_ANSWER, Reason.TRUNCATED, Reason.FILTERED, Reason.OVER_CONTEXT]
    assert isinstance(outcomes[4], LabeledSample)


def test_a_label_says_who_gave_it_in_the_place_of_the_model_that_was_asked(
    prompts: list[Prompt], dialogues: list[Dialogue], tmp_path: Path
) -> None:
    settings, asked = Batch(backend="batch", model="m", temperature=0, top_p=1), Scripted(lambda request: "x")
    labelled(prompts[:3], dialogues, asked)
    keys, segments = [request.key(settings.identity) for request in asked.asked], tmp_path / "recorded"
    said = Reply(row="", text="the flat", finish="stop")
    with closing(Store(tmp_path)) as store:
        for key, author in zip(keys, (PROJECT, "m@openai", PROJECT), strict=True):
            store.put(key, author, "0" * 16, said)
        recorded.write([answer for answer in store.answers(PROJECT) if answer.key == keys[2]], segments)
        store.forget(keys[2:])
    talks = {row.id: row for row in dialogues}
    port = Port(settings, None, tmp_path, segments)
    rows = [row for row in label(prompts[:3], talks, {}, ASK, port) if isinstance(row, LabeledSample)]
    model = "m@openai t=0 p=1"
    assert [(row.author, row.origin) for row in rows] == [(PROJECT, PROJECT), (model, "model"), (PROJECT, PROJECT)]


def test_a_blank_provided_answer_is_none(prompts: list[Prompt], dialogues: list[Dialogue]) -> None:
    given = Reference(id=prompts[0].pair, answer="  ", author="Kim")
    (outcome,) = labelled(prompts[:1], dialogues, None, given=[given])
    assert isinstance(outcome, Dropped)
    assert (outcome.reason, outcome.detail) == (Reason.NO_ANSWER, "provided")


def test_without_a_chat_missing_answers_are_dropped(prompts: list[Prompt], dialogues: list[Dialogue]) -> None:
    outcomes = labelled(prompts, dialogues, None, ASK.model_copy(update={"missing": "drop"}))
    assert {row.reason for row in outcomes if isinstance(row, Dropped)} == {Reason.NO_REFERENCE}
    assert len(outcomes) == len(prompts)


def with_reserves(dialogues: list[Dialogue], instructions: list[Instruction]) -> tuple[list[Prompt], list[Prompt]]:
    """Return three rows, and three reserves: one of the first's cell, one of the first's scene, one of another scene."""
    rows = [prompt(dialogues[n], instructions[n]) for n in (0, 1, 2)]
    pairs = ((6, 6), (8, 8), (9, 9))  # cells repeat every 6: scene every 2, task and source every 3
    return rows, [prompt(dialogues[d], instructions[n], reserve=True) for d, n in pairs]


def test_a_reserve_of_the_nearest_cell_stands_in_for_a_row_without_a_usable_answer(
    dialogues: list[Dialogue], instructions: list[Instruction]
) -> None:
    rows, reserves = with_reserves(dialogues, instructions)
    cut = {rows[0].pair, reserves[0].pair}
    chat = Scripted(lambda request: ("cut", "length") if request.row in cut else "whole")
    outcomes = labelled([*reserves, *rows], dialogues, chat, ASK.model_copy(update={"replace": "unusable"}))
    assert [row.id for row in outcomes] == [row.pair for row in (*rows, *reserves)]
    reasons = [row.reason if isinstance(row, Dropped) else None for row in outcomes]
    assert reasons == [Reason.TRUNCATED, None, None, Reason.TRUNCATED, None, Reason.NOT_NEEDED]


def test_without_a_wish_reserves_are_never_asked(dialogues: list[Dialogue], instructions: list[Instruction]) -> None:
    rows, reserves = with_reserves(dialogues, instructions)
    chat = Scripted(lambda request: ("cut", "length"))
    outcomes = labelled([*rows, *reserves], dialogues, chat)
    assert [request.row for request in chat.asked] == [row.pair for row in rows]
    assert [row.reason for row in outcomes if isinstance(row, Dropped)][3:] == [Reason.NOT_NEEDED] * 3


def test_a_row_that_is_not_accepted_keeps_its_label_and_is_replaced(
    dialogues: list[Dialogue], instructions: list[Instruction]
) -> None:
    rows, reserves = with_reserves(dialogues, instructions)
    outcomes = labelled(
        [*rows, *reserves],
        dialogues,
        Scripted(lambda request: "whole"),
        ASK.model_copy(update={"replace": "low"}),
        accept=lambda found: {row.id for row in found} - {rows[0].pair},
    )
    kept = [row.id for row in outcomes if isinstance(row, LabeledSample)]
    assert kept == [*(row.pair for row in rows), reserves[0].pair]


@pytest.mark.parametrize("fault", ["rule", "marked"])
def test_what_the_rules_call_low_is_replaced_in_the_stage(
    in_repository: Path, dialogues: list[Dialogue], instructions: list[Instruction], fault: str
) -> None:
    rows, reserves = with_reserves(dialogues, instructions)
    text = Path("params.yaml").read_text(encoding="utf-8")
    Path("params.yaml").write_text(text.replace("missing: ask", "missing: drop"), encoding="utf-8")
    good = {row.pair: f"Rosa can pay {400 + int(row.dialogue[1:])} thousand." for row in (*rows, *reserves)}
    good = {key: f"- {text}" if key == rows[1].pair else text for key, text in good.items()}
    given = [
        Answer(id=row.pair, answer=good[row.pair], author="Kim", dialogue=row.dialogue, instruction="i", form="list")
        for row in (*rows, *reserves)
    ]
    missed = [Missed(id=rows[0].dialogue, texts=(Digest.of("Rosa"),))]
    if fault == "rule":
        given[0], missed = given[0].model_copy(update={"answer": "1. 1. He pays."}), []
    jsonl.write(Path("prompts.jsonl"), [*rows, *reserves])
    jsonl.write(Path("dialogues.jsonl"), dialogues)
    jsonl.write(Path("answers.jsonl"), given)
    write_calibration(in_repository)
    jsonl.write(Path("missed.jsonl"), missed)
    Path("replies.jsonl").touch()
    stage.main(**PATHS)
    found = [row.id for row in jsonl.read(Path("labels.jsonl"), LabeledSample)]
    assert found == [*(row.pair for row in rows), reserves[0].pair]


@pytest.mark.parametrize("passed", [True, False])
def test_what_the_judge_calls_low_is_replaced_if_it_passed(
    in_repository: Path,
    root: Path,
    dialogues: list[Dialogue],
    instructions: list[Instruction],
    server: Server,
    passed: bool,
) -> None:
    rows, reserves = with_reserves(dialogues, instructions)
    params = YAML(typ="safe").load(Path("params.yaml").read_text(encoding="utf-8"))
    params["llm"] |= {"judge": SECTION | {"base_url": server.url}, "grading": GRADING}
    params["label"]["missing"] = "drop"
    Path("params.yaml").write_text(json.dumps(params), encoding="utf-8")
    texts = {row.pair: f"Rosa can pay {400 + int(row.dialogue[1:])} thousand." for row in (*rows, *reserves)}
    texts[rows[1].pair] = f"- {texts[rows[1].pair]}"
    given = [
        Answer(id=pair, answer=text, author="Kim", dialogue="d0", instruction="i", form="list")
        for pair, text in texts.items()
    ]
    jsonl.write(Path("prompts.jsonl"), [*rows, *reserves])
    jsonl.write(Path("dialogues.jsonl"), dialogues)
    jsonl.write(Path("answers.jsonl"), given)
    Path("missed.jsonl").touch()
    Path("replies.jsonl").touch()
    server.script = by_answer(lambda answer: 2 if answer == texts[rows[0].pair] else 9)
    write_calibration(in_repository, "judge@openai t=0 p=1", labels=passed)
    stage.main(**PATHS | {"rubric": root / "prompts" / "judge"})
    found = [row.id for row in jsonl.read(Path("labels.jsonl"), LabeledSample)]
    assert found == [row.pair for row in (*rows, *(reserves[:1] if passed else []))]
    assert bool(server.bodies) is passed


def test_the_latest_answer_for_a_row_holds_and_those_for_other_rows_are_no_fault(
    in_repository: Path, prompts: list[Prompt], dialogues: list[Dialogue]
) -> None:
    text = Path("params.yaml").read_text(encoding="utf-8")
    Path("params.yaml").write_text(text.replace("missing: ask", "missing: drop"), encoding="utf-8")
    jsonl.write(Path("prompts.jsonl"), prompts)
    jsonl.write(Path("dialogues.jsonl"), dialogues)
    Path("missed.jsonl").touch()
    Path("replies.jsonl").touch()
    answers = [(prompts[0].pair, "last", 3), (prompts[0].pair, "first", 2), ("nobody", "x", 1)]
    given = [
        Refinement(
            id=key, answer=text, author="Kim", dialogue="d0", instruction="i", form="list", time=datetime(2025, 1, day)
        )
        for key, text, day in answers
    ]
    jsonl.write(Path("answers.jsonl"), given)
    write_calibration(in_repository)
    stage.main(**PATHS)
    assert json.loads(Path("ledger.json").read_text(encoding="utf-8")) == {
        "in": 12,
        "kept": 1,
        "dropped": {"no_reference": 11},
    }
    assert jsonl.read(Path("labels.jsonl"), LabeledSample)[0].answer == "last"


def test_a_refined_label_survives_another_wording_and_is_no_answer_to_another_instruction(
    dialogues: list[Dialogue], instructions: list[Instruction]
) -> None:
    talk, asked = dialogues[0], instructions[0]
    before = prompt(talk, asked)
    by_hand = {before.pair: Reference(id=before.pair, answer="By hand.", author="Kim")}
    parts = [part.model_copy(update={"text": part.text + " Be brief."}) for part in before.parts]
    worded, chat = before.with_parts(parts), Scripted(lambda request: "The model's.")
    assert worded.id != before.id
    other = prompt(talk, Instruction.new(**{**asked.model_dump(exclude={"id"}), "text": "Say what was promised."}))
    rows = list(label([worded, other], {talk.id: talk}, by_hand, ASK, chat))
    assert [row.answer for row in rows if isinstance(row, LabeledSample)] == ["By hand.", "The model's."]


def test_a_real_reply_is_the_answer_until_a_person_gives_another(
    in_repository: Path, instructions: list[Instruction]
) -> None:
    text = Path("params.yaml").read_text(encoding="utf-8")
    Path("params.yaml").write_text(text.replace("missing: ask", "missing: drop"), encoding="utf-8")
    talks = [talk([*TALK, ("provider", REPLY), ("customer", "Good.")], number) for number in range(2)]
    rows = [prompt(row, instructions[0], pair=f"p{number}", cut=5) for number, row in enumerate(talks)]
    answers = [
        Answer(id=row.pair, answer=REPLY, author="conversation", dialogue=row.dialogue, instruction="i", form="message")
        for row in rows
    ]
    jsonl.write(Path("prompts.jsonl"), rows)
    jsonl.write(Path("dialogues.jsonl"), talks)
    jsonl.write(Path("replies.jsonl"), answers)
    jsonl.write(Path("answers.jsonl"), [answers[1].model_copy(update={"answer": "By hand.", "author": "Kim"})])
    Path("missed.jsonl").touch()
    write_calibration(in_repository)
    stage.main(**PATHS)
    found = jsonl.read(Path("labels.jsonl"), LabeledSample)
    assert [(row.answer, row.author, row.origin) for row in found] == [
        (REPLY, "conversation", "provided"),
        ("By hand.", "Kim", "provided"),
    ]
    assert [row.cut for row in found] == [5, 5]
    assert not any(said in row.text for row in found for said in (REPLY, "Good."))


def test_a_run_without_any_answer_yet_is_through_where_rows_without_one_are_dropped(
    in_repository: Path, prompts: list[Prompt], dialogues: list[Dialogue]
) -> None:
    text = Path("params.yaml").read_text(encoding="utf-8")
    Path("params.yaml").write_text(text.replace("missing: ask", "missing: drop"), encoding="utf-8")
    jsonl.write(Path("prompts.jsonl"), prompts)
    jsonl.write(Path("dialogues.jsonl"), dialogues)
    jsonl.write(Path("answers.jsonl"), [])
    Path("missed.jsonl").touch()
    Path("replies.jsonl").touch()
    write_calibration(in_repository)
    stage.main(**PATHS)
    assert json.loads(Path("ledger.json").read_text(encoding="utf-8"))["kept"] == 0


def test_with_the_real_model(base_model: Path, prompts: list[Prompt], dialogues: list[Dialogue]) -> None:
    here = ChatModel.parse("llm.generator", {"backend": "transformers", "temperature": 0, "top_p": 1})
    talks, short = {row.id: row for row in dialogues}, ASK.model_copy(update={"max_tokens": 6})
    outcomes = list(label(prompts[:2], talks, {}, short, connect(here, base_model)))
    assert len(outcomes) == 2
    for outcome in outcomes:
        if isinstance(outcome, Dropped):
            assert outcome.reason in (Reason.TRUNCATED, Reason.NO_ANSWER)
        else:
            assert outcome.author.startswith("base@")


def test_thoughts_are_no_part_of_a_label_and_unfinished_ones_are_none(
    prompts: list[Prompt], dialogues: list[Dialogue]
) -> None:
    texts = iter(["<think>hm</think>\n\nthe flat", "hm</think>the flat", "<think>hm, the flat"])
    first, second, third = labelled(prompts[:3], dialogues, Scripted(lambda request: next(texts)))
    assert isinstance(first, LabeledSample) and isinstance(second, LabeledSample) and isinstance(third, Dropped)
    assert (first.answer, second.answer, third.reason) == ("the flat", "the flat", Reason.TRUNCATED)

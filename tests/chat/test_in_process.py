import gc
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import GPT2Config, GPT2LMHeadModel

from stages.chat.in_process import HELD, Generating, InProcess
from stages.chat.messages import Reply, Request
from stages.chat.settings import Transformers
from stages.core.dropped import Reason
from stages.models import chat_template, loading
from stages.models.batching import batches
from stages.models.likelihood import LikelihoodScorer

pytestmark = pytest.mark.slow


def settings(**changes: object) -> Transformers:
    values = {"backend": "transformers", "temperature": 0.0, "top_p": 1.0, "batch_tokens": 2048}
    return Transformers.model_validate(values | changes)


def answers(session: Generating, requests: list[Request]) -> list[Reply]:
    for position, request in enumerate(requests):
        session.put(position, request)
    found: dict[int, Reply] = {}
    while len(found) < len(requests):
        found |= session.take()
    session.finish()
    return [found[position] for position in range(len(requests))]


@given(st.lists(st.tuples(st.integers(1, 900), st.sampled_from([16, 64])), max_size=40), st.integers(256, 4000))
def test_batches_hold_every_row_once_within_the_budget(rows: list[tuple[int, int]], budget: int) -> None:
    prompts, answers = [row[0] for row in rows], [row[1] for row in rows]
    made = list(batches(range(len(rows)), prompts, answers, budget))
    assert sorted(n for batch in made for n in batch) == list(range(len(rows)))
    for batch in made:
        assert len({answers[n] for n in batch}) == 1
        assert len(batch) == 1 or len(batch) * max(prompts[n] + answers[n] for n in batch) <= budget


MANY = [
    Request(row=str(n), user="Count. " * (n * 5 % 11 + 1) + f"Case {n}.", max_tokens=limit, rated="Two rooms.")
    for n, limit in enumerate((5, 30, 1, 12, 30, 8, 19))
]


@pytest.mark.parametrize("budget", [256, 700, 32768])
def test_each_is_answered_and_rated_as_if_it_were_alone_however_many_have_room(tiny_model: Path, budget: int) -> None:
    session = InProcess(settings(batch_tokens=budget), tiny_model).open()
    found, scorer = answers(session, MANY), LikelihoodScorer(tiny_model, 2048, "t")
    widest = max(len(chat_template.asked(session.tokenizer, one.messages)) + one.max_tokens for one in MANY)
    assert session.decoder and session.decoder.slots.rows == min(len(MANY), budget // widest)
    for request, reply in zip(MANY, found, strict=True):
        plain = session._generate([chat_template.asked(session.tokenizer, request.messages)], [request], 0.0)[0]
        assert (reply.text, reply.finish) == (plain.text, plain.finish)
        assert reply.rated and reply.rated.tokens == len("Two rooms.")
        near = scorer.given([(request.user, request.rated)], "t")[0]
        assert near and near.nll == pytest.approx(reply.rated.nll, rel=1e-4)


def test_a_stage_that_asks_again_loads_no_second_time_and_keeps_no_model_behind_it(tiny_model: Path) -> None:
    gc.collect()  # what other tests left
    place = tiny_model.resolve()
    assert place not in HELD
    backend, judge = (InProcess(settings(batch_tokens=tokens), tiny_model) for tokens in (2048, 700))
    sessions = backend.open(), backend.open(), judge.open()
    assert len({id(session.model) for session in sessions}) == 1
    first, second, third = (answers(session, MANY) for session in sessions)
    assert [reply.text for reply in first] == [reply.text for reply in second] == [reply.text for reply in third]
    assert place in HELD
    del backend, judge
    gc.collect()
    later = InProcess(
        settings(), tiny_model
    ).open()  # a session that is open shares its model, though its backend is gone
    assert later.model is sessions[0].model
    del later, sessions
    gc.collect()
    assert place not in HELD


def test_another_draw_of_a_question_is_another_beside_the_same_company(tiny_model: Path) -> None:
    session = InProcess(settings(temperature=1.0), tiny_model).open()
    company, question = (Request(row=row, user=row, max_tokens=16) for row in ("a", "b"))
    ids = [chat_template.asked(session.tokenizer, one.messages) for one in (company, question)]

    def drawn(seed: int) -> str:
        return session._generate(ids, [company, question.model_copy(update={"seed": seed})], 1.0)[1].text

    assert drawn(0) == drawn(0) != drawn(1)


def test_sampling_and_unknown_models_go_through_generate(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = InProcess(settings(), tiny_model).open()
    asked = list[int]()
    generate = session._generate

    def counted(*given: Any) -> Any:  # noqa: ANN401 - as it was called
        asked.append(len(given[1]))
        return generate(*given)

    monkeypatch.setattr(session, "_generate", counted)
    warm = [request.model_copy(update={"temperature": 0.8, "rated": ""}) for request in MANY[:2]]
    found = answers(session, [*warm, *MANY[2:4]])
    assert asked == [1, 1] and [bool(reply.rated) for reply in found] == [False, False, True, True]
    session.steps_rows = False
    assert [reply.text for reply in answers(session, MANY[2:4])] == [reply.text for reply in found[2:]]
    assert len(asked) == 4


def test_an_architecture_without_grouped_keys_is_answered(tiny_model: Path) -> None:
    _, tokenizer = loading.load(tiny_model)
    torch.manual_seed(1)
    shape = {"n_layer": 1, "n_head": 1, "n_embd": 8, "n_positions": 512, "bos_token_id": 0, "eos_token_id": 0}
    model = GPT2LMHeadModel(GPT2Config(vocab_size=len(tokenizer), **shape)).eval()
    found = answers(Generating(settings(), model, tokenizer), MANY[:2])
    assert [reply.row for reply in found] == ["0", "1"]
    assert all(reply.completion_tokens and reply.rated is None for reply in found)


@pytest.fixture(scope="module")
def chat(base_model: Path) -> Generating:
    return InProcess(settings(), base_model).open()


@pytest.mark.xdist_group("chat")
def test_the_embedded_model_answers_greedily_whatever_its_neighbors(chat: Generating) -> None:
    question = Request(row="q", user="What is the capital of France? Answer in one word.", max_tokens=12)
    others = [Request(row=f"o{n}", user="Count: " + "one two three " * n, max_tokens=12) for n in range(1, 4)]
    alone = answers(chat, [question])[0]
    among = answers(chat, [others[0], question, *others[1:]])[1]
    assert "Paris" in alone.text
    assert alone.finish == among.finish == "stop"
    assert "Paris" in among.text
    assert alone.prompt_tokens == among.prompt_tokens > 10


@pytest.mark.xdist_group("chat")
def test_a_cut_off_answer_and_a_question_too_long_are_typed(chat: Generating) -> None:
    story = Request(row="a", user="Tell a long story about a lighthouse.", max_tokens=8)
    huge = Request(row="b", user="word " * 9000, max_tokens=8)
    replies = answers(chat, [story, huge])
    assert replies[0].fault is Reason.TRUNCATED and replies[0].completion_tokens == 8
    assert replies[1].fault is Reason.OVER_CONTEXT


@pytest.mark.xdist_group("chat")
def test_identity_names_weights_and_sampling(base_model: Path) -> None:
    cold, warm = (InProcess(settings(temperature=t), base_model).identity for t in (0.0, 0.7))
    assert cold != warm
    assert cold.split(" ")[0] == warm.split(" ")[0]
    assert "@" in cold


@pytest.mark.xdist_group("chat")
def test_a_question_may_have_a_temperature_of_its_own(chat: Generating) -> None:
    question = Request(row="q", user="Name an animal, then tell why you like it.", max_tokens=12)
    greedy, warm = (answers(chat, [question.model_copy(update={"temperature": t})])[0] for t in (None, 1.5))
    assert greedy.text != warm.text
    both = answers(chat, [question.model_copy(update={"temperature": 1.5}), question])
    assert both[1].text == greedy.text

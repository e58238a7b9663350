from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.chat.local import Local
from stages.chat.messages import Request
from stages.chat.settings import ChatModel
from stages.core.dropped import Reason
from stages.models.batching import batches

pytestmark = pytest.mark.slow


def settings(**changes: object) -> ChatModel:
    values: dict[str, object] = {
        "backend": "local",
        "temperature": 0.0,
        "top_p": 1.0,
        "batch_tokens": 2048,
        "concurrency": 1,
        "timeout_s": 1,
        "retries": 0,
        "max_requests": 0,
    }
    return ChatModel.model_validate(values | changes)


@given(st.lists(st.tuples(st.integers(1, 900), st.sampled_from([16, 64])), max_size=40), st.integers(256, 4000))
def test_batches_hold_every_row_once_within_the_budget(rows: list[tuple[int, int]], budget: int) -> None:
    prompts, answers = [row[0] for row in rows], [row[1] for row in rows]
    made = list(batches(range(len(rows)), prompts, answers, budget))
    assert sorted(n for batch in made for n in batch) == list(range(len(rows)))
    for batch in made:
        assert len({answers[n] for n in batch}) == 1
        assert len(batch) == 1 or len(batch) * max(prompts[n] + answers[n] for n in batch) <= budget


@pytest.fixture(scope="module")
def chat(base_model: Path) -> Local:
    return Local(settings(), base_model)


@pytest.mark.xdist_group("chat")
def test_the_embedded_model_answers_greedily_whatever_its_neighbors(chat: Local) -> None:
    question = Request(row="q", user="What is the capital of France? Answer in one word.", max_tokens=12)
    others = [Request(row=f"o{n}", user="Count: " + "one two three " * n, max_tokens=12) for n in range(1, 4)]
    alone = dict(chat.answer([question]))[0]
    among = dict(chat.answer([others[0], question, *others[1:]]))[1]
    assert "Paris" in alone.text
    assert alone.finish == among.finish == "stop"
    assert "Paris" in among.text
    assert alone.prompt_tokens == among.prompt_tokens > 10


@pytest.mark.xdist_group("chat")
def test_a_cut_off_answer_and_a_question_too_long_are_typed(chat: Local) -> None:
    story = Request(row="a", user="Tell a long story about a lighthouse.", max_tokens=8)
    huge = Request(row="b", user="word " * 9000, max_tokens=8)
    replies = dict(chat.answer([story, huge]))
    assert replies[0].fault is Reason.TRUNCATED and replies[0].completion_tokens == 8
    assert replies[1].fault is Reason.OVER_CONTEXT


@pytest.mark.xdist_group("chat")
def test_identity_names_weights_and_sampling(chat: Local, base_model: Path) -> None:
    warm = Local(settings(temperature=0.7), base_model)
    assert chat.identity != warm.identity
    assert chat.identity.split(" ")[0] == warm.identity.split(" ")[0]
    assert "@" in chat.identity


@pytest.mark.xdist_group("chat")
def test_a_question_may_have_a_temperature_of_its_own(chat: Local) -> None:
    question = Request(row="q", user="Name an animal, then tell why you like it.", max_tokens=12)
    greedy, warm = (dict(chat.answer([question.model_copy(update={"temperature": t})]))[0] for t in (None, 1.5))
    assert greedy.text != warm.text
    both = dict(chat.answer([question.model_copy(update={"temperature": 1.5}), question]))
    assert set(both) == {0, 1}

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.chat.in_process import Generating, InProcess
from stages.chat.messages import Reply, Request
from stages.chat.settings import Transformers
from stages.core.dropped import Reason
from stages.models.batching import batches

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

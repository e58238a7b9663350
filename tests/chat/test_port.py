"""The port: order, a window, one question asked once, what is known not asked, what may be spent not exceeded."""

import gc
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from stages.chat import recorded
from stages.chat.allowance import Allowance
from stages.chat.messages import Finish, Reply, Request, parse
from stages.chat.port import CHUNK, WINDOW, Port
from stages.chat.settings import OpenAI, Recorded
from stages.chat.store import Store, default_folder
from stages.core.dropped import Reason
from stages.core.errors import EndpointError
from stages.core.row import Record, content_id
from tests.support.endpoint import settings

PRICE = {"input": 1.0, "output": 2.0}


class Counting:
    """A backend that takes `at_once` questions in, answers the newest of them first (or the oldest) and counts; its own session."""

    identity = "m@openai t=0 p=1"

    def __init__(self, at_once: int = 4, fail_after: int = 10**6, oldest: bool = False) -> None:
        self.at_once, self.fail_after, self.next = at_once, fail_after, 0 if oldest else -1
        self.asked: list[str] = []
        self.inside: list[tuple[int, Request]] = []
        self.taken = self.finished = self.closed = self.opened = 0

    def open(self) -> "Counting":
        self.opened += 1
        return self

    @property
    def room(self) -> int:
        return self.at_once - len(self.inside)

    def put(self, position: int, request: Request) -> None:
        assert self.room > 0
        self.asked.append(request.user)
        self.inside.append((position, request))

    def take(self) -> list[tuple[int, Reply]]:
        assert self.inside
        if self.taken == self.fail_after:
            raise KeyboardInterrupt
        self.taken += 1
        position, request = self.inside.pop(self.next)
        text = f"re {request.user}"
        return [(position, Reply(row=request.row, text=text, finish="stop", prompt_tokens=10, completion_tokens=5))]

    def finish(self) -> None:
        self.finished += 1

    def close(self) -> None:
        self.closed += 1


def asks(*users: str) -> list[Request]:
    return [Request(row=f"r{n}", user=user, max_tokens=8) for n, user in enumerate(users)]


def port(backend: Counting | None, folder: Path, **changes: object) -> Port:
    return Port(settings("http://nowhere", **changes), backend, folder, folder / "recorded")


def test_a_question_is_asked_once_and_every_row_gets_its_reply(tmp_path: Path) -> None:
    backend = Counting()
    replies = list(port(backend, tmp_path).ask(asks("a", "b", "a"), "t"))
    assert [(reply.row, reply.text) for reply in replies] == [("r0", "re a"), ("r1", "re b"), ("r2", "re a")]
    assert sorted(backend.asked) == ["a", "b"]
    list(port(backend, tmp_path).ask(asks("b", "a"), "t"))
    assert len(backend.asked) == 2
    assert (backend.opened, backend.finished, backend.closed) == (1, 1, 1)


@pytest.mark.parametrize("count", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, WINDOW, WINDOW + CHUNK + 1])
def test_order_is_kept_whatever_comes_back_first(tmp_path: Path, count: int) -> None:
    for at_once in (7, 300):
        folder = tmp_path / str(at_once)
        backend = Counting(at_once)
        requests = asks(*(str(n) for n in range(count)))
        assert [reply.text for reply in port(backend, folder).ask(requests, "t")] == [f"re {n}" for n in range(count)]
        again = Counting()
        assert [reply.row for reply in port(again, folder).ask(iter(requests), "t", count)] == [
            f"r{n}" for n in range(count)
        ]
        assert again.asked == [] and backend.finished == bool(count)


def test_rows_come_out_while_others_are_read_and_under_way(tmp_path: Path) -> None:
    read = 0

    def endless() -> Iterator[Request]:
        nonlocal read
        while True:
            read += 1
            yield Request(row=str(read), user=str(read), max_tokens=8)

    backend = Counting(oldest=True)
    answers = port(backend, tmp_path).ask(endless(), "t")
    for row in range(1, 3001):
        assert next(answers).row == str(row)
        assert read <= row + WINDOW + CHUNK
        assert len(backend.inside) == 3
    answers.close()  # type: ignore[attr-defined]
    assert backend.closed == 1


def test_a_slow_source_does_not_keep_what_is_answered(tmp_path: Path) -> None:
    """The third request never comes before the first reply was taken out."""
    got: list[str] = []

    def slow() -> Iterator[Request]:
        yield from asks("a", "b")
        assert got == ["r0"]
        yield Request(row="r2", user="c", max_tokens=8)

    list(port(Counting(), tmp_path).ask(asks("a", "b"), "t"))
    chat = port(Counting(), tmp_path)
    from stages.chat import port as module

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "CHUNK", 2)
        got.extend(reply.row for reply in chat.ask(slow(), "t"))
    assert got == ["r0", "r1", "r2"]


def test_what_is_held_does_not_grow(tmp_path: Path) -> None:
    def live() -> int:
        gc.collect()
        return sum(isinstance(held, (Request, Reply)) for held in gc.get_objects())

    held = []
    requests = (Request(row=str(n), user=str(n), max_tokens=8) for n in range(6000))
    for n, _ in enumerate(port(Counting(64), tmp_path).ask(requests, "t")):
        if n % 2000 == 1999:
            held.append(live())
    assert max(held) < 2 * (WINDOW + CHUNK)


def test_what_was_answered_before_ctrl_c_is_kept(tmp_path: Path) -> None:
    backend = Counting(fail_after=2)
    with pytest.raises(KeyboardInterrupt):
        list(port(backend, tmp_path).ask(asks("a", "b", "c"), "t"))
    assert backend.closed == 1
    backend = Counting()
    list(port(backend, tmp_path).ask(asks("a", "b", "c"), "t"))
    assert backend.asked == ["a"]


def test_models_whose_names_begin_alike_are_different_authors(tmp_path: Path) -> None:
    for model in ("Llama 3 8B", "Llama 3 70B"):
        backend = Counting()
        backend.identity = settings("http://nowhere", model=model).identity
        list(port(backend, tmp_path).ask(asks("a"), "t"))
    with closing(Store(tmp_path)) as store:
        assert sorted(answer.author for answer in store.answers()) == ["Llama 3 70B@openai", "Llama 3 8B@openai"]


def test_recorded_answers_come_before_the_cache_and_the_backend(tmp_path: Path) -> None:
    backend = Counting()
    list(port(backend, tmp_path).ask(asks("a"), "t"))
    (request,) = asks("a")
    answer = recorded.Answer(
        key=request.key(backend.identity),
        author="project",
        request=request.fingerprint,
        text="by hand",
        finish="stop",
        date="2026-01-01",
    )
    (tmp_path / "recorded").mkdir()
    recorded.write([answer], tmp_path / "recorded")
    replies = list(port(backend, tmp_path).ask(asks("a", "b"), "t"))
    assert [(reply.row, reply.text) for reply in replies] == [("r0", "by hand"), ("r1", "re b")]
    assert backend.asked == ["a", "b"]


class Saying(Counting):
    """Says one thing, and why it ended."""

    def __init__(self, text: str, finish: Finish = "stop") -> None:
        super().__init__()
        self.text, self.why = text, finish

    def take(self) -> list[tuple[int, Reply]]:
        return [
            (position, made.model_copy(update={"text": self.text, "finish": self.why}))
            for position, made in super().take()
        ]


def under(limit: int) -> list[Request]:
    return [Request(row="r", user="a", max_tokens=limit, seed=3, answer_schema={"type": "object"})]


def test_what_ended_by_itself_is_good_under_a_higher_limit_and_nothing_else_is(tmp_path: Path) -> None:
    list(port(Saying("whole"), tmp_path).ask(under(100), "t"))
    for higher in (101, 900):
        backend = Counting()
        assert [reply.text for reply in port(backend, tmp_path).ask(under(higher), "t")] == ["whole"]
        assert backend.asked == []
    lower = Counting()
    assert [reply.text for reply in port(lower, tmp_path).ask(under(99), "t")] == ["re a"]
    other = [request.model_copy(update={"seed": 4}) for request in under(200)]
    assert [reply.text for reply in port(Counting(), tmp_path).ask(other, "t")] == ["re a"]


@pytest.mark.parametrize("reply", [("cut o", "length"), ("", "context"), ("", "filter"), ("<think>still", "stop")])
def test_what_did_not_end_by_itself_is_asked_again_under_a_higher_limit(
    tmp_path: Path, reply: tuple[str, Finish]
) -> None:
    list(port(Saying(*reply), tmp_path).ask(under(100), "t"))
    assert [made.text for made in port(Counting(), tmp_path).ask(under(200), "t")] == ["re a"]


def test_a_recorded_answer_is_good_under_a_higher_limit_too(tmp_path: Path) -> None:
    (request,) = under(100)
    answer = recorded.Answer(
        key=request.key(Counting.identity),
        author="m@openai",
        request=request.fingerprint,
        text="by hand",
        finish="stop",
        date="2026-01-01",
    )
    (tmp_path / "recorded").mkdir()
    recorded.write([answer], tmp_path / "recorded")
    replies = list(port(Counting(), tmp_path, missing="fail").ask(under(2000), "t"))
    assert [(reply.row, reply.text) for reply in replies] == [("r", "by hand")]


def test_keys_under_lower_limits_are_those_of_the_same_question() -> None:
    (request,) = under(40)
    expected = [
        (limit, request.model_copy(update={"max_tokens": limit}).key("m@1")) for limit in [7, *range(39, 0, -1)]
    ]
    assert list(request.keys_below("m@1", [40, 7, 90])) == expected


def test_what_is_lost_is_not_stored(tmp_path: Path) -> None:
    assert [made.fault for made in port(Saying("", "lost"), tmp_path).ask(asks("a"), "t")] == [Reason.ENDPOINT_FAILED]
    assert [made.text for made in port(Counting(), tmp_path).ask(asks("a"), "t")] == ["re a"]


def test_thoughts_are_counted_on_screen_the_first_time_and_from_the_cache(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        made = list(port(Saying("<think>hm</think>fine"), tmp_path).ask(asks("a", "b"), "t"))
        assert [reply.answer for reply in made] == ["fine", "fine"]
        assert "t: 2 answers had thoughts before them, which were taken off" in capsys.readouterr().err


def test_what_is_missing_is_dropped_and_said_or_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    list(port(Counting(), tmp_path).ask(asks("a"), "t"))
    backend = Counting()
    replies = list(port(backend, tmp_path, missing="drop").ask(asks("a", "b", "c"), "t"))
    assert [reply.fault for reply in replies] == [None, Reason.NOT_RECORDED, Reason.NOT_RECORDED]
    assert "t: 2 requests are neither recorded nor cached for m@openai t=0 p=1: dropped" in capsys.readouterr().err
    with pytest.raises(EndpointError, match=r"2 requests are neither .* or llm\.generator\.missing to drop"):
        list(port(backend, tmp_path, missing="fail").ask(asks("a", "b", "c"), "t"))
    assert backend.opened == 0
    list(port(backend, tmp_path).ask(asks("a", "b", "c"), "t"))
    assert sorted(backend.asked) == ["b", "c"]  # a drop was not stored


def test_a_failure_is_raised_with_the_last_reply_even_if_no_more_is_asked_for(tmp_path: Path) -> None:
    values = {"backend": "recorded", "model": "m", "temperature": 0.0, "top_p": 1.0, "missing": "fail"}
    model = Recorded.parse("llm.judge", values)
    requests = asks("a", "b")
    with pytest.raises(EndpointError, match=r"set llm\.judge\.backend"):
        list(zip(requests, Port(model, None, tmp_path, tmp_path).ask(requests, "t"), strict=False))


def test_max_requests_stops_cleanly_and_a_rerun_asks_only_the_rest(tmp_path: Path) -> None:
    backend = Counting()
    with pytest.raises(EndpointError, match=r"llm\.generator: max_requests is 3 and more are to be sent; raise it"):
        list(port(backend, tmp_path, max_requests=3).ask(asks(*"abcde"), "t"))
    assert sorted(backend.asked) == ["a", "b", "c"]
    assert [reply.text for reply in port(backend, tmp_path, max_requests=2).ask(asks(*"abcde"), "t")] == [
        f"re {user}" for user in "abcde"
    ]
    assert sorted(backend.asked) == ["a", "b", "c", "d", "e"]


def test_max_requests_holds_over_all_that_a_stage_asks(tmp_path: Path) -> None:
    """As evolve asks generation by generation, and label once more for reserves."""
    backend = Counting()
    chat = port(backend, tmp_path, max_requests=3)
    list(chat.ask(asks("a", "b"), "t"))
    with pytest.raises(EndpointError, match="max_requests is 3 and more are to be sent"):
        list(chat.ask(asks("a", "c", "d"), "t"))
    assert sorted(backend.asked) == ["a", "b", "c"]


def test_the_budget_is_not_exceeded_and_holds_over_all_runs(tmp_path: Path) -> None:
    """Each answer costs 10 × 1 + 5 × 2 = 20 millionths, and could cost 32 × 1 + 8 × 2 = 48."""
    backend, limit = Counting(), 90e-6
    money = {"price": PRICE, "budget": limit}
    with pytest.raises(EndpointError, match="the budget of 9e-05 does not cover the next request") as caught:
        list(port(backend, tmp_path, **money).ask(asks(*"abcdefgh"), "t"))
    assert "spent on m in all" in str(caught.value)
    first = len(backend.asked)
    with closing(Store(tmp_path)) as store:
        assert store.spent("m@openai") == pytest.approx(20e-6 * first)
        assert 40e-6 < store.spent("m@openai") <= limit
    with pytest.raises(EndpointError, match="does not cover"):
        list(port(backend, tmp_path, **money).ask(asks(*"abcdefgh"), "t"))
    assert len(backend.asked) == first
    list(port(backend, tmp_path, **(money | {"budget": 1.0})).ask(asks(*"abcdefgh"), "t"))
    assert sorted(backend.asked) == list("abcdefgh")


def test_an_endpoint_that_does_not_tell_its_tokens_is_booked_at_the_most(tmp_path: Path) -> None:
    settings = OpenAI.parse(
        "llm.generator", {"backend": "openai", "model": "m", "temperature": 0, "top_p": 1, "price": PRICE}
    )
    assert isinstance(settings, OpenAI)
    with closing(Store(tmp_path)) as store:
        allowance = Allowance(settings, store)
        (request,) = asks("a")
        assert allowance.grants(request)
        allowance.settle(request, Reply(row="r", text="fine", finish="stop"))
        assert store.spent("m@openai") == pytest.approx(48e-6)


def test_another_model_limit_system_or_seed_is_another_question() -> None:
    base = Request(row="r", user="a", max_tokens=8)
    keys = {base.key("m@1"), base.key("m@2")}
    changes: tuple[dict[str, object], ...] = (
        {"max_tokens": 9},
        {"system": "s"},
        {"seed": 1},
        {"temperature": 0.0},
        {"choices_after": "x"},
        {"answer_schema": {"type": "object"}},
    )
    keys |= {base.model_copy(update=change).key("m@1") for change in changes}
    assert len(keys) == 8
    assert base.key("m@1") == base.model_copy(update={"row": "other"}).key("m@1")


def test_keys_of_plain_questions_stay_what_they_were() -> None:
    """Another key would have every answer in every cache asked and paid for again."""
    assert Request(row="r", user="a", max_tokens=8).key("m@1") == "437145b67f8d4ed2"
    assert Request(row="r", user="a", system="s", max_tokens=8, seed=3).key("m@1") == "1c786679cc8969f0"


@pytest.mark.parametrize(
    "text", ["".join(map(chr, range(0xD800))), '“quoted” "\\/\b\f\n\r\t\x00\x1f\x7f', "合同 🏠", "\u2028\u2029\ufeff"]
)
def test_keys_are_the_canonical_content_id_for_any_text(text: str) -> None:
    schema = {"b": 1.5, "a": [text, None, True]}
    request = Request(row="r", user=text, system=text, max_tokens=8, temperature=1e-7, answer_schema=schema)
    more = {"temperature": 1e-7, "answer_schema": schema}
    assert request.key(text) == content_id(text, request.messages, 8, 0, more)
    assert request.fingerprint == content_id(request.messages, 8, 0, more)


def test_the_cache_belongs_to_the_parent_repository(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    assert default_folder() == tmp_path / ".llm-cache"


class Form(Record):
    score: int


def test_structured_answers_are_read_or_typed_as_unparsable() -> None:
    def read(text: str) -> Form | Reason:
        return parse(Reply(row="r", text=text, finish="stop"), Form)

    assert read('Sure: {"score": 7} .') == Form(score=7)
    assert read("") is Reason.NO_ANSWER
    assert read("no object") is read('{"score": "many"}') is Reason.UNPARSABLE


def test_an_answer_under_a_lower_limit_that_is_forgotten_meanwhile_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    list(port(Counting(), tmp_path).ask([Request(row="r", user="a", max_tokens=4)], "t"))
    monkeypatch.setattr(
        Store, "get", lambda self, keys: {}
    )  # as `dial-insight cache forget` in another terminal makes it
    backend = Counting()
    assert [reply.text for reply in port(backend, tmp_path).ask(asks("a"), "t")] == ["re a"]
    assert backend.asked == ["a"]


def test_claims_last_as_long_as_answers_come(tmp_path: Path) -> None:
    """Three questions are under way; when the second is answered, the claim of the third has its whole time again."""
    answers = port(Counting(3, oldest=True), tmp_path).ask(iter(asks("a", "b", "c")), "t")
    next(answers)
    with closing(Store(tmp_path)) as store:
        store.db.execute("UPDATE claims SET until = 1")
        next(answers)
        assert [until for (until,) in store.db.execute("SELECT until FROM claims")] > [1]
    answers.close()  # type: ignore[attr-defined]


def test_a_question_that_the_budget_did_not_cover_may_be_answered_by_another_run(tmp_path: Path) -> None:
    one, two = asks("a", "b")

    class Beside(Counting):
        def take(self) -> list[tuple[int, Reply]]:
            with closing(Store(tmp_path)) as store:  # as another run does meanwhile
                store.put(
                    two.key(self.identity), "m@openai", two.fingerprint, Reply(row="", text="theirs", finish="stop")
                )
            return super().take()

    backend = Beside()
    budget = 1.5 * (33 * PRICE["input"] + one.max_tokens * PRICE["output"]) / 1e6  # covers one question at a time
    replies = list(port(backend, tmp_path, price=PRICE, budget=budget).ask([one, two], "t"))
    assert [reply.text for reply in replies] == ["re a", "theirs"]
    assert backend.asked == ["a"]

"""Turns at addresses: bounded, halved on 429 once a round trip, and away from where nobody answers."""

import asyncio
import math
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from stages.chat import pace
from stages.chat.pace import Address, Pace, asked_pause, back_off


def test_pauses_grow_to_a_limit_and_leave_some_to_chance() -> None:
    for tries in range(1, 40):
        longest = min(pace.LONGEST_S, pace.FIRST_S * 2 ** (tries - 1))
        drawn = {back_off(tries) for _ in range(50)}
        assert all(longest / 2 <= seconds <= longest for seconds in drawn)
        assert len(drawn) > 40


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after-ms": "250", "retry-after": "7"}, 0.25),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:10 GMT", "date": "Wed, 21 Oct 2015 07:28:00 GMT"}, 10.0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:10 GMT"}, 0.0),
    ],
)
def test_the_pause_that_is_asked_for(headers: dict[str, str], seconds: float | None) -> None:
    assert asked_pause(headers) == seconds


def test_a_date_without_the_servers_own_is_read_by_this_clock() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    assert 3000 < (asked_pause({"retry-after": date}) or 0) <= 3600


def test_the_limit_is_halved_once_a_round_trip_and_grows_by_one_a_limits_worth() -> None:
    address = Address("u", 16)
    address.under_way = 16
    address.slow_down(sent=0.0, now=1.0)
    address.slow_down(sent=0.5, now=1.1)  # on its way when the first was refused
    assert address.limit == 8
    address.slow_down(sent=1.0, now=2.0)
    assert address.limit == 4
    for _ in range(4):
        address.answered()
    assert 4.8 < address.limit <= 5
    for _ in range(1000):
        address.answered()
    assert address.limit == 16


def test_what_was_under_way_is_halved_not_what_might_have_been() -> None:
    address = Address("u", 64)
    address.under_way = 4
    address.slow_down(sent=0.0, now=1.0)
    assert address.limit == 2
    for now in range(2, 9):
        address.slow_down(sent=now, now=now)
    assert address.limit == 1


def test_turns_are_bounded_in_all_and_given_in_the_order_asked_for() -> None:
    async def run() -> None:
        made = Pace(["a", "b"], 3, asyncio.get_running_loop())
        order: list[int] = []

        async def one(number: int) -> None:
            await made.turn()
            order.append(number)

        tasks = [asyncio.create_task(one(number)) for number in range(8)]
        await asyncio.sleep(0.01)
        assert order == [0, 1, 2]
        assert sorted(address.under_way for address in made.addresses) == [1, 2]
        for address in made.addresses:
            address.under_way = 0
        made.give_back(2)
        await asyncio.sleep(0.01)
        assert order == [0, 1, 2, 3, 4]
        made.stop()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(result) for result in results[5:]] == [asyncio.CancelledError] * 3
        with pytest.raises(asyncio.CancelledError):
            await made.turn()

    asyncio.run(run())


def test_a_resting_address_gets_nothing_until_its_time() -> None:
    async def run() -> None:
        loop = asyncio.get_running_loop()
        made = Pace(["a", "b"], 8, loop)
        first, second = made.addresses
        made.rest(first, 60)
        assert {(await made.turn()).url for _ in range(4)} == {"b"}
        made.rest(second, 0.1)
        began = loop.time()
        assert (await made.turn()).url == "b"
        assert loop.time() - began > 0.09

    asyncio.run(run())


def test_an_address_that_fails_comes_last_until_it_answers_or_time_has_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "FIRST_S", pace.LONGEST_S)

    async def run() -> None:
        made = Pace(["a", "b"], 8, asyncio.get_running_loop())
        first, second = made.addresses
        sent = made.loop.time()
        for _ in range(5):
            first.failed(sent, made.loop.time())
        assert first.failures == 1  # all of them found out together
        assert [(await made.turn()).url for _ in range(3)] == ["b"] * 3
        first.answered()
        assert (await made.turn()).url == "a"
        first.failed(made.loop.time(), made.loop.time() - pace.LONGEST_S)
        assert (await made.turn()).url == "a"
        first.failed(made.loop.time(), made.loop.time())
        second.limit = 1.0  # has more than that under way
        assert (await made.turn()).url == "a"  # better than none

    asyncio.run(run())


def test_a_request_goes_first_where_it_failed_least() -> None:
    async def run() -> None:
        made = Pace(["a", "b", "c"], 8, asyncio.get_running_loop())
        first, second, third = made.addresses
        second.failed(made.loop.time(), made.loop.time())
        assert await made.turn(Counter({first: 1, third: 1})) is second  # doubted, but not by this request
        assert await made.turn(Counter({first: 2, second: 3, third: 1})) is third
        third.limit = 1.0  # has as much under way
        assert await made.turn(Counter({first: 2, second: 3, third: 1})) is first  # better than none

    asyncio.run(run())


def test_a_date_beside_one_that_is_none_counts_by_this_clock() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(hours=1))
    pause = asked_pause({"retry-after": soon, "date": "no date"})
    assert pause is not None and 3000 < pause <= 3600


def test_many_that_find_an_address_gone_together_count_once() -> None:
    async def run() -> None:
        made = Pace(["a", "b"], 8, asyncio.get_running_loop())
        first, second = made.addresses
        sent = made.loop.time()
        assert [made.missed(first, sent) for _ in range(5)] == [0] * 5
        assert first.misses == 1
        assert made.missed(second, sent) == 1
        assert made.missed(first, made.loop.time()) == 1
        assert first.misses == 2
        assert math.isfinite(first.rests_until)

    asyncio.run(run())

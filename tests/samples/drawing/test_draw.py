"""Drawing pairs: in the cells, within the limit, spread over dialogues, unmoved by other rows; and the same as pair by pair."""

import math
from collections import Counter
from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest

from stages.samples.drawing import draw
from stages.samples.drawing.draw import Candidates, Dialogues, Prompts
from stages.samples.drawing.quotas import quotas

SCENES, TASKS, SOURCES = [1.0, 0.5], [1.0, 1.0, 0.5], 3


def market(dialogues: int = 60, prompts: int = 48, limit: int = 1000, seed: int = 1) -> Candidates:
    rng = np.random.default_rng(0)
    group, source, tokens = (rng.integers(0, top, 500) for top in (4, SOURCES, 900))
    of_prompt, task, length = (rng.integers(0, top, 500) for top in (4, len(TASKS), 200))
    return Candidates(
        Dialogues(
            draw.keys((f"d{n}" for n in range(dialogues)), seed),
            group[:dialogues],
            tokens[:dialogues],
            group[:dialogues] % 2,
            source[:dialogues],
        ),
        Prompts(
            draw.keys((f"p{n}" for n in range(prompts)), seed), of_prompt[:prompts], length[:prompts], task[:prompts]
        ),
        limit,
    )


def drawn(count: int, given: Candidates) -> list[tuple[int, int]]:
    return [(dialogue, prompt) for dialogue, prompt, _ in draw.draw(count, 0.0, SCENES, TASKS, SOURCES, given)]


def test_pairs_fit_are_distinct_and_as_many_as_asked() -> None:
    given = market()
    pairs = drawn(80, given)
    assert len(set(pairs)) == 80
    for dialogue, prompt in pairs:
        assert given.dialogues.group[dialogue] == given.prompts.group[prompt]
        assert given.dialogues.tokens[dialogue] + given.prompts.tokens[prompt] <= 1000


def test_each_dialogue_once_before_any_twice() -> None:
    few = Counter(dialogue for dialogue, _ in drawn(30, market()))
    assert set(few.values()) == {1}
    one_cell = Counter(dialogue for dialogue, _ in drawn(10**6, market(limit=10**6)))
    fits = draw.supplies(market(limit=10**6), len(TASKS)).sum(axis=1)
    assert {n: count for n, count in enumerate(fits.tolist()) if count} == dict(one_cell)


def test_supply_is_never_exceeded() -> None:
    given = market()
    assert len(drawn(10**6, given)) == draw.supplies(given, len(TASKS)).sum()


def test_keys_do_not_depend_on_other_rows() -> None:
    more, fewer = market(dialogues=60), market(dialogues=59)
    alone = draw.pair_keys(fewer.dialogues.key, fewer.prompts.key)
    assert (draw.pair_keys(more.dialogues.key, more.prompts.key)[:59] == alone).all()
    before, after = set(drawn(40, fewer)), set(drawn(40, more))
    assert len(before & after) >= 36


def test_another_seed_draws_others_from_the_same_cells() -> None:
    one, two = drawn(40, market(seed=1)), drawn(40, market(seed=2))
    given = market()
    assert one != two
    assert Counter(given.prompts.task[prompt] for _, prompt in one) == Counter(
        given.prompts.task[prompt] for _, prompt in two
    )


def test_blocks_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = drawn(80, market())
    monkeypatch.setattr(draw, "CELLS", 16)
    assert drawn(80, market()) == whole


def test_keys_are_the_same_on_every_machine() -> None:
    assert draw.keys(["a", "b"], 1).tolist() == [3999152711082659161, 4672962698422301802]


def test_nothing_to_draw() -> None:
    assert drawn(5, market(prompts=0)) == []
    assert drawn(0, market()) == []
    assert len(drawn(1, market(limit=10**6))) == 1


WORD = 2**64 - 1
GOLDEN = 0x9E3779B97F4A7C15
# The first numbers of SplitMix64 from seed 0 (Steele, Lea and Flood, 2014; in Vigna's reference program).
SPLITMIX64 = [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]


def test_values_are_mixed_as_splitmix64_does() -> None:
    states = np.array([n * GOLDEN & WORD for n in (1, 2, 3)], dtype=np.uint64)
    assert draw.mixed(states).tolist() == SPLITMIX64


def test_keys_are_salted_by_the_seed_which_is_none_by_itself() -> None:
    assert draw.keys(["a"]).tolist() == draw.keys(["a"], 0).tolist() != draw.keys(["a"], 1).tolist()
    assert draw.keys(["a"], 10**16 + 7).tolist() == draw.keys(["a"], 10**16 + 8).tolist()  # by 16 digits of it


def mixed_by_hand(value: int) -> int:
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 & WORD
    value = (value ^ value >> 27) * 0x94D049BB133111EB & WORD
    return value ^ value >> 31


def drawn_by_hand(
    count: int, reserve: float, scenes: Sequence[float], tasks: Sequence[float], sources: int, given: Candidates
) -> list[tuple[int, int, bool]]:
    """Do what `draw` promises pair by pair: in each cell the fewest draws of a dialogue first, ties by the pair's key."""
    talks, prompts, limit, ahead = given

    def ranked(talk: int, task: int) -> list[tuple[int, int]]:
        keys = list[tuple[int, int]]()
        for prompt in range(len(prompts.key)):
            fits = int(talks.tokens[talk] + prompts.tokens[prompt]) <= limit
            if fits and prompts.task[prompt] == task and prompts.group[prompt] == talks.group[talk]:
                key = mixed_by_hand(mixed_by_hand(int(talks.key[talk]) * GOLDEN & WORD) ^ int(prompts.key[prompt]))
                keys.append((key >> 40 if prompt in ahead.get(talk, ()) else key, prompt))
        return sorted(keys)

    ranks = {(talk, task): ranked(talk, task) for talk in range(len(talks.key)) for task in range(len(tasks))}
    supply = np.zeros((len(scenes), len(tasks), sources), dtype=np.int64)
    for (talk, task), pairs in ranks.items():
        supply[talks.scene[talk], task, talks.source[talk]] += len(pairs)
    wanted, used, found = quotas(count, scenes, tasks, supply), Counter[int](), list[tuple[int, int, bool]]()
    for scene, source, task in product(range(len(scenes)), range(sources), range(len(tasks))):
        members = np.flatnonzero((talks.scene == scene) & (talks.source == source)).tolist()
        order = sorted(
            (used[talk] + place, key, talk, prompt)
            for talk in members
            for place, (key, prompt) in enumerate(ranks[talk, task])
        )
        main = int(wanted[scene, task, source])
        taken = order[: main + math.ceil(main * reserve)]
        found += [(talk, prompt, place >= main) for place, (_, _, talk, prompt) in enumerate(taken)]
        used.update(talk for _, _, talk, _ in taken[:main])
    return sorted(found)


@pytest.mark.parametrize("reserve", [0.0, 0.4])
@pytest.mark.parametrize("count", [1, 17, 90, 400])
@pytest.mark.parametrize("limit", [700, 10**6])
def test_it_is_what_drawing_pair_by_pair_gives(limit: int, count: int, reserve: float) -> None:
    whole = market(limit=limit)
    source, task = whole.dialogues.source % 2, whole.prompts.task
    ahead = {
        talk: np.flatnonzero((whole.prompts.group == whole.dialogues.group[talk]) & (task == 0))[1:3]
        for talk in range(0, 60, 2)
    }
    given = whole._replace(dialogues=whole.dialogues._replace(source=source), first=ahead)
    found = draw.draw(count, reserve, SCENES, TASKS, 2, given)
    assert found == drawn_by_hand(count, reserve, SCENES, TASKS, 2, given)
    assert any(late for _, _, late in found) == (reserve > 0)


def test_a_pair_exactly_at_the_limit_fits() -> None:
    one = np.zeros(1, dtype=np.int64)
    talk = Dialogues(draw.keys(["d"]), one, one + 60, one, one)
    for limit, fits in ((99, 0), (100, 1)):
        given = Candidates(talk, Prompts(draw.keys(["p"]), one, one + 40, one), limit)
        assert draw.draw(1, 0.0, [1.0], [1.0], 1, given) == [(0, 0, False)] * fits


def test_pairs_at_the_limit_keep_their_places() -> None:
    one, eight = np.zeros(1, dtype=np.int64), np.zeros(8, dtype=np.int64)
    talk = Dialogues(draw.keys(["d"]), one, one + 60, one, one)
    given = Candidates(talk, Prompts(draw.keys(f"p{n}" for n in range(8)), eight, eight + 40, eight), 100)
    assert draw.draw(3, 0.0, [1.0], [1.0], 1, given) == drawn_by_hand(3, 0.0, [1.0], [1.0], 1, given)

"""Drawing pairs: in the cells, within the limit, spread over dialogues, and unmoved by other rows."""

from collections import Counter

import numpy as np
import pytest

from stages.samples.drawing import draw
from stages.samples.drawing.draw import Candidates, Dialogues, Prompts

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

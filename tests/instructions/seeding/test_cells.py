from collections import Counter
from pathlib import Path

import pytest

from stages.core import yaml_files
from stages.instructions.seeding.cells import WORDINGS, SeedRequest, seed_requests
from stages.library.domain_pack import Domain, Tasks
from stages.rows.dialogue import Dialogue, Turn

PACK = Path(__file__).parents[3] / "prompts" / "real_estate"
DOMAIN, TASKS = yaml_files.load(PACK / "domain.yaml", Domain), yaml_files.load(PACK / "tasks.yaml", Tasks)
PAIRS = [("buying", "real_estate_agent"), ("renting", "rental_manager"), ("renting", "home_advisor")]
CELLS = len(PAIRS) * len(TASKS.tasks)


def talk(key: str, pair: tuple[str, str] = PAIRS[0], language: str = "en") -> Dialogue:
    values = {"id": key, "key": key, "language": language, "scene": pair[0], "role": pair[1], "source": "im_messages"}
    return Dialogue.model_validate(values | {"turns": [Turn(party="customer", text="turn")]})


TALKS = [talk(f"{n}{pair[1]}", pair) for pair in PAIRS for n in range(3)]


def drawn(talks: list[Dialogue], wanted: int, languages: tuple[str, ...] = ("en",)) -> list[SeedRequest]:
    return seed_requests(talks, TASKS, DOMAIN, languages, wanted, 1)  # type: ignore[arg-type]


def cell(request: SeedRequest) -> tuple[str, str, str, str]:
    dialogue = request.dialogue
    return request.task.id, dialogue.language, dialogue.scene, dialogue.role


def test_every_cell_has_its_turn_before_one_has_a_second() -> None:
    found = drawn(TALKS, 2 * CELLS + 1)
    assert len({cell(request) for request in found[:CELLS]}) == CELLS
    assert Counter(map(cell, found[: 2 * CELLS])) == dict.fromkeys(map(cell, found[:CELLS]), 2)
    assert [cell(request) for request in found[:CELLS]] != [cell(request) for request in found[CELLS : 2 * CELLS]]
    assert len({request.id for request in found}) == len(found)


def test_every_conversation_and_requirement_of_a_cell_has_its_turn_too() -> None:
    found = [request for request in drawn(TALKS, 4 * CELLS) if cell(request) == cell(drawn(TALKS, 1)[0])]
    assert len({request.dialogue.id for request in found[:3]}) == 3
    assert found[3].dialogue == found[0].dialogue
    assert len({request.requirement.id for request in found}) == 4


def test_requirements_held_out_of_training_are_never_asked_for_and_move_no_draw() -> None:
    assert len(TASKS.held_out) >= 10 and {task for task, _ in TASKS.held_out} == {task.id for task in TASKS.tasks}
    without = Tasks(tasks=tuple(task.model_copy(update={"requirements": task.trained}) for task in TASKS.tasks))
    found = drawn(TALKS, 20 * CELLS)  # each cell's requirements have had their turn
    assert {request.requirement.id for request in found} == {row.id for task in TASKS.tasks for row in task.trained}
    assert [request.id for request in found] == [
        row.id for row in seed_requests(TALKS, without, DOMAIN, ("en",), 20 * CELLS, 1)
    ]


def test_the_order_hangs_on_weights_beside_each_other_alone() -> None:
    small = [scene.model_copy(update={"weight": scene.weight / 2**20}) for scene in DOMAIN.scenes]
    shares = DOMAIN.model_copy(update={"scenes": tuple(small)})
    found = seed_requests(TALKS, TASKS, shares, ("en",), 2 * CELLS, 1)
    assert [request.id for request in found] == [request.id for request in drawn(TALKS, 2 * CELLS)]


def test_a_further_conversation_changes_no_request_of_another_cell() -> None:
    before = drawn(TALKS, 2 * CELLS)
    after = drawn([*TALKS, talk("new")], 2 * CELLS)
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old.id != new.id]
    assert all(cell(old) == cell(new) and cell(new)[2:] == PAIRS[0] for old, new in changed)
    assert any(new.dialogue.id == "new" for _, new in changed)


def test_a_scene_counts_once_whatever_number_of_roles_it_has() -> None:
    first = Counter[str]()
    for seed in range(300):
        for request in seed_requests(TALKS, TASKS, DOMAIN, ("en",), 1, seed):
            first[request.dialogue.scene] += 1
    weights = {scene.id: scene.weight for scene in DOMAIN.scenes}
    share = weights["renting"] / (weights["renting"] + weights["buying"])  # .47; by its two roles it would be .64
    assert first["renting"] / 300 == pytest.approx(share, abs=0.08)


def test_only_wanted_languages_and_each_of_them() -> None:
    both = [*TALKS, *(talk(f"zh{row.id}", (row.scene, row.role), "zh") for row in TALKS)]
    assert {request.dialogue.language for request in drawn(both, 8)} == {"en"}
    assert Counter(request.dialogue.language for request in drawn(both, 2 * CELLS, ("en", "zh"))) == {
        "en": CELLS,
        "zh": CELLS,
    }
    mixed = drawn(both, 9, ("en", "zh"))
    assert [request.dialogue.language for request in mixed] == ["en", "zh"] * 4 + ["en"]
    assert [request.id for request in mixed[::2]] == [request.id for request in drawn(TALKS, 5)]
    assert drawn(TALKS, 5, ("zh",)) == []
    assert drawn(TALKS, 0) == []


def test_manners_and_lengths_vary_and_none_is_left_out() -> None:
    found = Counter(request.wording for request in drawn(TALKS, 10 * CELLS))
    assert set(found) == set(WORDINGS)
    assert max(found.values()) < 3 * min(found.values())

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from stages.instructions.evolution.niches import Member, Niche, Population
from tests.support.scripted import instruction


def member(number: int, form: str = "list", language: str = "en", worth: float = 1.0) -> Member:
    row = instruction(f"Task {number} {form}", formats=(form, "paragraph"), language=language)
    return Member(row, row, worth)


def test_a_niche_is_task_first_form_and_language() -> None:
    assert Niche.of(member(1, "json", "zh").row) == ("reasoning", "json", "zh")


@given(st.lists(st.sampled_from(["list", "json", "table"]), min_size=1, max_size=12), st.integers(0, 40))
def test_everybody_has_a_turn_before_anybody_has_another(forms: list[str], count: int) -> None:
    members = [member(n, form) for n, form in enumerate(forms)]
    drawn = list(Population(members, 2).parents(count, 1, "generation"))
    assert len(drawn) == count
    uses = Counter(each.row.id for each in drawn)
    assert max(uses.values(), default=0) - min((uses[each.row.id] for each in members), default=0) <= 1
    assert all(each.used == uses[each.row.id] for each in members)


def test_niches_take_turns() -> None:
    members = [member(n, "list") for n in range(9)] + [member(9, "json"), member(10, "table")]
    first = [Niche.of(each.row).form for each in Population(members, 2).parents(3, 1)]
    assert sorted(first) == ["json", "list", "table"]


def test_who_was_never_a_parent_comes_before_who_was() -> None:
    old, new = [member(n) for n in range(4)], [member(n) for n in range(4, 7)]
    population = Population(old, 10)
    list(population.parents(4, 1))
    for each in new:
        assert population.place(each, old[0], rival=9.0)
    assert {each.row.id for each in population.parents(3, 1, 2)} == {each.row.id for each in new}


def test_a_further_member_changes_no_order_among_the_others_of_its_niche() -> None:
    few = [member(n) for n in range(6)]
    drawn = [each.row.id for each in Population(few, 2).parents(6, 1)]
    many = [member(n) for n in range(7)]
    again = [each.row.id for each in Population(many, 2).parents(7, 1)]
    assert [key for key in again if key != many[-1].row.id] == drawn


def test_a_fitter_child_takes_its_parents_place() -> None:
    parent, other = member(1), member(2)
    population = Population([parent, other], 2)
    child = member(3, worth=2.0)
    assert population.place(child, parent, rival=1.0)
    assert set(map(id, population.members)) == {id(child), id(other)}


def test_a_less_fit_child_needs_room_or_a_weaker_one_that_had_its_turn() -> None:
    parent, weak = member(1, worth=3.0), member(2, worth=0.5)
    population = Population([parent, weak], 2)
    child = member(3, worth=1.0)
    assert not population.place(child, parent, rival=3.0)  # `weak` has not had its turn yet
    weak.used = 1
    assert population.place(child, parent, rival=3.0) and weak not in population.members
    poor = member(4, worth=0.1)
    assert not population.place(poor, parent, rival=3.0)
    assert Population([parent], 2).place(poor, parent, rival=3.0)


def test_another_niche_is_no_rival() -> None:
    parent = member(1, "list")
    population = Population([parent], 1)
    child = member(2, "json", worth=0.0)
    assert population.place(child, parent, rival=5.0)
    assert len(population.members) == 2


def test_nobody_to_rewrite_yields_nobody() -> None:
    assert list(Population([], 3).parents(5, 1)) == []

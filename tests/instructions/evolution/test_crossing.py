"""What asks for two things at once never has a requirement that is held out of training."""

from pathlib import Path

from stages.core import yaml_files
from stages.instructions.evolution.crossing import Scope, crossed
from stages.instructions.evolution.excerpts import Shown
from stages.instructions.evolution.offspring import Plan, born
from stages.instructions.evolution.operators import read_operators
from stages.instructions.evolution.written import Written
from stages.library.domain_pack import Domain, Tasks
from stages.rows.instruction import Instruction
from tests.support.scripted import instruction

PACK = Path(__file__).parents[3] / "prompts" / "real_estate"


def test_a_crossing_of_two_tasks_has_a_requirement_of_training_wherever_held_out_ones_stand() -> None:
    domain, tasks = yaml_files.load(PACK / "domain.yaml", Domain), yaml_files.load(PACK / "tasks.yaml", Tasks)
    turned = Tasks(tasks=tuple(row.model_copy(update={"requirements": row.requirements[::-1]}) for row in tasks.tasks))
    fixed = {"language": "en", "requirement": "x", "formats": ("json",), "fields": ("a",), "origin": "pack"}
    first, second = (Instruction.new(task=task, text=task, **fixed) for task in ("reasoning", "data_analysis"))
    for given in (tasks, turned):
        scope = crossed(first, second, domain, given)
        assert scope and (scope.task, scope.requirement) not in tasks.held_out
        assert scope.requirement in {row.id for row in tasks.get(scope.task).trained}


def test_a_field_that_the_writer_spells_otherwise_is_no_second_one() -> None:
    operators = {each.id: each for each in read_operators(PACK.parent / "evolve")}
    parent, other = (
        instruction(text, fields=fields, formats=("json", "table"))
        for text, fields in (
            ("Give the buyer.", ("customer_name", "budget")),
            ("Give the date.", ("Budget", "move_date")),
        )
    )

    def fields(operator: str, partner: Instruction | None, *named: str) -> tuple[str, ...]:
        shown, scope = Shown(scene="", role=""), Scope.of(parent)
        plan = Plan(
            generation=1, operator=operators[operator], parent=parent, partner=partner, scope=scope, shown=shown
        )
        child = born(plan, Written(instruction="Give both.", fields=named), "m")
        return child.fields if child else ()

    assert fields("sub_items", None, "Customer name", "Budget", "loan") == ("customer_name", "budget", "loan")
    assert fields("sub_items", None, "customer_name", "budget", "loan") == ("customer_name", "budget", "loan")
    assert fields("crossover", other, "customer name", "move_date", "link") == (
        "customer_name",
        "budget",
        "move_date",
        "link",
    )

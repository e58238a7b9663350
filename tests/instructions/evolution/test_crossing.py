"""What asks for two things at once never has a requirement that is held out of training."""

from pathlib import Path

from stages.core import yaml_files
from stages.instructions.evolution.crossing import crossed
from stages.library.domain_pack import Domain, Tasks
from stages.rows.instruction import Instruction

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

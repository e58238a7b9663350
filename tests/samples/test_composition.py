"""How rows divide over tasks and forms."""

from stages.samples.composition import composition
from stages.samples.spliced import spliced
from tests.samples.conftest import dialogue, instruction, prompt


def test_tasks_come_first_and_the_most_frequent_on_top() -> None:
    numbers = [0, 1, 1, 2, 2, 4]  # task = number % 3, form = number % 2
    rows = [spliced(prompt(dialogue(0), instruction(number)), dialogue(0)) for number in numbers]
    assert [(item["name"], item["rows"]) for item in composition("test", rows)] == [
        ("reasoning", 3),
        ("dialogue_generation", 2),
        ("information_extraction", 1),
        ("paragraph", 4),
        ("list", 2),
    ]

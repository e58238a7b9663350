"""What is asked, as lm-eval's tasks (EleutherAI): our own questions, and the official definitions of C-Eval, CMMLU and MMLU.

Two formulations. Letter: the question, its choices behind A to D, `Answer:`; the letters may follow. Cloze: the question,
`Answer:`; the choices' texts may follow, and the likeliest per character is the answer. Chinese questions end `答案：`, as those of
C-Eval and CMMLU do.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import lm_eval.tasks
from datasets import Dataset, DatasetDict
from datasets.exceptions import DatasetsError
from lm_eval.api.task import ConfigurableTask
from lm_eval.tasks import TaskManager

from stages.core.errors import InputError
from stages.core.row import Language
from stages.evaluation.benchmarks import official_csv
from stages.evaluation.benchmarks.official_csv import LETTERS, SHOWN
from stages.evaluation.rows.outcome import Formulation, Question

logging.getLogger("lm_eval").setLevel(logging.ERROR)

Subjects = Mapping[str, Any]  # lm-eval's tasks by name; it is untyped

END = "{{'答案：' if language == 'zh' else 'Answer:'}}"
CHOICES = "".join(f"{letter}. {{{{choices[{n}]}}}}\n" for n, letter in enumerate(LETTERS))
OWN: dict[Formulation, dict[str, object]] = {
    "letter": {"doc_to_text": "{{question}}\n" + CHOICES + END, "doc_to_choice": list(LETTERS)},
    "cloze": {"doc_to_text": "{{question}}\n" + END, "doc_to_choice": "{{choices}}"},
}


@dataclass(frozen=True)
class Official:
    """Where lm-eval defines a benchmark, and how its questions are asked without letters."""

    folder: str
    prefix: str  # of the tasks' names, before the subject's
    language: Language
    asked: str  # the split that the definition asks
    cloze: Mapping[str, str]


CHINESE = "{{[A, B, C, D]}}"
OFFICIAL = {
    "mmlu": Official(
        "mmlu/default",
        "mmlu_",
        "en",
        "test",
        {"doc_to_text": "{{question.strip()}}\nAnswer:", "doc_to_choice": "{{choices}}"},
    ),
    "ceval": Official(
        "ceval", "ceval-valid_", "zh", "val", {"doc_to_text": "{{question.strip()}}\n答案：", "doc_to_choice": CHINESE}
    ),
    "cmmlu": Official(
        "cmmlu", "cmmlu_", "zh", "test", {"doc_to_text": "{{Question.strip()}}\n答案：", "doc_to_choice": CHINESE}
    ),
}


@dataclass(frozen=True)
class Tables:
    """An official benchmark's rows by task, and the split they are really from."""

    suite: str
    rows: Mapping[str, DatasetDict]
    asked: str


def own(shown: Sequence[Question], asked: Sequence[Question], shots: int, formulation: Formulation) -> Subjects:
    """Return one task a subject, whose shots are the subject's first rows of `shown`, in order."""
    subjects: dict[str, list[Question]] = {}
    for question in asked:
        subjects.setdefault(question.subject, []).append(question)
    return {
        name: _own(name, [q for q in shown if q.subject == name], questions, shots, formulation)
        for name, questions in subjects.items()
    }


def _own(
    name: str, shown: Sequence[Question], asked: Sequence[Question], shots: int, formulation: Formulation
) -> ConfigurableTask:
    if len(shown) < shots:
        raise InputError(
            f"bench: subject {name} has {len(shown)} questions to show, {shots} shots are asked; add to dev.jsonl or lower bench.shots"
        )
    rows = _dataset({SHOWN: [q.model_dump() for q in shown], "test": [q.model_dump() for q in asked]})
    settings = {
        "task": name,
        "custom_dataset": lambda **_: rows,
        "output_type": "multiple_choice",
        "test_split": "test",
        "doc_to_target": "answer",
        "num_fewshot": shots,
        "metric_list": [{"metric": "acc", "aggregation": "mean", "higher_is_better": True}],
        **OWN[formulation],
    }
    if shots:
        settings |= {"fewshot_split": SHOWN, "fewshot_config": {"sampler": "first_n"}}
    return ConfigurableTask(config=settings)


def _dataset(splits: Mapping[str, list[Any]]) -> DatasetDict:
    return DatasetDict({name: Dataset.from_list(rows) for name, rows in splits.items() if rows})


def tables(suite: str, folder: Path) -> Tables:
    """Return the rows of an official benchmark: from `folder`/<suite> if it is there, else from the hub or its local cache."""
    manager, official = _manager(suite), OFFICIAL[suite]
    names = {task.removeprefix(official.prefix): task for task in manager.all_subtasks}
    if (folder / suite).is_dir():
        found = official_csv.read(folder / suite, suite, names)
        return Tables(
            suite,
            {
                names[subject]: _dataset(
                    splits | {official.asked: splits[found.asked]}
                )  # under the name the definition asks
                for subject, splits in found.subjects.items()
            },
            found.asked,
        )
    try:
        loaded = manager.load(list(names.values()))["tasks"]
    except (
        *(httpx2.HTTPError, DatasetsError, OSError, ValueError),
        RuntimeError,  # of the hub's storage, Xet
    ) as error:
        raise InputError(
            f"{folder / suite}: not there, and {suite} cannot be fetched from the hub ({type(error).__name__}); put the published CSV files there, check the network, or set bench.suites: [small]"
        ) from None
    return Tables(suite, {name: task.dataset for name, task in loaded.items()}, official.asked)


def official(found: Tables, shots: int, formulation: Formulation) -> Subjects:
    """Return lm-eval's own tasks over these rows; cloze drops the description, which announces choices."""
    if shots and found.asked == SHOWN:
        raise InputError(
            f"bench.data: {found.suite} has only {SHOWN}/, which are the questions to show; add the published split that is asked, or ask {SHOWN}/ itself with bench.shots: [0]"
        )
    few = next((name for name, rows in found.rows.items() if len(rows.get(SHOWN, ())) < shots), None)
    if few:
        raise InputError(
            f"bench.data: {few} has {len(found.rows[few].get(SHOWN, ()))} questions to show, {shots} shots are asked; complete {SHOWN}/ or lower bench.shots"
        )
    bare: dict[str, object] = {} if shots else {"fewshot_split": None, "fewshot_config": None}
    cloze = {"description": "", **OFFICIAL[found.suite].cloze} if formulation == "cloze" else {}
    members = [
        {"task": name, "num_fewshot": shots, "custom_dataset": lambda rows=rows, **_: rows, **bare, **cloze}
        for name, rows in found.rows.items()
    ]
    subjects: Subjects = _manager(found.suite).load([{"group": "asked", "task": members}])["tasks"]
    return subjects


def _manager(suite: str) -> TaskManager:
    folder = Path(lm_eval.tasks.__file__).parent / OFFICIAL[suite].folder
    return TaskManager(include_path=str(folder), include_defaults=False)  # all of lm-eval's tasks: 7 s

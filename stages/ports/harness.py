"""General benchmarks through lm-eval (EleutherAI), on a model in this process; the one place that knows lm-eval.

Multiple choice is asked in the letter formulation: the question, its choices behind A to D, `Answer:`; scored are the four
one-token continuations " A" … " D", so that a question costs one forward pass.
"""

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, redirect_stderr
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset, DatasetDict
from lm_eval.api.instance import Instance
from lm_eval.api.task import ConfigurableTask
from lm_eval.evaluator import evaluate
from lm_eval.models.huggingface import HFLM
from lm_eval.tasks import TaskManager

from stages.errors import InputError
from stages.ports import models
from stages.ports.progress import bar
from stages.records.benchmark import Choice, Loss, Outcome, Passage, Question
from stages.records.row import Language

logging.getLogger("lm_eval").setLevel(logging.ERROR)

OFFICIAL: dict[str, tuple[str, Language]] = {
    "mmlu": ("mmlu", "en"),
    "ceval": ("ceval-valid", "zh"),
    "cmmlu": ("cmmlu", "zh"),
}
LETTERS = ("A", "B", "C", "D")
LAYOUT = "{{question}}\n" + "".join(f"{a}. {{{{choices[{n}]}}}}\n" for n, a in enumerate(LETTERS)) + "Answer:"

Subjects = Mapping[str, Any]  # lm-eval's tasks by name; it is untyped


class Scorer(HFLM):  # type: ignore[misc]
    """lm-eval's model, which computes logits only where a continuation is scored; the rest is lm-eval's own."""

    def __init__(self, folder: Path, batch_size: int, dtype: torch.dtype | None = None) -> None:
        """Load the model in `folder`."""
        model, tokenizer = models.load(folder, dtype)
        super().__init__(
            pretrained=model,
            tokenizer=tokenizer,
            batch_size=batch_size,
            max_length=model.config.max_position_embeddings,
        )
        models.sharpen(model)  # only now: lm-eval ties the head to the embeddings again
        self.longest = 1

    def _loglikelihood_tokens(self, requests: Any, disable_tqdm: bool = False, override_bs: int | None = None) -> Any:  # noqa: ANN401
        self.longest = max((len(continuation) for _, _, continuation in requests), default=1)
        return super()._loglikelihood_tokens(requests, True, override_bs)

    def _model_call(self, inps: torch.Tensor, attn_mask: Any = None, labels: Any = None) -> torch.Tensor:  # noqa: ANN401
        """Return logits of the last positions only: the batch's padding (0, to the right) and the longest continuation.

        lm-eval counts positions from the end, so a shorter answer than its input is read rightly.
        """
        padding = int((inps.flip(1) != 0).int().argmax(dim=1).max())
        with torch.inference_mode():
            out = self.model(input_ids=inps, logits_to_keep=padding + self.longest, use_cache=False)
        self.shown.update(len(inps))
        logits: torch.Tensor = out.logits
        return logits.float()

    def answers(
        self, subjects: Subjects, picked: Mapping[str, list[int]], title: str
    ) -> dict[str, list[dict[str, Any]]]:
        """Return lm-eval's sample records of each subject's `picked` questions, in their order."""
        total = sum(map(len, picked.values()))
        with ExitStack() as stack:
            self.shown = stack.enter_context(bar(total, title, "questions"))
            stack.enter_context(redirect_stderr(stack.enter_context(open(os.devnull, "w"))))  # lm-eval's bar a subject
            found = evaluate(self, dict(subjects), samples=dict(picked), bootstrap_iters=0)
        samples: dict[str, list[dict[str, Any]]] = found["samples"]
        return samples

    def losses(self, passages: Sequence[Passage], title: str) -> Iterator[Outcome]:
        """Yield the loss of every passage, in order; the first token is predicted from the model's start token."""
        requests = [Instance("loglikelihood_rolling", {}, (passage.text,), n) for n, passage in enumerate(passages)]
        with bar(len(passages), title, "passages") as self.shown:
            found = self.loglikelihood_rolling(requests, disable_tqdm=True)
        for passage, log_likelihood in zip(passages, found, strict=True):
            tokens = len(self.tok_encode(passage.text))
            loss = Loss(nll=round(-log_likelihood, 4), tokens=tokens, characters=len(passage.text))
            yield Outcome.new(
                suite="text",
                subject=passage.kind,
                language=passage.language,
                shots=0,
                formulation="text",
                item=passage.id,
                result=loss,
            )


def own(shown: Sequence[Question], asked: Sequence[Question], shots: int) -> Subjects:
    """Return one lm-eval task a subject, whose shots are the subject's first rows of `shown`, in order."""
    subjects: dict[str, list[Question]] = {}
    for question in asked:
        subjects.setdefault(question.subject, []).append(question)
    return {
        name: _task(name, [q for q in shown if q.subject == name], questions, shots)
        for name, questions in subjects.items()
    }


def _task(name: str, shown: Sequence[Question], asked: Sequence[Question], shots: int) -> Any:  # noqa: ANN401
    if len(shown) < shots:
        raise InputError(
            f"bench: subject {name} has {len(shown)} questions to show, {shots} shots are asked; add to dev.jsonl or lower bench.shots"
        )
    splits = {"dev": shown, "test": asked}
    rows = DatasetDict(
        {key: Dataset.from_list([q.model_dump() for q in split]) for key, split in splits.items() if split}
    )
    settings = {
        "task": name,
        "custom_dataset": lambda **_: rows,
        "output_type": "multiple_choice",
        "test_split": "test",
        "doc_to_text": LAYOUT,
        "doc_to_choice": list(LETTERS),
        "doc_to_target": "answer",
        "num_fewshot": shots,
        "metric_list": [{"metric": "acc", "aggregation": "mean", "higher_is_better": True}],
    }
    if shots:
        settings |= {"fewshot_split": "dev", "fewshot_config": {"sampler": "first_n"}}
    return ConfigurableTask(config=settings)


def official(suite: str, shots: int) -> Subjects:
    """Return lm-eval's own tasks of a published benchmark; its data comes from the hub or the hub's local cache."""
    try:
        loaded = TaskManager().load([OFFICIAL[suite][0]])
    except (OSError, ConnectionError, ValueError) as error:
        raise InputError(
            f"params.yaml: bench.suites: {suite} cannot be fetched from the hub ({type(error).__name__}); check the network, or use [small]"
        ) from None
    for task in loaded["tasks"].values():
        task.set_config(key="num_fewshot", value=shots)
        task.set_fewshot_seed(seed=1234)  # lm-eval's default; used by tasks that draw their shots
    subjects: Subjects = loaded["tasks"]
    return subjects


def outcomes(
    scorer: Scorer, suite: str, subjects: Subjects, shots: int, limit: int = 0, language: Language | None = None
) -> Iterator[Outcome]:
    """Yield what the model made of each question, by subject; `language` where the questions do not say theirs."""
    picked = {name: evenly(len(task.eval_docs), limit) for name, task in subjects.items()}
    samples = scorer.answers(subjects, picked, f"bench: {suite}, {shots} shots")
    for name, rows in samples.items():
        for row in rows:
            doc, scores = row["doc"], [round(float(score), 4) for score, _ in row["filtered_resps"]]
            gold = row["target"] if isinstance(row["target"], int) else list(LETTERS).index(row["target"])
            yield Outcome.new(
                suite=suite,
                subject=name,
                language=language or doc["language"],
                shots=shots,
                formulation="letter",
                item=str(doc.get("id", row["doc_id"])),
                result=Choice(right=int(row["acc"]), gold=gold, log_probabilities=tuple(scores)),
            )


def evenly(count: int, limit: int) -> list[int]:
    """Return `limit` positions spread over `count` (0 or more than there are: all); questions get harder within a subject."""
    if not limit or limit >= count:
        return list(range(count))
    return [(2 * n + 1) * count // (2 * limit) for n in range(limit)]

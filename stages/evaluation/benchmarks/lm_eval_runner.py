"""General benchmarks through lm-eval (EleutherAI), on a model in this process.

Two scorers of the same requests: lm-eval's own, and a light one that passes what questions share through the model once.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, redirect_stderr
from copy import copy
from pathlib import Path
from typing import Any, Self

import torch
from lm_eval.api.instance import Instance
from lm_eval.evaluator import evaluate
from lm_eval.models.huggingface import HFLM

from stages.core.errors import ModelError
from stages.core.progress import bar
from stages.core.row import Language
from stages.evaluation.benchmarks import recorded, shared_prefix
from stages.evaluation.benchmarks.tasks import Subjects
from stages.evaluation.rows.outcome import BenchmarkOutcome, ChoiceResult, Formulation, Passage, PassageLoss
from stages.models import loading
from stages.models.finite import finite

TOLERANCE = (
    0.01  # nats a token, and once, by which two ways of computing one thing may differ; a wrong position makes several
)


class LmEvalScorer(HFLM):  # type: ignore[misc]
    """lm-eval's model, which computes logits only where a continuation is scored; the rest is lm-eval's own."""

    def __init__(self, folder: Path, batch_size: int) -> None:
        """Load the model in `folder`."""
        model, tokenizer = loading.load(folder)
        super().__init__(
            pretrained=model,
            tokenizer=tokenizer,
            batch_size=batch_size,
            max_length=model.config.max_position_embeddings,
        )
        self.longest = 1
        self.recorded = recorded.Scores(None, {})
        self.scored: dict[str, float] = {}  # all log-likelihoods that were asked for, by key
        self.computed: set[str] = set()  # of these

    def in_other_batches(self) -> Self:
        """Return a scorer of the same loaded model that fills its batches otherwise, and computes all anew."""
        other = copy(self)
        other.batch_size_per_gpu = 1 if self.batch_size > 1 else 2
        other.recorded, other.scored, other.computed = recorded.Scores(None, {}), {}, set()
        return other

    def _loglikelihood_tokens(self, requests: Any, disable_tqdm: bool = False, override_bs: int | None = None) -> Any:  # noqa: ANN401
        """Return what is recorded, and compute the rest; False: nothing here asks what greedy decoding says."""
        keys = [recorded.key(context, continuation) for _, context, continuation in requests]
        open_ = [n for n, key in enumerate(keys) if key not in self.recorded.by_key]
        found = {key: self.recorded.by_key[key] for key in keys if key in self.recorded.by_key}
        if open_:
            computed = self._compute([requests[n] for n in open_], override_bs)
            found.update({keys[n]: score for n, (score, _) in zip(open_, computed, strict=True)})
        self.scored.update(found)
        self.computed |= {keys[n] for n in open_}
        return [(found[key], False) for key in keys]

    def _compute(self, requests: Any, override_bs: int | None = None) -> Any:  # noqa: ANN401
        self.longest = max((len(continuation) for _, _, continuation in requests), default=1)
        if override_bs is None:  # passages come batch by batch
            self._expect(len({(*context, *continuation[:-1]) for _, context, continuation in requests}))
        return super()._loglikelihood_tokens(requests, True, override_bs)

    def _expect(self, rows: int) -> None:
        self.shown.total = (self.shown.total or 0) + rows

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
        with ExitStack() as stack:
            self.shown = stack.enter_context(bar(0, title, "rows"))  # lm-eval passes a row for each continuation
            stack.enter_context(redirect_stderr(stack.enter_context(open(os.devnull, "w"))))  # lm-eval's bar a subject
            found = evaluate(self, dict(subjects), samples=dict(picked), bootstrap_iters=0)
        samples: dict[str, list[dict[str, Any]]] = found["samples"]
        return samples

    def losses(self, passages: Sequence[Passage], title: str) -> Iterator[BenchmarkOutcome]:
        """Yield the loss of every passage, in order; the first token is predicted from the model's start token."""
        requests = [Instance("loglikelihood_rolling", {}, (passage.text,), n) for n, passage in enumerate(passages)]
        with bar(len(passages), title, "passages") as self.shown:
            found = self.loglikelihood_rolling(requests, disable_tqdm=True)
        for passage, log_likelihood in zip(passages, found, strict=True):
            tokens = len(self.tok_encode(passage.text))
            nll = round(-finite(log_likelihood, "bench"), 4)
            loss = PassageLoss(nll=nll, tokens=tokens, characters=len(passage.text))
            yield BenchmarkOutcome.new(
                suite="text",
                subject=passage.kind,
                language=passage.language,
                shots=0,
                formulation="text",
                item=passage.id,
                result=loss,
            )


class SharedPrefixScorer(LmEvalScorer):
    """Scores the same tokens, in fewer passes: shots once a subject, all continuations of a question in one row."""

    def _compute(self, requests: Any, override_bs: int | None = None) -> Any:  # noqa: ANN401
        found: dict[int, float] = {}
        alike: dict[object, list[int]] = {}
        for n, (_, context, continuation) in enumerate(requests):
            if len(context) + len(continuation) <= self.max_length + 1:
                # passages all begin with the start token alone; they fill a row each
                alike.setdefault(tuple(context) if override_bs is None else n, []).append(n)
        scored = [
            shared_prefix.ScoringRequest(tuple(requests[ns[0]][1]), tuple(tuple(requests[n][2]) for n in ns))
            for ns in alike.values()
        ]
        members = list(alike.values())
        if override_bs is None:
            self._expect(len(scored))
        for position, scores in shared_prefix.score(self.model, scored, self.batch_size):
            found.update(zip(members[position], scores, strict=True))
            self.shown.update()
        if scored and override_bs is None:
            self._compare(requests, found, max(members, key=lambda ns: len(requests[ns[0]][1])))
        cut = [n for n in range(len(requests)) if n not in found]  # too long for the model: lm-eval cuts them
        if cut:
            plain = super()._compute([requests[n] for n in cut], override_bs)
            found.update({n: score for n, (score, _) in zip(cut, plain, strict=True)})
        return [(found[n], False) for n in range(len(requests))]

    def _compare(self, requests: Any, found: Mapping[int, float], longest: Sequence[int]) -> None:  # noqa: ANN401
        """Refuse a model that reads packed rows otherwise (sliding windows, ALiBi): by the longest question, asked again."""
        plain = super()._compute([requests[n] for n in longest])
        for n, (score, _) in zip(longest, plain, strict=True):
            if abs(score - found[n]) > TOLERANCE * (1 + len(requests[n][2])):
                raise ModelError(
                    f"params.yaml: bench.scorer: light does not compute what {type(self.model).__name__} does; set it to lm-eval"
                )


SCORERS: dict[str, type[LmEvalScorer]] = {"light": SharedPrefixScorer, "lm-eval": LmEvalScorer}


def outcomes(
    scorer: LmEvalScorer,
    suite: str,
    subjects: Subjects,
    shots: int,
    formulation: Formulation,
    limit: int = 0,
    language: Language | None = None,
) -> Iterator[BenchmarkOutcome]:
    """Yield what the model made of each question, by subject; `language` where the questions do not say theirs."""
    picked = {name: evenly(len(task.eval_docs), limit) for name, task in subjects.items()}
    samples = scorer.answers(subjects, picked, f"bench: {suite}, {shots} shots, {formulation}")
    for name, rows in samples.items():
        for row in rows:
            doc = row["doc"]
            yield BenchmarkOutcome.new(
                suite=suite,
                subject=name,
                language=language or doc["language"],
                shots=shots,
                formulation=formulation,
                item=str(doc.get("id", row["doc_id"])),
                result=_choice(row, subjects[name].doc_to_choice(doc), formulation),
            )


def _choice(row: Mapping[str, Any], choices: Sequence[str], formulation: Formulation) -> ChoiceResult:
    """Return a sample record's scores; lm-eval's target is the right choice's index, or its letter."""
    scores = [finite(float(score), "bench") for score, _ in row["filtered_resps"]]
    characters = tuple(map(len, choices)) if formulation == "cloze" else ()
    gold = row["target"] if isinstance(row["target"], int) else choices.index(row["target"])
    worth = [score / length for score, length in zip(scores, characters or [1] * len(scores), strict=True)]
    return ChoiceResult(
        right=int(worth.index(max(worth)) == gold),
        gold=gold,
        log_probabilities=tuple(round(score, 4) for score in scores),
        characters=characters,
    )


def evenly(count: int, limit: int) -> list[int]:
    """Return `limit` positions spread over `count` (0 or more than there are: all); questions get harder within a subject."""
    if not limit or limit >= count:
        return list(range(count))
    return [(2 * n + 1) * count // (2 * limit) for n in range(limit)]

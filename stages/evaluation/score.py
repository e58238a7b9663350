"""Score answers: the judge's grades, where it passed, beside reference similarity and its parts (§3.4)."""

from collections.abc import Callable, Mapping, Sequence, Set
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from stages.core import jsonl, metrics
from stages.core.params import Section
from stages.core.stage import run
from stages.evaluation.rows import answered, domain
from stages.evaluation.rows.score import Parts, Score
from stages.evaluation.similarity import reference
from stages.evaluation.similarity.atomic import atomic
from stages.judging.grade import Grade
from stages.rows.instruction import Instruction
from stages.rows.sample import LabeledSample, Prediction, Reference
from stages.similarity.vectors import MINILM, sentence_vectors
from stages.statistics.bootstrap import Resampling, expanded
from stages.statistics.rates import rate

NO_JUDGE = "no judge model graded these answers ({}): reference similarity compares them with the references, it is no judgment of quality"
UNREADABLE = "none of its verdicts could be read"


class ScoreParams(Section, Resampling):
    """What answers are compared with references by, and how sure the intervals of shares are; whole dialogues are drawn."""

    section: ClassVar[str] = "score"

    encoder: str
    """`minilm`: all-MiniLM-L6-v2, English only (Chinese rows have no cosine); else a Sentence Transformers folder."""


def score(
    rows: Sequence[LabeledSample],
    predictions: Mapping[str, Prediction],
    cosines: Sequence[float | None],
    grades: Mapping[str, float | None],
    references: Mapping[str, Reference] | None = None,
    unseen: Set[str] = frozenset(),
) -> list[Score]:
    """Return a score for each row, in order; `grades` are the judge's by row, and may be none.

    `references` have the rows' atomic facts, `unseen` are the instructions whose requirement is held out of training.
    """
    given = references or {}
    return [
        _score(row, predictions[row.id], cosine, grades.get(row.id), given.get(row.id), row.instruction in unseen)
        for row, cosine in zip(rows, cosines, strict=True)
    ]


def _score(
    row: LabeledSample,
    prediction: Prediction,
    cosine: float | None,
    grade: float | None,
    facts: Reference | None,
    unseen: bool,
) -> Score:
    parts = reference.parts(row.answer, prediction.answer, row.ask, cosine, row.text)
    known = answered.is_answer(prediction)
    return Score(
        **row.model_dump(include={"id", "dialogue", "task", "scene", "language"}),
        format=row.ask.kind,
        finish=prediction.finish,
        parts=parts if known else Parts(format=None),
        reference_similarity=round(reference.blend(parts), 6) if known else None,
        grade=grade if known else None,
        likelihood=prediction.reference,
        atomic=atomic(facts, prediction.answer, row.text) if known and facts else None,
        unseen=unseen,
    )


def cosines(rows: Sequence[LabeledSample], answers: Sequence[str], encoder: str) -> list[float | None]:
    """Return the cosine of each answer to its reference; None where the encoder does not know the language."""
    known = [n for n, row in enumerate(rows) if row.language == "en" or encoder != MINILM]
    left = sentence_vectors([rows[n].answer for n in known], encoder)
    right = sentence_vectors([answers[n] for n in known], encoder)
    found = dict(zip(known, np.einsum("ij,ij->i", left, right).round(6).tolist(), strict=True))
    return [found.get(n) for n in range(len(rows))]


def summary(
    scores: Sequence[Score], model: str | None, references: int, grading: Mapping[str, Any], resampling: Resampling
) -> dict[str, object]:
    """Return what metrics/domain/<model>.json holds; every mean with the n it is over, null where there are no rows.

    `measure` names the mean that is the domain score; `grading` is what stage grade says of itself.
    """
    measure = domain.of_model(scores)
    parts = {name: [getattr(s.parts, name) for s in scores] for name in Parts.model_fields}
    return {
        "model": model,
        "test_set": references,  # rows with a reference; n of them were answered
        "failed": sum(s.reference_similarity is None for s in scores),  # were asked, and no answer came
        "measure": measure,
        **_means(scores),
        "parts": {name: reference.mean(shares) for name, shares in parts.items()},
        "parts_n": {name: sum(share is not None for share in shares) for name, shares in parts.items()},
        "shares": _shares(scores, resampling),
        "reference_nll": _likelihood(scores),
        "cut_off": sum(s.finish == "length" for s in scores),
        "by_task": _groups(scores, lambda s: s.task),
        "by_format": _groups(scores, lambda s: s.format),
        "by_scene": _groups(scores, lambda s: s.scene),
        "by_language": _groups(scores, lambda s: s.language),
        "by_requirement": _groups(scores, lambda s: "unseen" if s.unseen else "seen") if _both(scores) else {},
        "judge": grading["judge"] if measure == domain.GRADE else None,
        "why_no_judge": None if measure == domain.GRADE else NO_JUDGE.format(grading["why_no_grades"] or UNREADABLE),
    }


def _means(scores: Sequence[Score]) -> dict[str, object]:
    return {
        "n": sum(s.reference_similarity is not None for s in scores),
        "reference_similarity": reference.mean([s.reference_similarity for s in scores]),
        "graded": sum(s.grade is not None for s in scores),
        "grade": reference.mean([s.grade for s in scores]),
        "atomic": reference.mean([s.atomic.f1 if s.atomic else None for s in scores]),
    }


def _both(scores: Sequence[Score]) -> bool:
    return len({s.unseen for s in scores}) > 1


def _shares(scores: Sequence[Score], resampling: Resampling) -> dict[str, object]:
    """Return what a model is judged by beside likelihood, each with its n and interval: asked form, right label, atomic facts.

    Nothing is blended here. Intervals are within 0 … 1; where all rows are of one dialogue they are null.
    """
    figures: dict[str, Callable[[Score], float | None]] = {
        "format": lambda s: s.parts.format,
        "label": lambda s: s.parts.label,
        "atomic": lambda s: s.atomic.f1 if s.atomic else None,
        "atomic_recall": lambda s: s.atomic.recall if s.atomic else None,
        "atomic_precision": lambda s: s.atomic.precision if s.atomic else None,
    }
    return {name: _share([(figure(s), s.dialogue) for s in scores], resampling) for name, figure in figures.items()}


def _share(rows: Sequence[tuple[float | None, str]], resampling: Resampling) -> dict[str, float | None]:
    known = [(share, dialogue) for share, dialogue in rows if share is not None]
    if not known:
        return {"n": 0, "value": None, "low": None, "high": None}
    shares, dialogues = zip(*known, strict=True)
    found = (
        rate([int(share) for share in shares], dialogues, resampling.confidence)
        if set(shares) <= {0.0, 1.0} and len(set(dialogues)) > 1
        else expanded(shares, [1.0] * len(shares), dialogues, resampling)
    )
    low, high = (None if end is None else min(1.0, max(0.0, end)) for end in (found.low, found.high))
    return {"n": len(known), "value": sum(shares) / len(shares), "low": low, "high": high}


def _likelihood(scores: Sequence[Score]) -> dict[str, object]:
    """Return the negative log-likelihood of all references together, in nats; a character is the same for every tokenizer."""
    found = [s.likelihood for s in scores if s.likelihood]
    nll, tokens, characters = (sum(getattr(f, name) for f in found) for name in ("nll", "tokens", "characters"))
    return {
        "n": len(found),
        "per_token": nll / tokens if tokens else None,
        "per_character": nll / characters if characters else None,
    }


def _groups(scores: Sequence[Score], key: Callable[[Score], str]) -> dict[str, object]:
    names = sorted({key(s) for s in scores})
    return {name: _means([s for s in scores if key(s) == name]) for name in names}


def main(
    *, labels: Path, predictions: Path, grades: Path, grading: Path, stored: Path, target: Path, report: Path
) -> None:
    """Score the predictions against the references in `labels`, beside their `grades`; `grading` says why there are none.

    Atomic facts and the marks of unseen requirements are read where the test set is `stored`, so that a mended key asks no model.
    """
    params, found = ScoreParams.load(), answered.read(labels, predictions)
    answers = [found.predictions[row.id].answer for row in found.rows]
    by_judge = {row.id: row.score for row in jsonl.stream(grades, Grade)}
    facts = jsonl.by_id(stored / "references.jsonl", Reference)
    unseen = {row.id for row in jsonl.stream(stored / "instructions.jsonl", Instruction) if row.unseen}
    near = cosines(found.rows, answers, params.encoder)
    scores = score(found.rows, found.predictions, near, by_judge, facts, unseen)
    jsonl.write(target, scores)
    recorded = sum(row.recorded for row in found.predictions.values())
    made = summary(scores, found.model, found.test_set, metrics.read(grading), params)
    metrics.write(report, made | {"recorded": recorded})


if __name__ == "__main__":
    run(main)

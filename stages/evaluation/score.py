"""Score answers: the judge's grades, where it passed, beside reference similarity and its parts (§3.4)."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from stages.core import jsonl, metrics
from stages.core.params import Section
from stages.core.stage import run
from stages.evaluation.rows import answered, domain
from stages.evaluation.rows.score import Parts, Score
from stages.evaluation.similarity import reference
from stages.judging.grade import Grade
from stages.rows.sample import LabeledSample, Prediction
from stages.similarity.vectors import MINILM, sentence_vectors

NO_JUDGE = "no judge model graded these answers ({}): reference similarity compares them with the references, it is no judgment of quality"
UNREADABLE = "none of its verdicts could be read"


class ScoreParams(Section):
    """What answers are compared with references by."""

    section: ClassVar[str] = "score"

    encoder: str
    """`minilm`: all-MiniLM-L6-v2, English only (Chinese rows have no cosine); else a Sentence Transformers folder."""


def score(
    rows: Sequence[LabeledSample],
    predictions: Mapping[str, Prediction],
    cosines: Sequence[float | None],
    grades: Mapping[str, float | None],
) -> list[Score]:
    """Return a score for each row, in order; `grades` are the judge's by row, and may be none."""
    return [
        _score(row, predictions[row.id], cosine, grades.get(row.id)) for row, cosine in zip(rows, cosines, strict=True)
    ]


def _score(row: LabeledSample, prediction: Prediction, cosine: float | None, grade: float | None) -> Score:
    parts = reference.parts(row.answer, prediction.answer, row.ask, cosine, row.text)
    shared = row.model_dump(include={"id", "dialogue", "task", "scene", "language"})
    blend = round(reference.blend(parts), 6)
    return Score(
        **shared,
        format=row.ask.kind,
        finish=prediction.finish,
        parts=parts,
        reference_similarity=blend,
        grade=grade,
        likelihood=prediction.reference,
    )


def cosines(rows: Sequence[LabeledSample], answers: Sequence[str], encoder: str) -> list[float | None]:
    """Return the cosine of each answer to its reference; None where the encoder does not know the language."""
    known = [n for n, row in enumerate(rows) if row.language == "en" or encoder != MINILM]
    left = sentence_vectors([rows[n].answer for n in known], encoder)
    right = sentence_vectors([answers[n] for n in known], encoder)
    found = dict(zip(known, np.einsum("ij,ij->i", left, right).round(6).tolist(), strict=True))
    return [found.get(n) for n in range(len(rows))]


def summary(
    scores: Sequence[Score], model: str | None, references: int, grading: Mapping[str, Any]
) -> dict[str, object]:
    """Return what metrics/domain/<model>.json holds; every mean with the n it is over, null where there are no rows.

    `measure` names the mean that is the domain score; `grading` is what stage grade says of itself.
    """
    measure = domain.of_model(scores)
    parts = {name: [getattr(s.parts, name) for s in scores] for name in Parts.model_fields}
    return {
        "model": model,
        "test_set": references,  # rows with a reference; n of them were answered
        "measure": measure,
        **_means(scores),
        "parts": {name: reference.mean(shares) for name, shares in parts.items()},
        "parts_n": {name: sum(share is not None for share in shares) for name, shares in parts.items()},
        "reference_nll": _likelihood(scores),
        "cut_off": sum(s.finish == "length" for s in scores),
        "by_task": _groups(scores, lambda s: s.task),
        "by_format": _groups(scores, lambda s: s.format),
        "by_scene": _groups(scores, lambda s: s.scene),
        "by_language": _groups(scores, lambda s: s.language),
        "judge": grading["judge"] if measure == domain.GRADE else None,
        "why_no_judge": None if measure == domain.GRADE else NO_JUDGE.format(grading["why_no_grades"] or UNREADABLE),
    }


def _means(scores: Sequence[Score]) -> dict[str, object]:
    return {
        "n": len(scores),
        "reference_similarity": reference.mean([s.reference_similarity for s in scores]),
        "graded": sum(s.grade is not None for s in scores),
        "grade": reference.mean([s.grade for s in scores]),
    }


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


def main(*, labels: Path, predictions: Path, grades: Path, grading: Path, target: Path, report: Path) -> None:
    """Score the predictions against the references in `labels`, beside their `grades`; `grading` says why there are none."""
    params, found = ScoreParams.load(), answered.read(labels, predictions)
    answers = [found.predictions[row.id].answer for row in found.rows]
    by_judge = {row.id: row.score for row in jsonl.stream(grades, Grade)}
    scores = score(found.rows, found.predictions, cosines(found.rows, answers, params.encoder), by_judge)
    jsonl.write(target, scores)
    recorded = sum(row.recorded for row in found.predictions.values())
    metrics.write(report, summary(scores, found.model, found.test_set, metrics.read(grading)) | {"recorded": recorded})


if __name__ == "__main__":
    run(main)

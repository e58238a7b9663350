"""Let the judge model choose between two models' answers, each pair in both orders, if it has passed its calibration (§3.4)."""

from pathlib import Path

from stages.chat import settings
from stages.chat.connect import connect
from stages.core import jsonl, metrics
from stages.core.errors import InputError
from stages.core.stage import run
from stages.evaluation.rows.answered import is_answer
from stages.judging import gate
from stages.judging.grading import Grading, refuse_silence
from stages.judging.pairwise import PAIR, AnswerPair, compare, tally
from stages.library.meta_prompts import Library
from stages.rows.sample import LabeledSample, Prediction


def pairs(labels: Path, base: Path, tuned: Path) -> list[AnswerPair]:
    """Return what both models answered, the tuned model's answer first, in the order of the test set; rows without an answer of one are left out."""
    one, two = (jsonl.by_id(path, Prediction) for path in (tuned, base))
    if one.keys() != two.keys():
        raise InputError(f"{base} and {tuned}: predictions for different rows; run `dvc repro predict`")
    return [
        AnswerPair(
            row=row.id,
            language=row.language,
            task=row.text,
            one=one[row.id].answer,
            two=two[row.id].answer,
            reference=row.answer,
        )
        for row in jsonl.stream(labels, LabeledSample)
        if row.id in one and is_answer(one[row.id]) and is_answer(two[row.id])
    ]


def main(
    *,
    labels: Path,
    base_predictions: Path,
    tuned_predictions: Path,
    calibration: Path,
    prompts: Path,
    base: Path,
    target: Path,
    report: Path,
) -> None:
    """Compare the predictions in `base` and `tuned`; a win is the tuned model's. Without a judge that passed: the reason."""
    judge, params, library = settings.JudgeModel.load_or_none(), Grading.load(), Library(prompts)
    chat = connect(judge, base) if judge else None
    why = gate.refusal_reason(calibration, chat.identity if chat else None, "pairs")
    asked = pairs(labels, base_predictions, tuned_predictions) if chat and not why else []
    found = compare(asked, params, library, chat) if chat else []
    if chat:
        refuse_silence([row for row, pair in zip(found, asked, strict=True) if pair.differ], chat.identity)
    jsonl.write(target, found)
    metrics.write(
        report,
        {
            "judge": chat.identity if chat else None,
            "prompt": library.versions(PAIR) if chat else None,
            "why_no_comparison": why,
            **tally(found),
        },
    )


if __name__ == "__main__":
    run(main)

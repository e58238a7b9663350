"""Let the judge model choose between two models' answers, each pair in both orders, if it has passed its calibration (§3.4)."""

from pathlib import Path

from stages.errors import InputError
from stages.ports import gate, jsonl, metrics
from stages.ports.chat import settings
from stages.ports.chat.comparing import PAIR, Pair, compare, tally
from stages.ports.chat.grading import Grading
from stages.ports.prompts import Library
from stages.ports.stage import run
from stages.records.sample import Labelled, Prediction


def pairs(labels: Path, base: Path, tuned: Path) -> list[Pair]:
    """Return what both models answered, the tuned model's answer first, in the order of the test set."""
    one, two = ({row.id: row for row in jsonl.stream(path, Prediction)} for path in (tuned, base))
    if one.keys() != two.keys():
        raise InputError(f"{base} and {tuned}: predictions for different rows; run `dvc repro predict`")
    return [
        Pair(
            row=row.id,
            language=row.language,
            task=row.text,
            one=one[row.id].answer,
            two=two[row.id].answer,
            reference=row.answer,
        )
        for row in jsonl.stream(labels, Labelled)
        if row.id in one
    ]


def main(
    labels: Path, base: Path, tuned: Path, calibration: Path, prompts: Path, model: Path, target: Path, report: Path
) -> None:
    """Compare the predictions in `base` and `tuned`; a win is the tuned model's. Without a judge that passed: the reason."""
    judge, params, library = settings.Judge.load_or_none(), Grading.load(), Library(prompts)
    chat = settings.connect(judge, model) if judge else None
    why = gate.shut(calibration, chat.identity if chat else None)
    found = compare(pairs(labels, base, tuned), params, library, chat) if chat and not why else []
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

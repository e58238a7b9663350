"""What rules and a judge say of labels that a reader checked against their conversations, high, medium or low.

    python -m benchmarks.label_quality

Reads `data/calibration/labels` (a weak model's labels of real rows as they came, the same mended, and drafted ones) and what the reader found,
`data/calibration/label_readings.jsonl`. The judge is the recorded one (`project`): a label whose grade is not recorded counts for the rules alone.
For each set and grader: how many are usable by the reader (*high*), how many the grader passes, recall and precision for those that are not, and Cohen's
kappa over high, medium and low, linearly weighted; 95 % intervals count whole conversations. What rules find no fault in stands for high.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.invention import shown
from benchmarks.similarity import RESAMPLING
from stages.chat.connect import connect
from stages.chat.settings import JudgeModel
from stages.cli.read_label import ReadLabel
from stages.core import jsonl
from stages.judging.grading import Grading
from stages.library.meta_prompts import Library
from stages.rows.label_quality import JUDGED, LEVEL, LabelQuality
from stages.rows.sample import LabeledSample
from stages.samples.verdicts import Judge, by_rules, graded, judge, settled
from stages.statistics.agreement import cohens_kappa, estimate
from stages.statistics.bootstrap import ratio

FOLDER = Path("data/calibration")
SETS = ("weak", "weak_zh", "drafted")
RECORDED = {"backend": "recorded", "model": "project", "temperature": 0.0, "top_p": 1.0}
ORDER = tuple(reversed(JUDGED))

Read = tuple[LabeledSample, ReadLabel]


def read(name: str, folder: Path = FOLDER) -> list[Read]:
    """Return the labels of a set, each with what its reader says."""
    found = {(one.id, one.answer): one for one in jsonl.read(folder / "label_readings.jsonl", ReadLabel)}
    rows = jsonl.read(folder / f"labels/{name}.jsonl", LabeledSample)
    return [(row, found[row.id, row.answer_id]) for row in rows]


def level(verdict: LabelQuality) -> str:
    """Return high, medium or low: what a verdict of rules counts as where a floor is set."""
    known = LEVEL[verdict.quality]
    return "high" if known == "no_fault" else known


def line(name: str, rows: Sequence[Read], said: Sequence[str]) -> str:
    """Return a line of the table: what a grader `said` of each row."""
    truth, talks = [one.quality for _, one in rows], [row.dialogue for row, _ in rows]
    poor, flagged = [quality != "high" for quality in truth], [quality != "high" for quality in said]
    kappa = estimate(lambda left, right: cohens_kappa(left, right, ORDER), truth, list(said), talks)
    return (
        f"| {name} | {len(rows)} | {len(rows) - sum(poor)} | {len(rows) - sum(flagged)} | {share(flagged, poor, talks)} | "
        f"{share(poor, flagged, talks)} | {shown(kappa, least=-1.0)} |"
    )


def share(counted: Sequence[bool], among: Sequence[bool], talks: Sequence[str]) -> str:
    """Return the share of the rows `among` that are `counted`."""
    some = [n for n, one in enumerate(among) if one]
    if not some:
        return "–"
    return shown(ratio([float(counted[n]) for n in some], [1.0] * len(some), [talks[n] for n in some], RESAMPLING))


def table(
    sets: Mapping[str, Sequence[Read]], judged: Callable[[Sequence[LabeledSample]], Sequence[str | None]]
) -> Iterator[str]:
    """Yield the lines; `judged` returns what the judge says, None where it was not asked."""
    yield "| labels, grader | n | usable, by the reader | passed | recall, of those that are not | precision | kappa |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    params, graders = Judge.load(), dict[str, list[tuple[Read, str]]]()
    for name, rows in sets.items():
        labels = [row for row, _ in rows]
        by_rules = [level(one) for one in judge(labels, params, {})]
        heard = [(row, said) for row, said in zip(rows, judged(labels), strict=True) if said]
        for grader, told in (("rules", list(zip(rows, by_rules, strict=True))), ("judge", heard)):
            graders.setdefault(grader, []).extend(told)
            if told:
                yield line(f"{name}: {grader}", *zip(*told, strict=True))
    yield from (line(f"all: {grader}", *zip(*told, strict=True)) for grader, told in graders.items() if told)


def recorded(rows: Sequence[LabeledSample]) -> list[str | None]:
    """Return what the recorded judge says of each label, None where its grade is not recorded."""
    chat = connect(JudgeModel.parse("llm.judge", RECORDED), Path())
    grading = Grading.load().model_copy(update={"samples": 1})
    grades = graded(rows, grading, Library(Path("prompts/judge")), chat)
    params, found = Judge.load(), [(row, grades.get(row.id)) for row in rows]
    return [
        level(settled(by_rules(row, ()), one, params)) if one and one.score is not None else None for row, one in found
    ]


def main() -> None:
    """Print the table."""
    for text in table({name: read(name) for name in SETS}, recorded):
        print(text, flush=True)  # noqa: T201 - the result


if __name__ == "__main__":
    main()

"""Grade every label (§3.3, formula (5)): rules first, then a judge model that passed its calibration, people last.

What rules and model may say is in `stages.samples.verdicts`: high, medium and low are not the rules' words. A grade of the model that does not parse is counted. A person's
decision overrides both: low for discard, else its quality, or, where it has none, high for keep. A decision that names
another answer than the row now has is stale: counted, not applied. Of several people's the one that `stages.reviews.settlement` says holds.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from stages.chat.messages import Chat
from stages.core import jsonl, metrics
from stages.core.errors import InputError
from stages.core.jsonl import Line
from stages.core.progress import track
from stages.core.rowwise import mapped
from stages.core.stage import run
from stages.judging.grade import Grade
from stages.judging.grading import RUBRIC, Grading, refuse_silence
from stages.library.meta_prompts import Library
from stages.reviews.agreement import between
from stages.reviews.decisions import Decision
from stages.reviews.settlement import grouped, holding, standing
from stages.rows.label_quality import LEVEL, Flag, LabelQuality, Quality, Rating
from stages.rows.sample import LabeledSample, Origin
from stages.samples.indicators.formulas import label_quality
from stages.samples.verdicts import Judge, examined, graded, heard, settled
from stages.statistics.agreement import cohens_kappa, estimate, estimate_figures, kendall, spearman
from stages.statistics.bootstrap import Statistic

SMALL = 50  # rows with a person's grade below which agreement says little
ORDER: tuple[Rating, ...] = ("low", "medium", "high")  # in equal steps


def current(history: Iterable[Decision], verdicts: Sequence[LabelQuality]) -> dict[str, Decision]:
    """Return what people decided of each row that is here; lines about an answer that the row no longer has are passed over."""
    return holding(_current(history, verdicts))


def _current(history: Iterable[Decision], verdicts: Sequence[LabelQuality]) -> list[Decision]:
    answers = {row.id: row.answer_id for row in verdicts}
    return [row for row in history if row.id in answers and row.answer_id in ("", answers[row.id])]


def overridden(verdicts: Sequence[LabelQuality], decisions: Mapping[str, Decision]) -> list[LabelQuality]:
    """Return the verdicts with people's decisions in their place."""
    return [_decided(row, decisions[row.id]) if row.id in decisions else row for row in verdicts]


def _decided(row: LabelQuality, decision: Decision) -> LabelQuality:
    return row.model_copy(update={"quality": decision.grade, "layer": "human", "reviewer": decision.reviewer})


def figures(
    final: Sequence[LabelQuality],
    automatic: Sequence[LabelQuality],
    history: Sequence[Decision],
    dialogues: Sequence[str] | None = None,
) -> dict[str, object]:
    """Return quality, flags and agreement; `history` has all decisions there are, current or not, `dialogues` each row's conversation."""
    kinds = Counter(flag for row in final for flag in row.flags)
    known, decided, now = {row.id for row in final}, holding(history).keys(), _current(history, final)
    reviewers = between(now, lambda row: row.category)
    return {
        "rows": len(final),
        "quality": label_quality([row.quality for row in final]),
        "flags": {flag: kinds[flag] for flag in Flag},
        "layers": {layer: sum(row.layer == layer for row in final) for layer in ("rules", "judge", "human")},
        "human": {
            "unmatched_decisions": len(decided - known),
            "stale_decisions": len((decided & known) - holding(now).keys()),
            **agreement(final, automatic, dialogues),
            **({"between_reviewers": [pair.figures for pair in reviewers]} if reviewers else {}),
        },
    }


def rating(quality: Quality) -> Rating:
    """Return the quality on people's scale."""
    level = LEVEL[quality]
    return "high" if level == "no_fault" else level


def agreement(
    final: Sequence[LabelQuality], automatic: Sequence[LabelQuality], dialogues: Sequence[str] | None = None
) -> dict[str, object]:
    """Return how far rules and judge agree with people on the rows that people graded, each figure with its interval.

    Rows of one conversation resemble each other, so whole `dialogues` are left out; without them each row stands by itself.
    What rules say stands for people's words here, or rules could never agree: no fault for high, doubtful for medium, faulty for low. `score` is the judge's 1 to 10 against people's three grades: rank correlations only.
    """
    of = [row.id for row in final] if dialogues is None else dialogues
    pairs = [(one, two, talk) for one, two, talk in zip(final, automatic, of, strict=True) if one.layer == "human"]
    people, machine = [rating(one.quality) for one, _, _ in pairs], [rating(two.quality) for _, two, _ in pairs]
    scored = [(ORDER.index(rating(one.quality)), two.score, talk) for one, two, talk in pairs if two.score is not None]
    talks = [talk for _, _, talk in pairs]
    weighted: Statistic[Rating] = partial(cohens_kappa, order=ORDER)

    def ranks(
        left: Sequence[float], right: Sequence[float], talks: Sequence[str]
    ) -> dict[str, dict[str, float | None]]:
        return {
            "spearman": estimate_figures(estimate(spearman, left, right, talks)),
            "kendall": estimate_figures(estimate(kendall, left, right, talks)),
        }

    return {
        "rows": len(pairs),
        "agree": sum(left == right for left, right in zip(people, machine, strict=True)),
        "cohens_kappa": estimate_figures(estimate(cohens_kappa, people, machine, talks)),
        "cohens_kappa_weighted": estimate_figures(estimate(weighted, people, machine, talks)),
        **ranks([ORDER.index(quality) for quality in people], [ORDER.index(quality) for quality in machine], talks),
        "score": {
            "rows": len(scored),
            **ranks(
                [place for place, _, _ in scored], [score for _, score, _ in scored], [talk for *_, talk in scored]
            ),
        },
        "too_few_to_tell": len(pairs) < SMALL,
    }


def asked(chat: Chat, grades: Mapping[str, Grade], prompts: Library) -> dict[str, object]:
    """Return who judged, by which version of the rubric, and how it went."""
    return {
        "identity": chat.identity,
        "prompt": prompts.versions(RUBRIC),
        "asked": len(grades),
        "methods": dict(sorted(Counter(row.method for row in grades.values() if row.method).items())),
        "without_grade": dict(sorted(Counter(row.fault for row in grades.values() if row.fault).items())),
    }


def read_decisions(source: Path) -> list[Decision]:
    """Return all of people's decisions; a rewriting belongs elsewhere, since this stage grades answers and cannot change them."""
    history = jsonl.read(source, Decision, by_hand=True)
    standing_now = (row for lines in grouped(history).values() for row in standing(lines).values())
    if rewritten := next((row for row in standing_now if row.action == "rewrite"), None):
        answers = source.with_name("answers.jsonl")
        raise InputError(f"{source}: row {rewritten.id}: action is rewrite; put the new answer into {answers}")
    return history


class Read(NamedTuple):
    """What rules alone made of a line, where its answer is from, and which conversation it is about."""

    found: LabelQuality
    origin: Origin
    dialogue: str


def read(params: Judge, line: Line) -> Read:
    """Return what is said of the label in a line of the data set."""
    row = line.parsed(LabeledSample)
    return Read(examined(params, row), row.origin, row.dialogue)


def through_rules(source: Path, params: Judge) -> list[Read]:
    """Return what rules alone make of each label; of many rows, by all cores."""
    rows = mapped(partial(read, params), jsonl.lines(source, LabeledSample))
    return list(track(rows, "judge", "labels"))


def main(
    *, source: Path, reviews: Path, prompts: Path, calibration: Path, base: Path, target: Path, report: Path
) -> None:
    """Read labelled rows and decisions, write a verdict for each row, and the metrics."""
    params, grading, found = Judge.load(), Grading.load(), heard(calibration, base)
    decided, library = read_decisions(reviews), Library(prompts)
    grades = graded(jsonl.read(source, LabeledSample), grading, library, found.chat) if found.chat else {}
    if found.chat:
        refuse_silence([*grades.values()], found.chat.identity)
    rows = through_rules(source, params)
    automatic = [settled(row.found, grades.get(row.found.id), params) for row in rows]
    final = overridden(automatic, current(decided, automatic))
    jsonl.write(target, final)
    metrics.write(
        report,
        {
            "answers": dict(sorted(Counter(row.origin for row in rows).items())),
            "judge": asked(found.chat, grades, library) if found.chat else None,
            "why_no_grades": found.why_not,
            "unparsable": sum(row.unparsable for row in grades.values()),
            **figures(final, automatic, decided, [row.dialogue for row in rows]),
        },
    )


if __name__ == "__main__":
    run(main)

"""Grade every label high, medium or low (§3.3, formula (5)): rules first, then a judge model if there is one, people last.

A hard flag makes a label low, a soft one medium (see `stages.measures.rules`). A judge's score decides instead of soft
flags, but cannot lift a label with a hard one. A verdict that does not parse is counted and changes nothing. A person's
decision overrides both: its quality, or, where it has none, high for keep and low for discard.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Self

from pydantic import ConfigDict, Field, model_validator

from stages.errors import InputError
from stages.measures.agreement import cohens_kappa
from stages.measures.indicators import label_quality
from stages.measures.rules import Limits, flags, quality_of
from stages.ports import jsonl, metrics, reviews
from stages.ports.chat import settings
from stages.ports.chat.messages import Chat, Request, parse
from stages.ports.params import Section
from stages.ports.progress import track
from stages.ports.prompts import Library
from stages.ports.stage import run
from stages.records.dropped import Reason
from stages.records.review import Decision
from stages.records.row import Record
from stages.records.sample import Labelled
from stages.records.verdict import Flag, Quality, Verdict

SMALL = 50  # rows with a person's grade below which agreement says little


class Judge(Section):
    """Params of the stage."""

    section: ClassVar[str] = "judge"
    grounding: float = Field(ge=0, le=1)  # share of an answer's numbers and names that must occur in the conversation
    coverage: float = Field(ge=0, le=1)  # share of the asked sub-items that must be answered
    high: float = Field(ge=1, le=10)  # the judge's score from which a label is high
    medium: float = Field(ge=1, le=10)  # and from which it is medium
    max_tokens: int = Field(ge=16)  # of the judge's answer

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.medium > self.high:
            raise ValueError("medium must not be above high")
        return self


class Grade(Record):
    """What the judge model answers."""

    model_config = ConfigDict(extra="ignore")

    reason: str = ""
    score: float = Field(ge=1, le=10)


def judge(rows: Sequence[Labelled], params: Judge, grades: Mapping[str, Grade | Reason]) -> list[Verdict]:
    """Return the verdict of rules and judge model on each row, in order; `grades` are the judge's, by row."""
    limits = Limits(grounding=params.grounding, coverage=params.coverage)
    return [verdict(row.id, flags(row, limits), grades.get(row.id), params) for row in track(rows, "judge", "labels")]


def verdict(row: str, found: tuple[Flag, ...], grade: Grade | Reason | None, params: Judge) -> Verdict:
    """Return what rules and judge make of one label."""
    by_rules = quality_of(found)
    if not isinstance(grade, Grade):
        return Verdict(id=row, quality=by_rules, layer="rules", flags=found)
    if by_rules == "low":
        return Verdict(id=row, quality="low", layer="rules", flags=found, score=grade.score)
    by_judge: Quality = "high" if grade.score >= params.high else "medium" if grade.score >= params.medium else "low"
    return Verdict(id=row, quality=by_judge, layer="judge", flags=found, score=grade.score)


def graded(rows: Sequence[Labelled], params: Judge, prompts: Library, chat: Chat) -> dict[str, Grade | Reason]:
    """Ask the judge model about every answer; return its grade, or why there is none."""
    requests = [request(row, params, prompts) for row in rows]
    return {reply.row: parse(reply, Grade) for reply in chat.ask(requests, "judge")}


def request(row: Labelled, params: Judge, prompts: Library) -> Request:
    """Return the question to the judge; task and answer stand between marks that the row's id makes unforeseeable.

    Should the id occur in them all the same, it is taken out.
    """
    task, answer = (text.replace(row.id, "…") for text in (row.text, row.answer))
    user = prompts.get("rubric", row.language).render(task=task, answer=answer, mark=row.id)
    return Request(row=row.id, user=user, max_tokens=params.max_tokens)


def overridden(verdicts: Sequence[Verdict], decisions: Mapping[str, Decision]) -> list[Verdict]:
    """Return the verdicts with people's decisions in their place."""
    return [_decided(row, decisions[row.id]) if row.id in decisions else row for row in verdicts]


def _decided(row: Verdict, decision: Decision) -> Verdict:
    quality = decision.quality or ("high" if decision.verdict == "keep" else "low")
    return row.model_copy(update={"quality": quality, "layer": "human", "reviewer": decision.reviewer})


def figures(
    final: Sequence[Verdict],
    automatic: Sequence[Verdict],
    decisions: Mapping[str, Decision],
    identity: str | None,
    grades: Mapping[str, Grade | Reason],
) -> dict[str, object]:
    """Return what metrics/judge.json holds; agreement compares people with what rules and judge said of the same rows."""
    pairs = [(one.quality, two.quality) for one, two in zip(final, automatic, strict=True) if one.layer == "human"]
    kinds = Counter(str(flag) for row in final for flag in row.flags)
    faults = Counter(str(grade) for grade in grades.values() if isinstance(grade, Reason))
    return {
        "rows": len(final),
        "quality": label_quality([row.quality for row in final]),
        "flags": {str(flag): kinds[flag] for flag in Flag},
        "layers": {layer: sum(row.layer == layer for row in final) for layer in ("rules", "judge", "human")},
        "judge": identity
        and {"identity": identity, "asked": len(grades), "without_grade": dict(sorted(faults.items()))},
        "unparsable": faults[Reason.UNPARSABLE],
        "human": {
            "rows": len(pairs),
            "unmatched_decisions": len(decisions.keys() - {row.id for row in final}),
            "cohens_kappa": cohens_kappa([one for one, _ in pairs], [two for _, two in pairs]),
            "agree": sum(one == two for one, two in pairs),
            "too_few_to_tell": len(pairs) < SMALL,
        },
    }


def read_decisions(source: Path) -> dict[str, Decision]:
    """Return people's decisions; a rewriting belongs elsewhere, since this stage grades answers and cannot change them."""
    found = reviews.decisions(source)
    if rewritten := next((row for row in found.values() if row.verdict == "rewrite"), None):
        answers = source.with_name("answers.jsonl")
        raise InputError(f"{source}: row {rewritten.id}: verdict is rewrite; put the new answer into {answers}")
    return found


def main(source: Path, decisions: Path, prompts: Path, base: Path, target: Path, report: Path) -> None:
    """Read labelled rows and decisions, write a verdict for each row, and the metrics."""
    params, model = Judge.load(), settings.Judge.load_or_none()
    rows, decided = jsonl.read(source, Labelled), read_decisions(decisions)
    chat = settings.connect(model, base) if model else None
    grades = graded(rows, params, Library(prompts), chat) if chat else {}
    automatic = judge(rows, params, grades)
    final = overridden(automatic, decided)
    jsonl.write(target, final)
    found = figures(final, automatic, decided, chat.identity if chat else None, grades)
    metrics.write(report, {"answers": dict(sorted(Counter(row.origin for row in rows).items())), **found})


if __name__ == "__main__":
    run(main)

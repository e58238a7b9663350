"""What rules, judge and the last run say of an instruction, and how early that brings it."""

from collections.abc import Iterable, Iterator, Mapping, Set
from functools import cached_property
from pathlib import Path
from typing import Literal, NamedTuple

from stages.cli.review.pack import Pack
from stages.cli.review.queue import Check, Urgency
from stages.core import jsonl, params
from stages.core.dropped import Dropped, Reason
from stages.rows.instruction import Instruction

CRITERIA = (Reason.UNCLEAR, Reason.AMBIGUOUS, Reason.NOT_RICHER)
PASSED, NOT_YET = "passed", "not filtered yet"
TONES: Mapping[str, Literal["good", "plain"]] = {PASSED: "good", NOT_YET: "plain"}


class Outcomes(NamedTuple):
    """What a filter stage made of its rows in the last run: what it dropped, which passed, and whether a judge was heard."""

    dropped: Mapping[str, Dropped]
    passed: Set[str]  # by id; what people rewrote, by the id that it had
    judged: bool

    @classmethod
    def of(cls, kept: Path, ledger: Path) -> "Outcomes":
        """Read them beside what the stage kept; where a writer said the same twice, what was dropped is the second one."""
        path, rows = jsonl.dropped_path(kept), jsonl.read(kept, Instruction) if kept.is_file() else []
        dropped, here = jsonl.stream(path, Dropped) if path.is_file() else (), {row.id for row in rows}
        judged = ledger.is_file() and '"rubric_verdicts"' in ledger.read_text(encoding="utf-8")
        return cls({row.id: row for row in dropped if row.id not in here}, frozenset(_passed(rows)), judged)

    def verdict(self, key: str) -> str:
        """Return why a row was dropped, or that it passed, or that nobody looked."""
        return self.dropped[key].reason if key in self.dropped else PASSED if key in self.passed else NOT_YET

    def like(self, key: str) -> str:
        """Return the row that made this one redundant, or ""."""
        found = self.dropped.get(key)
        return found.detail.removeprefix("like ") if found and found.reason == Reason.REDUNDANT else ""

    def urgency(self, row: Instruction, rows: Mapping[str, Instruction]) -> tuple[Urgency, str] | None:
        """Return that rules and judge disagree, or that the row was refused, and in which words; None where neither."""
        found = self.dropped.get(row.id)
        if found and found.reason not in (Reason.DISCARDED, Reason.REDUNDANT):
            if self.judged and found.reason in CRITERIA and not by_criteria(row, rows):
                return Urgency.DISAGREEMENT, "the judge refuses it, the rules do not"
            return Urgency.DOUBTFUL, f"refused: {found.reason}"
        if row.id in self.passed and self.judged and row.generation and by_criteria(row, rows):
            return Urgency.DISAGREEMENT, "the rules refuse it, the judge does not"
        return None


def _passed(kept: Iterable[Instruction]) -> Iterator[str]:
    for row in kept:
        yield row.id
        yield from row.parents if row.origin == "reviewer" else ()


def by_criteria(row: Instruction, rows: Mapping[str, Instruction]) -> Reason | None:
    """Return which of the paper's criteria the rules find unmet: for an evolved row, also against the seed it comes from."""
    from stages.instructions.rules import criteria  # noqa: PLC0415 - a second to import, with what it needs

    line = criteria.lineage(row, rows)
    return criteria.by_rules(row, line.root if line and line.operators else None)


class Rules:
    """The rules of a filter stage. They take a second to read in, so the first page does not wait for them."""

    def __init__(self, stage: str, pack: Pack) -> None:
        """Read nothing yet."""
        self.stage, self.pack = stage, pack
        self.ready = False

    def checks(self, row: Instruction, rows: Mapping[str, Instruction], verdict: str) -> list[Check]:
        """Return what the rules say of the row, and its verdict of the last run."""
        from stages.instructions.rules import filter as every  # noqa: PLC0415 - see above

        found = every.fault(row, every.Rules(*self._lengths, self.pack.vocabulary))
        unmet = by_criteria(row, rows)
        self.ready = True
        return [
            Check("Rules for every instruction", str(found or "no fault found"), "bad" if found else "good"),
            Check("The paper's criteria, by rules", str(unmet or "met"), "bad" if unmet else "good"),
            Check(f"Stage {self.stage}, last run", verdict, TONES.get(verdict, "bad")),
        ]

    @cached_property
    def _lengths(self) -> tuple[int, int]:
        return params.value(f"{self.stage}.min_words", int), params.value(f"{self.stage}.max_words", int)

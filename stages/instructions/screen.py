"""Keep the instructions that are clear, unambiguous and richer as the library; people decide and refine first (§2.1, steps 2.2, 2.3)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, NamedTuple

from pydantic import Field

from stages.chat.connect import connect
from stages.chat.messages import Chat
from stages.chat.settings import JudgeModel
from stages.core import jsonl, yaml_files
from stages.core.dropped import Reason
from stages.core.stage import run
from stages.instructions.rules.criteria import by_rules, lineage
from stages.instructions.rules.decide import FilterParams, filter_rows, tallied
from stages.instructions.rules.rubric import rubric
from stages.instructions.rules.subject import vocabulary
from stages.library.domain_pack import Domain
from stages.library.meta_prompts import Library
from stages.reviews.decisions import decisions
from stages.rows.instruction import Instruction


class Screen(FilterParams):
    """Which instructions of the evolved population stay, as the library."""

    section: ClassVar[str] = "screen"
    least: float = Field(ge=1, le=5)
    """Dropped where llm.judge gives a criterion (clear, unambiguous, richer than its seed) less than this, of 5."""
    plain: tuple[str, ...] = ()
    """Operators that do not have to enrich; what descends from one of them is not compared with its seed."""
    max_tokens: int = Field(ge=16)
    """Tokens of llm.judge's verdict, at most."""


class Judge(NamedTuple):
    """The judge model, and what it is asked with."""

    chat: Chat
    prompts: Library


class PaperCriteria:
    """The paper's criteria: by the judge's rubric where there is a judge, by rules where it gives no verdict."""

    def __init__(self, rows: Sequence[Instruction], params: Screen, judge: Judge | None) -> None:
        """Take in the whole population, in which seeds are looked up."""
        self.rows = {row.id: row for row in rows}
        self.params, self.judge = params, judge
        self.notes = Counter[str]()  # verdicts, and those that could not be read, for the ledger

    def __call__(self, rows: Sequence[Instruction]) -> Mapping[str, Reason]:
        """Return why rows are refused, by their ids; a seed is compared with nothing, and not shown to the judge."""
        lines = {row.id: lineage(row, self.rows) for row in rows}
        roots = {key: line.root for key, line in lines.items() if line and line.operators}
        plain = {key for key, line in lines.items() if line and not set(self.params.plain).isdisjoint(line.operators)}
        heard = self._verdicts([(row, roots[row.id]) for row in rows if row.id in roots], plain)
        found = {
            row.id: heard[row.id] if row.id in heard else by_rules(row, None if row.id in plain else roots.get(row.id))
            for row in rows
        }
        return {key: reason for key, reason in found.items() if reason}

    def _verdicts(
        self, children: Sequence[tuple[Instruction, Instruction]], plain: set[str]
    ) -> dict[str, Reason | None]:
        """Return what the judge makes of each child; without a verdict that can be read there is none."""
        if self.judge is None:
            return {}
        verdicts = rubric(children, self.judge.prompts, self.judge.chat, self.params.max_tokens)
        read = [verdict for verdict in verdicts if not isinstance(verdict.scores, Reason)]
        self.notes.update(rubric_verdicts=len(read), rubric_unreadable=len(verdicts) - len(read))
        return {verdict.id: verdict.refusal(self.params.least, verdict.id not in plain) for verdict in read}


def main(*, source: Path, reviews: Path, domain: Path, prompts: Path, base: Path, target: Path, ledger: Path) -> None:
    """Read the evolved population and decisions, write the library."""
    rows, params, settings = jsonl.read(source, Instruction), Screen.load(), JudgeModel.load_or_none()
    judge = Judge(connect(settings, base), Library(prompts)) if settings else None
    criteria = PaperCriteria(rows, params, judge)
    words = vocabulary(yaml_files.load(domain, Domain))
    decided = decisions(reviews)
    criteria.notes.update(tallied(decided, rows))
    outcomes = filter_rows(rows, decided, params, words, criteria)
    jsonl.write_outcomes(target, outcomes, ledger, len(rows), criteria.notes)


if __name__ == "__main__":
    run(main)

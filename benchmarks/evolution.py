"""Instruction evolution, measured on answers of known worth.

    python -m benchmarks.evolution elimination
    python -m benchmarks.evolution elimination --part dev --missed
    python -m benchmarks.evolution methods --workspace FOLDER

`elimination`: the rules of stages/instructions/evolution/elimination.py over data/calibration/children.jsonl, which people marked by the
paper's criteria. Prints precision and recall of elimination with 95 % Wilson intervals, by part, language and author, and which reasons
they gave for which. A model's answers count twice: as they came, and as the object they were not asked for then, since rules that
see only a missing object have said nothing about what it wrote. `--missed` lists where rules and people differ, by id and kind.

`methods`: the four methods of making a library with equal numbers of requests; see benchmarks/methods.py.
"""

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import get_args

from scipy.stats import binomtest

from benchmarks import methods
from stages.chat.messages import Reply
from stages.cli.marked_child import Fault, Marked, MarkedChild
from stages.core import jsonl, params, yaml_files
from stages.core.row import Record
from stages.instructions.evolution import elimination
from stages.instructions.evolution.crossing import Scope
from stages.instructions.evolution.excerpts import Shown
from stages.instructions.evolution.offspring import Plan, own_words
from stages.instructions.evolution.operators import Operator, read_operators
from stages.library.domain_pack import Domain, Tasks
from stages.library.meta_prompts import Library
from stages.rows.instruction import Instruction

DOMAIN = "real_estate"
PROJECT = "project"


class Judged(Record):
    """A child with the rules' verdict: the reason they eliminate it for, or an empty one."""

    child: MarkedChild
    given: str

    @property
    def hit(self) -> bool:
        """Whether rules and people agree."""
        return bool(self.given) == (self.child.verdict == "eliminate")


def judge(rows: Sequence[MarkedChild], prompts: Path) -> list[Judged]:
    """Return the rules' verdicts, in order, with the params as they are shipped."""
    settings = params.load_all()["evolve"]
    bounds = elimination.Bounds.model_validate({name: settings[name] for name in elimination.Bounds.model_fields})
    operators = {each.id: each for each in read_operators(prompts / "evolve")}
    pack = prompts / DOMAIN
    tasks, domain = yaml_files.load(pack / "tasks.yaml", Tasks), yaml_files.load(pack / "domain.yaml", Domain)
    library = Library(prompts / "evolve")

    def given(row: MarkedChild) -> str:
        plan = planned(row, operators[row.operator], domain)
        child = elimination.Child(
            parent=plan.parent,
            partner=plan.partner,
            operator=plan.operator,
            excerpt=row.excerpt,
            asked=own_words(plan, tasks, library, bounds.budget),
            reply=Reply(row=row.id, text=row.reply, finish=row.finish),
        )
        return str(elimination.fault(child, bounds) or "")

    return [Judged(child=row, given=given(row)) for row in rows]


def planned(row: MarkedChild, operator: Operator, domain: Domain) -> Plan:
    """Return the plan that a marked child would have come of."""
    parent = instruction(row, row.parent)
    shown = Shown(
        scene=domain.scene(row.scene).name[row.language],
        role=domain.role(row.role).name[row.language],
        excerpt=row.excerpt,
    )
    partner = instruction(row, row.partner) if row.partner else None
    return Plan(generation=1, operator=operator, parent=parent, partner=partner, scope=Scope.of(parent), shown=shown)


def instruction(row: MarkedChild, marked: Marked) -> Instruction:
    """Return a marked parent as a row of the library."""
    return Instruction.new(
        **marked.model_dump(), language=row.language, task=row.task, requirement=row.requirement, origin="pack"
    )


def as_object(row: MarkedChild) -> MarkedChild:
    """Return a model's free text as the object that is asked for now, its `Fields:` line left in the text."""
    wrapped = json.dumps({"instruction": row.reply, "fields": [], "labels": []}, ensure_ascii=False)
    return row.model_copy(update={"reply": wrapped, "author": f"{row.author}, as an object"})


def share(hits: int, cases: int) -> str:
    """Return hits / cases with its 95 % Wilson interval."""
    if not cases:
        return "none"
    low, high = binomtest(hits, cases).proportion_ci(method="wilson")
    return f"{hits / cases:.3f} [{low:.3f}, {high:.3f}] {hits}/{cases}"


def figures(judged: Sequence[Judged]) -> dict[str, str]:
    """Return precision and recall of elimination."""
    bad = [each for each in judged if each.child.verdict == "eliminate"]
    out = [each for each in judged if each.given]
    both = sum(1 for each in bad if each.given)
    return {"precision": share(both, len(out)), "recall": share(both, len(bad))}


def by(judged: Iterable[Judged], name: Callable[[MarkedChild], str]) -> dict[str, list[Judged]]:
    """Return the verdicts by what `name` says of a child."""
    groups: dict[str, list[Judged]] = {}
    for each in judged:
        groups.setdefault(name(each.child), []).append(each)
    return groups


def report(judged: Sequence[Judged], wrapped: Sequence[Judged]) -> Iterator[str]:
    """Yield the figures, a line a group, then the reasons."""
    groups = {
        **by(judged, lambda row: row.part),
        **by(judged, lambda row: f"{row.part} {row.language}"),
        **by(judged, lambda row: f"{row.part} {row.author}"),
        **by(wrapped, lambda row: f"{row.part} {row.author}"),
        **by(judged, lambda row: f"operator {row.operator}"),
    }
    for name, group in groups.items():
        yield "  |  ".join([name, *(f"{key} {value}" for key, value in figures(group).items())])
    yield "marked → given"
    for reason in ("", *get_args(Fault)):
        given = Counter(each.given or "kept" for each in judged if each.child.reason == reason)
        yield f"{reason or 'keep'} → " + ", ".join(f"{name} {count}" for name, count in given.most_common())


def main() -> None:
    """Run the command that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    rules = commands.add_parser("elimination", help="precision and recall of the rules that eliminate children")
    rules.add_argument("--children", type=Path, default=Path("data/calibration/children.jsonl"))
    rules.add_argument("--prompts", type=Path, default=Path("prompts"))
    rules.add_argument("--part", choices=("dev", "held_out"), help="this part only")
    rules.add_argument("--missed", action="store_true", help="list where rules and people differ")
    methods.options(commands.add_parser("methods", help="four methods with equal numbers of requests"))
    options = parser.parse_args()
    if options.command == "methods":
        methods.compare(options)
        return
    rows = [row for row in jsonl.read(options.children, MarkedChild) if options.part in (None, row.part)]
    judged = judge(rows, options.prompts)
    free = [as_object(row) for row in rows if row.author != PROJECT and row.reason != "unparsable"]
    wrapped = judge(free, options.prompts)
    missed = [each for each in (*judged, *wrapped) if options.missed and not each.hit]
    differ = [
        f"{each.child.id}  {each.child.part}  {each.child.reason or 'keep'} → {each.given or 'kept'}" for each in missed
    ]
    print(*report(judged, wrapped), *differ, sep="\n")  # noqa: T201 - the result


if __name__ == "__main__":
    main()

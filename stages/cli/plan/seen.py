"""What a stage wants to ask of the inputs that lie there now: its own code is run aside, with nobody asked."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from stages.cli.plan.bounds import ELSEWHERE
from stages.cli.plan.changes import Due
from stages.cli.plan.facts import Facts
from stages.cli.trial import workspace
from stages.cli.trial.exchange import Count, Order
from stages.core import jsonl
from stages.evaluation.rows.remote import FILE


class Seen(NamedTuple):
    """What a stage wanted to ask of the inputs that lie there now, with nobody asked, and what ended it: the lack of answers may."""

    counts: Sequence[Count]
    fault: str

    def of(self, place: str) -> list[Count]:
        """Return what it wanted to ask of one model."""
        return [count for count in self.counts if count.place == place]

    def all_known(self, waits: bool) -> bool:
        """Whether this is all that it will ask; `waits`: later questions depend on answers."""
        return bool(self.counts or not self.fault) and not (waits and any(count.new for count in self.counts))

    def certain(self, place: str) -> list[Count]:
        """Return what it asks of one model whatever comes back: up to the first stream, of any model, with a new question."""
        streams = len(self.counts)
        last = next((number for number, count in enumerate(self.counts) if count.new), streams)
        return [count for count in self.counts[: last + 1] if count.place == place]


def look(each: Due, facts: Facts, params: Path, remote: str) -> Seen:
    """Run the stage on what is there now, with nobody asked; `remote`: the name of its model, if that is at an endpoint."""
    with TemporaryDirectory() as folder:
        place = Path(folder) / "stage"
        place.mkdir()
        if remote:  # what stage candidate would write
            from stages.evaluation.candidate import Candidate  # noqa: PLC0415 - torch: seconds to import

            described = place / "models" / remote / FILE
            described.parent.mkdir(parents=True)
            there = Candidate.parse(f"{ELSEWHERE}.{remote}", facts.get(f"{ELSEWHERE}.{remote}")).remote
            described.write_text(there.model_dump_json() + "\n", encoding="utf-8")
        workspace.prepare(place, facts.root, each.step, params)
        order = Order(report=Path(folder) / "asked.jsonl", asks=False, judge_passes="calibrate" in facts.due)
        ended = workspace.run(place, facts.root, each.step, order)
        counts = jsonl.read(order.report, Count) if order.report.exists() else []
    return Seen(counts, workspace.fault(ended))


class Size(NamedTuple):
    """Of a stage's requests: tokens of a question on average, at most as a budget counts, and the highest limit of an answer."""

    mean_prompt: float
    longest_prompt: int
    longest_answer: int


def size_of(counts: Iterable[Count]) -> Size | None:
    """Return how large a request is, by those that were seen; None if none was."""
    seen = [count for count in counts if count.requests]
    if not seen:
        return None
    total = sum(count.requests for count in seen)
    return Size(
        sum(count.mean_prompt * count.requests for count in seen) / total,
        max(count.longest_prompt for count in seen),
        max(count.longest_answer for count in seen),
    )

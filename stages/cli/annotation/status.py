"""`dial-insight review --status`: how much is decided at each gate, where reviewers disagree, and how far they agree."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from stages.cli.review.queue import Queue
from stages.cli.review.queues.every import QUEUES, named
from stages.cli.review.queues.labels import ANSWERS, Labels
from stages.cli.review.queues.personal import CORRECTIONS, Personal
from stages.core import jsonl
from stages.core.errors import InputError
from stages.core.row import content_id
from stages.pii.corrections import Correction, by_stretch
from stages.reporting.counted import counted
from stages.reviews import journal
from stages.reviews.agreement import Agreement, between
from stages.reviews.decisions import Decision
from stages.reviews.refinements import Refinement, disputes
from stages.reviews.settlement import Conflict, conflicting, disputed, grouped, holding, settled
from stages.rows.dialogue import Dialogue


class Status(NamedTuple):
    """What is known of one gate, in rows."""

    rows: int
    decided: int
    waiting: int
    conflicts: tuple[Conflict[Decision], ...]
    stale: int  # decided, but about another answer or directive than the row now has
    gone: int  # decided, but not among the rows any more

    @classmethod
    def of(cls, waits: Mapping[str, bool], current: Sequence[Decision], history: Iterable[Decision]) -> "Status":
        """Count; `waits` says of each row whether somebody has to decide, `current` are the lines about rows as they are."""
        said, now = grouped(history), holding(current)
        return cls(
            rows=len(waits),
            decided=len(now),
            waiting=sum(waits[key] for key in waits.keys() - now.keys()),
            conflicts=tuple(disputed(current)),
            stale=sum(settled(said[key]) is not None for key in said.keys() & waits.keys() - now.keys()),
            gone=sum(settled(said[key]) is not None for key in said.keys() - waits.keys()),
        )


def lines() -> Iterator[str]:
    """Yield one line a gate, one for each row that reviewers disagree on, and one for every two of them who decided rows in common."""
    for name in QUEUES:
        yield from _gate(named(name))
    yield from _corrections()


def _gate(queue: Queue) -> Iterator[str]:
    """Yield the lines of a gate, counted as its page counts."""
    history = journal.history(queue.file, queue.kind)
    try:
        queue.require()
    except InputError:
        yield f"{queue.name}: not made yet (dvc repro {queue.stage}); {counted(len(history), 'line')} in {queue.file}"
        return
    waits = {entry.id: entry.waits for entry in queue.load()}
    current = [row for row in history if row.id in waits and queue.counts(row)]
    found = Status.of(waits, current, history)
    more = {"in conflict": len(found.conflicts), "stale": found.stale, "about rows that are gone": found.gone}
    told = "".join(f", {count} {what}" for what, count in more.items() if count)
    yield f"{queue.name}: {found.decided} of {found.rows} rows decided, {found.waiting} wait{told} ({queue.file})"
    yield from map(_blindly if queue.blind else _disagreed, found.conflicts)
    if isinstance(queue, Labels):
        yield from (_answered(row) for row in disputes(journal.history(ANSWERS, Refinement)) if row.id in waits)
    yield from map(_agreed, between(current, lambda row: row.category))


def _answered(row: Conflict[Refinement]) -> str:
    """Return who wrote different answers; they may be long, and are shown on the page."""
    return f"  {row.id}: {' and '.join(row.said)} wrote different answers; {row.holds.author}'s holds until somebody settles it"


def _disagreed(row: Conflict[Decision]) -> str:
    told = ", ".join(f"{name} says {_word(said)}" for name, said in row.said.items())
    return f"  {row.id}: {told}; {_word(row.holds)} holds until somebody settles it"


def _blindly(row: Conflict[Decision]) -> str:
    """Return who disagrees; what each chose would tell them who wrote which answer."""
    return f"  {row.id}: {' and '.join(row.said)} disagree"


def _word(row: Decision) -> str:
    return row.quality or row.action


def _agreed(pair: Agreement) -> str:
    names, kappa = " and ".join(pair.reviewers), pair.kappa
    if kappa is None:
        told = "Cohen's kappa not defined: both said one and the same throughout"
    else:
        told = f"Cohen's kappa {kappa.value:.2f}"
        if kappa.low is not None and kappa.high is not None:
            told += f", 95 % {kappa.low:.2f} … {kappa.high:.2f}"
    return f"  {names} agree on {pair.agree} of {pair.rows} rows that both decided; {told}"


def _corrections() -> Iterator[str]:
    """Yield what was corrected of personal data; what nobody corrected stays as the detectors found it."""
    history = grouped(journal.history(CORRECTIONS, Correction))
    if not Personal.source.exists():
        if history:
            yield f"  {counted(sum(map(len, history.values())), 'line')} of corrections ({CORRECTIONS})"
        return
    stretches, unmatched = dict[str, list[Correction]](), 0
    for row in jsonl.stream(Personal.source, Dialogue):
        found = by_stretch(row, history.pop(row.id, []))
        unmatched += len(found.pop("", []))
        stretches |= {f"{row.id}, {number}": own for number, own in enumerate(found.values())}
    unmatched += sum(map(len, history.values()))
    corrected = [own for own in stretches.values() if settled(own)]
    conflicts = sum(map(conflicting, corrected))
    more = {"in conflict": conflicts, "stale": unmatched}
    told = "".join(f", {number} {what}" for what, number in more.items() if number)
    yield f"  {counted(len(corrected), 'stretch', 'stretches')} corrected{told} ({CORRECTIONS})"
    keyed = (row.model_copy(update={"id": content_id(key)}) for key, own in stretches.items() for row in own)
    yield from map(_agreed, between(keyed, lambda row: row.kind))

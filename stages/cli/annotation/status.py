"""`dial-insight review --status`: how much is decided at each gate, where reviewers disagree, and how far they agree."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from stages.cli.annotation.gates import GATES, REVIEWS, Gate, Item
from stages.core import jsonl
from stages.core.row import content_id
from stages.pii.corrections import Correction, by_stretch
from stages.reviews import journal
from stages.reviews.agreement import Agreement, between
from stages.reviews.decisions import Decision
from stages.reviews.settlement import Conflict, conflicting, disputed, grouped, settled
from stages.rows.dialogue import Dialogue

INGESTED, PERSONAL = Path("data/dialogues/ingested.jsonl"), REVIEWS / "personal.jsonl"


class Status(NamedTuple):
    """What is known of one gate, in rows."""

    rows: int
    decided: int
    waiting: int
    conflicts: tuple[Conflict[Decision], ...]
    stale: int  # decided, but about another answer or directive than the row now has
    gone: int  # decided, but not among the rows any more

    @classmethod
    def of(cls, items: dict[str, Item], history: Iterable[Decision]) -> "Status":
        """Count."""
        said = grouped(history)
        now = {key: [row for row in said.get(key, []) if item.concerned(row)] for key, item in items.items()}
        decided = {key for key, lines in now.items() if settled(lines)}
        return cls(
            rows=len(items),
            decided=len(decided),
            waiting=sum(item.waits for key, item in items.items() if key not in decided),
            conflicts=tuple(disputed(row for lines in now.values() for row in lines)),
            stale=sum(settled(said[key]) is not None for key in said.keys() & items.keys() - decided),
            gone=sum(settled(said[key]) is not None for key in said.keys() - items.keys()),
        )


def lines() -> Iterator[str]:
    """Yield one line a gate, one for each row that reviewers disagree on, and one for every two of them who decided rows in common."""
    for name, gate in GATES.items():
        yield from _gate(name, gate)
    yield from _personal()


def _gate(name: str, gate: Gate) -> Iterator[str]:
    history = journal.history(gate.file, Decision)
    if not gate.source.exists():
        yield f"{name}: not made yet (dvc repro {gate.stage}); {len(history)} lines in {gate.file}"
        return
    items = gate.rows()
    found = Status.of(items, history)
    more = {"in conflict": len(found.conflicts), "stale": found.stale, "about rows that are gone": found.gone}
    told = "".join(f", {count} {what}" for what, count in more.items() if count)
    yield f"{name}: {found.decided} of {found.rows} rows decided, {found.waiting} wait{told} ({gate.file})"
    yield from map(_disagreed, found.conflicts)
    current = [row for row in history if row.id in items and items[row.id].concerned(row)]
    yield from map(_agreed, between(current, lambda row: row.category))


def _disagreed(row: Conflict[Decision]) -> str:
    told = ", ".join(f"{name} says {_word(said)}" for name, said in row.said.items())
    return f"  {row.id}: {told}; {_word(row.holds)} holds until somebody settles it"


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


def _personal() -> Iterator[str]:
    """Yield what was corrected of personal data; nothing waits there, as what nobody corrected stays as the detectors found it."""
    history = grouped(journal.history(PERSONAL, Correction))
    if not INGESTED.exists():
        yield f"personal: not made yet (dvc repro ingest); {sum(map(len, history.values()))} lines in {PERSONAL}"
        return
    count, stretches, unmatched = 0, dict[str, list[Correction]](), 0
    for row in jsonl.stream(INGESTED, Dialogue):
        count += 1
        found = by_stretch(row, history.pop(row.id, []))
        unmatched += len(found.pop("", []))
        stretches |= {f"{row.id}, {number}": own for number, own in enumerate(found.values())}
    unmatched += sum(map(len, history.values()))
    corrected = [own for own in stretches.values() if settled(own)]
    conflicts = sum(map(conflicting, corrected))
    more = {"in conflict": conflicts, "lines stale": unmatched}
    told = "".join(f", {number} {what}" for what, number in more.items() if number)
    yield f"personal: {len(corrected)} stretches corrected in {count} conversations{told} ({PERSONAL})"
    keyed = (row.model_copy(update={"id": content_id(key)}) for key, own in stretches.items() for row in own)
    yield from map(_agreed, between(keyed, lambda row: row.kind))

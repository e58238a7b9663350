"""How it is decided which instructions stay: people first, rules on the rest (§2.1, steps 1, 2.2 and 2.3)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal

import numpy as np
from pydantic import Field
from scipy import sparse

from stages.core.dropped import Dropped, Reason
from stages.core.errors import InputError
from stages.core.params import Section
from stages.instructions.rules.filter import Rules, fault
from stages.library.domain_pack import lacking
from stages.reviews.decisions import Decision
from stages.rows.instruction import Instruction
from stages.similarity.instructions import terms
from stages.similarity.representatives import earlier_alike

LISTED = 20  # ids that a message has room for
Undecided = Literal["screen", "drop", "fail"]
Criteria = Callable[[Sequence[Instruction]], Mapping[str, Reason]]  # why rows are refused, by their ids


class FilterParams(Section):
    """Which instructions stay; params that `curate` and `screen` share."""

    min_words: int = Field(ge=1)
    """Instructions with fewer words are dropped; 2 Chinese characters count as one."""
    max_words: int = Field(ge=10)
    """Instructions with more words are dropped."""
    redundancy: float = Field(gt=0, le=1)
    """Dropped as redundant from this cosine to a kept instruction, earlier ones first: of stems, in Chinese of pairs of characters."""
    undecided: Undecided
    """Instructions that no person decided on: `screen` by these rules, `drop` them, or `fail` the stage."""


def filter_rows(
    rows: Sequence[Instruction],
    decided: Mapping[str, Decision],
    params: FilterParams,
    words: frozenset[str],
    criteria: Criteria = lambda rows: {},
) -> Iterator[Instruction | Dropped]:
    """Yield one outcome for each row, in order.

    A decision holds whatever the rules say: keep, discard, or rewrite (the new text, fields, labels and forms take the row's
    place, its parent being the old one); of rows that decisions make one, one stays. Undecided rows pass the rules for every instruction, then `criteria`, then must differ from rows kept before
    them; hand-written ones of the pack count as decided but for that. `words` are the domain's `vocabulary`.
    """
    waiting = [row for row in rows if _is_open(row, decided)]
    if waiting and params.undecided == "fail":
        raise InputError(
            f"{params.section}: {len(waiting)} instructions wait for a person: {_listed([row.id for row in waiting])}; "
            f"decide in data/review/{params.section}.jsonl (dial-insight review) or set {params.section}.undecided: screen"
        )
    for given in rows:
        _refuse_lacking(given, decided.get(given.id), params.section)
    rules = Rules(params.min_words, params.max_words, words)
    settled = _once(rows, [_settle(row, decided.get(row.id), params.undecided, rules) for row in rows], decided)
    refused = criteria([row for row in settled if isinstance(row, Instruction) and _is_open(row, decided)])
    settled = [_dropped(row, refused[row.id]) if row.id in refused else row for row in settled]
    alive = [row for row in settled if isinstance(row, Instruction)]
    held = np.array([_is_held(row, decided) for row in alive], dtype=bool)
    alike = iter(earlier_alike(_vectors(alive), params.redundancy, held))
    for row in settled:
        other = next(alike) if isinstance(row, Instruction) else None
        if isinstance(row, Instruction) and other is not None:
            yield _dropped(row, Reason.REDUNDANT, f"like {alive[other].id}")
        else:
            yield row


def _listed(ids: Sequence[str]) -> str:
    rest = len(ids) - LISTED
    return ", ".join(ids[:LISTED]) + (f" and {rest} more" if rest > 0 else "")


def _is_open(row: Instruction, decided: Mapping[str, Decision]) -> bool:
    return row.id not in decided and row.origin not in ("pack", "reviewer")


def _is_held(row: Instruction, decided: Mapping[str, Decision]) -> bool:
    return row.origin == "reviewer" or row.id in decided


def _once(
    rows: Sequence[Instruction], settled: Sequence[Instruction | Dropped], decided: Mapping[str, Decision]
) -> list[Instruction | Dropped]:
    """Return the outcomes with each row that people wrote or hold in it once: as it was before one rewritten to its words, the first of several.

    So a rewriting to a hand-written one's words does not take its scenes, roles, fields and forms away.
    """
    stays = dict[str, int]()
    by_own = sorted(range(len(rows)), key=lambda n: settled[n].id != rows[n].id)
    for n in by_own:
        row = settled[n]
        if isinstance(row, Instruction) and (row.origin == "pack" or _is_held(row, decided)):
            stays.setdefault(row.id, n)
    return [
        _dropped(rows[n], Reason.DUPLICATE, f"like {row.id}")
        if isinstance(row, Instruction) and stays.get(row.id, n) != n
        else row
        for n, row in enumerate(settled)
    ]


def _settle(row: Instruction, decision: Decision | None, undecided: Undecided, rules: Rules) -> Instruction | Dropped:
    if decision is None:
        if row.origin in ("pack", "reviewer"):
            return row
        reason = Reason.UNDECIDED if undecided == "drop" else fault(row, rules)
        return _dropped(row, reason) if reason else row
    if decision.action == "discard":
        return _dropped(row, Reason.DISCARDED, decision.reviewer)
    if decision.action == "keep":
        return row
    made = _rewritten(row, decision)
    return (
        made if made.id != row.id else made.model_copy(update={"parents": row.parents})
    )  # the same words, another form


def _rewritten(row: Instruction, decision: Decision) -> Instruction:
    asked = decision.changes.given if decision.changes else {}
    by = {"origin": "reviewer", "author": decision.reviewer, "parents": (row.id,)}
    return Instruction.new(**{**row.model_dump(exclude={"id"}), "text": decision.text.strip(), **by, **asked})


def _refuse_lacking(row: Instruction, decision: Decision | None, section: str) -> None:
    """Refuse a rewriting that nobody could be asked in one of its forms: its prompt would say "with exactly these keys: ."."""
    if decision is None or decision.action != "rewrite" or decision.changes is None:
        return
    made = _rewritten(row, decision)
    if lack := lacking(made.formats, made.fields, made.labels):
        raise InputError(
            f"data/review/{section}.jsonl: row {row.id}, rewritten by {decision.reviewer}: {lack}; "
            "decide again, with other formats, fields or labels"
        )


def tallied(decided: Mapping[str, Decision], rows: Sequence[Instruction]) -> dict[str, int]:
    """Return, for the ledger, on how many instructions people decided, and how many of these are not here any more; nothing without any."""
    lost = decided.keys() - {row.id for row in rows}
    return {"decisions": len(decided), "decisions_unmatched": len(lost)} if decided else {}


def _dropped(row: Instruction | Dropped, reason: Reason, detail: str = "") -> Dropped:
    return Dropped(id=row.id, reason=reason, detail=detail, parents=row.parents)


def _vectors(rows: Sequence[Instruction]) -> sparse.csr_matrix:
    """Return counts of what the texts are made of (`terms`), shape (rows, terms seen), each row of length 1."""
    # As DictVectorizer and normalize of scikit-learn do, to the last bit; to import these takes over a second.
    found = [terms(row.text, row.language) for row in rows]
    places = {term: place for place, term in enumerate(sorted(set().union(*found)))}
    starts = np.cumsum([0, *(len(counts) for counts in found)])
    numbers = np.array([count for counts in found for count in counts.values()], dtype=np.float64)
    lengths = np.sqrt([sum(count * count for count in counts.values()) for counts in found])
    values = (numbers / np.repeat(lengths, np.diff(starts))).astype(np.float32)
    columns = np.array([places[term] for counts in found for term in counts], dtype=np.int32)
    vectors = sparse.csr_matrix((values, columns, starts), shape=(len(rows), max(len(places), 1)))
    vectors.sort_indices()
    return vectors

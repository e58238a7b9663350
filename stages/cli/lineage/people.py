"""What people decided, wrote and corrected: by the one rule of `stages.reviews.settlement`, whatever the order of the lines."""

import json
from collections.abc import Callable, Iterable
from typing import TypeVar

from pydantic import ValidationError

from stages.cli.lineage.rows import INGESTED, REVIEWS, Ancestor, Found, Json, Rows
from stages.core.errors import InputError
from stages.core.jsonl import faults
from stages.core.row import Row
from stages.pii.corrections import Correction
from stages.pii.corrections import settled as settled_stretches
from stages.reviews.decisions import Decision
from stages.reviews.refinements import Refinement, disputes, held
from stages.reviews.settlement import conflicting, settled, standing
from stages.rows.dialogue import Dialogue

ANSWERS, GRADES, PERSONAL = (f"{REVIEWS}/{name}.jsonl" for name in ("answers", "judge", "personal"))
BLIND = f"{REVIEWS}/preferences.jsonl"  # of two models' answers, and told only when all rows are decided
CONFLICT = "reviewers disagree and nobody spoke last"

R = TypeVar("R", bound=Row)
S = TypeVar("S", Decision, Refinement)


class People(Rows):
    """Follows rows to the lines of data/review."""

    def decisions(self, ident: str, answer: str = "") -> list[Ancestor]:
        """Return what people say of a row by now: in each file the decision that holds first, then the others that stand.

        `answer` is the hash of the answer that the row has; a grade of another one is stale, so not applied, and says so.
        """
        paths = [path for path in self.files.names(REVIEWS) if path.endswith(".jsonl") and path != BLIND]
        return [made for path in paths for made in self._decided(path, ident, answer)]

    def _decided(self, path: str, ident: str, answer: str) -> list[Ancestor]:
        lines = [(found, parsed(found, Decision)) for found in self.all(path, ident) if "action" in found.row]
        stale = [line for line in lines if answer and path == GRADES and line[1].answer_id not in ("", answer)]
        made = self._told("decision", [line for line in lines if line not in stale], _decision)
        waiting = standing(row for _, row in stale).values()
        return [
            *made,
            *(
                self.ancestor("stale decision", found, _decision(row) | {"about answer": row.answer_id})
                for found, row in stale
                if any(row is each for each in waiting)
            ),
        ]

    def written(self, ident: str) -> list[Ancestor]:
        """Return the answers that people wrote for a row: the one that holds first, then the others that stand."""
        lines = [(found, parsed(found, Refinement)) for found in self.all(ANSWERS, ident)]
        return self._told("provided answer", lines, _answer, held, disputes)

    def _told(
        self,
        kind: str,
        lines: list[tuple[Found, S]],
        facts: Callable[[S], Json],
        holding: Callable[[list[S]], S | None] = settled,
        disagreed: Callable[[list[S]], object] = conflicting,
    ) -> list[Ancestor]:
        rows = [row for _, row in lines]
        if (holds := holding(rows)) is None:
            return []
        stand = standing(rows).values()
        disputed = {"conflict": CONFLICT} if disagreed(rows) else {}
        place: dict[int, Found] = {id(row): found for found, row in lines}
        others: list[S] = [row for row in stand if row is not holds]
        return [
            self.ancestor(kind, place[id(holds)], facts(holds) | disputed),
            *(self.ancestor(f"other {kind}", place[id(row)], facts(row)) for row in others),
        ]

    def corrected(self, ident: str) -> Json:
        """Return what people corrected of a conversation's personal data: turn, kind and who, never the words."""
        rows = [parsed(found, Correction) for found in self.all(PERSONAL, ident)]
        if not rows or not (ingested := self.find(INGESTED, ident)):
            return {"corrections": [_correction(row) for row in rows]} if rows else {}
        held = settled_stretches(parsed(ingested, Dialogue), rows)
        stale = {"corrections_beside_the_text": held.stale} if held.stale else {}
        return {"corrections": [_correction(row) for row in _in_order(held.by_stretch.values())]} | stale


def parsed(found: Found, kind: type[R]) -> R:
    """Return a line as a row of this kind; InputError, with none of its values, where it is none."""
    try:
        return kind.model_validate_json(json.dumps(found.row))
    except ValidationError as error:
        raise InputError(f"{found.path}:{found.number}: not a {kind.__name__} row: {faults(error)}") from None


def _decision(row: Decision) -> Json:
    return {"action": row.action, "quality": row.quality, "reviewer": row.reviewer, "time": row.time.isoformat()}


def _answer(row: Refinement) -> Json:
    return {"author": row.author} | ({"checked": row.checked} if row.checked else {})


def _correction(row: Correction) -> str:
    return f"turn {row.turn} {row.kind} by {row.reviewer}"


def _in_order(rows: Iterable[Correction]) -> list[Correction]:
    return sorted(rows, key=lambda row: (row.turn, row.start))

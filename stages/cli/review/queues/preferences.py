"""The blind comparison of base and tuned answers to the test rows (§3.4): who wrote which is told when all rows are decided."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from stages.cli.review.excerpts import parted
from stages.cli.review.pack import Pack
from stages.cli.review.preference import Choice, Outcome, Preference, outcome
from stages.cli.review.queue import Author, Entry, Form, Queue, Refused
from stages.cli.review.state import State
from stages.core import jsonl
from stages.core.errors import InputError
from stages.core.row import content_id
from stages.evaluation.rows.answered import is_answer
from stages.reviews.decisions import Decision
from stages.rows.sample import LabeledSample, Prediction

BASE, TUNED = Path("data/predictions/base.jsonl"), Path("data/predictions/tuned.jsonl")


class Preferences(Queue):
    """Test rows that both models answered, and answered differently."""

    name, title, stage, reads = "preferences", "Which answer is better?", "predict", ""
    template = "preference.html.j2"
    file, source, beside = Path("data/review/preferences.jsonl"), Path("data/labels/test.jsonl"), (BASE, TUNED)
    kind = Preference
    blind = True

    def __init__(self) -> None:
        """Read nothing yet."""
        self.rows: dict[str, LabeledSample] = {}
        self.answers: dict[str, tuple[Prediction, Prediction]] = {}  # base's, tuned's
        self.same: list[str] = []
        self.pack = Pack()

    def require(self) -> None:
        """Raise InputError where a file is missing."""
        for path, stage in ((self.source, "testset"), (BASE, "predict"), (TUNED, "predict")):
            if not path.is_file():
                raise InputError(f"{path}: not there yet; run `dvc repro {stage}` first")

    def load(self) -> list[Entry]:
        """Read the rows that both models answered."""
        base, tuned = jsonl.by_id(BASE, Prediction), jsonl.by_id(TUNED, Prediction)
        rows = jsonl.stream(self.source, LabeledSample)
        both = {key for key in base.keys() & tuned.keys() if is_answer(base[key]) and is_answer(tuned[key])}
        self.rows = {row.id: row for row in rows if row.id in both}
        self.answers = {key: (base[key], tuned[key]) for key in self.rows}
        self.same = [key for key, (one, two) in self.answers.items() if one.answer.strip() == two.answer.strip()]
        same = set(self.same)
        return [self._entry(row) for row in self.rows.values() if row.id not in same]

    def shown(self, key: str, reviewer: str) -> dict[str, object]:
        """Return the row and both answers in this reviewer's order for it."""
        row, (first, second) = self.rows[key], self._ordered(key, reviewer)
        return {
            "row": row,
            "first": first.answer,
            "second": second.answer,
            "turns": parted(row.conversation),
            "pack": self.pack,
        }

    def decide(self, key: str, form: Form, by: Author) -> Preference:
        """Return whose answer was chosen."""
        choice = form.get("choice", "")
        first, _ = self._ordered(key, by.name)
        base_first = first is self.answers[key][0]
        meant: Mapping[str, Choice] = {
            "first": "base" if base_first else "tuned",
            "second": "tuned" if base_first else "base",
            "tie": "tie",
            "neither": "neither",
        }
        if choice not in meant:
            raise Refused("expected first, second, tie or neither")
        return Preference(
            id=key,
            action="keep",
            preferred=meant[choice],
            answer_id=self._both(key),
            settles=by.settles,
            reviewer=by.name,
            time=datetime.now(UTC),
        )

    def about(self, key: str) -> str:
        """Return the hash of both answers."""
        return self._both(key)

    def counts(self, decision: Decision) -> bool:
        """Whether it is about the answers that are here."""
        return (
            decision.id not in self.rows
            or decision.action == "withdraw"
            or decision.answer_id == self._both(decision.id)
        )

    def finished(self, states: Mapping[str, State], reviewer: str) -> dict[str, object]:
        """Return the outcome once this reviewer has decided all rows, else None: names stay hidden."""
        own = {key: state.said[reviewer] for key, state in states.items() if reviewer in state.said}
        if not self.rows or len(own) < len(self.rows) - len(self.same):
            return {"outcomes": None, "models": ()}
        said: dict[str, Mapping[str, Decision | None]] = {
            reviewer: own,
            "everybody, conflicts settled": {key: one.holds for key, one in states.items()},
        }
        others = any(len(state.said) > 1 for state in states.values())
        found = [self._outcome(who, lines) for who, lines in said.items() if who == reviewer or others]
        return {"outcomes": found, "models": tuple(one.author for one in next(iter(self.answers.values())))}

    def _outcome(self, who: str, lines: Mapping[str, Decision | None]) -> Outcome:
        chosen = {key: line.preferred for key, line in lines.items() if isinstance(line, Preference) and line.preferred}
        return outcome(who, chosen, self.same, {row.id: row.dialogue for row in self.rows.values()})

    def _ordered(self, key: str, reviewer: str) -> tuple[Prediction, Prediction]:
        """Return both answers, which comes first being drawn by the hash of row and reviewer."""
        base, tuned = self.answers[key]
        return (base, tuned) if int(content_id(key, reviewer), 16) % 2 else (tuned, base)

    def _both(self, key: str) -> str:
        base, tuned = self.answers[key]
        return content_id(base.answer, tuned.answer)

    def _entry(self, row: LabeledSample) -> Entry:
        facets = {
            "language": (row.language,),
            "scene": (row.scene,),
            "task": (row.task,),
            "form": (row.ask.kind,),
        }
        return Entry(row.id, facets, f"{row.asked} {row.conversation}".casefold())

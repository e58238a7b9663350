"""What people decided of the rewritten prompts (§2.2, step 3): the gate between stage enhance and the labels.

A decision is about a pair, so it survives a change of the template's wording. Keep and discard are about the directive that the
reviewer saw (`answer_id`, its hash) and are stale when the model writes another; a person's own directive needs no model's, and is
held to the same rules as one: it may lose no name, number, limit or quotation of the parts that it stands for.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from stages.core.dropped import Reason
from stages.core.row import content_id
from stages.reviews.decisions import Decision
from stages.reviews.settlement import grouped, settled, standing
from stages.rows.prompt import Prompt

Spliced = Callable[
    [Prompt, str, str], Prompt
]  # a prompt, a directive and its author: the prompt with it, or with a note why not


def directive_id(prompt: Prompt) -> str:
    """Return the hash of a prompt's directive, as decisions name it; "" where it has none."""
    part = prompt.part("directive")
    return content_id(part.text) if part else ""


def current(prompt: Prompt, history: Iterable[Decision]) -> list[Decision]:
    """Return the decisions of one pair that are about the prompt as it now is: all but those about another directive.

    A person's own directive is seen as the model's is; who keeps it says what it says, and a discard of one counts as long as somebody
    says it.
    """
    rows, seen = list(history), {"", directive_id(prompt)}
    own = {content_id(row.text.strip()): row.text for row in rows if row.action == "rewrite"}
    about = [row for row in rows if row.answer_id in seen | own.keys() or row.action in ("rewrite", "withdraw")]
    told = [_said_anew(row, own) if row.action == "keep" and row.answer_id not in seen else row for row in about]
    proposed = standing(row for row in told if row.action != "discard").values()
    there = seen | {content_id(row.text.strip()) for row in proposed if row.action == "rewrite"}
    return [row for row in told if row.action != "discard" or row.answer_id in there]


def _said_anew(row: Decision, own: Mapping[str, str]) -> Decision:
    """Return the keep of a person's directive as that directive."""
    return row.model_copy(update={"action": "rewrite", "text": own[row.answer_id]})


class Gate:
    """Applies people's decisions, and counts what came of them."""

    def __init__(self, history: Sequence[Decision], spliced: Spliced) -> None:
        """Take all decisions there are."""
        self.history, self.spliced = grouped(history), spliced
        self.counts = Counter[str]()

    def passed(self, assembled: Iterable[Prompt], made: Iterable[Prompt]) -> Iterator[Prompt]:
        """Yield each prompt as people want it: as the model made it, as it was assembled, or with a person's directive."""
        seen = set[str]()
        for before, after in zip(assembled, made, strict=True):
            seen.add(before.pair)
            yield self._decided(before, after) if before.pair in self.history else after
        self.counts["unmatched"] += sum(settled(self.history[key]) is not None for key in self.history.keys() - seen)

    def _decided(self, before: Prompt, after: Prompt) -> Prompt:
        lines = self.history[before.pair]
        decision = settled(current(after, lines))
        if decision is None:
            self.counts["stale"] += settled(lines) is not None
            return after
        if decision.action == "rewrite":
            result = self.spliced(before, decision.text.strip(), decision.reviewer)
            self.counts["not_taken" if result.note else "rewritten"] += 1
            return result
        self.counts["discarded" if decision.action == "discard" else "kept"] += 1
        discarded = decision.action == "discard" and after.method == "enhanced"
        return before.model_copy(update={"note": str(Reason.DISCARDED)}) if discarded else after

    @property
    def figures(self) -> dict[str, dict[str, int]]:
        """What came of the decisions, as metrics; nothing where there are none."""
        names = ("kept", "discarded", "rewritten", "not_taken", "stale", "unmatched")
        return {"by_people": {name: self.counts[name] for name in names}} if self.history else {}

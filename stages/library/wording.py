"""A wording of a part of a prompt, in each language: what it says besides what is asked, and where it must not stand (§2.2, step 1)."""

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Literal, NamedTuple

from stages.core.row import Language, Record
from stages.rows.instruction import Ask, FormatKind, Instruction
from stages.rows.prompt import PartKind

Text = dict[Language, str]

# What a wording may say that not every prompt bears.
Saying = Literal[
    "only_conversation",  # the answer rests on the conversation and on nothing else
    "every_point",  # several points or findings are to be dealt with
    "announces",  # the conversation is still to come
    "matched_arrays",  # the fields describe several items each, so their values belong together by position
    "one_record",  # the fields describe one thing, each by a value of its own
    "manner",  # a length, a tone or a care of its own, which what people really said does not keep to
]
# What may be so where a wording stands.
Circumstance = Literal[
    "known_information",  # a part of it stands in the prompt
    "trade_knowledge",  # the requirement asks for what no conversation says
    "one_label",
    "one_text",  # a message that is sent as it is
    "conversation_before",
    "items",  # the fields are the columns of a list
    "unrelated_fields",
    "real_reply",  # the answer is what was said next
]
CONTRADICTED: Mapping[Saying, frozenset[Circumstance]] = {
    "only_conversation": frozenset({"known_information", "trade_knowledge", "real_reply"}),
    "every_point": frozenset({"one_label", "one_text"}),
    "announces": frozenset({"conversation_before"}),
    "matched_arrays": frozenset({"unrelated_fields"}),
    "one_record": frozenset({"items"}),
    "manner": frozenset({"real_reply"}),
}


class Place(NamedTuple):
    """Where a wording is to stand: what is asked, and what else is so there."""

    form: FormatKind
    task: str
    circumstances: frozenset[Circumstance]

    @classmethod
    def of(
        cls,
        asked: Instruction,
        ask: Ask,
        trade: bool,
        parts: frozenset[PartKind],
        before: frozenset[PartKind],
        reply: bool = False,
    ) -> "Place":
        """Return the place in a prompt of these `parts`, some of them `before` it.

        `trade`: knowledge of the trade is asked for; `reply`: what was said next is.
        """
        items = not {"table", "list"}.isdisjoint(asked.formats)
        found: dict[Circumstance, bool] = {
            "known_information": "knowledge" in parts,
            "trade_knowledge": trade,
            "one_label": ask.kind == "label",
            "one_text": ask.kind == "message",
            "conversation_before": "dialogue" in before,
            "items": items,
            "unrelated_fields": not items,
            "real_reply": reply,
        }
        return cls(ask.kind, asked.task, frozenset(name for name, there in found.items() if there))


class Unsuited(Record):
    """What a wording does not contradict and still does not go with."""

    formats: tuple[FormatKind, ...] = ()
    tasks: tuple[str, ...] = ()


class Wording(Record):
    """One wording; a `plain` one is short enough for a one-line ask."""

    id: str
    text: Text
    plain: bool = False
    says: tuple[Saying, ...] = ()
    unsuited: Unsuited = Unsuited()

    @cached_property
    def suits_all(self) -> bool:
        """Whether it may stand anywhere."""
        return not self.says and self.unsuited == Unsuited()

    def suits(self, place: Place) -> bool:
        """Whether it may stand there."""
        return self.suits_all or not any(self.against(place))

    def against(self, place: Place) -> Iterator[str]:
        """Yield why it must not stand there: what it says and what that contradicts, or what it is unsuited to."""
        for said in self.says:
            yield from (f"says {said} beside {name}" for name in sorted(CONTRADICTED[said] & place.circumstances))
        if place.form in self.unsuited.formats:
            yield f"is unsuited to format {place.form}"
        if place.task in self.unsuited.tasks:
            yield f"is unsuited to task {place.task}"


def unique(ids: list[str]) -> None:
    """Refuse a list with an id twice."""
    if twice := sorted(key for key, count in Counter(ids).items() if count > 1):
        raise ValueError(f"id twice: {', '.join(twice)}")


def suiting_first(kind: str, first: Wording) -> None:
    """Refuse a first wording that does not go with everything: it is the fixed one, and the one that is left when no other fits."""
    if not first.suits_all:
        raise ValueError(
            f"{kind} {first.id} is the first of its kind and must suit every prompt; put another before it"
        )

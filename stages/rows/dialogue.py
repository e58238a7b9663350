"""A conversation between a service provider and a customer (§3.1)."""

import re
from collections.abc import Iterator
from typing import Literal, Self

from pydantic import Field

from stages.core.row import Language, Record, Row

Party = Literal["provider", "customer", "other"]

PARTY_NAMES: dict[Language, dict[Party, str]] = {
    "en": {"provider": "Provider", "customer": "Customer", "other": "Other"},
    "zh": {"provider": "服务者", "customer": "客户", "other": "其他人"},
}


# A line within an utterance that begins as a turn does, or as one of a chat with a model; a blank may be a full-width one.
FORGED = re.compile(
    r"[\n\r][^\S\n\r]*(?=(?:provider|customer|other|system|user|assistant|服务者|客户|其他人|系统|用户|助手|助理)[^\n:：]{0,40}[:：])",
    re.IGNORECASE,
)
QUOTED = "\n> "


class Turn(Record):
    """One utterance; `speaker` is the name as recorded, after anonymization a pseudonym or empty."""

    party: Party
    speaker: str = ""
    text: str = Field(min_length=1)
    time: str = ""


class HeldOut(Row):
    """A line of data/test/<domain>/dialogues.jsonl: the dialogue `id` is tested on, so nothing is trained on it."""

    key: str = ""  # the hash of the id it had in its source file, or an invented one itself: a copy under another one is a copy


class Dialogue(Row):
    """A conversation; its id is the hash of the conversation as recorded and stays when it is anonymized.

    So a decision or a reference answer for a dialogue survives an improvement of the anonymizer.
    """

    key: str  # the id it had in its source file
    language: Language
    scene: str
    source: str
    role: str
    turns: tuple[Turn, ...]
    context: str = ""  # known information that came with it, such as the listing that is spoken of
    origin: str = ""  # file:line it came from
    group: str = Field(
        "", exclude_if=lambda value: not value
    )  # hash of the customer or case; dialogues that share it stay on one side

    def until(self, turns: int) -> Self:
        """Return the dialogue as it was after so many turns; 0: all of it."""
        return self.model_copy(update={"turns": self.turns[:turns]}) if turns else self

    def render(self) -> str:
        """Return one line a turn, `Party speaker: text`, in the dialogue's language; a line of a text that looks like a turn is quoted."""
        return "\n".join(self.rendered())

    def rendered(self) -> Iterator[str]:
        """Yield the lines of `render`, one a turn."""
        names = PARTY_NAMES[self.language]
        for turn in self.turns:
            text = FORGED.sub(QUOTED, turn.text) if "\n" in turn.text or "\r" in turn.text else turn.text
            yield f"{names[turn.party]}{' ' + turn.speaker if turn.speaker else ''}: {text}"

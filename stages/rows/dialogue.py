"""A conversation between a service provider and a customer (§3.1)."""

from typing import Literal

from pydantic import Field

from stages.core.row import Language, Record, Row

Party = Literal["provider", "customer", "other"]

PARTY_NAMES: dict[Language, dict[Party, str]] = {
    "en": {"provider": "Provider", "customer": "Customer", "other": "Other"},
    "zh": {"provider": "服务者", "customer": "客户", "other": "其他人"},
}


class Turn(Record):
    """One utterance; `speaker` is the name as recorded, after anonymization a pseudonym or empty."""

    party: Party
    speaker: str = ""
    text: str = Field(min_length=1)
    time: str = ""


class HeldOut(Row):
    """A line of data/test/<domain>/dialogues.jsonl: the dialogue `id` is tested on, so nothing is trained on it."""

    key: str = ""  # the id it had in its source file: a copy of it under another one is a copy


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

    def render(self) -> str:
        """Return one line a turn, `Party speaker: text`, in the dialogue's language."""
        names = PARTY_NAMES[self.language]
        return "\n".join(f"{names[t.party]}{' ' + t.speaker if t.speaker else ''}: {t.text}" for t in self.turns)

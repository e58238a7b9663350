"""One item of a log, whatever wrote the log: the question's place, what was asked, and what a model made of it."""

from collections.abc import Sequence
from string import ascii_uppercase
from typing import NamedTuple

from stages.core.row import content_id

LETTERS = frozenset(ascii_uppercase)


class Key(NamedTuple):
    """By which the items of two logs are paired: `suite` is judged as one, `item` names a question within its subject."""

    suite: str
    subject: str  # empty: the log names none
    formulation: (
        str  # how the question was asked or its answer read; of several, the one that suits the base better counts
    )
    item: str
    epoch: str = ""  # of a question that was asked several times

    def __str__(self) -> str:
        """Return the item as messages name it."""
        asked = "" if self.formulation in ("letter", "cloze", "generated", "text") else self.formulation
        epoch = f"epoch {self.epoch}" if self.epoch else ""
        return " ".join(filter(None, (self.suite, self.subject, asked, self.item, epoch)))


class Item(NamedTuple):
    """What the model made of it: `right`, 0 to 1, of a question; `loss` in nats over `tokens` of a passage."""

    key: Key
    right: float | None = None
    chance: float | None = None  # of being right by guessing; None: the log does not tell
    likelihood: float | None = None  # log-probability of the right answer, nats per character
    untold: bool = False  # its choices are texts, and the log does not tell which is right: no likelihood
    loss: float | None = None
    tokens: int = 0
    question: str = ""  # hash of what is asked; empty: not known
    prompt: str = ""  # hash of the words in which it was put to the model
    metric: str = ""  # by which it is right; empty: there is one only


def hashed(*parts: object) -> str:
    """Return the hash of what was asked, or nothing where nothing is known of it."""
    return content_id(*parts) if any(part not in (None, "") for part in parts) else ""


def likelihood(log_probabilities: Sequence[float | None], characters: Sequence[int], gold: int | None) -> float | None:
    """Return the log-probability of the right answer per character, where both are known."""
    if gold is None or not 0 <= gold < min(len(log_probabilities), len(characters)):
        return None
    score, count = log_probabilities[gold], characters[gold]
    return score / count if score is not None and count > 0 else None

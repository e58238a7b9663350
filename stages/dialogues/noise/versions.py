"""A noisy version as a line of a file of its own: which conversation it is of, so that it never trains for a test of that one."""

import re
from typing import NamedTuple

from stages.core.row import Language, Record
from stages.dialogues.noise.channel import noisy
from stages.dialogues.noise.rates import Rates
from stages.rows.dialogue import Dialogue, Turn

VERSION = re.compile(r"~noise-[a-z]+-(?:-?\d+)-\d+$")  # preset, seed, number


class NoiseSettings(NamedTuple):
    """What is made of each conversation: a preset and its rates by language, as changed, seed, and how many versions."""

    preset: str
    rates: dict[Language, Rates]
    seed: int
    versions: int = 1


class NoisyVersion(Record):
    """A conversation in our own format (map `native`): all that its original has, but what was read wrong."""

    id: str
    language: Language
    scene: str
    source: str
    role: str
    group: str
    """The customer or case of the original, or the original's own id: stage split keeps both on one side."""
    context: str
    turns: tuple[Turn, ...]


def version(dialogue: Dialogue, group: str, number: int, settings: NoiseSettings) -> NoisyVersion:
    """Return the noisy version of this number; `group` is the customer or case as the file of the original has it, or empty."""
    name = f"{dialogue.key}~noise-{settings.preset}-{settings.seed}-{number}"
    named = dialogue.model_copy(update={"key": name})
    return NoisyVersion(
        id=named.key,
        group=group or dialogue.key,
        turns=noisy(named, settings.rates, settings.seed),
        **named.model_dump(include={"language", "scene", "source", "role", "context"}),
    )


def is_noisy(key: str) -> bool:
    """Whether a conversation is a noisy version, by its id."""
    return VERSION.search(key) is not None

"""How often what goes wrong in a recording or a chat: the rates, and presets of them, published where they are (docs/noise.md)."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Self

from pydantic import Field, ValidationError, model_validator

from stages.core.errors import InputError
from stages.core.jsonl import faults
from stages.core.row import Language, Record


class Rates(Record):
    """Shares of words (in Chinese: characters), of marks, and of turns that something happens to; 0: never."""

    substitution: float = Field(0.0, ge=0, le=1)
    """Of words: another that sounds like it, in a chat also one mistyped, stands in its place."""
    deletion: float = Field(0.0, ge=0, le=1)
    """Of words: it is not there; a turn keeps one at least."""
    insertion: float = Field(0.0, ge=0, le=1)
    """Of words: a word follows that nobody meant, a filler or the same once more."""
    punctuation: float = Field(0.0, ge=0, le=1)
    """Of marks between clauses: it is not there."""
    case: float = Field(0.0, ge=0, le=1)
    """Of words with a capital: it is in small letters."""
    split: float = Field(0.0, ge=0, le=1)
    """Of turns with a mark between two clauses: it becomes two, at one of them."""
    join: float = Field(0.0, ge=0, le=1)
    """Of turns after which another party speaks: the other's words follow in the same turn."""
    swap: float = Field(0.0, ge=0, le=1)
    """Of turns: it is given to the party that speaks before or after."""
    spoken: bool = False
    """Whether slips are those of a recognizer, by ear, or those of who types; set by the preset."""

    @model_validator(mode="after")
    def _one_slip_a_word(self) -> Self:
        if self.substitution + self.deletion + self.insertion > 1:
            raise ValueError("substitution + deletion + insertion: expected at most 1 together, as a word has one slip")
        return self


RECORDED = {"punctuation": 0.5, "case": 0.5, "split": 0.05, "join": 0.05, "swap": 0.057, "spoken": True}
TYPED = Rates(substitution=0.023, deletion=0.005, insertion=0.005, punctuation=0.3, case=0.3, split=0.05)
PRESETS: Mapping[str, Mapping[Language, Rates]] = MappingProxyType(
    {
        "recorded": {
            "en": Rates.model_validate({**RECORDED, "substitution": 0.101, "deletion": 0.046, "insertion": 0.018}),
            "zh": Rates.model_validate({**RECORDED, "substitution": 0.078, "deletion": 0.049, "insertion": 0.020}),
        },
        "chat": {"en": TYPED, "zh": TYPED},
        "none": {"en": Rates(), "zh": Rates()},
    }
)
NAMES = tuple(name for name in Rates.model_fields if name != "spoken")


def chosen(preset: str, changes: Iterable[str]) -> dict[Language, Rates]:
    """Return the rates of a preset by language, with `changes` such as `swap=0` made in both; what is no rate is an InputError."""
    made = dict[str, str]()
    for change in changes:
        name, sign, value = change.partition("=")
        if name not in NAMES or not sign:
            raise InputError(
                f"--rate {change}: expected NAME=SHARE with a NAME of {', '.join(NAMES)}; write --rate swap=0.05"
            )
        made[name] = value
    try:
        return {
            language: Rates.model_validate({**rates.model_dump(), **made})
            for language, rates in PRESETS[preset].items()
        }
    except ValidationError as error:
        raise InputError(f"--rate {' '.join(changes)}: {faults(error)}; shares are from 0 to 1") from None

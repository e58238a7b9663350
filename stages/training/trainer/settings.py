"""How to train: section `finetune` of params.yaml, and the part of it that the trainer needs."""

from typing import ClassVar, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from stages.core.params import Section
from stages.core.row import Record
from stages.training.trainer.mixture import MixShare

SaveDtype = Literal["float32", "base", "base_nearest"]


class Recipe(Record):
    """How to train: the part of `finetune` in params.yaml that the trainer needs."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    epochs: int = Field(ge=1, le=100)
    """How often every row is read (§3.2: 3)."""
    learning_rate: float = Field(gt=0, le=1)
    """The learning rate after the warm-up, its highest (§3.2: 2e-5)."""
    batch_size: int = Field(ge=1)
    """Rows in one optimizer step, of all processes together (§3.2: 128)."""
    micro_batch: int = Field(ge=1)
    """Rows in memory at once, of each process; the rest of `batch_size` is accumulated."""
    max_length: int = Field(ge=16)
    """Tokens of a row, question and answer; longer ones are refused before training starts."""
    schedule: Literal["cosine", "constant"]
    """Of the learning rate after the warm-up: `cosine`, down to none, or `constant`."""
    warmup_ratio: float = Field(ge=0, lt=1)
    """Share of the optimizer steps in which the learning rate rises, rounded down."""
    save_dtype: SaveDtype
    """`float32`: as trained; `base`: the base's, up or down at random, right on average; `base_nearest`: the base's, to the nearest."""
    interpolate: float = Field(gt=0, le=1)
    """Share of the update that is saved, between the base's weights and the trained ones; 1: all of it (WiSE-FT)."""
    seed: int
    """Of the order of the rows, of the draw of general ones, and of rounding at random."""


class Finetune(Section, Recipe):
    """How to train; what the trainer itself needs is said in its `Recipe`."""

    section: ClassVar[str] = "finetune"

    mix: tuple[MixShare, ...]
    """General instruction data beside the domain's rows; Table 4: 0.86 rows to a row of the domain."""
    packing: Literal["auto", "on", "off"]
    """Several rows in one sequence: `on`, `off`, or `auto`: with FlashAttention, if the steps stay as many."""
    checkpoint_minutes: float = Field(gt=0)
    """Minutes from one checkpoint to the next; a killed run loses no more than this."""
    launch: str = Field(pattern=r"^[\w-]*$")
    """A file of stages/training/launch by its name, such as `gpu`, see docs/training.md; empty: this process, on the first GPU if there is any."""

    @model_validator(mode="after")
    def _divides(self) -> Self:
        if self.batch_size % self.micro_batch:
            raise ValueError("batch_size must be a multiple of micro_batch")
        if len({share.source for share in self.mix}) < len(self.mix):
            raise ValueError("a source of mix is named twice")
        return self

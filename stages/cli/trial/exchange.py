"""What a watched stage and the command that watches it tell each other: an order, and what was asked."""

from pathlib import Path
from typing import Literal

from stages.core.row import Record

Known = Literal["recorded", "cached", "new", "missing"]  # missing: nobody has answered it, and nobody was asked now


class Order(Record):
    """How a stage is watched, and where what it asks is written, a JSON object a line."""

    report: Path
    asks: bool  # False: only count; nobody is asked and nothing is stored
    judge_passes: bool = False  # take it that the judge will pass a calibration that is still to be made
    stores: bool = True  # whether new answers go to the cache
    place: str = (
        ""  # of the one model of which only some requests are let through, the others are missing; empty: all are
    )
    rows: int = 0  # so many
    only: tuple[str, ...] = ()  # of these rows
    row: str = ""  # of rows whose id begins so
    language: str = ""  # of rows whose question is written in this language


class Count(Record):
    """What one stream of a stage's requests came to; a question that was asked twice counts once where it is new."""

    place: str  # of the model's settings in params.yaml
    model: str
    title: str
    requests: int = 0
    recorded: int = 0
    cached: int = 0
    new: int = 0
    prompt_tokens: int = 0  # of the new ones, in Qwen's vocabulary
    prompt_tokens_at_most: int = 0  # of the new ones, as a budget counts before it sends
    answer_tokens_at_most: int = 0  # of the new ones
    longest_prompt: int = 0  # of all, as a budget counts
    mean_prompt: float = 0.0  # of the first ones, in Qwen's vocabulary
    longest_answer: int = 0  # the highest limit of all


class Exchange(Record):
    """A request as it was sent and what came back."""

    place: str
    model: str
    title: str
    row: str
    messages: tuple[dict[str, str], ...]
    max_tokens: int
    known: Known
    answer: str
    finish: str
    fault: str

"""Which benchmarks are asked, and how: section `bench` of params.yaml."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from stages.core.params import Section

Suite = Literal["small", "mmlu", "ceval", "cmmlu"]
Asking = Literal["letter", "cloze"]


class Bench(Section):
    """Which benchmark questions are asked, and how."""

    section: ClassVar[str] = "bench"

    suites: tuple[Suite, ...]
    """`small`: data/bench/small, ours; `mmlu`, `ceval`, `cmmlu`: the official definitions (§3.4)."""
    data: str = Field(min_length=1)
    """Folder with `mmlu`, `ceval` and `cmmlu` as published (CSV)."""
    shots: tuple[Annotated[int, Field(ge=0)], ...] = Field(min_length=1)
    """Answered questions shown before each question, one run for each number (§3.4: 0 and 5)."""
    formulations: tuple[Asking, ...] = Field(min_length=1)
    """`letter`: A to D may follow a question, for models of 1.5 billion parameters and more; `cloze`: its choices' texts may. The better one is the accuracy."""
    limit: int = Field(ge=0)
    """Questions for each subject, evenly spaced; 0: all."""
    scorer: Literal["light", "lm-eval"]
    """`light`: shots once a subject, a question's choices in one row; `lm-eval`: its own, slower, same figures."""
    batch_size: int = Field(ge=1)
    """Questions in one batch."""
    twice: int = Field(ge=0)
    """Of so many subjects and passages the base reads one again, in other batches: the noise of each measure; 0: none."""

    @model_validator(mode="after")
    def _once(self) -> Self:
        if any(len(set(named)) < len(named) for named in (self.suites, self.shots, self.formulations)):
            raise ValueError("a suite, a number of shots or a formulation is named twice: its items would count twice")
        return self

"""How hard an answer is to follow from its instruction, by the base model (IFD, Li et al. 2023b)."""

from pydantic import Field

from stages.records.row import Row


class Difficulty(Row):
    """Mean losses of the answer of the labelled row `id`, in nats a token, and their ratio."""

    conditioned_nll: float  # of the answer after its prompt
    direct_nll: float  # of the answer alone
    tokens: int = Field(ge=1)  # of the answer
    ifd: float  # conditioned / direct: near 1, the prompt does not help; above 1, it misleads

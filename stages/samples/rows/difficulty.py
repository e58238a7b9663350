"""How much a question helps a model to find its answer: instruction-following difficulty (Li et al. 2023b)."""

from pydantic import Field

from stages.core.row import Row


class Difficulty(Row):
    """IFD of a labelled row; `id` is the row's."""

    conditioned_nll: float = Field(ge=0)  # of the answer given the prompt: mean negative log-likelihood, nats a token
    direct_nll: float = Field(gt=0)  # of the answer alone
    tokens: int = Field(ge=1)  # of the answer, by the model's tokenizer
    ifd: float = Field(ge=0)  # conditioned / direct; from 1 on the prompt helps nothing

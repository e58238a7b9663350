"""How far a tuned model's predictions of a text lie from its base model's (§3.5)."""

from pydantic import Field

from stages.core.row import Language, Row


class Drift(Row):
    """One passage of general text; the id is the passage's.

    `kl` is KL(base‖tuned) in nats over the whole vocabulary, summed over the `tokens` predicted; `agree` counts the positions
    at which both models would say the same token. `noise` and `noise_agree` are the same of the base against itself, read twice;
    None where it was read once.
    """

    language: Language
    tokens: int = Field(ge=1)
    kl: float = Field(ge=0, allow_inf_nan=False)
    agree: int = Field(ge=0)
    noise: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    noise_agree: int | None = Field(default=None, ge=0)

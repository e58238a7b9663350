"""How far a tuned model's predictions of a text lie from its base model's (§3.5)."""

from pydantic import Field

from stages.core.row import Language, Row


class Drift(Row):
    """One passage of general text; the id is the passage's.

    `kl` is KL(base‖tuned) in nats over the whole vocabulary, summed over the `tokens` predicted; `agree` counts the positions
    at which both models would say the same token.
    """

    language: Language
    tokens: int = Field(ge=1)
    kl: float = Field(ge=0)
    agree: int = Field(ge=0)

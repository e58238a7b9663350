"""Which community of alike prompts a labelled row belongs to (§3.3)."""

from pydantic import Field

from stages.core.row import Row


class Membership(Row):
    """The community of the labelled row `id`; communities are numbered from 1, the largest first."""

    community: int = Field(ge=1)
    center: bool
    size: int = Field(ge=1)  # rows of the community

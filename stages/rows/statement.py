"""An atomic statement: one thing that an answer may say of a conversation, and the words by which it is found there."""

from pydantic import Field, model_validator

from stages.core.row import Record


class Statement(Record):
    """What is said, and the groups of `keys`: an answer says it that has at least one key of each group.

    `derived`: it is calculated or concluded from the conversation, so its keys need not occur there.
    """

    says: str = Field(min_length=1)
    keys: tuple[tuple[str, ...], ...] = Field(min_length=1)
    derived: bool = Field(False, exclude_if=lambda value: not value)

    @model_validator(mode="after")
    def _filled(self) -> "Statement":
        if not all(group and all(any(map(str.isalnum, key)) for key in group) for group in self.keys):
            raise ValueError("keys has an empty group, or a key without a letter or figure; fill it or take it out")
        return self

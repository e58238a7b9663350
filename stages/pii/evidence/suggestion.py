"""What a named-entity model takes for a person, a place or an organization: evidence for the rules, never a verdict."""

from typing import Literal, NamedTuple

SuggestedKind = Literal["person", "place", "organization", "word"]


class Suggestion(NamedTuple):
    """text[start:end] of one text, and what a model takes it for.

    A model that parts a text into words says so of the others of two characters and more: `word`.
    """

    start: int
    end: int
    kind: SuggestedKind

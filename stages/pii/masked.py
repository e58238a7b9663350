"""Where the placeholders of an anonymized conversation stand, in the text as ingested; data/dialogues/spans.jsonl."""

from stages.core.row import Row
from stages.pii.gold import Placed


class Masked(Row):
    """What was masked of the conversation `id`, in reading order; the context counts as the turn after the last one.

    From the two texts alone it cannot be told: where several placeholders follow each other, more than one reading fits.
    """

    spans: tuple[Placed, ...]

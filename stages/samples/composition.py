"""How the rows of a split divide over tasks and output formats (Fig. 3)."""

from collections import Counter
from collections.abc import Iterable

from stages.core.row import Split
from stages.rows.pair import Pair
from stages.rows.sample import Sample


def composition(split: Split, rows: Iterable[Pair | Sample]) -> list[dict[str, object]]:
    """Return the rows of Figure 3: tasks first, of each kind the most frequent first."""
    counts = Counter(item for row in rows for item in (("task", row.task), ("format", row.ask.kind)))
    ordered = sorted(counts.items(), key=lambda item: (item[0][0] != "task", -item[1], item[0]))
    return [{"split": split, "kind": kind, "name": name, "rows": number} for (kind, name), number in ordered]

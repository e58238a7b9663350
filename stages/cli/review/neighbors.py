"""Which texts of a queue say nearly the same."""

from collections import defaultdict
from collections.abc import Sequence

from stages.core.row import Language

ALIKE = (
    0.8  # cosine of stems, in Chinese of pairs of characters; a child that adds a sentence to its parent has .8 to .9
)
MOST = 3  # neighbors that are shown beside a row


def neighbors(texts: Sequence[str], languages: Sequence[Language]) -> dict[int, list[int]]:
    """Return, by row number, the rows that say nearly the same: the one that stands for a group, and for that one its group."""
    import numpy as np  # noqa: PLC0415 - half a second to import these; the page opens without them
    from scipy import sparse  # noqa: PLC0415 - as above

    from stages.similarity.instructions import terms  # noqa: PLC0415 - as above
    from stages.similarity.representatives import earlier_alike  # noqa: PLC0415 - as above

    found = [terms(text, language) for text, language in zip(texts, languages, strict=True)]
    places = {term: place for place, term in enumerate(sorted(set().union(*found)))}
    starts = np.cumsum([0, *map(len, found)])
    values = np.array([count for counts in found for count in counts.values()], dtype=np.float32)
    columns = np.array([places[term] for counts in found for term in counts], dtype=np.int32)
    lengths = np.sqrt([sum(count * count for count in counts.values()) for counts in found])
    unit = (values / np.repeat(lengths, np.diff(starts))).astype(np.float32)
    matrix = sparse.csr_matrix((unit, columns, starts), shape=(len(found), max(len(places), 1)))
    matrix.sort_indices()
    beside = defaultdict[int, list[int]](list)
    for row, other in enumerate(earlier_alike(matrix, ALIKE)):
        if other is not None and found[row]:
            beside[row].append(other)
            beside[other].append(row)
    return {row: others[:MOST] for row, others in beside.items()}

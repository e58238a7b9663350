"""`dial-insight overlap`: which benchmark items stand in training rows, of any files; the rules are those of stage overlap."""

from collections import Counter
from collections.abc import Iterator, Sequence
from os.path import realpath
from pathlib import Path

from stages.core import jsonl
from stages.core.errors import InputError
from stages.evaluation.contamination import items as asking
from stages.evaluation.contamination.items import Item
from stages.evaluation.overlap import Overlap, overlap
from stages.evaluation.rows.overlap import Hit
from stages.reporting.counted import counted


def look(sources: Sequence[Path], items: Sequence[Path], target: Path, ngram: int, near: float) -> Iterator[str]:
    """Write the items that are found to `target`; yield a line for each suite, and one for all."""
    for path in (*sources, *items):
        if path.is_dir():
            raise InputError(f"{path}: a folder; name the JSONL files in it")
        if realpath(path) == realpath(target):
            raise InputError(f"--target {target}: is read as well, and would be overwritten; name another file")
    if len({path.stem for path in sources}) < len(sources):
        raise InputError("--rows: two files have one name, by which hits name them; rename one")
    asked = [item for path in items for item in asking.plain(path)]
    if twice := next((key for key, times in Counter(item[:3] for item in asked).items() if times > 1), None):
        raise InputError(
            f"--items: item {twice[-1]} of suite {twice[0]} stands in two files, and hits could be of either; give one a `suite` of its own, or rename a file"
        )
    if not asked:
        raise InputError(f"{', '.join(map(str, items))}: no item; expected JSON lines with `item` and `question`")
    hits, counts = overlap(asked, sources, Overlap.parse("overlap", {"ngram": ngram, "near": near}))
    if not sum(counts.values()):
        raise InputError(f"{', '.join(map(str, sources))}: no row; expected JSONL that a model is trained on")
    jsonl.write(target, hits)
    for suite in dict.fromkeys(item.suite for item in asked):
        yield f"{suite}: {_found(suite, asked, hits)}"
    yield f"{len(hits)} of {len(asked)} items found in {counted(sum(counts.values()), 'row')}: {target} names them"


def _found(suite: str, asked: Sequence[Item], hits: Sequence[Hit]) -> str:
    """Return how many of a suite's items are found, and by which rules."""
    rules = [hit.rule for hit in hits if hit.suite == suite]
    by_rule = ", ".join(f"{rule} {rules.count(rule)}" for rule in dict.fromkeys(rules))
    return f"{len(rules)} of {sum(item.suite == suite for item in asked)}" + (f" ({by_rule})" if by_rule else "")

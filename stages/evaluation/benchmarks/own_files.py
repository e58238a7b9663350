"""The questions and passages of `data/bench`, ours or those that somebody put in their place."""

from pathlib import Path

from stages.core import jsonl
from stages.core.errors import InputError
from stages.evaluation.rows.outcome import Passage, Question

TEST = "test"  # the split that is asked
SPLITS = ("dev", TEST)
SMALL = Path("small")
PASSAGES = "general_text.jsonl"


def place(data: Path, split: str) -> Path:
    """Return where a split of the small benchmark is."""
    return data / SMALL / f"{split}.jsonl"


def questions(data: Path, split: str) -> list[Question]:
    """Return a split of the small benchmark, in order; what cannot be asked or told apart is an InputError that names the line."""
    path = place(data, split)
    seen, rows = dict[tuple[str, str], int](), list[Question]()
    for line in jsonl.lines(path, Question):
        row, here = line.checked(Question), f"{path}:{line.number}"
        choices = [choice.strip() for choice in row.choices]
        if not all((row.subject.strip(), row.question.strip(), *choices)):
            raise InputError(f"{here}: subject, question or a choice is blank; write it, or take the line out")
        if len(set(choices)) < len(choices):
            raise InputError(
                f"{here}: two choices are the same, and one of them may be right; write four different ones"
            )
        if split == TEST and (first := seen.setdefault((row.subject, row.id), line.number)) != line.number:
            raise InputError(f"{here}: has the id and the subject of line {first}; give each question an id of its own")
        rows.append(row)
    if split == TEST and not rows:
        raise InputError(f"{path}: no question; write some, or take `small` out of bench.suites")
    return rows


def passages(data: Path) -> list[Passage]:
    """Return the general prose, in order; a blank passage or a second one of an id and kind is an InputError that names the line."""
    path = data / PASSAGES
    seen, rows = dict[tuple[str, str], int](), list[Passage]()
    for line in jsonl.lines(path, Passage):
        row, here = line.checked(Passage), f"{path}:{line.number}"
        if not row.text.strip():
            raise InputError(f"{here}: the text is blank; write it, or take the line out")
        if (first := seen.setdefault((row.kind, row.id), line.number)) != line.number:
            raise InputError(f"{here}: has the id and the kind of line {first}; give each passage an id of its own")
        rows.append(row)
    return rows

"""C-Eval, CMMLU and MMLU as published: CSV, one file a subject and split; every cell is text, never guessed to be a number."""

import csv
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from stages.core.errors import InputError

LETTERS = ("A", "B", "C", "D")
SHOWN = "dev"  # the split of the shots, in all three

CsvValue = str | int | list[str]
Splits = dict[str, list[dict[str, CsvValue]]]


@dataclass(frozen=True)
class CsvLayout:
    """How one benchmark is published."""

    asked: tuple[str, ...]  # splits whose answers are published, the first found is asked
    question: str = ""  # the column's name; empty: no header, but question, A, B, C, D, answer

    @property
    def answer(self) -> str:
        """Name of the answer's column, spelled as the question's."""
        return "Answer" if self.question.istitle() else "answer"


LAYOUTS = {
    "mmlu": CsvLayout(asked=("test", "val")),
    "ceval": CsvLayout(asked=("val",), question="question"),  # the answers of its test split are not published
    "cmmlu": CsvLayout(asked=("test",), question="Question"),
}


@dataclass(frozen=True)
class OfficialBenchmark:
    """A benchmark's rows by subject and split, and which split is asked."""

    subjects: dict[str, Splits]
    asked: str


def read(folder: Path, suite: str, known: Collection[str]) -> OfficialBenchmark:
    """Return what `folder` (such as `<split>/<subject>_<split>.csv`) has of the `known` subjects, in order of their names.

    MMLU's val is asked where its test is not there. Where there is nothing but dev, dev is asked; it cannot also be shown.
    """
    layout = LAYOUTS[suite]
    asked = next((split for split in (*layout.asked, SHOWN) if any((folder / split).glob("*.csv"))), None)
    if asked is None:
        wanted = " or ".join(f"{split}/" for split in layout.asked)
        raise InputError(f"{folder}: no CSV files in {wanted}; put the published ones there, or correct bench.data")
    subjects: dict[str, Splits] = {}
    for split in dict.fromkeys((asked, SHOWN)):
        for path in sorted((folder / split).glob("*.csv")):
            subject = path.stem.removesuffix(f"_{split}")
            if subject not in known:
                raise InputError(
                    f"{path}: no subject of {suite}, such as {min(known)}; name it <subject>_{split}.csv or remove it"
                )
            if split == asked or subject in subjects:
                rows = list(_rows(path, layout))
                if not rows and split == asked:
                    raise InputError(f"{path}: no question; take the published file, or remove it")
                subjects.setdefault(subject, {})[split] = rows
    return OfficialBenchmark(subjects, asked)


def _rows(path: Path, layout: CsvLayout) -> Iterator[dict[str, CsvValue]]:
    """Yield rows as the official tasks expect them: the published columns; for MMLU `choices` and the answer's index."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            if layout.question:
                for row in (reader := csv.DictReader(file)):
                    yield _checked(row, f"{path}:{reader.line_num}", layout)
            else:
                names = ["question", *LETTERS, "answer"]
                for cells in (lines := csv.reader(file)):
                    row = dict(zip(names, cells, strict=False)) if len(cells) == len(names) else {}
                    found = _checked(row, f"{path}:{lines.line_num}", layout)
                    yield {
                        "question": found["question"],
                        "choices": [str(found[letter]) for letter in LETTERS],
                        "answer": LETTERS.index(str(found["answer"])),
                    }
        except (UnicodeDecodeError, csv.Error) as error:
            raise InputError(f"{path}: not CSV in UTF-8 ({type(error).__name__}); save it as UTF-8") from None


def _checked(row: dict[str, str], place: str, layout: CsvLayout) -> dict[str, CsvValue]:
    """Return the columns that are asked, if each has text and the answer is a letter."""
    wanted = (layout.question or "question", *LETTERS, layout.answer)
    found: dict[str, CsvValue] = {name: row.get(name) or "" for name in wanted}
    if not all(str(cell).strip() for cell in found.values()) or found[layout.answer] not in LETTERS:
        raise InputError(
            f"{place}: expected text in each of {', '.join(wanted)}, the last a letter A to D; take the published file"
        )
    return found

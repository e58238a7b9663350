"""Whether answers fit into the tokens they are given: those of what is asked, up to a ceiling, against one limit for all.

    python benchmarks/room.py --tokenizer models/base --before 128

Reads the references of the test sets, the provided answers of the training side and, once the graph has run, its labels, and counts
them by `--tokenizer`, `qwen` or a folder with a tokenizer.json. Prints one JSON line for each set and ceiling: answers, mean and
longest in tokens, share longer than `--before`, share that fits what it is given, the mean of what is given, and the longest by form.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from stages.answers.room import room
from stages.core import jsonl
from stages.core.row import Language
from stages.rows.instruction import Ask, Instruction
from stages.rows.prompt import Prompt
from stages.rows.sample import Answer, LabeledSample, Reference
from stages.text import languages, tokenizers

Asked = tuple[Ask, Language, str]  # what was asked, and the answer


def references(folder: Path) -> Iterator[Asked]:
    """Yield the reference of each stored test prompt."""
    given = jsonl.by_id(folder / "references.jsonl", Reference)
    for row in jsonl.read(folder / "prompts.jsonl", Prompt):
        if row.pair in given:
            yield row.ask, row.language, given[row.pair].answer


def provided(path: Path, library: Path) -> Iterator[Asked]:
    """Yield the provided answers whose instructions are in the library."""
    asked = jsonl.by_id(library, Instruction) if library.exists() else {}
    for row in jsonl.read(path, Answer):
        if row.instruction in asked:
            yield asked[row.instruction].ask(row.form), languages.language_of(row.answer) or "en", row.answer


def labels(path: Path) -> Iterator[Asked]:
    """Yield the answers of the labelled training rows."""
    for row in jsonl.stream(path, LabeledSample) if path.exists() else ():
        yield row.ask, row.language, row.answer


def figures(rows: Sequence[Asked], tokenizer: str, before: int, most: int) -> dict[str, object]:
    """Return what `main` prints of a set."""
    lengths = [count + 1 for count in tokenizers.lengths((answer for *_, answer in rows), tokenizer)]  # 1: its end
    given = [room(ask, language, most) for ask, language, _ in rows]
    longest: dict[str, int] = {}
    for (ask, language, _), count in zip(rows, lengths, strict=True):
        longest[f"{ask.kind}.{language}"] = max(count, longest.get(f"{ask.kind}.{language}", 0))
    share = 1 / len(rows)
    return {
        "answers": len(rows),
        "mean": round(share * sum(lengths), 1),
        "longest": max(lengths),
        f"over_{before}": round(share * sum(count > before for count in lengths), 3),
        f"fit_{most}": round(share * sum(a <= b for a, b in zip(lengths, given, strict=True)), 3),
        "given": round(share * sum(given), 1),
        "longest_by_form": dict(sorted(longest.items())),
    }


def main() -> None:
    """Count each set that is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokenizer", default=tokenizers.QWEN)
    parser.add_argument("--before", type=int, default=128)
    parser.add_argument("--most", type=int, default=512)
    parser.add_argument("--data", type=Path, default=Path("data"))
    options = parser.parse_args()
    data, library = options.data, options.data / "instructions/library.jsonl"
    sets = {
        f"references of {path.parent.relative_to(data / 'test')}": references(path.parent)
        for path in sorted(data.glob("test/*/*/references.jsonl"))
    }
    sets |= {
        "provided answers": provided(data / "review/answers.jsonl", library),
        "labels": labels(data / "labels/train.jsonl"),
    }
    for name, rows in sets.items():
        if found := list(rows):
            print(json.dumps({"set": name, **figures(found, options.tokenizer, options.before, options.most)}))  # noqa: T201 - the result


if __name__ == "__main__":
    main()

"""How far a judge agrees with people on PandaLM's test set: pairs of answers with three verdicts of people each.

    python benchmarks/pandalm.py testset-v1.json --rows 24              # the judge of params.yaml (llm.judge)
    python benchmarks/pandalm.py testset-v1.json --rows 24 --embedded   # the embedded model, models/base

The file is PandaLM's `testset-v1.json` (Apache-2.0; not part of this repository). Every pair is judged in both orders; a
judge that changes its mind counts as a tie. Prints one JSON line; `people` is the ceiling: one person against the
majority of the other two, where these agree.
"""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from random import Random

from stages.chat import settings
from stages.chat.connect import connect
from stages.core.row import Record
from stages.judging.grade import Comparison, Preference
from stages.judging.grading import Grading
from stages.judging.pairwise import AnswerPair, compare, tally
from stages.library.meta_prompts import Library
from stages.statistics.agreement import cohens_kappa, estimate, estimate_figures

NAMES: dict[int, Preference] = {0: "tie", 1: "win", 2: "loss"}  # of the first answer
EMBEDDED = {"backend": "transformers", "model": "base", "temperature": 0.0, "top_p": 1.0}


class Judged(Record):
    """A pair, and what each of three people said of it."""

    pair: AnswerPair
    people: tuple[Preference, ...]

    @property
    def majority(self) -> Preference | None:
        """What two people or more said; None where all three differ."""
        outcome, count = Counter(self.people).most_common(1)[0]
        return outcome if count > 1 else None


def read(source: Path) -> list[Judged]:
    """Return the pairs of PandaLM's file, in its order."""
    return [
        Judged(
            pair=AnswerPair(
                row=str(row["idx"]),
                language="en",
                task="\n\n".join(filter(None, (row["instruction"], row["input"]))),
                one=str(row["response1"]),  # six answers in the file are bare truth values
                two=str(row["response2"]),
            ),
            people=tuple(NAMES[row[f"annotator{n}"]] for n in (1, 2, 3)),
        )
        for row in json.loads(source.read_text(encoding="utf-8"))
    ]


def ceiling(rows: Sequence[Judged]) -> dict[str, object]:
    """Return how far people agree: one with the other two where these are of one mind, and each two by kappa."""
    alone = [
        (row.people[n], row.people[(n + 1) % 3])
        for row in rows
        for n in range(3)
        if row.people[(n + 1) % 3] == row.people[(n + 2) % 3]
    ]
    kappas = {
        f"kappa_{a + 1}_{b + 1}": cohens_kappa([row.people[a] for row in rows], [row.people[b] for row in rows])
        for a, b in combinations(range(3), 2)
    }
    return {"rows": len(alone), "accuracy": _share(alone), **kappas}


def against_people(rows: Sequence[Judged], found: Sequence[Comparison]) -> dict[str, object]:
    """Return the judge's agreement with the majority; a pair it gave no verdict on counts as disagreement, in accuracy only."""
    known = [(row.majority, one.outcome) for row, one in zip(rows, found, strict=True) if row.majority and one.outcome]
    people, judge = [a for a, _ in known], [b for _, b in known]
    asked = sum(row.majority is not None for row in rows)
    return {
        "with_majority": asked,
        "judged": len(known),
        "accuracy": sum(a == b for a, b in known) / asked if asked else None,
        "kappa": estimate_figures(estimate(cohens_kappa, people, judge)),
        **{name: count for name, count in tally(found).items() if name != "n"},
    }


def _share(pairs: Sequence[tuple[Preference, Preference]]) -> float | None:
    return sum(a == b for a, b in pairs) / len(pairs) if pairs else None


def asked(embedded: bool) -> settings.ChatModel | None:
    """Return who judges: the embedded model, whatever params.yaml says, or its llm.judge; None where that is null."""
    if embedded:
        return settings.JudgeModel.parse("llm.judge", EMBEDDED)
    return settings.JudgeModel.load_or_none()


def main() -> None:
    """Judge a draw of the pairs and print the agreement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("--rows", type=int, default=0, help="pairs drawn; 0: all")
    parser.add_argument("--embedded", action="store_true", help="the embedded model instead of llm.judge")
    parser.add_argument("--model", type=Path, default=Path("models/base"), help="folder of the embedded model")
    options = parser.parse_args()
    rows = read(options.source)
    drawn = Random(1).sample(rows, options.rows) if options.rows else rows
    judge = asked(options.embedded)
    if judge is None:
        parser.error("llm.judge is null in params.yaml; set it, or take --embedded")
    chat = connect(judge, options.model)
    found = compare([row.pair for row in drawn], Grading.load(), Library(Path("prompts/judge")), chat)
    figures = {"judge": chat.identity, "pairs": len(drawn), **against_people(drawn, found)}
    print(json.dumps(figures | {"people": ceiling(rows)}))  # noqa: T201 - the result


if __name__ == "__main__":
    main()

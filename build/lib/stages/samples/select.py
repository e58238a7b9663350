"""Choose the training rows by quality and diversity, and write them as a data set (§3.3)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
from pydantic import Field
from scipy import sparse

from stages.errors import InputError
from stages.measures.choice import RANK, by_turns, preferred
from stages.measures.representatives import represented
from stages.ports import data_card, jsonl, metrics, tokens
from stages.ports.files import atomic
from stages.ports.params import Section
from stages.ports.stage import run
from stages.ports.vectors import count_vectors
from stages.records.community import Membership
from stages.records.dropped import Dropped, Reason
from stages.records.sample import Labelled
from stages.records.training import TrainingRow
from stages.records.verdict import Quality, Verdict

NAME = "dial_insight_train"  # the data set's name for LLaMA-Factory
COLUMNS = ("task", "format", "scene", "source", "role", "language", "quality", "origin")  # of the card's tables


class Select(Section):
    """Params of the stage."""

    section: ClassVar[str] = "select"
    target: int = Field(ge=0)  # rows wanted; 0: all that pass
    floor: Quality  # lowest quality kept
    near_duplicate: float = Field(gt=0, le=1)  # cosine from which two rows are near-duplicates


def select(
    rows: Sequence[Labelled],
    grades: Mapping[str, Quality],
    places: Mapping[str, Membership],
    params: Select,
    tokenizer: str,
) -> Iterator[TrainingRow | Dropped]:
    """Yield one outcome for each row, in order.

    Rows below the floor go first; of near-duplicates the best by quality stays; of what is left, communities' centers are
    taken first, then their next members by quality, until the target is reached.
    """
    fit = [n for n, row in enumerate(rows) if RANK[grades[row.id]] <= RANK[params.floor]]
    quality = [grades[rows[n].id] for n in fit]
    alike = represented(pair_vectors([rows[n] for n in fit], tokenizer), preferred(quality), params.near_duplicate)
    distinct = [n for place, n in enumerate(fit) if place not in alike]
    found = [places[rows[n].id] for n in distinct]
    order = by_turns(
        [grades[rows[n].id] for n in distinct], [at.community for at in found], [at.center for at in found]
    )
    chosen = {distinct[place] for place in order[: params.target or None]}
    better = {fit[place]: rows[fit[kept]].id for place, kept in alike.items()}
    for n, row in enumerate(rows):
        if n in chosen:
            yield TrainingRow.of(row, grades[row.id])
        elif n in better:
            yield Dropped(id=row.id, reason=Reason.NEAR_DUPLICATE, detail=better[n])
        else:
            below = RANK[grades[row.id]] > RANK[params.floor]
            yield Dropped(id=row.id, reason=Reason.LOW_QUALITY if below else Reason.OVER_TARGET)


def pair_vectors(rows: Sequence[Labelled], tokenizer: str) -> sparse.csr_matrix:
    """Return token counts of prompt and conversation side by side, each half of equal weight.

    So a cosine is the mean of the prompts' and the conversations': two tasks on one long conversation are not duplicates, as
    they would be if their texts were counted in one.
    """
    halves = [
        count_vectors([row.prompt_text for row in rows], tokenizer),
        count_vectors([row.conversation for row in rows], tokenizer),
    ]
    return sparse.csr_matrix(sparse.hstack(halves, format="csr") * np.float32(np.sqrt(0.5)))


def describe(folder: Path, rows: Sequence[TrainingRow], quality: Mapping[str, object], params: Select) -> None:
    """Write the data card and, for LLaMA-Factory, dataset_info.json."""
    card = [
        "# Dial-insight training set",
        f"{len(rows)} rows selected from {quality['n']} labelled ones: quality {params.floor} or better, near-duplicates "
        f"from cosine {params.near_duplicate} dropped, target {params.target or 'all that pass'}. One row is one question "
        "with its answer as OpenAI `messages`, and the ids it goes back to: dialogue, prompt, instruction.",
        "Labels of origin `model` were written by the model named in `author` and checked by rules, and by a judge model or "
        "people only where the quality section of the metrics says so.",
        f"## Quality indicators\n\nOver all {quality['n']} labelled rows, before selection (§3.3).\n\n"
        + data_card.table(["indicator", "value"], data_card.figures(quality)),
        "## Composition\n\nOf the selected rows.",
        *(data_card.composition(name, [str(getattr(row, name)) for row in rows]) for name in COLUMNS if rows),
    ]
    data_card.write(folder / "README.md", ["configs:", "- config_name: default", "  data_files: train.jsonl"], card)
    tags = {"role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant"}
    entry = {"file_name": "train.jsonl", "formatting": "sharegpt", "columns": {"messages": "messages"}, "tags": tags}
    with atomic(folder / "dataset_info.json") as file:
        json.dump({NAME: entry}, file, indent=2)
        file.write("\n")


def main(source: Path, verdicts: Path, communities: Path, report: Path, folder: Path, ledger: Path) -> None:
    """Read labelled rows, verdicts, communities and indicators, write the data set and its description."""
    params, rows = Select.load(), jsonl.read(source, Labelled)
    grades = {row.id: row.quality for row in jsonl.stream(verdicts, Verdict)}
    places = {row.id: row for row in jsonl.stream(communities, Membership)}
    if missing := [row.id for row in rows if row.id not in grades or row.id not in places]:
        raise InputError(f"{communities}: {len(missing)} rows without verdict or community; run `dvc repro measure`")
    jsonl.sift(folder / "train.jsonl", select(rows, grades, places, params, tokens.chosen()), ledger, len(rows))
    chosen = jsonl.read(folder / "train.jsonl", TrainingRow)
    describe(folder, chosen, metrics.read(report), params)


if __name__ == "__main__":
    run(main)

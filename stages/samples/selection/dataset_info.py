"""What a training set says of itself: its data card, and its entry for LLaMA-Factory."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

from stages.core.files import atomic
from stages.rows.training import TrainingRow
from stages.samples.selection import data_card

NAME = "dial_insight_train"  # the data set's name for LLaMA-Factory
STRATEGIES = {
    "communities": "of near-duplicates the best by quality, then communities' centers first and their next members by quality",
    "random": "drawn at random",
    "deita": "by complexity × quality, none with a cosine above 0.9 to one taken before",
    "ifd": "the hardest to follow first (IFD below 1)",
}


class Described(NamedTuple):
    """A training row without its text; but for the id, each column is one of the card's tables."""

    id: str
    task: str
    format: str
    scene: str
    source: str
    role: str
    language: str
    quality: str
    origin: str

    @classmethod
    def of(cls, row: TrainingRow) -> Self:
        """Return what the card says of a row."""
        return cls(*(sys.intern(str(getattr(row, name))) for name in cls._fields))


def card(folder: Path, rows: Sequence[Described], selection: Mapping[str, Any], floor: str) -> None:
    """Write README.md: how the rows were chosen, the indicators before and after, what the set is made of."""
    sections = [
        "# Dial-insight training set",
        f"{len(rows)} rows selected from {selection['all']['n']} labelled ones: quality {floor} or better, "
        f"{STRATEGIES[selection['strategy']]}; target {selection['target'] or 'all that pass'}. The rows left out and why: "
        "`train.dropped.jsonl`.",
        "One row is one question with its answer as OpenAI `messages`. `id` is the sample's; `dialogue_id`, `prompt_id` and "
        "`instruction_id` lead back to the conversation, the prompt and the instruction it was made of. Labels of origin "
        "`model` were written by the model named in `author`. Quality `high`, `medium` and `low` are the word of a person, or of "
        "a judge model that passed its calibration; where rules alone looked, they found `no_fault`, or the label `doubtful` or `faulty`. "
        "`project` answers are recorded ones, drafted in the Dial-insight project with a large language model's help for exactly "
        "that question; `provided` answers come from data/review/answers.jsonl, by whom its `author` says; `conversation` is none of them: there the "
        "conversation was cut, and the answer is what was really said next.",
        "The rows hold anonymized conversations and carry their licence and conditions: whoever passes the set on must be "
        "allowed to pass on the conversations.",
        "## Quality indicators (§3.3)\n\n"
        + data_card.table(["indicator", "all labelled", "selected"], _indicators(selection)),
    ]
    if selection["quotas"]:
        quotas = [(cell, *row.values()) for cell, row in selection["quotas"].items()]
        sections.append("## Quotas\n\n" + data_card.table(["scene.task", "wanted", "labelled", "taken"], quotas))
    sections.append("## Composition\n\nOf the selected rows.")
    sections += [
        data_card.composition(name, [str(getattr(row, name)) for row in rows]) for name in Described._fields[1:] if rows
    ]
    data_card.write(folder / "README.md", ["configs:", "- config_name: default", "  data_files: train.jsonl"], sections)


def _indicators(selection: Mapping[str, Any]) -> list[tuple[str, object, object]]:
    before, after = (dict(data_card.figures(selection[side])) for side in ("all", "selected"))
    return [(name, value, after.get(name, "–")) for name, value in before.items()]


def entry(folder: Path) -> None:
    """Write dataset_info.json, by which LLaMA-Factory finds file and columns."""
    tags = {"role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant"}
    info = {"file_name": "train.jsonl", "formatting": "sharegpt", "columns": {"messages": "messages"}, "tags": tags}
    with atomic(folder / "dataset_info.json") as file:
        json.dump({NAME: info}, file, indent=2)
        file.write("\n")

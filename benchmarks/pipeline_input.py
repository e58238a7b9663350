"""Conversations and labelled rows for `benchmarks.pipeline`: put together from the shipped ones, invented as these are.

A made conversation keeps the turns' order of parties of a shipped one; half of its turns are another conversation's of the same
language and scene, and all digits are drawn anew, so that few of many are alike. The same number gives the same conversation.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.stand_in.answers import Question, composed, names
from stages.core import jsonl
from stages.core.row import content_id
from stages.rows.dialogue import Dialogue
from stages.rows.prompt import Prompt
from stages.rows.sample import Answer, LabeledSample, Sample
from stages.samples.spliced import spliced

Talk = Mapping[str, Any]

TAKEN_OVER = 0.5  # share of a made conversation's turns that are another conversation's
ASTRAY = 0.1  # share of the answers that are about another conversation
PLACEHOLDER = re.compile(r"(\[[A-Z_]+_\d+\])")
DIGIT = re.compile(r"\d")


def talks(folder: Path) -> list[Talk]:
    """Return the conversations in the native JSONL files of `folder`, of files with turns of the native form only."""
    lines = [line for path in sorted(folder.glob("*.jsonl")) for line in path.read_text(encoding="utf-8").splitlines()]
    return [talk for talk in map(json.loads, filter(str.strip, lines)) if "turns" in talk]


def made(shipped: Sequence[Talk], count: int) -> Iterator[dict[str, Any]]:
    """Yield `count` conversations."""
    said = defaultdict[tuple[str, ...], list[Talk]](list)
    for talk in shipped:
        for turn in talk["turns"]:
            said[talk["language"], talk["scene"], turn["party"]].append(turn)
    for number in range(count):
        rng = Random(f"talk/{number}")
        talk = rng.choice(shipped)
        options = [said[talk["language"], talk["scene"], turn["party"]] for turn in talk["turns"]]
        turns = [
            {**turn, "text": _redrawn((rng.choice(others) if rng.random() < TAKEN_OVER else turn)["text"], rng)}
            for turn, others in zip(talk["turns"], options, strict=True)
        ]
        yield {**talk, "turns": turns}


def _redrawn(text: str, rng: Random) -> str:
    """Return the text with other digits, but in placeholders."""
    parts = PLACEHOLDER.split(text)
    parts[::2] = [DIGIT.sub(lambda match: str(rng.randint(1, 9)), part) for part in parts[::2]]
    return "".join(parts)


def write_raw(target: Path, shipped: Sequence[Talk], count: int) -> None:
    """Write conversations as stage ingest reads them."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("w", encoding="utf-8") as file:
        for number, talk in enumerate(made(shipped, count)):
            file.write(json.dumps({**talk, "id": f"made-{number:07d}"}, ensure_ascii=False) + "\n")


def write_dialogues(source: Path, target: Path, count: int) -> None:
    """Write conversations as stage split leaves them, made of the anonymized ones in `source`."""
    shipped = [row.model_dump(mode="json") for row in jsonl.stream(source, Dialogue)]
    rows = (
        Dialogue.model_validate({**talk, "id": content_id("made", number), "key": f"made-{number:07d}", "group": ""})
        for number, talk in enumerate(made(shipped, count))
    )
    jsonl.write(target, rows)


def write_labels(prompts: Path, dialogues: Path, replies: Path, target: Path) -> None:
    """Write each prompt around its conversation, with its real reply, or an answer in the asked form made of what is said in it."""
    known = jsonl.by_id(dialogues, Dialogue)
    samples = (spliced(row, known[row.dialogue]) for row in jsonl.stream(prompts, Prompt))
    jsonl.write(target, labelled(samples, jsonl.by_id(replies, Answer)))


def labelled(samples: Iterable[Sample], replies: Mapping[str, Answer]) -> Iterator[LabeledSample]:
    """Yield the rows, each with its reply or an answer of the stand-in's; of these one in ten is about the conversation before."""
    before = ""
    for row in samples:
        if reply := replies.get(row.id):
            yield LabeledSample(**row.model_dump(), answer=reply.answer, author=reply.author, origin="provided")
            continue
        rng = Random(row.id)
        asked = Question(before if rng.random() < ASTRAY else row.conversation, row.language, rng, None)
        fields = row.ask.fields or names(asked)
        answer = composed(row.ask.kind, fields, row.ask.labels, asked, numbered=rng.random() < 0.5)
        yield LabeledSample(**row.model_dump(), answer=answer, author="stand-in", origin="model")
        before = row.conversation

"""Conversations sorted into the proposed scenes: for the scenes' weights, and to be written with their scene where no record says it."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from stages.cli.new_domain import forms
from stages.cli.new_domain.material import Material
from stages.cli.new_domain.pack_draft import TODO, Block
from stages.cli.new_domain.sampling import excerpt
from stages.cli.new_domain.writer import Question, Writer, listed
from stages.core import files
from stages.core.dropped import Reason
from stages.core.errors import UsageError
from stages.library.domain_pack import Scene, Source
from stages.reporting.counted import counted
from stages.rows.dialogue import Dialogue

TOKENS = 40  # of an answer
LEAST = 0.1  # weight of a scene that no sorted conversation is of
NAME = "conversations.jsonl"
NAMED = 3  # files in a message
COUNTED = "weight: "  # at the beginning of the note that says how


def scene_of(blocks: Sequence[Block[Scene]], writer: Writer) -> dict[str, str]:
    """Return the scene of each conversation to be sorted that got one of several, by id."""
    rows = [row for row in writer.unsorted if row.scene == TODO]
    named = [block.value for block in blocks if block.value.name.get(writer.main, TODO) != TODO]
    ids = tuple(scene.id for scene in named)
    if len(ids) < 2:
        return {}
    lines = listed(f"{scene.id}: {_told(scene, writer)}" for scene in named)
    questions = [
        Question("sorting", row.language, {"excerpt": excerpt(row), "scenes": lines}, forms.sorting(ids), TOKENS)
        for row in rows
    ]
    found = dict[str, str]()
    for row, (answer, _) in zip(rows, writer.ask(questions, forms.Sorted), strict=True):
        if not isinstance(answer, Reason) and answer.scene in ids:
            found[row.id] = answer.scene
    return found


def _told(scene: Scene, writer: Writer) -> str:
    description, name = scene.description.get(writer.main, TODO), scene.name[writer.main]
    return name if description == TODO else description


def weighed(blocks: Iterable[Block[Scene]], counts: Counter[str]) -> tuple[Block[Scene], ...]:
    """Return scenes with the share of the commonest as weight, and with the count above them."""
    return tuple(_weigh(block, counts) for block in blocks)


def _weigh(block: Block[Scene], counts: Counter[str]) -> Block[Scene]:
    count = counts[block.value.id]
    weight = max(LEAST, round(count / max(counts.values()), 1))
    others = tuple(note for note in block.notes if not note.startswith(COUNTED))
    note = f"{COUNTED}{count} of {counts.total()} conversations are of it"
    return Block(block.value.model_copy(update={"weight": weight}), (*others, note))


def refuse_twice(folder: Path) -> None:
    """Refuse to sort where stage ingest reads files already, beside which each conversation would be there a second time."""
    files_there = (path for path in sorted(folder.rglob("*")) if path.is_file() and path != folder / NAME)
    there = [
        path.name for path in files_there if not path.name.startswith(".")
    ]  # DVC's pointers too: to files not fetched
    if there:
        named = f"{', '.join(there[:NAMED])}{f' and {len(there) - NAMED} more' if len(there) > NAMED else ''}"
        raise UsageError(
            f"{folder}: has {named}, and sorted conversations would stand beside them a second time; move these files out of data/raw, and give them by --from"
        )


def write(material: Material, scenes: Mapping[str, str], sources: Sequence[Source], folder: Path) -> Iterator[str]:
    """Write conversations as they came, with their scene, in the form that says all fields; what is there stays.

    That form does not tell a recording: of one whose source nobody said it is the first of the pack's `sources` that is spoken,
    as stage ingest would have it, and likewise of a chat.
    """
    path = folder / NAME
    if path.exists():
        yield f"{path}: was there, is left as it was"
        return
    with files.atomic(path) as file:
        for row in material.dialogues:
            spoken, group = material.heard.get(row.origin), material.groups.get(row.origin, "")
            alike = next((source.id for source in sources if spoken and source.spoken), TODO)
            file.write(json.dumps(_record(row, scenes, group, alike), ensure_ascii=False) + "\n")
    yield f"{path}: written, in the place of copies; the scene of {counted(len(scenes), 'conversation')} is the model's, not read by a person yet"


def _record(row: Dialogue, scenes: Mapping[str, str], group: str, alike: str) -> dict[str, object]:
    """Return a conversation as the map `native` reads it, its group as it came: ingest hashes it; what nobody said is not there."""
    said = {"scene": row.scene, "source": alike if row.source == TODO else row.source, "role": row.role}
    fields = {
        "id": row.key,
        "language": row.language,
        **said,
        "context": row.context,
        "group": group,
    }
    fields |= {"scene": scenes[row.id]} if row.id in scenes else {}
    turns = [turn.model_dump(exclude_defaults=True) for turn in row.turns]
    return {name: value for name, value in fields.items() if value not in ("", TODO)} | {"turns": turns}

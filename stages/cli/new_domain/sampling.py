"""Which conversations the writer is shown: drawn by hash, of each scene in turns, without personal data as far as the rules find it."""

from collections.abc import Iterable, Sequence
from itertools import chain, zip_longest

from stages.core.row import Language
from stages.dialogues.anonymize import Anonymize, anonymize, untraced
from stages.library.fence import fenced
from stages.rows.dialogue import Dialogue

BEFORE, AFTER = "<<<", ">>>"  # as the meta-prompts fence what is shown
SHOWN = 12  # conversations in one question
CHARACTERS: dict[Language, int] = {"en": 600, "zh": 220}  # of each; with so many 2,400 tokens at most


def drawn(dialogues: Iterable[Dialogue], count: int) -> tuple[Dialogue, ...]:
    """Return `count` conversations, anonymized by the settings of params.yaml: those of the lowest hash, the scenes in turns."""
    by_scene: dict[str, list[Dialogue]] = {}
    for row in sorted(dialogues, key=lambda row: row.id):
        by_scene.setdefault(row.scene, []).append(row)
    turns = chain.from_iterable(zip_longest(*(by_scene[key] for key in sorted(by_scene))))
    chosen = [row for row in turns if row is not None][:count]
    return tuple(untraced(row.dialogue) for row in anonymize(chosen, Anonymize.load()))


def shown(dialogues: Sequence[Dialogue]) -> str:
    """Return the beginnings of the first conversations, numbered, without names of speakers."""
    texts = (f"Conversation {number}:\n{beginning(row)}" for number, row in enumerate(dialogues[:SHOWN], 1))
    return fenced("\n\n".join(texts), BEFORE, AFTER)


def excerpt(dialogue: Dialogue) -> str:
    """Return the beginning of one conversation, fit to stand in a fence."""
    return fenced(beginning(dialogue), BEFORE, AFTER)


def beginning(dialogue: Dialogue) -> str:
    """Return the first turns of a conversation, at least one, cut where they are too long."""
    limit = CHARACTERS[dialogue.language]
    turns = tuple(turn.model_copy(update={"speaker": ""}) for turn in dialogue.turns)
    lines = dialogue.model_copy(update={"turns": turns}).render().splitlines()
    kept, length = list[str](), 0
    for line in lines:
        if kept and length + len(line) > limit:
            break
        kept.append(line[:limit])
        length += len(line)
    return "\n".join(kept)

"""A prompt around its conversation, ready to be sent (§2.2, Fig. 2)."""

from collections.abc import Sequence

from stages.library.fence import fenced
from stages.rows.dialogue import Dialogue
from stages.rows.missed import Digest
from stages.rows.prompt import Prompt
from stages.rows.sample import Sample


def spliced(prompt: Prompt, dialogue: Dialogue, missed: Sequence[Digest] = ()) -> Sample:
    """Return the two as one text in three parts, the conversation safe in its fence; `missed` is what it still holds of people.

    Where the prompt has a cut, nothing of what was said after it is in the text.
    """
    before, after = prompt.around
    return Sample(
        id=prompt.pair,
        dialogue=dialogue.id,
        prompt=prompt.id,
        instruction=prompt.instruction,
        language=prompt.language,
        scene=prompt.scene,
        source=prompt.source,
        role=prompt.role,
        task=prompt.task,
        ask=prompt.ask,
        before=before,
        conversation=fenced(dialogue.until(prompt.cut).render(), before, after),
        after=after,
        cut=prompt.cut,
        known=prompt.known,
        missed=tuple(missed),
    )

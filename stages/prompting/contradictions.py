"""Whether the parts of a prompt go together: by what the pack says of their wordings, whenever and wherever they were spliced."""

from collections.abc import Iterator

from stages.library.wording import Place, Wording
from stages.prompting.splicing import PromptParts
from stages.rows.instruction import Instruction
from stages.rows.prompt import Part, Prompt


def contradictions(prompt: Prompt, asked: Instruction, pack: PromptParts) -> Iterator[str]:
    """Yield each wording that must not stand where it does, and why: a line `KIND WORDING says … beside …`.

    A wording that the pack does not have, and a directive, say nothing that could be looked up.
    """
    kinds, trade = [part.kind for part in prompt.parts], (asked.task, asked.requirement) in pack.tasks.beyond
    for number, part in enumerate(prompt.parts):
        place = Place.of(asked, prompt.ask, trade, frozenset(kinds), frozenset(kinds[:number]), prompt.cut > 0)
        for wording in _wordings(part, pack):
            yield from (f"{part.kind} {wording.id} {reason}" for reason in wording.against(place))


def _wordings(part: Part, pack: PromptParts) -> Iterator[Wording]:
    """Yield the wording of a part, and of a format part also that of the format in it."""
    if part.kind == "directive":
        return
    name, _, form = part.template.partition("/")
    yield from (row for row in pack.templates.of(part.kind) if row.id == name)
    if part.kind == "format":
        yield from (row for row in pack.formats.formats if row.id == form)

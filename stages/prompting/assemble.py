"""Splice a prompt for every drawn pair from sub-components drawn at random (§2.2, steps 1 and 2, Fig. 2)."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from stages.core import jsonl
from stages.core.draws import generator
from stages.core.errors import InputError
from stages.core.params import Section
from stages.core.stage import run
from stages.library.domain_pack import Instructions
from stages.prompting.splicing import PromptParts, Spliced, Splicer
from stages.rows.dialogue import Dialogue
from stages.rows.instruction import Instruction
from stages.rows.pair import Pair
from stages.rows.prompt import DIALOGUE, PartKind, Prompt
from stages.text import tokenizers

LEFT_OUT: tuple[PartKind, ...] = ("examples", "scene", "character", "guidelines")  # of a prompt too long, in this order
AT_ONCE = 2048  # pairs whose parts are measured together


class Assemble(Section):
    """How prompts are spliced."""

    section: ClassVar[str] = "assemble"
    brief: float = Field(ge=0, le=1)
    """Share of the prompts that are briefs, with background, rules and examples drawn for each; the others are plain asks."""
    templates: int = Field(ge=0)
    """Wordings of each part that may be drawn; 0: all; 1: the first of each, all standard parts in one order: fixed prompts (v0.5)."""
    max_tokens: int = Field(ge=1)
    """Tokens of a prompt without its conversation, by the tokenizer of `measure`; of a longer one parts are left out until it fits."""
    seed: int
    """Of the draws of parts, order and wording."""


def assemble(
    pairs: Iterable[Pair],
    instructions: Iterable[Instruction],
    pack: PromptParts,
    params: Assemble,
    contexts: Mapping[str, str] | None = None,
    tokenizer: str = tokenizers.QWEN,
) -> Iterator[Prompt]:
    """Yield one prompt for each pair, in order, drawn from a generator seeded with the pair's id.

    `contexts` is the known information that came with dialogues, by their ids. Of a prompt of more than `max_tokens` the parts of
    `LEFT_OUT` go in their order, then it becomes a plain ask; what came with the dialogue goes last, if it is not asked about and no
    reply may rest on it.
    An instruction that is longer alone stays as it is.
    """
    library, given = {row.id: row for row in instructions}, contexts or {}
    splicer, lengths = Splicer(pack, params.templates), Lengths(tokenizer)

    def spliced(pair: Pair, plain: bool = False, bare: bool = False) -> Spliced:
        if pair.instruction not in library:
            raise InputError(
                f"pair {pair.id}: instruction {pair.instruction} is not among the instructions; draw the pairs again"
            )
        asked, rng = library[pair.instruction], generator(params.seed, pair.id)
        brief = params.templates == 1 or rng.random() < params.brief
        context = "" if bare and not asked.knowledge and not pair.cut else given.get(pair.dialogue, "")
        return splicer.splice(pair, asked, context, brief and not plain, rng)

    waiting = iter(pairs)
    while chunk := list(islice(waiting, AT_ONCE)):
        drafts = [spliced(pair) for pair in chunk]
        lengths.learn(part.text for draft in drafts for part in draft.parts)
        for pair, draft in zip(chunk, drafts, strict=True):
            fitting = lengths.shortened(draft, params.max_tokens) or lengths.shortened(
                spliced(pair, plain=True), params.max_tokens
            )
            yield _prompt(pair, fitting or spliced(pair, plain=True, bare=True))


class Lengths:
    """Tokens of parts, each text measured once."""

    def __init__(self, tokenizer: str) -> None:
        """Measure with this tokenizer."""
        self.tokenizer = tokenizer
        self.known = dict[str, int]()

    def learn(self, texts: Iterable[str]) -> None:
        """Measure the texts that are new, all together."""
        if new := list({text: None for text in texts if text not in self.known}):
            bare = (text.replace(DIALOGUE, "") for text in new)
            self.known |= zip(new, tokenizers.lengths(bare, self.tokenizer), strict=True)

    def shortened(self, draft: Spliced, limit: int) -> Spliced | None:
        """Return the draft with as many parts as fit, or None if it is too long without all it can do without."""
        self.learn(part.text for part in draft.parts)
        for kind in ("", *LEFT_OUT):
            draft = draft._replace(parts=[part for part in draft.parts if part.kind != kind])
            if sum(self.known[part.text] + 1 for part in draft.parts) <= limit:  # 1: the blank line between two parts
                return draft
        return None


def _prompt(pair: Pair, spliced: Spliced) -> Prompt:
    return Prompt.new(
        pair=pair.id,
        dialogue=pair.dialogue,
        language=pair.language,
        scene=pair.scene,
        source=pair.source,
        role=pair.role,
        task=pair.task,
        instruction=pair.instruction,
        ask=pair.ask,
        layout=spliced.layout,
        parts=spliced.parts,
        reserve=pair.reserve,
        cut=pair.cut,
        method="assembled",
        parents=(pair.id, pair.instruction),
    )


def main(*, pairs: Path, instructions: Path, dialogues: Path, pack: Path, target: Path) -> None:
    """Read pairs, the instructions they name, the dialogues' known information and the pack; write one prompt for each pair."""
    params, tokenizer, written = Assemble.load(), tokenizers.chosen(), Instructions.read(pack)
    contexts = {row.id: row.context for row in jsonl.stream(dialogues, Dialogue) if row.context}
    library, parts = [*jsonl.read(instructions, Instruction), *written.reply_asks], PromptParts.read(pack)
    rows = assemble(jsonl.stream(pairs, Pair), library, parts, params, contexts, tokenizer)
    jsonl.write(target, rows)


if __name__ == "__main__":
    run(main)

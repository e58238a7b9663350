"""What is left of labelled rows where many are looked at together: what they are of, and their texts as tokens."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Self

from stages.core.row import Language
from stages.rows.instruction import Ask
from stages.rows.sample import LabeledSample
from stages.text.tokenizers import Encoded, Encoder


class Brief(NamedTuple):
    """A labelled row without its texts, the fields as there; 80,000 whole rows take a gigabyte."""

    id: str
    dialogue: str
    prompt: str
    instruction: str
    language: Language
    scene: str
    task: str
    ask: Ask


class Briefs(NamedTuple):
    """Rows in their order, and of each the tokens of its prompt without the conversation, and of its conversation."""

    rows: Sequence[Brief]
    prompts: Encoded
    talks: Encoded

    @classmethod
    def of(cls, rows: Iterable[LabeledSample], tokenizer: str) -> Self:
        """Go once through the rows."""
        briefs, prompts, talks = list[Brief](), Encoder(tokenizer), Encoder(tokenizer)
        asks: dict[str, Ask] = {}
        for row in rows:
            ask = asks.setdefault(f"{row.instruction} {row.ask.kind}", row.ask)
            same = ask if ask == row.ask else row.ask
            briefs.append(
                Brief(row.id, row.dialogue, row.prompt, row.instruction, row.language, row.scene, row.task, same)
            )
            prompts.add(row.prompt_text)
            talks.add(row.conversation)
        return cls(briefs, prompts.done(), talks.done())

    def some(self, rows: Sequence[int]) -> Self:
        """Return some of the rows, by their numbers."""
        return self._replace(
            rows=[self.rows[row] for row in rows], prompts=self.prompts.of(rows), talks=self.talks.of(rows)
        )

"""An instruction as a model writes it, in JSON, and how it is told from a repetition of the question."""

import re
from typing import Annotated, Self

from pydantic import BeforeValidator, ConfigDict, Field, field_validator

from stages.core.row import Language, Record
from stages.instructions.rules.quotes import unquoted
from stages.library.domain_pack import Task
from stages.library.meta_prompts import MetaPrompt
from stages.models.special_tokens import marked
from stages.rows.instruction import NAMED, FormatKind
from stages.text import languages

LABEL = r"(?:(?:\w+ ){0,2}instructions?|[^\W\d]{0,6}指令)\W{0,3}[:：]"
LEAD = re.compile(rf"\A\W*{LABEL}", re.IGNORECASE)
QUOTES = "\"'“”‘’「」『』*`_#> \n"
SHOWN = re.compile(  # labels of what the question shows
    r"\W*(?:(?:kind|type) of task|task(?: (?:type|kind|name))?|(?:it|(?:the )?new instruction) must cover|任务(?:类型|名称)?|(?:新指令)?须覆盖)\W*[:：]",
    re.IGNORECASE,
)
COPIED: dict[Language, int] = {"en": 4, "zh": 6}  # words in a row
MOSTLY = 0.5  # of an instruction's words; of the hand-written ones at most 0.41 stand so in the question for them
MOST_NAMES, LONGEST_NAME = 12, 40  # sub-items or labels; characters
FORMS: tuple[FormatKind, ...] = ("label", "list", "json", "table", "key_values", "paragraph", "message", "multipart")


def _names(value: object) -> object:
    """Return names bare of quotes and bullets, each once; null and what is too long for a name fall away."""
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(name, str | int | float) for name in value):
        return value
    names = dict.fromkeys(" ".join(str(name).strip(QUOTES + ".。-•").split()) for name in value)
    return tuple(name for name in names if 0 < len(name) <= LONGEST_NAME)[:MOST_NAMES]


Names = Annotated[tuple[str, ...], BeforeValidator(_names)]


class Draft(Record):
    """A new instruction: its text, the sub-items it names and the answers it allows, if it does."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    instruction: str = Field(min_length=1)
    fields: Names = ()
    labels: Names = ()

    @field_validator("instruction")
    @classmethod
    def _bare(cls, text: str) -> str:
        """Take a label and quotation marks off; no text is left of a label alone: refused, as is one with marks of a chat template."""
        bare = unquoted(" ".join(LEAD.sub("", text).split()))
        if not bare or marked(text):
            raise ValueError("no text, or not the model's own")
        return bare

    @field_validator("fields")
    @classmethod
    def _keys(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name.replace(" ", "_") for name in names))


class SeedDraft(Draft):
    """A new seed instruction, with the output forms that suit it."""

    formats: tuple[FormatKind, ...] = ()

    @field_validator("formats", mode="before")
    @classmethod
    def _known(cls, names: object) -> object:
        return tuple(form for form in FORMS if form in names) if isinstance(names, list) else names

    def fitted(self, task: Task, explained: bool = False) -> Self | None:
        """Return the draft with those of its forms that the task has and it can carry, None where none is left.

        A label needs two labels to choose between and has no place for fields, nor for reasons, which an `explained` requirement asks
        for; forms made of named sub-items need fields; labels that no form asks for go.
        """
        chosen = len(self.labels) > 1 and not self.fields and not explained
        lacking = {*(() if self.fields else NAMED), *(() if chosen else ("label",))}
        formats = tuple(form for form in self.formats if form in task.formats and form not in lacking)
        labels = self.labels if "label" in formats else ()
        return self.model_copy(update={"formats": formats, "labels": labels}) if formats else None


def is_echo(text: str, asked: MetaPrompt, shown: str = "") -> bool:
    """Whether a text repeats what it was asked with: the prompt's own words or labels, or what was `shown` in it.

    Words of the shown task and requirement belong into an instruction; one that is mostly made of them says nothing new.
    """
    own = languages.echoes(text, asked.own_words, languages.OWN_SPAN[asked.language])
    copied = languages.repeated(text, shown, COPIED[asked.language])
    return own or SHOWN.match(text) is not None or copied >= MOSTLY

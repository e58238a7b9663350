"""What a model wrote as an instruction: the JSON object it was asked for, freed from labels and quotation marks."""

import json
import re

from pydantic import ConfigDict, field_validator

from stages.chat.messages import Reply, parse
from stages.core.dropped import Reason
from stages.core.row import Record
from stages.instructions.rules.quotes import unquoted
from stages.models.special_tokens import marked
from stages.text import refusals

LABEL = re.compile(
    r"\A\W*(?:(?:the )?(?:(?:new|rewritten|revised|joined|evolved|combined) )?instruction|(?:改写后的|改好的|合成的|新的?)?指令(?:正文)?)\W{0,3}[:：]\s*",
    re.IGNORECASE,
)
LISTED = re.compile(  # a list of fields or labels behind the text, on a line of its own or behind a sentence
    r"(?:^\W*|(?<=[.!?。！？”\"])\s*)(?:fields?|labels?|字段|标签|可选答案)\W{0,3}[:：].*",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
LONGEST_NAME, MOST_NAMES = 40, 12


class Written(Record):
    """The object; further keys are passed over, names that are null are none, and a number is a name as a seed's is."""

    model_config = ConfigDict(extra="ignore")

    instruction: str
    fields: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()

    @field_validator("fields", "labels", mode="before")
    @classmethod
    def _given(cls, names: object) -> object:
        if names is None:
            return ()
        return (
            [str(name) if isinstance(name, int | float) else name for name in names]
            if isinstance(names, list)
            else names
        )


def read(reply: Reply) -> Written | Reason:
    """Return what was written, or why it is nothing: a fault of the reply, a refusal, no such object.

    An object without `instruction` whose values are text is what the instruction would bring about: answered.
    """
    if reply.fault:
        return reply.fault
    found = parse(reply, Written)
    if isinstance(found, Reason):
        if refusals.is_no_instruction(reply.answer):
            return Reason.REFUSED
        return Reason.ANSWERED if _is_filled(reply.answer) else found
    text = unquoted(LABEL.sub("", unquoted(LISTED.sub("", found.instruction))))
    if not text or marked(found.instruction):
        return Reason.UNPARSABLE
    return Written(instruction=" ".join(text.split()), fields=_names(found.fields), labels=_names(found.labels))


def spelled(name: str) -> str:
    """Return a name as it is compared with others: whatever its capitals, with blanks for underscores."""
    return name.casefold().replace("_", " ")


def _names(names: tuple[str, ...]) -> tuple[str, ...]:
    tidy = dict.fromkeys(" ".join(name.split()) for name in names)
    return tuple(name for name in tidy if 0 < len(name) <= LONGEST_NAME)[:MOST_NAMES]


def _is_filled(answer: str) -> bool:
    try:
        found = json.loads(answer[answer.find("{") : answer.rfind("}") + 1])
    except ValueError:
        return False
    return isinstance(found, dict) and bool(found) and "instruction" not in found

"""Reading an instruction out of a model's answer, and telling it from a repetition of the question."""

import re

from stages.core.row import Language, Record
from stages.library.meta_prompts import MetaPrompt
from stages.text import languages

TALK = r"(?:here(?: is|['’]s| are)|below is|以下是|下面是|这是)[^\n:：]{0,100}[:：]"
LABEL = r"(?:(?:\w+ ){0,2}instructions?|[^\W\d]{0,6}指令)\W{0,3}[:：]"
HEADING = r"(?:#{1,6} |\*\*)[^\n]{0,30}(?:instructions?|指令)\W*?\n"
SURE = r"(?:(?:sure|certainly|of course|好的|当然)\W+)?"
LEAD = re.compile(rf"\A(?:\s*{HEADING}|\W*{SURE}(?:{TALK}|{LABEL}))+", re.IGNORECASE)
FENCE = re.compile(r"^\s*(?:`{3,}|~{3,}).*$", re.MULTILINE)
# On a line of its own, or behind the last sentence of a line; "give these fields: …" is a sentence.
FIELDS = re.compile(
    r"(?:^\W*|(?<=[^\w\s])\s*|\s(?=F))(?:[Ff]ields?|FIELDS|字段)\W{0,3}[:：]\s*(.+(?:\n\s*[-*•].+)*)$", re.MULTILINE
)
QUOTES = "\"'“”‘’「」『』*`_#> \n"
SHOWN = re.compile(  # labels of what the question shows
    r"\W*(?:(?:kind|type) of task|task(?: (?:type|kind|name))?|(?:the )?new instruction must cover|任务(?:类型|名称)?|新指令须覆盖)\W*[:：]",
    re.IGNORECASE,
)
COPIED: dict[Language, int] = {"en": 4, "zh": 6}  # words in a row
MOSTLY = 0.5  # of an instruction's words; of the hand-written ones at most 0.41 stand so in the question for them


class Draft(Record):
    """An instruction as a model wrote it: its text and the sub-items it names, if it does."""

    text: str
    fields: tuple[str, ...] = ()


def draft(answer: str) -> Draft:
    """Take labels, fences, quotation marks and the `Fields:` off an answer; the text is its first paragraph."""
    match = FIELDS.search(answer)
    body = LEAD.sub("", FENCE.sub("", FIELDS.sub("", answer))).strip(QUOTES)
    text = re.split(r"\n\s*\n", body)[0] if body else ""
    names = re.split(r"[,，、;；\n]", match.group(1)) if match else []
    fields = dict.fromkeys(re.sub(r"\s+", "_", name.strip(QUOTES + ".。-•")) for name in names)
    return Draft(
        text=" ".join(text.split()).strip(QUOTES), fields=tuple(name for name in fields if 0 < len(name) <= 40)[:12]
    )


def is_echo(text: str, asked: MetaPrompt, shown: str = "") -> bool:
    """Whether a text repeats what it was asked with: the prompt's own words or labels, or what was `shown` in it.

    Words of the shown task and requirement belong into an instruction; one that is mostly made of them says nothing new.
    """
    own = languages.echoes(text, asked.own_words, languages.OWN_SPAN[asked.language])
    copied = languages.repeated(text, shown, COPIED[asked.language])
    return own or SHOWN.match(text) is not None or copied >= MOSTLY

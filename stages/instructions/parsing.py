"""Reading an instruction out of a model's answer."""

import re

from stages.core.row import Record

LEAD = re.compile(
    r"^\s*(?:(?:new|rewritten|joined)?\s*instructions?|(?:新|改写后的|合并后的)?指令)\s*[:：]\s*", re.IGNORECASE
)
FIELDS = re.compile(r"^\W*(?:fields|字段)\s*\W*[:：]\s*(.+)$", re.IGNORECASE | re.MULTILINE)
QUOTES = "\"'“”‘’「」* \n"


class Draft(Record):
    """An instruction as a model wrote it: its text and the sub-items it names, if it does."""

    text: str
    fields: tuple[str, ...] = ()


def draft(answer: str) -> Draft:
    """Take label, quotation marks and the `Fields:` line off an answer; the text is its first paragraph."""
    match = FIELDS.search(answer)
    body = LEAD.sub("", FIELDS.sub("", answer)).strip(QUOTES)
    text = re.split(r"\n\s*\n", body)[0] if body else ""
    names = re.split(r"[,，、;；]", match.group(1)) if match else []
    fields = dict.fromkeys(re.sub(r"\s+", "_", name.strip(QUOTES + ".。")) for name in names)
    return Draft(
        text=" ".join(text.split()).strip(QUOTES), fields=tuple(name for name in fields if 0 < len(name) <= 40)[:12]
    )

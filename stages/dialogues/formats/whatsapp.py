"""WhatsApp: the text file that "Export chat" writes, on Android (`15/01/2025, 10:30 - Anna: …`) and on iPhones (`[15/01/2025, 10:30:05] Anna: …`).

A message may go on over lines; what nobody says (joined, encrypted, media left out) is passed over. iPhones put a name before such lines too,
and a left-to-right mark behind it, which is all that tells them from what people say. The one whom the file is called after,
`WhatsApp Chat with Anna.txt`, is the customer: a chat is exported by the account that serves.
"""

import re
from collections.abc import Iterator
from functools import partial

from stages.dialogues.formats.conversation import Reading, Said, SourceFile, conversation, readable
from stages.dialogues.formats.parties import Parties

STAMP = (
    r"\d{1,4}[./年-]\d{1,2}[./月-]\d{1,4}日?,?\s+"
    r"(?:(?:上午|下午)\s*)?\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\s*[AaPp]\.?\s?[Mm]\.?)?"
)
MESSAGE = re.compile(rf"(?:\[(?P<ios>{STAMP})\]|(?P<android>{STAMP}) -) (?P<rest>.*)")
MARKS = re.compile("[\u200e\u200f\u202a-\u202e\ufeff]")
BLANKS = re.compile("[\u00a0\u202f]")
MEDIA = re.compile(
    r"<[^<>]*(?:omitted|省略|attached|附件)[^<>]*>|(?:image|video|audio|sticker|GIF|document|Contact card) omitted"
    r"|.{1,80} \((?:file attached|文件附件)\)|(?:This message was deleted|You deleted this message)\.?|此消息已(?:被)?删除|[您你]已?删除了?(?:此|这条)消息|null",
    re.IGNORECASE,
)
EDITED = re.compile(r"\s*<(?:This message was edited|(?:此|这条)消息已(?:被)?编辑)>$")
PROGRAM = "\u200e"  # begins what an iPhone writes itself under somebody's name
CHAT = re.compile(r"WhatsApp Chat (?:with|-) (.+)", re.IGNORECASE)


def is_chat(text: str) -> bool:
    """Whether the first line with something in it is a message's."""
    return MESSAGE.match(_unmarked(text.lstrip()[:300])) is not None


def read(source: SourceFile, who: Parties) -> Reading:
    """Read the file's one conversation."""
    title = CHAT.fullmatch(source.path.stem)
    main = title.group(1).strip() if title else ""
    said = list(_said(source.text))
    return Reading("WhatsApp", [readable(1, partial(conversation, 1, said, who, {"spoken": False}, main))])


def _said(text: str) -> Iterator[Said]:
    """Yield the messages, each with its first line."""
    message: Said | None = None
    for number, line in enumerate(text.split("\n"), 1):
        plain = _unmarked(line)
        if start := MESSAGE.match(plain):
            if message:
                yield _without_media(message)
            name, colon, words = start.group("rest").partition(": ")
            if start.group("ios") and line.partition(": ")[2].startswith(PROGRAM):
                colon = ""
            time = (start.group("ios") or start.group("android")).strip()
            message = Said(text=words if colon else "", name=name.strip() if colon else "", time=time, line=number)
        elif message and (plain.strip() or message.text):
            message = message._replace(text=f"{message.text}\n{plain}") if message.name else message
    if message:
        yield _without_media(message)


def _without_media(message: Said) -> Said:
    said = EDITED.sub("", message.text.strip())
    return message._replace(text="" if MEDIA.fullmatch(said) else said)


def _unmarked(line: str) -> str:
    return BLANKS.sub(" ", MARKS.sub("", line))

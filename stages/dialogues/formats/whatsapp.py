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
OMITTED = r"(?:image|video|audio|sticker|GIF|document|Contact card) omitted"
NOTED = re.compile(  # by the app, beside what was written: a picture with a line below it, a message that was changed
    rf"\u200e?<(?! )[^<>]*(?:omitted|省略|attached|附件|edited|编辑)[^<>]*(?<! )>|\u200e{OMITTED}", re.IGNORECASE
)
PROGRAM = "\u200e"  # begins what an iPhone writes itself under somebody's name
FILE = re.compile(r".{1,80}\.\w{1,5} \((?:file attached|文件附件)\)", re.IGNORECASE)
LENGTH = re.compile(  # of a file, as an iPhone writes it
    "• \u200e\\d[\\d.,]*[ \u00a0\u202f]?(?:pages?|页|[KMG]?B)", re.IGNORECASE
)
UNSAID = re.compile(
    rf"{OMITTED}|{FILE.pattern}|(?:This message was deleted|You deleted this message)\.?|此消息已(?:被)?删除|[您你]已?删除了?(?:此|这条)消息|null"
    r"|Missed (?:voice|video) call|Waiting for this message(?:\. This may take a while)?\.?",
    re.IGNORECASE,
)
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
        written = NOTED.sub("", LENGTH.sub("(file attached)", line))
        plain = _unmarked(written)
        if start := MESSAGE.match(plain):
            if message:
                yield _without_file(message)
            name, colon, words = start.group("rest").partition(": ")
            if start.group("ios") and written.partition(": ")[2].startswith(PROGRAM):
                colon = ""
            time = (start.group("ios") or start.group("android")).strip()
            message = Said(text=words if colon else "", name=name.strip() if colon else "", time=time, line=number)
        elif message and (plain.strip() or message.text):
            message = message._replace(text=f"{message.text}\n{plain}") if message.name else message
    if message:
        yield _without_file(message)


def _without_file(message: Said) -> Said:
    """Return the message without the name of a file in its first line; one that nobody wrote has no text."""
    first, _, below = message.text.strip().partition("\n")
    if below:
        return message._replace(text=below) if FILE.fullmatch(first.rstrip()) else message
    return message._replace(text="") if UNSAID.fullmatch(first) else message


def _unmarked(line: str) -> str:
    return BLANKS.sub(" ", MARKS.sub("", line))

"""The text of an utterance as models may see it: without what nobody can see, and without tokens that are not text to a model."""

import re
import unicodedata
from typing import NamedTuple

ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[@-Z\\-_])")  # how terminals are told about colors
LINE = re.compile("[\x0b\x0c\x85\u2028\u2029]")
JOINERS = "\u200c\u200d"  # hold emoji and some scripts together: they stay where something is said
HIDDEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff0-\ufffc\ufffe\uffff\U000e0000-\U000e0fff]"
)
# <|im_end|>, <｜User｜>, </s>, <start_of_turn>, <<SYS>>, [INST], [gMASK] …: what chat templates and tokenizers are made of.
TOKEN = re.compile(
    r"<<?(?=[|｜][^<>\n]{1,60}[|｜]>|/?\w[\w:.▁-]{0,60}>)"
    r"|\[(?=/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_\w+|PREFIX|SUFFIX|MIDDLE|IMG\w*|g?MASK|CLS|SEP|PAD|UNK|BOS|EOS)\])",
    re.IGNORECASE,
)


class Cleaned(NamedTuple):
    """A text, and how many special tokens in it were broken up."""

    text: str
    tokens: int = 0


def clean(text: str) -> Cleaned:
    """Return the text without control characters; a special token gets a blank behind its first bracket, and is none any more.

    Empty: nobody says anything, whatever invisible characters stand there.
    """
    if text.isascii() and text.isprintable():
        text = text.strip()
    else:
        text = HIDDEN.sub("", LINE.sub("\n", ESCAPE.sub("", text))).strip()
        if not any(map(_seen, text)):
            return Cleaned("")
    if "<" not in text and "[" not in text:
        return Cleaned(text)
    broken, tokens = TOKEN.subn(r"\g<0> ", text)
    return Cleaned(broken.strip(), tokens)


def _seen(character: str) -> bool:
    return not character.isspace() and character not in JOINERS and unicodedata.category(character) not in ("Mn", "Cf")

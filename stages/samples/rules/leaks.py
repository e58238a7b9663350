"""Personal data in an answer, written or spoken: what an anonymized conversation cannot justify (Table 1).

Patterns of its own, for data that need no cue, and the detectors of stage `anonymize`, which know numbers that are read out.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from stages.answers.grounding import PLACEHOLDER
from stages.pii.values import credentials, phones_and_accounts
from stages.pii.values.spans import PiiKind

PATTERNS = {
    "email": r"(?<! [\w.+-] ) [\w.+-]{1,64} @ [\w-]{1,63} \. [A-Za-z]{2,}",
    "phone": r"""
        (?<! \d ) 1[3-9]\d{9} (?! \d )                                         # a Chinese mobile number
        | \+ \d{1,3} (?: [ .()-]{0,2} \d ){8,12} (?! \d )                      # with country code
        | (?<! [\d.,] ) 0\d{2,4} [ .-]? \d{3,4} [ .-]? \d{3,4} (?! [\d,.]\d | \d )  # with a trunk zero
        | \( \d{3} \) [ ]? \d{3} [ .-] \d{4} (?! \d )                          # North American, from here on
        | (?<! [\d,.-] ) \d{3} [.-] \d{3} [.-] \d{4} (?! [\d-] )
        | (?<! [\d-] ) 555-\d{4} (?! \d )
    """,
    "id_number": r"""
        (?<! \d ) \d{17} [\dXx] (?! \d )                                       # Chinese
        | (?<! [\d-] ) \d{3}-\d{2}-\d{4} (?! [\d-] )                           # social security
    """,
    "bank_card": r"(?<! \d ) (?: \d{4} [ -] ){3} \d{4} (?! \d ) | (?<! \d ) (?: \d{16} | \d{19} ) (?! \d )",
    "account": r"\b [A-Z]{2} \d{2} (?: [ ]? [A-Z0-9]{4} ){3,7} \b",  # IBAN
    "password": r"""
        (?i: \b (?: password | passcode | door[ ]code | gate[ ]code | pin ) \b | 密码 | 门禁码 )
        \W{0,3} (?i: is[ ] | was[ ] | 是 | 为 )? \W{0,2}
        (?= [A-Za-z\#*]* \d ) [\w\#*!@]{4,}
    """,
}
SUSPECTED: set[PiiKind] = {
    "phone",
    "email",
    "account",
    "bank_card",
    "id_number",
    "plate",
    "wechat",
    "qq",
}  # codes need a talk
SIGN = re.compile(r"[\d@]")  # without one of these no pattern fits
COMPILED = {kind: re.compile(pattern, re.VERBOSE) for kind, pattern in PATTERNS.items()}


def leaks(text: str, conversation: str = "") -> Iterator[str]:
    """Yield the kinds of personal data that the text shows, each once; placeholders such as [PHONE_1] are none.

    What a detector suspects is let pass where the anonymized `conversation` has it word for word: there it was
    looked at with all that surrounds it. Where a person marked the dialogue, the marks know better: see `stages.rows.missed`.
    """
    text = PLACEHOLDER.sub("[…]", text)
    may_show = SIGN.search(text) is not None
    kinds: set[str] = {kind for kind, pattern in COMPILED.items() if may_show and pattern.search(text)}
    for line in text.splitlines():  # an answer's figures stand close together, so each line is looked at alone
        kinds |= {kind for kind, shown in _suspected(line) if shown not in conversation}
    yield from sorted(kinds)


@lru_cache(maxsize=4096)
def _suspected(line: str) -> tuple[tuple[PiiKind, str], ...]:
    """Return what the detectors find in a line; the heads of tables, and lines that say nothing, come again and again."""
    spans = (*phones_and_accounts.find([line])[0], *credentials.find([line], 0))
    return tuple((span.kind, line[span.start : span.end]) for span in spans if span.kind in SUSPECTED)

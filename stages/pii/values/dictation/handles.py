"""Messenger ids, mail addresses and other values that are spelled out, after their cue or where the talk has them in whole."""

import re
from collections.abc import Iterator, Sequence

from stages.pii.values.dictation.spelling import Spelled, stretches
from stages.pii.values.messengers import WECHAT
from stages.pii.values.spans import PiiKind, Span, bare

KINDS: frozenset[PiiKind] = frozenset({"wechat", "email", "password", "account", "id_number", "plate"})
MAIL = re.compile(r"\be-?mails?\b|邮箱|邮件|電郵", re.IGNORECASE)
NEAR = 8  # turns from where the value was said
BACK = 2  # turns that may ask for one
LEAST = 4  # signs of one that only the cue speaks for
PART = 3
UNDERSCORE = re.compile(r"下划线|底线|underscore", re.IGNORECASE)


def find(turns: Sequence[str], spans: Sequence[Sequence[Span]]) -> Iterator[tuple[int, Span]]:
    """Yield what is spelled of a handle, with its turn."""
    found = [(turn, one) for turn, text in enumerate(turns) for one in stretches(text)]
    if not found:
        return
    values = [(turn, span) for turn, own in enumerate(spans) for span in own if span.kind in KINDS]
    for turn, one in found:
        of = (span for said, span in values if abs(said - turn) <= NEAR and _is_part(one, turns[said], span))
        whole = next(of, None)
        if whole:
            yield turn, Span(one.start, one.end, whole.kind, whole.value)
        elif (one.letters or UNDERSCORE.search(turns[turn], one.start, one.end)) and (kind := _asked(turns, turn, one)):
            yield turn, Span(one.start, one.end, kind, one.signs)


def _is_part(one: Spelled, text: str, span: Span) -> bool:
    """Whether what is spelled is a part of the value; of a mail address it is the beginning, which tells whose it is."""
    if span.kind == "email":
        local = bare(text[span.start : span.end].split("@")[0])
        return one.signs.startswith(local) or (local.startswith(one.signs) and len(one.signs) > PART)
    return len(one.signs) >= PART and one.signs in bare(span.value)


def _asked(turns: Sequence[str], turn: int, one: Spelled) -> PiiKind | None:
    """Return what a cue before it, or in the turns before, says that it is."""
    if len(one.signs) < LEAST:
        return None
    for said in (turns[turn][: one.start], *(turns[n] for n in range(turn - 1, max(-1, turn - 1 - BACK), -1))):
        if WECHAT.search(said):
            return "wechat"
        if MAIL.search(said):
            return "email"
    return None

"""E-mail addresses, bank account numbers with a check sum, passwords and messenger ids."""

import re

from stdnum import iban

from stages.pii.values import cues
from stages.pii.values.spans import PiiKind, Span, bare

TOKEN = re.compile(r"(?<![A-Za-z0-9@.])[A-Za-z0-9][A-Za-z0-9_!@#$%^&*+=-]{4,}[A-Za-z0-9!#$%^&*](?![@.]\w)")
WECHAT = re.compile("微信|wechat|weixin", re.IGNORECASE)
HANDLE = re.compile(r"(?<![A-Za-z0-9_@.-])(?=[a-z0-9-]*[\d_-])[a-z][a-z0-9_-]{5,19}(?![A-Za-z0-9_@.-])")
DOOR = re.compile(r"(?:门|锁|door|gate|lock|alarm)\S{0,2} ?$", re.IGNORECASE)
GIVEN = re.compile(
    r"""
    (?: pass[ ]?(?:word|code|phrase) | pwd? | 密码|口令 )
    (?: [ ]? (?: is | was | = | : | ：|是|为|改成 ) [ ,]* | [:：] [ ]? | (?<= [码令] ) ，? (?= \d ) )
    [\"“'‘]? (?P<secret> [A-Za-z0-9!-/:-@_^*\#+=-]{4,40} )
    """,
    re.IGNORECASE | re.VERBOSE,
)
EMAIL = re.compile(r"(?<![\w.+-])[\w.+%-]+@[A-Za-z0-9\u00c0-\u024f-]+(?:\.[A-Za-z0-9\u00c0-\u024f-]+)+")
IBAN = re.compile(r"(?<!\w)[A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]{4}){2,7}(?: ?[A-Za-z0-9]{1,3})?(?!\w)")
SPOKEN_EMAIL = re.compile(
    r"""
    \b [\w.-]+ (?: [ ] (?: dot | underscore | dash ) [ ] [\w-]+ )*
    [ ] at [ ] [\w-]+ (?: [ ] dot [ ] [\w-]+ )*
    [ ] dot [ ] (?: com | org | net | co | io | uk | au | ca | ie | sg | nz | edu | us ) \b
    (?: [ ] dot [ ] (?: uk | au | nz | sg ) )?
    """,
    re.IGNORECASE | re.VERBOSE,
)
MESSENGER = re.compile(  # WeChat and QQ ids
    r"(?:微信号?|wechat(?: id)?|weixin|QQ号?)(?:同号)?[ :：，,是为加发]*(?P<id>[A-Za-z][\w-]{5,19}|\d{5,11})",
    re.IGNORECASE,
)


def find(turns: list[str], turn: int) -> list[Span]:
    """Return the secrets of one turn."""
    text = turns[turn]
    spans = [Span(m.start(), m.end(), "email", bare(m.group())) for m in SPOKEN_EMAIL.finditer(text)]
    spans += [Span(m.start(), m.end(), "email", bare(m.group())) for m in EMAIL.finditer(text)]
    spans += [
        Span(m.start(), m.end(), "account", bare(m.group())) for m in IBAN.finditer(text) if iban.is_valid(m.group())
    ]
    spans += [Span(*m.span("id"), _messenger(m.group()), bare(m.group("id"))) for m in MESSENGER.finditer(text)]
    if any(WECHAT.search(nearby) for nearby in turns[max(0, turn - 1) : turn + 1]):
        spans += [Span(*m.span(), "wechat", bare(m.group())) for m in HANDLE.finditer(text)]
    for match in GIVEN.finditer(text):
        start, end = match.span("secret")
        end -= len(match.group("secret")) - len(match.group("secret").rstrip(".?"))
        if _is_secret(text[start:end]):
            door = DOOR.search(text[max(0, match.start() - 12) : match.start()])
            spans.append(Span(start, end, "door_code" if door else "password", bare(text[start:end])))
    asked = turn > 0 and any(
        kind == "password" for kind, _ in cues.before(turns[turn - 1], len(turns[turn - 1]), cues.TURN)
    )
    if asked:
        spans += [Span(*m.span(), "password", bare(m.group())) for m in TOKEN.finditer(text) if _is_mixed(m.group(), 1)]
    if "password" in cues.around(turns, turn, len(text), len(text)):
        spans += [Span(*m.span(), "password", bare(m.group())) for m in TOKEN.finditer(text) if _is_mixed(m.group())]
    return spans


def _messenger(text: str) -> PiiKind:
    return "qq" if text.lower().startswith("qq") else "wechat"


def _is_secret(token: str) -> bool:
    return any(char.isdigit() or char in "!#$%^&*" for char in token)


def _is_mixed(token: str, least: int = 2) -> bool:
    """Whether the token joins letters with `least` digits or more, and is no e-mail address."""
    digits = sum(map(str.isdigit, token))
    letters = sum(char.isalpha() for char in token)
    return digits >= least and letters >= 3 and "@" not in token[1:-1]

"""E-mail addresses, bank account numbers with a check sum, passwords, and, by their own modules, messenger ids."""

import re
from collections.abc import Iterator

from stdnum import iban

from stages.pii.patterns.deferred import Deferred
from stages.pii.values import cues, emails, messengers, plain_passwords
from stages.pii.values.spans import Span, bare
from stages.pii.values.written_numbers import narrow

TOKEN = re.compile(r"(?<![A-Za-z0-9@.])[A-Za-z0-9][A-Za-z0-9_!@#$%^&*+=-]{4,}[A-Za-z0-9!#$%^&*](?![@.]\w)")
GIVEN = re.compile(
    r"""
    (?: pass[ ]?(?:word|code|phrase) | pwd? | 密码|口令|密碼 )
    (?: [ ]? (?: is | was | = | : | ：|是|为|為|改成|改为|設為|设为|设成|换成 ) [ ,]* | [ ] (?: will[ ]be | set[ ]to | now | changed[ ]to ) [ ] | [:：] [ ]? | (?<= [码令碼] ) [，\ ]? (?= \d ) )
    [\"“'‘]? (?P<secret> [A-Za-z0-9!-/:-@_^*\#+=-]{4,40} )
    """,
    re.IGNORECASE | re.VERBOSE,
)
SHORT_PASS = re.compile(r"(?:login|user(?:name)?) \S{2,30} ?[,/] ?pass(?: is|:)? (?P<secret>\S{5,40})", re.IGNORECASE)
IN_LINK = Deferred(
    r"://(?P<user>[^\s/:@]+:[^\s/@]+)@"
    r"|[?&#](?:token|key|api_?key|access_token|password|passwd|pwd|pass|secret|sig|signature|session(?:_?id)?|sid|auth|otp)"
    r"=(?P<secret>[^&\s#]{6,})",
    re.IGNORECASE,
)
IBAN = re.compile(r"(?<!\w)[A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]{4}){2,7}(?: ?[A-Za-z0-9]{1,3})?(?!\w)")
DIGIT = re.compile(r"\d")


def find(turns: list[str], turn: int) -> list[Span]:
    """Return the secrets of one turn."""
    text = narrow(turns[turn])
    spans = [
        *emails.find(text),
        *_given(text),
        *plain_passwords.find(text, turns[turn - 1] if turn else ""),
        *_in_links(text),
        *messengers.find(turns, turn, text),
    ]
    if DIGIT.search(text):
        spans += [
            Span(m.start(), m.end(), "account", bare(m.group()))
            for m in IBAN.finditer(text)
            if iban.is_valid(m.group())
        ]
        spans += _tokens(turns, turn, text)
    return spans


def _given(text: str) -> Iterator[Span]:
    """Yield the secrets that the words right before name."""
    if not plain_passwords.names_one(text):
        return
    for match in (*GIVEN.finditer(text), *SHORT_PASS.finditer(text)):
        start, end = match.span("secret")
        end -= len(match.group("secret")) - len(match.group("secret").rstrip(".?"))
        if _is_secret(text[start:end]):
            yield Span(start, end, plain_passwords.kind_behind(text, match.start()), bare(text[start:end]))


def _in_links(text: str) -> Iterator[Span]:
    """Yield user and password of a link, and the tokens it hands over."""
    for match in IN_LINK.finditer(text):
        group = "user" if match["user"] else "secret"
        yield Span(*match.span(group), "password", bare(match[group]))


def _tokens(turns: list[str], turn: int, text: str) -> Iterator[Span]:
    """Yield words of letters and digits where a password is talked of, with fewer digits where the turn before asks for one."""
    tokens = [match for match in TOKEN.finditer(text) if _is_mixed(match.group(), 1)]
    if not tokens:
        return
    if turn and any(kind == "password" for kind, _ in cues.before(turns[turn - 1], len(turns[turn - 1]), cues.TURN)):
        yield from (Span(*match.span(), "password", bare(match.group())) for match in tokens)
    mixed = [match for match in tokens if _is_mixed(match.group())]
    if mixed and "password" in cues.around(turns, turn, len(text), len(text)):
        yield from (Span(*match.span(), "password", bare(match.group())) for match in mixed)


def _is_secret(token: str) -> bool:
    return any(char.isdigit() or char in "!#$%^&*" for char in token)


def _is_mixed(token: str, least: int = 2) -> bool:
    """Whether the token joins letters with `least` digits or more, and is no e-mail address."""
    digits = sum(map(str.isdigit, token))
    letters = sum(char.isalpha() for char in token)
    return digits >= least and letters >= 3 and "@" not in token[1:-1]

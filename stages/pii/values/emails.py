"""E-mail addresses: written, read out ("at", "dot"), guarded with brackets, in other scripts, and in links."""

import re
from collections.abc import Iterator

from stages.pii.patterns.deferred import Deferred
from stages.pii.values.spans import Span, bare
from stages.text.languages import HAN, small

LETTER = rf"[^\W{HAN}]"  # or a digit or _, of a script other than Chinese
LABEL = rf"(?: [^\W_{HAN}] | - )+"
WRITTEN = Deferred(
    rf"""
    (?<! [A-Za-z0-9_.+-] ) (?: {LETTER} | [.+%'-] )* {LETTER} @ {LABEL} (?: \. {LABEL} )+
    | (?<! [A-Za-z0-9_.+-] ) (?: {LETTER} | [.+-] )+ @ (?: [\w-]+ \. )+ (?: 中国|中國|公司|网络|網絡|网址|在线|商城 )
    | (?<= [：:，,\s是为到] ) [{HAN}]{{2,4}} @ (?: {LABEL} \. )+ [a-z]{{2,}}
    | [\w.+-]+ %40 [\w-]+ (?: \. [\w-]+ )+
    """,
    re.VERBOSE,
)
ENDINGS = r"""
    (?: com | org | net | edu | gov | co | io | info | biz | me | app | dev | cn | uk | de | fr | es | it | nl | be | se | no | dk | fi | pl | pt | br | ca | au | nz
      | sg | hk | tw | jp | kr | in | ie | ch | at | us | eu | za | mx | ru ) (?! [A-Za-z0-9_] )
"""
AT = r"(?: [ ]+ at [ ]+ | [ ]? [\[({<] [ ]? (?: at | @ ) [ ]? [\])}>] [ ]? | [ ]? (?: 艾特 | 爱特 | 圈[ ]?a | 花a | at符号 | 小老鼠 ) [ ]? )"
GUARDED_AT = r"(?: [ ]? [\[({<] [ ]? (?: at | @ ) [ ]? [\])}>] [ ]? | [ ]? (?: 艾特 | 爱特 | 圈[ ]?a | 花a | at符号 | 小老鼠 ) [ ]? )"
DOT = r"(?: [ ]+ dot [ ]+ | [ ]? [\[({<] [ ]? (?: dot | \. ) [ ]? [\])}>] [ ]? | [ ]? (?: 点儿? | 點 ) [ ]? )"
JOINED = r"(?: [ ]+ (?: underscore | dash | hyphen | plus ) [ ]+ | [ ]? (?: 下划线 | 横杠 | 横线 | 减号 ) [ ]? )"
LOCAL = rf"[a-z0-9] [a-z0-9_.+-]* (?: (?: {DOT} | {JOINED} ) [a-z0-9_-]+ )* (?: [ ] \d{{1,4}} )?"
HAN_NUMBER = "[零〇一二三四五六七八九幺]"
HOST = rf"(?: [a-z0-9-]+ | {HAN_NUMBER}{{2,6}} )"
PROVIDERS = "gmail|googlemail|hotmail|outlook|yahoo|icloud|aol|proton|protonmail|gmx|qq|163|126|sina|foxmail|live|msn"
NO_LOCAL = r"(?! (?: look | log | sign | write | me | us | found | are | is | was | e-?mail | mail | it | him | her | them | account | reach | address | inbox | one ) [ ] )"
SPOKEN = Deferred(
    rf"""
    (?<! [a-z0-9_] ) (?:
        {LOCAL} {AT} {HOST} (?: {DOT} {HOST} )* {DOT} {ENDINGS} (?: {DOT} (?: uk | au | nz | sg | cn | br | jp | za ) \b )?
        | {LOCAL} {GUARDED_AT} {HOST} (?: (?: {DOT} | \. ) {HOST} )+
        | {LOCAL} [ ]? @ [ ]? {HOST} (?: [ ]? (?: 点 | 。 ) [ ]? {HOST} )? [ ]? (?: 点 | 。 ) [ ]? {ENDINGS}
        | (?<! [{HAN}] ) [{HAN}]{{2,4}} {GUARDED_AT} {HOST} (?: {DOT} {HOST} )* {DOT} {ENDINGS}
        | {HAN_NUMBER}{{4,12}} {GUARDED_AT} {HOST} (?: {DOT} {HOST} )* {DOT} {ENDINGS}
        | {NO_LOCAL} {LOCAL} [ ] at [ ] (?: {PROVIDERS} ) (?: \. [a-z]{{2,3}} )+ \b
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)
SIGN = Deferred(r"@|%40")
SAID = Deferred(r"@[\w -]{1,20}[点。]| at |[艾爱]特|[圈花] ?a|at符号|小老鼠|[\[({<] ?(?:at|@)")  # in small letters
PLAIN = frozenset("@[({<")  # one of which stands in it, or " at ", unless it is said in Chinese
IN_LINK = re.compile(r"://[^\s/@]*:$")  # what stands there before an at sign is a password


def find(text: str) -> Iterator[Span]:
    """Yield the e-mail addresses of a text."""
    for match in WRITTEN.finditer(text) if SIGN.search(text) else ():
        if not IN_LINK.search(text[: match.start()]):
            yield Span(*match.span(), "email", bare(match.group()))
    for match in SPOKEN.finditer(text) if _is_said(small(text)) else ():
        yield Span(*match.span(), "email", bare(match.group()))


def _is_said(text: str) -> bool:
    """Whether the text, in small letters, has what every address that is read out has; of plain signs few have the first of it."""
    return not (text.isascii() and PLAIN.isdisjoint(text) and " at " not in text) and SAID.search(text) is not None

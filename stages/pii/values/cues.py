"""Which kind of secret a number is, by the words around it: a door code and a price look alike, sentences do not."""

import re

from stages.pii.values.spans import PiiKind

# Read with re.VERBOSE. Order matters where two begin at the same place: the longer meaning first.
WORDS: dict[PiiKind | None, str] = {
    None: r"""
        (?: zip | post | postal | area | tax | building | dress | colou?r | promo | discount | country | qr | energy )
            [ -]? codes?
        | \b (?: ref (?: erence | \. )? | case | job | ticket | order | quote | invoice ) \b  # papers
        | \b (?: listing | mls | model | folio | lot ) \b | \b title[ ]no | \b permit \b      # things on a list
        | 订单|交易|合同编号|房源编号|工单|邮编|型号
    """,
    "bank_card": r"""
        \b (?: credit | debit | bank | visa | mastercard | amex )? [ ]? cards? \b
        | \b (?: visa | mastercard | amex ) \b
        | 银行卡|信用卡|储蓄卡|卡号|尾号
    """,
    "account": r"""
        \b (?: accounts? | acct? | a/c | checking | savings | bank[ ]details ) \b
        | \b (?: sort[ ]code | bsb | iban | routing | transit ) \b  # numbers of banks
        | \b (?: wire | cheques? | paynow | posb | dbs ) \b    # ways to pay, Singapore's banks
        | 账号|账户|帐号|户头|开户|微信|qq|收款
    """,
    "id_number": r"""
        \b passports? \b
        | \b (?: driver'?s? | driving )? [ ]? licen[cs]e \b
        | \b (?: id (?: [ ]card | [ ]number | [ ]no )? | nric | ic | photo[ ]id ) \b  # identity cards
        | \b (?: ssn | social (?: [ ]security )? | national[ ]insurance | ni[ ]number | pps | sin ) \b
        | \b (?: tfn | tax[ ]file ) \b
        | \b (?: medicare | health[ ]card | seniors | pension (?: er )? [ ]card ) \b
        | 身份证|证件|护照|驾照|驾驶证|社保
    """,
    "plate": r"""
        \b (?: plates? | rego | reg | registration | licen[cs]e[ ]plate | tags? ) \b
        | \b (?: cars? | vans? | truck | vehicle | park (?: ing | ed )? ) \b
        | 车牌|牌照|停车|车位
    """,
    "door_code": r"""
        \b (?: codes? | combination | pin ) \b
        | \b (?: gate | door | entrance | alarm | buzzer | intercom | keypad ) \b
        | \b (?: pad[ ]?locks? | lock[ ]?box | key[ ]? (?: safe | box | pad ) | unlocks? | opens[ ]with | lock ) \b
        | 门禁|门锁|密码锁|单元门|楼道门|大门|钥匙盒
    """,
    "password": r"""
        \b (?: pass[ ]?words? | pass[ ]?codes? | pass[ ]?phrase | pwd? ) \b
        | \b (?: log[ ]?in | sign (?: ed )? [ ]in | locked[ ]out | wi-?fi | portal ) \b  # where one is asked for
        | 密码|口令
    """,
    "phone": r"""
        \b (?: phones? | mobiles? | cells? | numbers? | tel | land[ ]?line | line | fax | whats[ ]?app ) \b
        | \b (?: call (?: ing )? | ring | text | reach | dial ) \b
        | 电话|手机|联系|号码|打给|拨
    """,
}
CUE = re.compile(
    "|".join(f"(?P<k{number}>{words})" for number, words in enumerate(WORDS.values())), re.IGNORECASE | re.VERBOSE
)
NAMES = {f"k{number}": kind for number, kind in enumerate(WORDS)}
NEAR = 60  # characters before a number in which a cue counts
BEHIND = 30  # characters after it
TURN = 400  # characters of a turn that are looked at
BACK = 3  # earlier turns that may hold the question a number answers

CueMatch = tuple[PiiKind | None, int]  # kind (None: a number of no person), distance in characters


def before(text: str, start: int, window: int = NEAR) -> list[CueMatch]:
    """Return the cues in the `window` characters before `start`, nearest first."""
    seen = text[max(0, start - window) : start]
    return [(NAMES[m.lastgroup or ""], len(seen) - m.end()) for m in CUE.finditer(seen)][::-1]


def after(text: str, end: int, window: int = BEHIND) -> list[CueMatch]:
    """Return the cues in the `window` characters from `end` on, nearest first."""
    return [(NAMES[m.lastgroup or ""], m.start()) for m in CUE.finditer(text[end : end + window])]


def around(turns: list[str], turn: int, start: int, end: int) -> list[PiiKind | None]:
    """Return cues by closeness: before in the turn, after in the turn, then in the turns before, the latest first."""
    kinds = [kind for kind, _ in before(turns[turn], start, TURN) + after(turns[turn], end)]
    for earlier in range(turn - 1, max(-1, turn - 1 - BACK), -1):
        kinds += [kind for kind, _ in before(turns[earlier], len(turns[earlier]), TURN) if kind]
    return kinds

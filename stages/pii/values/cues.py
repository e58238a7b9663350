"""Which kind of secret a number is, by the words around it: a door code and a price look alike, their sentences do not."""

import re

from stages.pii.values.spans import PiiKind

# Order matters where two begin at the same place: the longer meaning first.
WORDS: dict[PiiKind | None, str] = {
    None: r"(?:zip|post|postal|area|tax|building|dress|colou?r|promo|discount|country|qr|building|energy)[ -]?codes?"
    r"|\bref(?:erence|\.)?\b|\bcase\b|\bjob\b|\bticket\b|\border\b|\bquote\b|\binvoice\b|\blisting\b|\bmls\b|\bmodel\b"
    r"|\bfolio\b|\blot\b|\btitle no|\bpermit\b|订单|交易|合同编号|房源编号|工单|邮编|型号",
    "bank_card": r"\b(?:credit|debit|bank|visa|mastercard|amex)? ?cards?\b|\bvisa\b|\bmastercard\b|\bamex\b"
    r"|银行卡|信用卡|储蓄卡|卡号|尾号",
    "account": r"\baccounts?\b|\bacct?\b|\ba/c\b|\bsort code\b|\bbsb\b|\biban\b|\brouting\b|\btransit\b|\bchecking\b"
    r"|\bsavings\b|\bbank details\b|\bwire\b|\bcheques?\b|\bpaynow\b|\bposb\b|\bdbs\b|账号|账户|帐号|户头|开户|微信|qq|收款",
    "id_number": r"\bpassports?\b|\b(?:driver'?s?|driving)? ?licen[cs]e\b|\bid(?: card| number| no)?\b|\bnric\b|\bic\b|\bssn\b"
    r"|\bsocial(?: security)?\b|\bnational insurance\b|\bni number\b|\btfn\b|\btax file\b|\bpps\b|\bmedicare\b|\bsin\b"
    r"|\bhealth card\b|\bseniors\b|\bpension(?:er)? card\b|\bphoto id\b|身份证|证件|护照|驾照|驾驶证|社保",
    "plate": r"\bplates?\b|\brego\b|\breg\b|\bregistration\b|\blicen[cs]e plate\b|\btags?\b|\bcars?\b|\bvans?\b|\btruck\b"
    r"|\bvehicle\b|\bpark(?:ing|ed)?\b|车牌|牌照|停车|车位",
    "door_code": r"\bcodes?\b|\bcombination\b|\bgate\b|\bdoor\b|\bpad ?locks?\b|\block ?box\b|\bkey ?(?:safe|box|pad)\b|\bpin\b|\balarm\b"
    r"|\bbuzzer\b|\bintercom\b|\bkeypad\b|\bentrance\b|\bunlocks?\b|\bopens with\b|\block\b|门禁|门锁|密码锁|单元门|楼道门|大门|钥匙盒",
    "password": r"\bpass ?words?\b|\bpass ?codes?\b|\bpass ?phrase\b|\bpwd?\b|\blog ?in\b|\bwi-?fi\b|\bportal\b|\bsign(?:ed)? in\b|\blocked out\b|密码|口令",
    "phone": r"\bphones?\b|\bmobiles?\b|\bcells?\b|\bcall(?:ing)?\b|\bring\b|\btext\b|\bnumbers?\b|\btel\b|\bland ?line\b"
    r"|\bwhats ?app\b|\breach\b|\bline\b|\bdial\b|\bfax\b|电话|手机|联系|号码|打给|拨",
}
CUE = re.compile("|".join(f"(?P<k{number}>{words})" for number, words in enumerate(WORDS.values())), re.IGNORECASE)
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

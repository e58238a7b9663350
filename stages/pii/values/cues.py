"""Which kind of secret a number is, by the words around it: a door code and a price look alike, sentences do not."""

import re
from collections.abc import Callable
from functools import cache, lru_cache

from stages.pii.patterns.deferred import Deferred, holder
from stages.pii.patterns.parsed import inside
from stages.pii.values.spans import PiiKind
from stages.text.languages import small

# Read with re.VERBOSE. Order matters where two begin at the same place: the longer meaning first.
WORDS: dict[PiiKind | None, str] = {
    None: r"""
        (?: zip | post | postal | area | tax | building | dress | colou?r | promo | discount | country | qr | energy
            | error | status | source | product | bar | voucher | coupon | dial(?:l?ing)? ) [ -]? codes?
        | \b (?: ref (?: erence | \. )? s? | job | ticket | order | quote | invoice | tracking | flight | shipment | consignment | waybill
                | sendungsnummer | bestellnummer | rechnungsnummer ) \b  # papers
            (?: [ ]? (?: id | numbers? | nos?\b\.? | nr\b\.? | \# | codes? | ref\b\.? ) \b ){0,2}
        | \b (?: transaction | booking | reservation | confirmation | shipment | shipping | parcel | delivery | purchase | receipt | voucher
            | coupon | batch | serial | item | product | part | sku | version | build | meeting | zoom | session | request | query | incident
            | docket | train | bus | seat | game | error | request | approval | authori[sz]ation | dispatch | consignment | waybill | awb
            | work[ ]order | permit | application | planning | plan | model | lot | title | parcel | stock | vendor | article
            | job | page | chapter | exhibit | patent | trace | payment | device | log | event | process | rma | po )
            [ ]? (?: ids? | numbers? | nos?\b\.? | nr\b\.? | \# | codes? | ref (?: erence )? s? ) \b (?: [ ]? (?: id | number | no | \# ) \b )?
        | \b (?: listing | mls | model | folio | lot | isbn | issn | ean | upc | imei | awb | sku | utr | txn | doi ) \b | \b title[ ]no | \b permit \b  # things on a list
        | \b (?: batch (?:es)? | parts? | lots? | items? | sku | serials? | model | version | build | drawing | bylaw | notice | circular | clause | paragraph | row | bug | issue | release | patch | iso | din | en
            | invoices? | shipments? | products? ) [ ]? [\#:]? [ ]? \Z | 〒 | 批号 | 图号 | 货号 | 件号 | 款号 | 文号
        | (?: 订单|訂單|交易|流水|运单|運單|快递单|物流|单据|发票|發票|车票|机票|航班|工单|房源|商品|产品|批次|版本|序列|受理|预约|业务|凭证|回单|支付|退款 )
            (?: 编?号码? | 編號 | 编码 | 代码 | 流水号? | 单号 | 码 | id )?
        | 统一社会信用代码 | 信用代码 | (?: 公司 | 企业 | 单位 | 发票 | 开票 ) 的?税号 | 纳税人识别号
        | 单号 | 编号 | 編號 | 邮编|郵編|郵遞區號|型号
    """,
    "bank_card": r"""
        \b (?: credit | debit | bank | visa | mastercard | amex )? [ ]? cards? \b
        | \b (?: visa | mastercard | amex ) \b
        | 银行卡|信用卡|储蓄卡|卡号|尾号|銀行卡|卡號|尾號|借记卡
    """,
    "account": r"""
        \b (?: policy | contract | member (?: ship )? | customer | client | claim | loyalty | tenancy | mortgage | loan | meter | patient | pension
            | chart | case | medical[ ]record | mrn | insurance | insured | subscriber | beneficiary | student | employee | staff | donor | library | resident | tenant | candidate | hospital | file )
            [ ] (?: account[ ] )? (?: ids? | numbers? | nos?\b\.? | \# | ref (?: erence )? ) \b (?: [ ]? (?: number | no ) \b )? |
        \b (?: accounts? | acct? | a/c | checking | savings | bank[ ]details ) \b
        | \b (?: sort[ ]code | bsb | iban | routing | transit ) \b  # numbers of banks
        | \b (?: wire | cheques? | paynow | posb | dbs ) \b    # ways to pay, Singapore's banks
        | 账号|账户|帐号|帳號|帳戶|户头|开户|微信|qq|收款|合同编?号|合同編號|保单编?号?|会员编?号|客户编?号|查询号|委托书编号
        | \b (?: policy | claim | frequent[ ]flyer | member(?:ship)? (?: [ ]card (?: [ ](?: says | is | reads ) )? )? ) [ ,:\#]* \Z
        | \b mrn \b | 病历编?号 | 病案号 | 住院号 | 门诊号 | 就诊卡号? | 就诊号 | 档案编?号 | 案号 | 案件编?号 | 学号 | 工号 | 员工编?号 | 保险单?号 | 理赔编?号 | 客户号 | 会员卡?号? | 参保号
    """,
    "id_number": r"""
        \b passports? \b
        | \b (?: driver'?s? | driving )? [ ]? licen[cs]e \b
        | \b (?: id (?: [ ]card | [ ]number | [ ]no )? | nric | ic | photo[ ]id ) \b  # identity cards
        | \b (?: ssn | social (?: [ ]security )? | national[ ]insurance | ni[ ]number | pps | sin ) \b
        | \b (?: tfn | tax[ ]file ) \b
        | \b (?: medicare | health[ ]card | seniors | pension (?: er )? [ ]card ) \b
        | \b (?: cpf | dni | nie | nif | pesel | bsn | personnummer | aadhaar | curp | nhs | (?: national | citizen | tax | employee | student | voter )[ ]id ) \b
        | \b (?: residence[ ]permit | green[ ]card | tax(?:payer)?[ ](?: id (?: entification )? | (?: reference | file )? [ ]? (?: numbers? | no\.? ) ) | steuer-?(?:id|nummer) | codice[ ]fiscale | f[üu]hrerschein | permis[ ]de[ ]conduire | n[°º][ ]fiscal | cuit | rfc | nit )
        | 身份证|证件|护照|驾照|驾驶证|社保|身份證|證件|護照|駕照|医保|通行证|台胞证|居住证|军官证|(?:我|他|她|个人|[美英德法国洲本大坡])的?(?:个人)?税号|执业证号|许可证号
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
        | 门禁|门锁|密码锁|单元门|楼道门|大门|钥匙盒|电子锁|智能锁|指纹锁|密码盒|钥匙箱|门口机|对讲机|闸机|车库门|院门|楼门|入户门
    """,
    "password": r"""
        \b (?: pass[ ]?words? | pass[ ]?codes? | pass[ ]?phrase | pwd? ) \b
        | \b (?: log[ ]?in | sign (?: ed )? [ ]in | locked[ ]out | wi-?fi | portal ) \b  # where one is asked for
        | 密码|口令
    """,
    "phone": r"""
        \b (?: phones? | mobiles? | cells? | numbers? | tel | land[ ]?line | line | fax | whats[ ]?app ) \b
        | \b (?: call (?: ing )? | ring | text | reach | dial ) \b
        | 电话|手机|联系|号码|打给|拨|電話|手機|聯絡|聯繫|號碼|座机|热线|传真|致电|来电
    """,
}
NUMBERED = {"account", "bank_card", "id_number", "plate"}
NUMBER = r"(?: [ ]? (?: numbers? | nos?\b\.? | nr\b\.? | \# ) (?! \w ) | 号码? | 號碼? )?"  # "account number" speaks of an account
CUES = "|".join(
    f"(?P<k{place}>(?:{words}\n){NUMBER if kind in NUMBERED else ''})"
    for place, (kind, words) in enumerate(WORDS.items())
)
CUE = Deferred(CUES, re.VERBOSE)
AT_BORDER = Deferred(
    rf"\b(?:{CUES})", re.VERBOSE
)  # finds the same, several times sooner, where none is inside of a word
NAMES = {f"k{number}": kind for number, kind in enumerate(WORDS)}
NEAR = 60  # characters before a number in which a cue counts
BEHIND = 30  # characters after it
TURN = 400  # characters of a turn that are looked at
BACK = 3  # earlier turns that may hold the question a number answers

CueMatch = tuple[PiiKind | None, int]  # kind (None: a number of no person), distance in characters


def before(text: str, start: int, window: int = NEAR) -> list[CueMatch]:
    """Return the cues in the `window` characters before `start`, nearest first."""
    cut = max(0, start - window)
    while 0 < cut < start and text[cut - 1 : cut + 1].isalpha() and text[cut - 1 : cut + 1].isascii():
        cut += 1  # a cue is a word, not the end of one
    seen = text[cut:start]
    return [(kind, len(seen) - last) for kind, _, last in reversed(_cues(seen))]


def after(text: str, end: int, window: int = BEHIND) -> list[CueMatch]:
    """Return the cues in the `window` characters from `end` on, nearest first."""
    return [(kind, first) for kind, first, _ in _cues(text[end : end + window])]


@lru_cache(maxsize=4096)
def _cues(seen: str) -> tuple[tuple[PiiKind | None, int, int], ...]:
    """Return the cues of a text with their first and last place; the numbers of one dialogue ask for the same turns."""
    text = small(seen)
    pattern = CUE if _may_be_inside()(text) else AT_BORDER
    return tuple((NAMES[m.lastgroup or ""], m.start(), m.end()) for m in pattern.finditer(text))


@cache
def _may_be_inside() -> Callable[[str], bool]:
    """Return what tells whether a text may hold a cue that begins inside of a word, as 密码 does, and `zipcode` in unzipcode."""
    return holder(inside(CUES, re.VERBOSE)) or bool


def around(turns: list[str], turn: int, start: int, end: int, window: int = TURN) -> list[PiiKind | None]:
    """Return cues by closeness: before in the turn (`window`), after in it, then in the turns before, the latest first."""
    kinds = [kind for kind, _ in before(turns[turn], start, window) + after(turns[turn], end)]
    for earlier in range(turn - 1, max(-1, turn - 1 - BACK), -1):
        kinds += [kind for kind, _ in before(turns[earlier], len(turns[earlier]), TURN) if kind]
    return kinds

"""Chinese addresses: region, road or estate or village, building, door and room, also without the first of them, in talk.

Simplified and traditional. What is found may begin with words of the sentence, which are taken off: 我住在, 寄到.
"""

import re

from stages.pii.patterns.deferred import Deferred
from stages.pii.values.spans import Span, bare
from stages.text.languages import HAN

PROVINCES = """
北京 天津 上海 重庆 重慶 河北 山西 辽宁 遼寧 吉林 黑龙江 黑龍江 江苏 江蘇 浙江 安徽 福建 江西 山东 山東 河南 湖北 湖南 广东 廣東 海南
四川 贵州 貴州 云南 雲南 陕西 陝西 甘肃 甘肅 青海 台湾 台灣 臺灣 内蒙古 內蒙古 广西 廣西 西藏 宁夏 寧夏 新疆 香港 澳门 澳門 九龍 九龙 新界
"""
PROVINCE = rf"(?: (?:{'|'.join(PROVINCES.split())}) (?: 省 | 市 | (?:壮族|回族|维吾尔|維吾爾|壯族)?自治区 | 特别行政区 | 特別行政區 )? )"
COMPLEX = (
    "小区|小區|花园|花園|家园|家園|公寓|大厦|大廈|大楼|大樓|苑|城|府|湾|灣|庭|轩|軒|居|阁|閣|里|村|邨|庄|莊|广场|廣場|新村|中心|名邸|公馆|公館"
    "|山庄|山莊|国际|國際|嘉园|佳园|园|園|家属院|宿舍|大院|别墅|商城|工业区|工業區|科技园|产业园|郡|墅|坊|邸|壹号|首府|华府|小镇|天街|天地|世家|郡"
)
WHOLE_ESTATE = (
    "小区|小區|花园|花園|家园|家園|公寓|大厦|大廈|大楼|大樓|广场|廣場|新村|公馆|公館|山庄|家属院|宿舍楼?|国际中心"
)
REGION = rf"""
    (?: [{HAN}]{{2,7}}? (?:省|自治区|特别行政区|特別行政區) )?
    (?: [{HAN}]{{2,7}}? (?:市|自治州) )?
    (?: [{HAN}]{{1,6}}? (?:区|區|县|縣|镇|鎮|乡|鄉|街道) ){{0,2}}
"""
SURE_REGION = rf"{PROVINCE} (?: [{HAN}]{{2,6}}? (?:市|自治州|地区) )? (?: [{HAN}]{{1,6}}? (?:区|區|县|縣|旗|镇|鎮|乡|鄉|街道|市) ){{0,3}}"
ROAD = "路|街|大道|道|巷|胡同|弄|衖|里弄|新村|新区|段"
ROOM_WORD = "号楼|號樓|栋|棟|幢|座|号院|弄|号|號|单元|單元|层|層|楼|樓|室|户|戶|房|门|門|排"
ROOM = rf"(?: [A-Z]? \d{{1,4}} [A-Z]? | [A-Z] | [东西中南北前后甲乙丙丁] ) \s? (?:{ROOM_WORD}) (?: 之 \d+ )?"
BUILDING = r"[A-Z]? \d{1,4} \s? (?:号楼|號樓|栋|棟|幢|座|号院|弄)"
DOOR = r"(?: \d{1,2} - )? [甲乙丙丁]? \d{3,5} (?! \d | \s? (?:平|万|元|块|年|米|多|天|人|%) ) 室?"
HAN_NUMBER = "[〇零一二三四五六七八九十百两兩幺]"
ANY_NUMBER = rf"(?: \d{{1,4}} | {HAN_NUMBER}{{1,4}} | [A-Z] )"
STAIR = "门洞|楼道|楼门|号门|门|門|号?梯|樓梯|楼梯"  # behind a building and before a room
PAUSE = r"(?: [，,、。\s…]{0,3} (?: 呃 | 嗯+ | 啊 | 那个 | 就是 | 是 | 的 | 然后 | 对 | 哦 ){0,2} [，,、…\s]{0,3} )"
READ_OUT = "[〇零一二三四五六七八九幺]"
ROOM_NUMBER = rf"(?: \d{{1,2}} [A-Z] (?! [A-Za-z\d] ) | \d{{3,4}} (?! \d | \s? [平方万元块年米多天人%.] ) | {READ_OUT}{{3,4}} (?! {HAN_NUMBER} | [平方万元块年米多天人千] ) )"
PATTERNS = tuple(
    Deferred(pattern, re.VERBOSE)
    for pattern in (
        rf"""
        {REGION} [{HAN}]{{1,8}}? (?:{ROAD}) [东西南北中東]? (?: [{HAN}]{{0,3}} 段 )?  # a road with a number, and a room
            \s? (?: \d段 )? (?: \d{{1,4}} (?:巷|弄|衖) ){{0,2}} [甲乙丙丁]? \d{{1,5}} (?: - \d+ )? (?:号|號|弄)? (?: 之 [一二三四五六七八九\d] )? (?: 大?院 )? (?: [{HAN}A-Za-z]{{0,10}}? {ROOM} )* (?: [甲乙丙丁]? \d{{1,5}} (?! [\d.] ) )?
        | [{HAN}]{{2,10}}? (?:{COMPLEX}) [{HAN}]{{0,3}}? (?: {ROOM} ){{1,4}} (?: [顶底][层楼] \d{{3,4}} 室? | \d{{0,4}} )  # a housing estate and a room
        | [{HAN}]{{2,8}}? [A-Z\d]{{1,2}} (?:区|區|期) [{HAN}]{{0,4}}? {BUILDING} (?: {ROOM} ){{0,3}} {DOOR}
        | [{HAN}]{{2,8}}? {BUILDING} (?: {ROOM} ){{0,3}} (?: [顶底][层楼] )? {DOOR}  # a building, a room
        | (?: {ROOM} ){{2,4}} \d{{0,4}}
        | \d{{1,3}} - \d{{1,2}} - \d{{3,4}}
        """,
        rf"""
        {SURE_REGION} (?: [{HAN}]{{1,10}}? (?:{ROAD}) {HAN_NUMBER}{{0,2}}段? )? (?: [{HAN}A-Za-z]{{0,12}}? (?: {ROOM} ) ){{1,5}}
            (?: [甲乙丙丁]? \d{{1,5}} (?! [\d.] ) )? (?: [^的附近，。]{{2,8}}? (?:{WHOLE_ESTATE}) )?
        | [{HAN}]{{1,8}}? (?:{ROAD}) \d{{1,5}} (?:号|號) (?! [线楼] ) [^的附近，。、；\s]{{2,8}}? (?:{WHOLE_ESTATE}) (?: {ROOM} )*
        | (?: {SURE_REGION} | (?: [{HAN}]{{1,6}}? (?:市|区|縣|县|镇|鎮|乡|鄉) ){{1,3}} )? (?! [他她它我你们这那本咱各该哪同一二三两几] ) [{HAN}]{{1,5}}? (?:村|屯|寨|庄|莊|社区|坳)
            (?: (?: \d{{1,3}} | {HAN_NUMBER}{{1,3}} ) (?:社|组|組|队) (?: \d{{1,4}} | {HAN_NUMBER}{{1,4}} ) (?:号|號)
              | 第? (?: \d{{1,3}} | {HAN_NUMBER}{{1,3}} ) (?:社|村民小?组|组|組|队) | \d{{1,4}} (?:号|號) )
        """,
        rf"""
        (?: (?: [{HAN}]{{1,4}} \d{{2,3}} )? [{HAN}]{{2,6}}? (?:{COMPLEX}) (?: [A-Z\d一二三四五六七八九]{{1,2}} (?:区|區|期) [{HAN}]{{0,3}}? ){{0,2}} {PAUSE} )?
        {ANY_NUMBER} \s? (?: 号楼 | 號樓 | 栋 | 棟 | 幢 | 座 ) {PAUSE}
        (?: {ANY_NUMBER} \s? (?: 单元门? | 單元 | {STAIR} ) {PAUSE} )?
        (?: {ANY_NUMBER} \s? (?: 层 | 層 | 楼 | 樓 ) {PAUSE} )?
        (?: \d{{1,2}} - )? {ROOM_NUMBER} \s? (?: 室 | 房 | 号 | 號 | 户 )?
        | {ANY_NUMBER} \s? (?: 单元 | 單元 ) {PAUSE} (?: {ANY_NUMBER} \s? (?: 层 | 層 | 楼 | 樓 ) {PAUSE} )? {ROOM_NUMBER} \s? (?: 室 | 房 | 号 | 號 | 户 )?
        | [{HAN}]{{2,6}}? (?:苑|小区|花园|家园|公寓|新村) [\d一二三四五六七八九A-Z]{{1,2}} [区期] \d{{1,3}} (?:号楼|栋|幢|座)
        | {ANY_NUMBER} \s? (?: 号楼 | 號樓 | 栋 | 棟 | 幢 ) {PAUSE} {ANY_NUMBER} \s? (?: 单元 | 單元 | 门洞 | 梯 (?! [{HAN}\d] ) )
        | [{HAN}]{{2,6}}? (?:{COMPLEX}) \s? [A-Z]? \d{{1,3}} - \d{{1,2}} (?: - \d{{3,4}} | \d{{2}} ) (?! \d )
        | [{HAN}]{{2,6}}? (?:{COMPLEX}) \s? [A-Z]? \d{{3,4}} \s? (?: 室 | 房 (?! 间|子|源|型|价|贷|租 ) )
        | [{HAN}]{{2,8}}? (?:{ROAD}) {HAN_NUMBER}{{1,5}} (?:号|號) (?! 线 ) 楼? (?: {PAUSE} {ANY_NUMBER} \s? (?:{ROOM_WORD}) ){{0,4}} (?: {ROOM_NUMBER} \s? 室? )?
        | (?: [{HAN}]{{2,6}} (?:邮政|郵政)? )? (?:邮政|郵政)? (?:专用|專用)? 信箱 \s? \d{{1,6}} (?:号|號|分箱)? | \d{{1,6}} (?: - \d{{1,4}} )? (?:号|號)? (?:邮政|郵政)? 信箱 (?: \s? \d{{1,4}} (?:分箱|号|號) )?
        """,
        rf"""
        (?: {SURE_REGION} | (?: [{HAN}]{{2,6}}? (?:市|区|縣|县|镇|鎮|乡|鄉) ){{1,3}} )?  # units of the army
            (?: (?: 中国人民解放军 | 武警 | 解放军 )? \d{{4,6}} (?:部队|部隊) | \d{{4,6}} 信箱 ) (?: \s? \d{{1,4}} \s? (?: 号?信箱 | 分队 | 分隊 | 支队 | 大队 | 中队 | 分箱 | 号 ) ){{0,3}}
        """,
    )
)
LINES = re.compile(rf"(?<= [{HAN}] ) [ \t]* \r?\n [ \t]* (?= [{HAN}A-Z\d] )", re.VERBOSE)
LEAD_IN = re.compile(
    r"""
    ^ (?: [^省市区县镇路街道巷弄栋幢，,、。]{0,6}?
        (?: 现居住在|现居住于|居住地址为|居住在|居住于|地址是|地址为|现居|住在|住址|地址|位于
          | 就在|就是|是在|寄到|送到|在|到|是|去|看|把|的|卖|租|买|那个|那套|这套|咱们|我家|家住
          | 寄去|寄往|搬到|送去|快遞|住喺|住|喺 ) )+
    """,
    re.VERBOSE,
)
ROAD_BEFORE = re.compile(rf"(?:[{HAN}]{{2}}[市区县])?[{HAN}]{{2,3}}(?:大道|路|街)\Z")
DIGIT = re.compile(rf"\d|{HAN_NUMBER}")


def find(text: str) -> list[Span]:
    """Return the addresses in a text that holds Chinese characters; those that overlap are one."""
    if not DIGIT.search(text):
        return []
    stretches = sorted(
        _without_lead_in(text, _with_road(text, match.start()), match.end())
        for pattern in PATTERNS
        for match in pattern.finditer(text)
    )
    joined: list[tuple[int, int]] = []
    for start, end in stretches:
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif DIGIT.search(text, start, end):
            joined.append((start, end))
    return [Span(start, end, "address", bare(text[start:end])) for start, end in joined]


def _with_road(text: str, start: int) -> int:
    """Return where the road begins that stands right before `start`, in front of an estate: 文三路云栖小区."""
    road = ROAD_BEFORE.search(text, max(0, start - 9), start)
    return road.start() if road else start


def _without_lead_in(text: str, start: int, end: int) -> tuple[int, int]:
    lead = LEAD_IN.match(text[start:end])
    return (start + lead.end() if lead else start), end

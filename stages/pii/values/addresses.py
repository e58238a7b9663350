"""Addresses down to the house: a street without a number is a place, not a person's home."""

import re

from stages.pii.values.spans import Span, bare
from stages.text.languages import HAN, HAN_CHARACTER

# Words a street's name ends with, after the postal services' lists.
STREETS = """
Alley Approach Arcade Avenue Ave Av Boulevard Blvd Broadway Causeway Circle Cir Circuit Close Cl Court Ct Crescent Cres
Crossing Drive Dr Drove Embankment Esplanade Freeway Highway Hwy Lane Ln Loop Mews Parade Pde Parkway Pkwy Pass Passage
Path Pike Place Pl Plaza Promenade Road Rd Row Run Square Sq Steps Strand Street St Terrace Tce Terr Trace Track Trail
Turn Walk Way Wynd
"""
LANDSCAPE = """
Bank Bend Bluff Brae Branch Brow Chase Common Copse Corner Cove Creek Crest Croft Dale Dell Dene Draw End Field Fields
Fold Garth Glade Glen Green Grove Gr Harbour Haven Heath Heights Hill Hollow Knoll Landing Lea Meadow Meadows Mount Nook
Orchard Park Point Ranch Reach Ridge Rise Shore Spinney Spur Stray Summit Vale View Vista Wood Woods
"""
BUILDINGS = "Buildings Cottages Gardens Gdns Gate Manor Mansions Quay Residences Towers Villas Wharf Yard"
STREET = "|".join(f"{STREETS} {LANDSCAPE} {BUILDINGS}".split())
# The parts below are read with re.VERBOSE: blanks and line ends count only as [ ] or \s, and # begins a comment.
LEADING = "[NSEW]{1,2} | North | South | East | West | Upper | Lower | Old | New | The | St\\.? | Saint"
FOREIGN_STREET = "Jalan | Lorong | Jln | Rue | Via | Calle"  # stands before the name
NAME = rf"(?: (?:{LEADING} | {FOREIGN_STREET}) \.? [ ] )? [A-Z][\w'’-]* (?: [ ] [A-Z][\w'’-]* ){{0,2}}?"
DIGIT = "(?: one | two | three | four | five | six | seven | eight | nine | oh | zero )"
NUMBER = r"(?: \d{1,3} [A-Za-z]? \s? / \s? )? \d{1,5} (?: \s? [-–] \s? \d{1,5} )? [A-Za-z]?"
SPOKEN = """(?:
    one | two | three | four | five | six | seven | eight | nine | ten | eleven | twelve | thirteen | fourteen | fifteen
    | sixteen | seventeen | eighteen | nineteen
    | (?: twenty | thirty | forty | fifty | sixty | seventy | eighty | ninety )
      (?: [ -] (?: one | two | three | four | five | six | seven | eight | nine ) )?
)"""
UNIT = rf"""
    (?: [Ff]lat | [Aa]partment | [Aa]pt\.? | [Uu]nit | [Ss]uite | [Rr]oom | [Nn]umber | [Nn]o\.? | [Pp]lot
        | [Pp]enthouse | [Bb]lk | [Bb]lock | \# )
    \s?
    (?: \d+ [A-Za-z]? (?: [-/] \d+ )? [A-Za-z]?
        | {SPOKEN} (?: [ ] [A-Z] [ ]? (?: one | two | three | \d )? )?
        | [A-Z] ) \b
"""
FLOOR = r"(?: ground | first | second | third | fourth | fifth | top | \d+ (?: st | nd | rd | th ) ) [ ] floor \b"
UNIT_END = rf"(?: ,? [ ]? (?: {FLOOR} | \d{{1,3}} [A-Z] \b | \# \d+ (?: - \d+ )? [A-Za-z]? | (?: {UNIT} ) ) )"
POSTCODE = r"""
    [A-Z]{1,2} \d [A-Z\d]? (?: [ ]? \d [A-Z]{2} )?  # Britain, its second half left out at times
    | \d{5} (?: - \d{4} )?                          # the United States
    | [A-Z] \d [A-Z] [ ]? \d [A-Z] \d               # Canada
    | [A-Z]{2,3} [ ] \d{4,6}                        # behind a state: Australia
    | \d{4,6}
"""
CITY = rf"""
    (?: , [ ]? (?: {POSTCODE} ) (?!\w) )
    | (?: , [ ]? [A-Z][a-z’']+ (?: [ ] [A-Z][a-z]+ )? (?= [,.;!?)\"”] | $ | [ ] and \b | [ ] is \b )
        (?: ,? [ ]? (?: {POSTCODE} ) (?!\w) )? )
"""
HOUSE_NAME = r"""
    (?: The [ ] )? [A-Z][a-z]+ (?: [ ] [A-Z][a-z]+ )?
    [ ] (?: House | Forge | Cottage | Barn | Lodge | Farm | Mill | Hall | Villa | Rectory | Vicarage | Manor ) , [ ]
    | The [ ] (?: [A-Z][a-z]+ [ ] )? [A-Z][a-z]+ , [ ]
"""
STREET_NUMBER = rf"(?: {NUMBER} | (?i: {DIGIT} (?: [ -] {DIGIT} ){{1,4}} ) | (?i: {SPOKEN} (?: [ ] {SPOKEN} )? ) )"
HOUSE = re.compile(
    rf"""
    (?<! [\w.,£$€-] )
    (?: {HOUSE_NAME} )?
    (?: (?: [Bb]lk | [Bb]lock ) [ ] )?
    (?: {UNIT} ,? [ ] (?: at [ ] )? )?
    (?P<street>
        (?: [Nn]umber [ ] )? {STREET_NUMBER} ,? [ ] (?: - [ ] \d+ [ ] )?
        {NAME} [ ] (?: {STREET} ) \b
        (?: [ ] \d{{1,3}} \b )? (?: [ ] (?: {STREET} ) \b )? \.?
        (?: [ ] (?: North | South | East | West | [NSEW]{{1,2}} ) \b )?
    )
    (?P<rest> {UNIT_END} )?
    (?: {CITY} )?
    """,
    re.VERBOSE,
)
BLOCK = re.compile(
    rf"(?P<street> (?: \d{{1,4}} [A-Z]? [ ] )? {NAME} [ ] (?: {STREET} ) ) (?: ,? [ ] \# \d{{1,3}} - \d{{1,4}} )",
    re.VERBOSE,
)
FOREIGN = re.compile(
    r"""
    (?P<street>
        \d{1,5} (?: [-/] \d+ )? [ ] (?: [NSEW] \.? [ ] )?
        (?: Jalan | Lorong | Jln | Heol | Ffordd | Stryd | Rue | Calle | Via | Avenida | Rua )
        (?: [ ] [A-Z][\w'’-]* ){1,3}
    )
    (?: [ ] \# \d+ - \d+ )?
    """,
    re.VERBOSE,
)
PO_BOX = re.compile(r"(?P<street>P\.? ?O\.? Box \d+)", re.IGNORECASE)
LIVES_AT = re.compile(
    r"""
    (?: \b (?: live[sd]? | living | staying | he['’]s | she['’]s | they['’]re | we['’]re | i['’]m | is | house
             | home | flat | post[ ]it | send[ ]it | deliver(?:ed|y)? | registered ) [ ] (?: at | to )
        | \b address (?: [ ] is | : )? ,? )
    [ ]
    (?P<street> \d{1,4} [A-Za-z]? ,? [ ] [A-Z][a-z’']{2,} (?: [ ] [A-Z][a-z’']+ ){0,2} )
    """,
    re.VERBOSE,
)
PATTERNS = (HOUSE, BLOCK, FOREIGN, PO_BOX, LIVES_AT)

COMPLEX = "小区|花园|家园|公寓|大厦|苑|城|府|湾|庭|轩|居|阁|里|村|庄|广场|新村|中心|名邸|公馆|山庄|国际|嘉园|佳园|园"
REGION = rf"""
    (?: [{HAN}]{{2,7}}? (?:省|自治区|特别行政区) )?
    (?: [{HAN}]{{2,7}}? 市 )?
    (?: [{HAN}]{{1,6}}? (?:区|县|镇|乡) )?
"""
ROAD = "路|街|大道|道|巷|胡同|弄|新村|新区"
ROOM = r"(?: [A-Z]? \d{1,4} [A-Z]? | [A-Z] | [东西中南北前后] ) \s? (?:号楼|栋|幢|座|号院|弄|号|单元|层|楼|室|户|房|门)"
BUILDING = r"[A-Z]? \d{1,4} \s? (?:号楼|栋|幢|座|号院|弄)"
CHINESE = re.compile(
    rf"""
    (?: {REGION} [{HAN}]{{1,8}}? (?:{ROAD}) (?: [{HAN}]{{0,3}} 段 )?  # a road with a number, and a room
        \s? \d{{1,5}} (?: - \d+ )? (?:号|弄)? 院? (?: [{HAN}A-Za-z]{{0,10}}? {ROOM} )* (?: \d{{1,5}} )?
    | [{HAN}]{{2,10}}? (?:{COMPLEX}) [{HAN}]{{0,3}}? (?: {ROOM} ){{1,4}} \d{{0,4}}  # a housing estate and a room
    | [{HAN}]{{2,8}}? {BUILDING} (?: {ROOM} ){{0,3}} (?: \d{{1,2}} - )? [甲乙丙丁]? \d{{3,4}} 室?  # a building, a room
    | (?: {ROOM} ){{2,4}} \d{{0,4}}
    | \d{{1,3}} - \d{{1,2}} - \d{{3,4}} )
    """,
    re.VERBOSE,
)
LEAD_IN = re.compile(
    r"""
    ^ (?: [^省市区县镇路街道巷弄栋幢]{0,6}?
        (?: 现居住在|现居住于|居住地址为|居住在|居住于|地址是|地址为|现居|住在|住址|地址|位于
          | 就在|就是|是在|寄到|送到|在|到|是|去|看|把|的|卖|租|买|那个|那套|这套|咱们|我家|家住 ) )+
    """,
    re.VERBOSE,
)


def find(text: str) -> list[Span]:
    """Return the addresses in `text`."""
    spans = [
        Span(
            match.start("street") if pattern is LIVES_AT else match.start(),
            match.start() + len(match.group().rstrip(" ,.")),
            "address",
            bare(match.group("street")),
        )
        for pattern in PATTERNS
        for match in pattern.finditer(text)
    ]
    for match in CHINESE.finditer(text) if HAN_CHARACTER.search(text) else ():
        lead = LEAD_IN.match(match.group())
        start = match.start() + (lead.end() if lead else 0)
        if any(char.isdigit() for char in text[start : match.end()]):
            spans.append(Span(start, match.end(), "address", bare(text[start : match.end()])))
    return spans
